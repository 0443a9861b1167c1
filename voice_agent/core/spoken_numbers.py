"""Numbers in words, as American English says them on the telephone."""

_SMALL = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LONGEST = 15
"""Digits of a number that is still said as a number."""
_GROUP = 4
"""Digits in one breath, when they are read out one by one."""


def cardinal(number: int) -> str:
    """1350 is "one thousand three hundred fifty"."""
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{_TENS[tens]}-{_SMALL[ones]}" if ones else _TENS[tens]
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_SMALL[hundreds]} hundred{' ' + cardinal(rest) if rest else ''}"
    size, name = next((size, name) for size, name in _SCALES if number >= size)
    count, rest = divmod(number, size)
    return f"{cardinal(count)} {name}{' ' + cardinal(rest) if rest else ''}"


def ordinal(number: int) -> str:
    """21 is "twenty-first"."""
    words = cardinal(number)
    head, joint, last = words.rpartition("-") if "-" in words.rpartition(" ")[2] else words.rpartition(" ")
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return f"{head}{joint}{_IRREGULAR.get(last, regular)}"


def year(number: int) -> str:
    """2026 is "twenty twenty-six", 2007 "two thousand seven", 1905 "nineteen oh five"."""
    century, rest = divmod(number, 100)
    if century == 20 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {_SMALL[rest] if 10 <= rest < 20 else f'oh {_SMALL[rest]}' if rest < 10 else cardinal(rest)}"


def digits(text: str) -> str:
    """The digits of the text, each by its name; a breath after every third or fourth when there are many."""
    found = [_SMALL[int(character)] for character in text if character.isdigit()]
    if len(found) <= _GROUP + 2:
        return " ".join(found)
    size = 3 if len(found) % 3 == 0 and len(found) % _GROUP else _GROUP
    return ", ".join(" ".join(found[at : at + size]) for at in range(0, len(found), size))


def number(text: str) -> str:
    """A number as it is written: with thousands separators and a decimal point or without, 15 digits at most as a number."""
    whole, point, fraction = text.replace(",", "").partition(".")
    # A leading zero, or many digits without separators, is an identifier; a round number is an amount all the same.
    identifier = len(whole) > 1 and whole.startswith("0")
    identifier |= len(whole) >= 5 and "," not in text and not whole.endswith("000")
    words = digits(whole) if identifier or len(whole) > _LONGEST else cardinal(int(whole))
    return f"{words} point {' '.join(_SMALL[int(digit)] for digit in fraction)}" if point else words


def plural(count: str, one: str, many: str) -> str:
    """The word that goes with a count as written."""
    return one if count in {"1", "1.0"} else many
