"""A number that goes on in the caller's next turn: "my card is four one one one …", "… double two double three"."""

import re

from voice_agent.adapters.presidio_redactor.cues import find_cues
from voice_agent.adapters.presidio_redactor.runs import read_runs
from voice_agent.adapters.presidio_redactor.words import Found, Word, found, listed, split_words

_PLACEHOLDER = re.compile(r"<([A-Z_]+?)(?:_\d+)?>\W*(?:(?:and|then|uh|um)\b\W*)*$")
_NUMBERS = frozenset({"CARD", "ACCOUNT", "PHONE", "NATIONAL_ID", "IBAN", "POSTCODE"})
_OPENING = listed("and then uh um er so ok okay yes yeah it's its it is next after that comes the rest sorry well right")
"""May stand in front of the number in the next turn."""
_CLOSING = listed("is it's it are uh um so the number number's my")
"""May stand behind the cue of a number that is yet to come."""
_AMOUNT_BEHIND = listed("dollars dollar days day weeks week months month percent pounds cents hours minutes of times years")
_WEIGHT = 0.95
"""Above whatever the digits look like alone: an order number that was announced stays one."""


def find_continued(text: str, after: str) -> Found | None:
    """What opens `text` when `after` ended in a number, or announced one. KEPT for one that is not personal."""
    kind = _expected(after)
    if kind is None:
        return None
    words = split_words(text)
    run = next((run for run in read_runs(words) if run.digits), None)
    if run is None or not all(w.is_mark or w.low in _OPENING for w in words[: run.first]):
        return None
    if run.last + 1 < len(words) and words[run.last + 1].low in _AMOUNT_BEHIND:
        return None
    return found(kind, words, run.first, run.last, _WEIGHT)


def _expected(after: str) -> str | None:
    ended = _PLACEHOLDER.search(after)
    if ended is not None:
        return ended[1] if ended[1] in _NUMBERS else None
    words = split_words(after)
    cues = [cue for cue in find_cues(words) if cue.strong and _announces(words[cue.last + 1 :])]
    return cues[-1].kind if cues else None


def _announces(behind: tuple[Word, ...]) -> bool:
    return all(word.is_mark or word.low in _CLOSING for word in behind)
