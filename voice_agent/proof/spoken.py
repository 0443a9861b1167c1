"""Numbers and names as callers say them, and back again to one form that can be searched."""

import re
from collections.abc import Iterator
from random import Random

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TIMES = {"double": 2, "triple": 3}
_DIGITS = {word: str(value) for value, word in enumerate(_UNITS)} | {"oh": "0", "o": "0"}
_TEEN_DIGITS = {word: str(value) for value, word in enumerate(_TEENS, 10)}
_TEN_DIGITS = {word: str(value) for value, word in enumerate(_TENS, 2)}
_FLOAT = re.compile(r"(?<![\d.])\d+\.\d{5,}(?![\d.])")
"""A clock, a score: nothing that anybody says."""
_ID = re.compile(r"\b(?=[\da-f]*[a-f])[\da-f]{16,}\b|\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b|\b0x[\da-f]+\b")
"""Random names of calls and of files, addresses in memory: long enough that some hold a run of figures."""
_EXAMPLES = {
    word[0]: word
    for word in re.findall(
        r"\w+",
        "apple boat cat dog egg fox goat house ice jam king lion moon nest orange pan queen rain sun tree umbrella van water xray yard zoo",
    )
}
_TOKEN = re.compile(r"[a-z]+|\d+")


def figures(digits: str, groups: tuple[int, ...], between: str) -> str:
    """Grouped: "4111 1111 1111 1111"."""
    return between.join(_pieces(digits, groups))


def words(digits: str, groups: tuple[int, ...], zero: str) -> str:
    """In words: "four one one one, one one…"; `zero`: "zero" or "oh"."""
    return ", ".join(" ".join(_word(digit, zero) for digit in piece) for piece in _pieces(digits, groups))


def doubled(digits: str, groups: tuple[int, ...], zero: str) -> str:
    """In words: "four triple one"."""
    return ", ".join(" ".join(_runs(piece, zero)) for piece in _pieces(digits, groups))


def pairs(digits: str) -> str:
    """Two figures at a time: "forty one eleven"; a single one comes first, for "twenty eight" would be another number."""
    odd = len(digits) % 2
    return " ".join(_pair(piece) for piece in (digits[:odd], *(digits[at : at + 2] for at in range(odd, len(digits), 2))) if piece)


def spelt(name: str, random: Random) -> str:
    """Such as "K-E-L" or "K E L"."""
    return random.choice(("-", " ", ", ")).join(name.upper())


def explained(name: str) -> str:
    """Such as "K as in king, E as in egg"."""
    return ", ".join(f"{letter.upper()} as in {_EXAMPLES[letter]}" for letter in name.lower())


def searchable(text: str) -> list[str]:
    """The words and numbers of a text in one form: small letters; every number in figures, however it was said or grouped."""
    tokens = _TOKEN.findall(_ID.sub(" id ", _FLOAT.sub(" clock ", text.lower())))
    return list(_joined(tokens))


def _joined(tokens: list[str]) -> Iterator[str]:
    number, at = "", 0
    while at < len(tokens):
        said, used = _number(tokens, at)
        if used:
            number += said
            at += used
            continue
        if number:
            yield number
            number = ""
        yield tokens[at]
        at += 1
    if number:
        yield number


def _number(tokens: list[str], at: int) -> tuple[str, int]:
    """The figures that begin at a token, and how many tokens say them; 0 when it is none."""
    token, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
    if token.isdigit():
        return token, 1
    if token in _TIMES and (after in _DIGITS or (after.isdigit() and len(after) == 1)):
        return _DIGITS.get(after, after) * _TIMES[token], 2
    if token in _DIGITS:
        return _DIGITS[token], 1
    if token in _TEEN_DIGITS:
        return _TEEN_DIGITS[token], 1
    if token in _TEN_DIGITS:
        unit = _DIGITS.get(after, "0")
        return (_TEN_DIGITS[token] + unit, 2) if unit != "0" else (_TEN_DIGITS[token] + "0", 1)
    return "", 0


def _pieces(digits: str, groups: tuple[int, ...]) -> list[str]:
    pieces, at = [], 0
    for size in groups:
        pieces.append(digits[at : at + size])
        at += size
    return [piece for piece in (*pieces, digits[at:]) if piece]


def _word(digit: str, zero: str) -> str:
    return zero if digit == "0" else _UNITS[int(digit)]


def _runs(piece: str, zero: str) -> Iterator[str]:
    for run in re.findall(r"(\d)(\1{0,2})", piece):
        times = {0: "", 1: "double ", 2: "triple "}[len(run[1])]
        yield times + _word(run[0], zero)


def _pair(pair: str) -> str:
    if len(pair) == 1 or pair[0] == "0":
        return " ".join(_word(digit, "oh") for digit in pair)
    if pair[0] == "1":
        return _TEENS[int(pair[1])]
    tens = _TENS[int(pair[0]) - 2]
    return tens if pair[1] == "0" else f"{tens} {_UNITS[int(pair[1])]}"
