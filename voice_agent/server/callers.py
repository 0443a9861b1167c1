"""Callers are known by a keyed hash of their number: without the key nobody can tell whose call it was, nor try all numbers."""

import hashlib
import hmac
import re

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


def caller_of(key: str, number: str) -> str | None:
    """The hash; None for what is no number with its country code, such as a withheld one."""
    plain = re.sub(r"[\s().-]", "", number)
    return hmac.new(key.encode(), plain.encode(), hashlib.sha256).hexdigest() if _NUMBER.fullmatch(plain) else None
