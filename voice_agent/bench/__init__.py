"""Callers of our own: what they say and when, and what their calls were like at their ear. Pure but for reading recordings.

cast → sounds → script ──a call (cli/bench_caller.py)──▶ timeline → measure → figures → page
"""
