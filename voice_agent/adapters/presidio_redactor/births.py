"""Dates of birth: a date beside a word about birth, and a whole date of the last century. Other dates are not personal."""

from collections.abc import Sequence
from itertools import pairwise

from voice_agent.adapters.presidio_redactor.runs import DIGITS, SCALES, TEENS, TENS
from voice_agent.adapters.presidio_redactor.words import Found, Word, found, listed

_MONTHS = listed(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept
    oct nov dec
    """
)
_ORDINALS = listed(
    """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth
    seventeenth eighteenth nineteenth twentieth thirtieth st nd rd th
    """
)
_CUES = listed("born birth birthday birthday's birthdate dob birthdays bday")
_TURNING = listed("turned turn turning")
_BOUGHT = listed(
    """
    bought buy purchase purchased order ordered invoice receipt paid delivered delivery warranty made built founded model since
    manufactured sold shipped installed serviced repaired contract
    """
)
_BETWEEN = listed("of the , / - . in year and")
_LINKS = listed(
    """
    is was on in the my it's it its um uh , : - . of date that's and i i'm for 's you year would be well so yes are a day
    date's when that back ? sure ok okay account file record yesterday today tomorrow monday tuesday wednesday thursday friday saturday
    sunday next last week being
    """
)


def _is_date_word(word: Word) -> bool:
    if word.is_digits:
        return len(word.text) <= 8
    known = word.low in _MONTHS or word.low in _ORDINALS or word.low in DIGITS or word.low in TEENS
    return known or word.low in TENS or word.low in SCALES or word.low == "nineteen"


def _span(words: Sequence[Word], start: int, step: int) -> tuple[int, int] | None:
    """The date words from `start` on in one direction, joined by what may stand in a date."""
    last, at, gap = start, start, 0
    while 0 <= at < len(words) and gap <= 2:
        if _is_date_word(words[at]):
            last, gap = at, 0
        elif words[at].low in _BETWEEN:
            gap += 1
        else:
            break
        at += step
    first, end = min(start, last), max(start, last)
    return (first, end) if _is_date(words[first : end + 1]) else None


def _is_date(words: Sequence[Word]) -> bool:
    dates = [w for w in words if _is_date_word(w)]
    if any(w.low in _MONTHS for w in dates) and len(dates) > 1:
        return True
    digits = sum(len(w.text) if w.is_digits else 1 for w in dates)
    year = any(w.is_digits and len(w.text) == 4 and w.text[:2] in {"19", "20"} for w in dates)
    spoken_year = any(w.low in {"nineteen", "thousand"} for w in dates) and len(dates) >= 2
    return year or spoken_year or (len(dates) >= 3 and digits >= 3) or digits >= 6


def find_births(words: Sequence[Word]) -> list[Found]:
    results = []
    for i in range(len(words)):
        behind = _cue_end(words, i)
        span = _long_ago(words, i) if behind is None else _beside(words, behind, 1) or _beside(words, i - 1, -1)
        if span is not None:
            first = span[0] - (span[0] > 0 and words[span[0] - 1].low == "the")
            results.append(found("DATE_OF_BIRTH", words, first, span[1], 0.95 if behind else 0.5))
    return results


def _cue_end(words: Sequence[Word], i: int) -> int | None:
    """Index behind a word about birth; None when there is none."""
    low = words[i].low
    if low in _TURNING and i + 1 < len(words) and _is_date_word(words[i + 1]):
        return next((at + 1 for at in range(i + 2, min(i + 5, len(words))) if words[at].low in {"on", "in"}), None)
    return _spelled_cue(words, i) if low == "d" else i + 1 if low in _CUES else None


def any_date(words: Sequence[Word], i: int) -> tuple[int, int] | None:
    """The date around a month, or that a number begins."""
    if not (words[i].low in _MONTHS or (words[i].is_digits and len(words[i].text) <= 2)):
        return None
    behind = _span(words, i, 1)
    before = _span(words, i, -1) or (i, i)
    return None if behind is None else (before[0], behind[1])


def _long_ago(words: Sequence[Word], i: int) -> tuple[int, int] | None:
    """A day, a month and a year of the last century that nothing was bought in: nobody asks about an order as old as that."""
    span = any_date(words, i)
    if span is None or any(w.low in _BOUGHT for w in words):
        return None
    dates = [w for w in words[span[0] : span[1] + 1] if _is_date_word(w)]
    parts = [w.text for w in dates]
    written = len(parts) >= 3 and len(parts[-1]) == 4 and parts[-1].startswith("19")
    spoken = len(parts) >= 4 and any(a.low == "nineteen" and (b.low in TENS or b.low in TEENS) for a, b in pairwise(dates))
    return span if written or spoken else None


def _spelled_cue(words: Sequence[Word], i: int) -> int | None:
    """Index behind "d o b" or "d.o.b."."""
    letters, at = "", i
    while at < len(words) and len(letters) < 3 and (words[at].text == "." or len(words[at].low) == 1):
        letters += words[at].low if words[at].is_letters else ""
        at += 1
    return at if letters == "dob" else None


def _beside(words: Sequence[Word], start: int, step: int) -> tuple[int, int] | None:
    at = start
    for _ in range(8):
        if not 0 <= at < len(words):
            return None
        if _is_date_word(words[at]):
            return _span(words, at, step)
        if words[at].low not in _LINKS:
            return None
        at += step
    return None
