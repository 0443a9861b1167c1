"""What was said, in one form however it was said: "four one double one" and "4111" are the same number."""

from voice_agent.adapters.presidio_redactor.runs import read_runs
from voice_agent.adapters.presidio_redactor.words import split_words

_MARKS = {"at": "@", "dot": ".", "point": ".", "period": ".", "underscore": "_", "dash": "-", "hyphen": "-", "plus": "+", "minus": "-"}
_WRITTEN = frozenset("@._-+")
_AMERICAN = 11
"""Digits of a phone number of North America with its country code, 1."""


def one_form(kind: str, text: str) -> str:
    """Lower case, runs as their digits and letters, no spaces; of an e-mail address with its marks."""
    words = split_words(text)
    runs = {run.first: run for run in read_runs(words)}
    pieces: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if at in runs:
            pieces.append(runs[at].code.lower())
            at = runs[at].last
        elif kind == "EMAIL" and (word.low in _MARKS or word.text in _WRITTEN):
            pieces.append(_MARKS.get(word.low, word.text))
        elif not word.is_mark:
            pieces.append(word.low)
        at += 1
    joined = "".join(pieces)
    if kind == "PHONE" and len(joined) == _AMERICAN and joined[0] == "1":
        return joined[1:]
    return joined
