"""What a caller has said of their matter that a person will need: which order, which product, since when, how much.

Only their own words, as they stand. What they take back ("no, not 4421, 4412") goes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from voice_agent.core.words import Line, RedactedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One thing the caller said."""

    kind: str
    """What it is: "product", "date", "amount", "error", or what the caller called the number: "order", "invoice", …"""
    text: RedactedText


_FIGURE = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_CODE = rf"(?:<[A-Z_]+?(?:_\d+)?>|(?-i:#?(?:[A-Z]{{1,4}}[- ]?)?\d[\dA-Z]{{2,}}(?:[- ]\d+)*)|(?:{_FIGURE})(?:[ ,-]+(?:{_FIGURE})){{2,}})"
_NUMBERED = "order|invoice|delivery|repair|claim|case|ticket|tracking|return|refund|booking|reference|serial|customer|membership|coupon"
_TENS = "ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
_COUNT = rf"(?:\d[\d,]*(?:\.\d+)?|(?:a|an|{_FIGURE}|{_TENS}|couple of|few)(?:[ -](?:{_FIGURE}|{_TENS}|couple of|few))*)"
_MONTH = "January|February|March|April|June|July|August|September|October|November|December"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONEY = "dollars?|euros?|pounds?|cents?|bucks"
_SPAN = "days?|weeks?|months?|years?"
_NO_NAME = "The|At|On|In|Since|About|For|From|Order|Number|Code|Error|Step|Room|Floor|Apartment|Unit|Invoice|Case|Ticket|Box|Page|May"

_NUMBER = (
    rf"\b(?P<kind>{_NUMBERED})(?: (?:number|no\.?|id|code))?(?:[ ,:]+(?:is|was|it's|of|with))?[ ,:]+"
    rf"(?P<said>{_CODE})(?! (?:{_SPAN}|{_MONEY}))(?!\w)"
)
_ERROR = r"\b(?:error|fault)(?: code| message)?(?: is| says| reads)?[ ,:]+(?P<said>[A-Z]{0,2}[- ]?\d{1,4})\b"
_PRODUCT = (
    rf"(?-i:\b(?!(?:{_NO_NAME}|{_MONTH}|{_WEEKDAY})\b)(?P<said>[A-Z][a-z]{{2,}} \d{{1,4}}[A-Z]?)\b"
    rf"(?! (?:{_MONEY}|{_SPAN}|percent|minutes?|hours?)\b))"
)
_DATE = (
    rf"\b(?P<said>(?:{_MONTH}|May) {_DAY}(?:,? \d{{4}})?|(?:the )?{_DAY} (?:of )?(?:{_MONTH}|May)(?: \d{{4}})?|\d{{4}}-\d\d-\d\d"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?|{_MONTH}|(?:(?:last|next|this) )?{_WEEKDAY}|(?:the day before )?yesterday"
    rf"|today|(?:the day after )?tomorrow|(?:last|next) (?:week|month|year|night)|{_COUNT} (?:{_SPAN}) ago)\b"
)
_AMOUNT = rf"(?P<said>[$€£] ?\d[\d,]*(?:\.\d\d)?|\b{_COUNT} (?:{_MONEY}))(?!\w)"
_KINDS = {"": _NUMBER, "error": _ERROR, "product": _PRODUCT, "date": _DATE, "amount": _AMOUNT}
_PATTERNS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _KINDS.items()}
_TAKES_BACK = re.compile(r"\b(?:no|not|sorry|i meant?|actually|correction|rather|wrong|make that)\b", re.IGNORECASE)
_ADDS = re.compile(r"\b(?:also|another|second|other|both|as well|too|and)\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|isn't|wasn't|instead of|rather than)(?: (?:on|the|my|a|an|for))*\s*$", re.IGNORECASE)
_ALONE = re.compile(rf"(?:^|[ ,.:])(?P<said>{_CODE})\W*$", re.IGNORECASE)
_NUMBERS = frozenset(_NUMBERED.split("|"))


def gathered(lines: Iterable[Line]) -> tuple[Gathered, ...]:
    """In the order in which it was said, each once."""
    found: list[Gathered] = []
    for line in lines:
        if line.speaker != "caller":
            continue
        takes_back = _TAKES_BACK.search(line.text) and not _ADDS.search(line.text)
        new = list(_said(line.text)) or (_number_alone(line.text, found) if takes_back else [])
        if takes_back:
            kinds = {each.kind for each in new}
            found = [each for each in found if each.kind not in kinds]
        found += new
    return tuple(dict.fromkeys(found))


def _said(text: str) -> Iterator[Gathered]:
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            if not _DENIED.search(text[: match.start()]):
                yield Gathered(kind=kind or match["kind"].lower(), text=RedactedText(match["said"].strip(" ,")))


def _number_alone(text: str, found: list[Gathered]) -> list[Gathered]:
    """The number that was given last, in other figures: "Sorry, 4412"."""
    number, match = next((each for each in reversed(found) if each.kind in _NUMBERS), None), _ALONE.search(text)
    return [Gathered(kind=number.kind, text=RedactedText(match["said"]))] if number and match else []
