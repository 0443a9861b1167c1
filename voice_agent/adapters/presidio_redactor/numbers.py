"""Which runs of digits and letters are personal, and of what type."""

import re
from collections.abc import Collection, Sequence

from voice_agent.adapters.presidio_redactor.cues import Cue, find_cues
from voice_agent.adapters.presidio_redactor.runs import Run, read_runs
from voice_agent.adapters.presidio_redactor.words import KEPT, Found, Word, found, listed

_LENGTHS = {
    "CARD": range(3, 25),
    "ACCOUNT": range(3, 25),
    "PHONE": range(3, 17),
    "NATIONAL_ID": range(4, 16),
    "POSTCODE": range(3, 11),
    "IBAN": range(8, 40),
    "ADDRESS": range(1, 6),
    KEPT: range(1, 60),
}
"""How many digits and letters a run may have to be what a cue says. Wide: Whisper drops and doubles digits."""
_LONG_ENOUGH = {"CARD": 8, "ACCOUNT": 5, "PHONE": 6, "NATIONAL_ID": 7, "POSTCODE": 5, "IBAN": 10, "ADDRESS": 1, KEPT: 1}
"""The same where the cue stands further off, or names no number."""
_NEAR, _FAR = 4, 14
"""Words between a cue and its run."""
_AMOUNTS = listed(
    """
    dollars dollar bucks euros euro cents percent pounds quid usd days day weeks week months month years year hours hour minutes
    minute seconds inches inch feet foot watts watt ounces ounce cups cup am pm o'clock times pieces people degrees stars volts
    liters liter gallons pages miles kilograms grams pct decibels points
    """
)
_CURRENCY = frozenset("$€£")
_UK_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")
_CANADIAN_POSTCODE = re.compile(r"[A-Z]\d[A-Z]\d[A-Z]\d")
_NATIONAL_INSURANCE = re.compile(r"[A-Z]{2}\d{6}[A-D]")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z\d]{11,30}")
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}|(?:19|20)\d\d-\d\d-\d\d")
_SHORT_WORDS = listed("is to in of at on no so it my um uh or if do we us be by go he me ok up am an as i a")
_SENTENCE_ENDS = frozenset(".!?")


def find_numbers(words: Sequence[Word], runs: Sequence[Run], text: str, kept: Collection[str]) -> list[Found]:
    cues = find_cues(words)
    results: list[Found] = []
    used: set[Cue] = set()
    for run in runs:
        if run.code.removeprefix("1") in kept:
            results.append(found(KEPT, words, run.first, run.last, 0.97))
            continue
        result = _judge(words, run, text, [c for c in cues if c not in used], used)
        if result is not None:
            results.append(result)
    return results


def _judge(words: Sequence[Word], run: Run, text: str, cues: Sequence[Cue], used: set[Cue]) -> Found | None:
    if run.digits == 0 and not (run.letters >= 4 and run.spelled):
        return None
    if is_amount(words, run):
        return found(KEPT, words, run.first, run.last, 0.6)
    shape = _by_shape(run)
    cue = None if shape in {"CARD", "IBAN"} else _cue_for(words, run, cues)
    if cue is not None:
        used.add(cue)
        kept = cue.kind == KEPT or run.digits == 0
        return found(KEPT, words, run.first, run.last, 0.9) if kept else _widened(cue.kind, words, run, 0.85, behind=cue.last)
    if shape is None and _DATE.fullmatch(text[words[run.first].start : words[run.last].end]):
        return None
    kind = shape or _by_length(run)
    return _widened(kind, words, run, 0.8 if shape else 0.7) if kind else None


def is_amount(words: Sequence[Word], run: Run) -> bool:
    if run.digits >= 9:
        return False
    before = words[run.first - 1].text if run.first else ""
    after = words[run.last + 1] if run.last + 1 < len(words) else None
    joined = after is not None and after.low in _AMOUNTS | {"%", "$", "°"}
    return before in _CURRENCY or joined


def _cue_for(words: Sequence[Word], run: Run, cues: Sequence[Cue]) -> Cue | None:
    """The nearest cue before the run that fits it; else one behind it in the same sentence."""
    before = [c for c in cues if c.last < run.first and _reaches(words, c.last, run.first)]
    for strong in (True, False):
        for cue in reversed(before):
            distance = run.first - cue.last - 1
            if cue.strong == strong and _fits(cue, run, distance):
                return cue
    for cue in cues:
        distance = cue.first - run.last - 1
        between = words[run.last + 1 : cue.first]
        if 0 <= distance <= 5 and not any(w.text in _SENTENCE_ENDS for w in between) and _fits(cue, run, distance):
            return cue
    return None


def _reaches(words: Sequence[Word], cue_last: int, run_first: int) -> bool:
    """In the same sentence, or the run opens the next one ("Here's my card number. 4111 …")."""
    between = words[cue_last + 1 : run_first]
    if len(between) > _FAR:
        return False
    ends = [i for i, w in enumerate(between) if w.text in _SENTENCE_ENDS]
    return not ends or len(between) - ends[0] <= 5


def _fits(cue: Cue, run: Run, distance: int) -> bool:
    length = len(run.code)
    if length not in _LENGTHS[cue.kind]:
        return False
    if cue.kind == KEPT:
        return cue.strong or distance <= _NEAR
    if run.scaled and not cue.strong:
        return False
    if cue.strong:
        return True
    return length >= _LONG_ENOUGH[cue.kind] or (distance <= 2 and length >= 4)


def _by_shape(run: Run) -> str | None:
    code = run.code
    if _IBAN.fullmatch(code):
        return "IBAN"
    if run.letters == 0 and len(code) in {15, 16} and _luhn(code):
        return "CARD"
    if _NATIONAL_INSURANCE.fullmatch(code):
        return "NATIONAL_ID"
    if _UK_POSTCODE.fullmatch(code) or _CANADIAN_POSTCODE.fullmatch(code):
        return "POSTCODE"
    return None


def _luhn(code: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(code)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _by_length(run: Run) -> str | None:
    """For a run that nothing explains: better redacted than kept, from seven digits on."""
    digits = run.digits
    if run.letters > 2 or (run.scaled and digits < 10):
        return None
    if digits in {12, 13} and run.code[0] == "0":
        return "PHONE"
    if digits >= 12:
        return "CARD" if run.code[0] in "3456" else "ACCOUNT"
    if digits in {10, 11}:
        return "PHONE"
    if digits == 9:
        return "NATIONAL_ID" if run.groups == (3, 2, 4) else "ACCOUNT"
    return {7: "PHONE", 8: "ACCOUNT"}.get(digits) if run.letters == 0 else None


def _widened(kind: str, words: Sequence[Word], run: Run, weight: float, behind: int | None = None) -> Found:
    """With what is said as part of the number: a plus or a bracket in front, the letters of an id (`behind` a cue), an extension."""
    first, last = run.first, run.last
    if behind is not None and kind in {"NATIONAL_ID", "IBAN", "ACCOUNT"} and first - 1 > behind and _is_code(words[first - 1]):
        first -= 1
    elif behind is not None and kind in {"NATIONAL_ID", "ACCOUNT", "IBAN"} and first - 1 > behind and words[first - 1].text in {"A", "a"}:
        first -= 1  # "number is A zero nine eight"
    if behind is not None and kind == "POSTCODE":
        first, last = _short_neighbours(words, first, last, behind)
    if kind == "ADDRESS" and first and words[first - 1].low == "number":
        first -= 1
    if kind == "PHONE":
        last = _extension_end(words, last)
    while first and (words[first - 1].text in "+(" or words[first - 1].low == "plus"):
        first -= 1
    return found(kind, words, first, last, weight)


def _short_neighbours(words: Sequence[Word], first: int, last: int, behind: int) -> tuple[int, int]:
    """With letters that were heard as one: "gl fifty one aa"."""
    if first - 1 > behind and words[first - 1].is_letters and len(words[first - 1].low) <= 2 and words[first - 1].low not in _SHORT_WORDS:
        first -= 1
    if last + 1 < len(words) and words[last + 1].is_letters and len(words[last + 1].low) == 2 and words[last + 1].low not in _SHORT_WORDS:
        last += 1
    return first, last


def _is_code(word: Word) -> bool:
    return word.is_letters and word.text.isupper() and len(word.text) > 1


def _extension_end(words: Sequence[Word], last: int) -> int:
    at = last + 1
    while at < len(words) and words[at].text in {",", "."}:
        at += 1
    if at >= len(words) or words[at].low not in {"extension", "ext", "x"}:
        return last
    run = next((run for run in read_runs(words[at + 1 :]) if run.first <= 1), None)
    return last if run is None else at + 1 + run.last
