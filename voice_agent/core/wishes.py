"""What a caller who waits for a person says to us, as far as it needs no understanding; and how a wait is told.

English patterns. What they do not know was not meant for us: people who wait talk to others in the room.
"""

import re
from enum import Enum, auto

from voice_agent.core.spoken_numbers import cardinal
from voice_agent.core.words import Seconds


class Wish(Enum):
    CALL_BACK = auto()
    WAIT = auto()
    """They would rather wait than be called back."""
    SHORTER = auto()
    """They would rather not wait."""
    ASSISTANT = auto()
    """They want something of the assistant after all."""
    NEWS = auto()
    """They ask how it stands, or whether anybody is there."""


_NOT = r"\b(?:don't|do not|never|not|no need to|can't|cannot|won't)\b[^,.?!]{0,20}?"
_BACK = (
    r"\b(?:call|ring|phone)(?:ed|ing)? (?:me|us) (?:back|later|again|up|tomorrow|when|on|at)\b"
    r"|\b(?:call|ring|phone) (?:me|us)\b(?: please)?[.!?]*$"
    r"|\bcalled back\b|\bcall-? ?backs?\b|\bcall back\b"
    r"|\bhave (?:someone|somebody|them|him|her|a colleague) (?:call|ring|phone)\b"
)
_STAY = r"\b(?:wait|waiting|hold|stay|stay on)\b"
_PATTERNS = (
    (Wish.WAIT, rf"{_NOT}(?:{_BACK})|\bno (?:call ?back|call-back)s?\b"),
    (Wish.CALL_BACK, _BACK + r"|^(?:press(?:ing)? |number )?(?:one|1)[.!]*$"),
    (Wish.SHORTER, _NOT + _STAY + r"|\btoo long\b|\btaking (?:so long|forever|ages)\b|\bforever\b"),
    (
        Wish.WAIT,
        (
            r"\bi(?:'ll| will|'d rather| would rather| can|'m happy to| am happy to|'m going to)(?: just| gladly)? (?:wait|hold|stay)\b"
            r"|\b(?:keep|go on|carry on) (?:trying|waiting)\b|^(?:please )?(?:wait|stay on)\b"
        ),
    ),
    (
        Wish.ASSISTANT,
        (
            r"\bnever ?mind\b|\bforget (?:it|that|about it)\b|\bchanged my mind\b"
            r"|\bask (?:you )?(?:something|anything|(?:a|one|another)(?: more| other| different| quick)? (?:thing|question))\b"
            r"|\b(?:another|a different|one more|a quick|other) question\b"
            r"|\bback to (?:you|the (?:assistant|robot|machine|bot|computer))\b|\bcancel (?:that|this|it|the (?:transfer|call))\b"
            r"|\b(?:don't|do not|no longer) (?:need|want)(?: to (?:talk|speak) (?:to|with))? "
            r"(?:a |an |the )?(?:person|human|agent|colleague|anyone|anybody|someone|somebody)\b"
        ),
    ),
    (
        Wish.NEWS,
        (
            r"^(?:hello|hi|hey)\b\W*(?:hello|there)?\W*$|\bhow (?:long|many|much longer)\b|\bwhen will\b|\bwhat(?:'s| is) happening\b"
            r"|\b(?:are you|you|anyone|anybody|someone|somebody) (?:still )?there\b|\bwhere am i\b"
            r"|\bwhat(?:'s| is) my (?:place|position|number)\b"
        ),
    ),
)
_COMPILED = tuple((wish, re.compile(pattern)) for wish, pattern in _PATTERNS)


def wish_of(text: str) -> Wish | None:
    """The first that fits: "never mind, call me back" is a wish to be called back."""
    said = text.lower().replace("’", "'").strip()
    return next((wish for wish, pattern in _COMPILED if pattern.search(said)), None)


def spoken_wait(wait: Seconds) -> str:
    """No more exact than it is known: "about two minutes"."""
    minutes = round(wait / 60)
    if wait < 45:
        return "less than a minute"
    if minutes > 60:
        return "more than an hour"
    if minutes > 10:
        minutes = 5 * round(minutes / 5)
    return f"about {cardinal(max(1, minutes))} minute{'s' if minutes > 1 else ''}"
