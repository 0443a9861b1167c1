"""Questions with known answers, put to the assistant, and what they say of it. Pure but for reading the file.

questions ──asked of the documents (cli/evaluate.py)──▶ outcomes → figures
"""
