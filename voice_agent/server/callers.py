"""Callers are known by a keyed hash of their number: without the key nobody can tell whose call it was, nor try all numbers."""

import hashlib
import hmac
import re

_WITHHELD = ("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253")
"""What some networks send in place of a number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE, typed on a keypad."""
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


def reachable(number: str) -> str | None:
    """With its country code, digits only; None for what is no such number, or is withheld."""
    plain = re.sub(r"[\s().-]", "", number)
    return plain[1:] if _NUMBER.fullmatch(plain) and plain not in _WITHHELD else None


def caller_of(key: str, number: str) -> str | None:
    """The hash; None for a number that is not `reachable`."""
    digits = reachable(number)
    return None if digits is None else hmac.new(key.encode(), f"+{digits}".encode(), hashlib.sha256).hexdigest()
