"""Proof that personal data stays out: made-up people give theirs away in whole calls, and all that is kept, sent or shown is searched."""
