"""Numbers with their units, read from the words of a sentence, spoken or written."""

from collections.abc import Sequence

from voice_agent.knowledge.vocabulary import NEGATIONS, STOPWORDS

_ONES = {w: i for i, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split())}  # noqa: SIM905
_ONES |= {"fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "oh": 0}
_TENS = {w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}  # noqa: SIM905
_SCALE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_NUMBERISH = {*_ONES, *_TENS, *_SCALE}
_UNITS = {
    form: unit
    for unit, forms in {
        "usd": "dollar dollars bucks usd $",
        "cent": "cent cents",
        "percent": "percent % pct",
        "day": "day days",
        "workday": "workday workdays",
        "week": "week weeks",
        "month": "month months",
        "year": "year years",
        "hour": "hour hours hrs hr",
        "minute": "minute minutes min mins",
        "second": "seconds secs",
        "inch": "inch inches",
        "foot": "foot feet ft",
        "ounce": "ounce ounces oz",
        "pound": "pound pounds lb lbs",
        "watt": "watt watts",
        "amp": "amp amps",
        "volt": "volt volts",
        "decibel": "decibel decibels db",
        "degree": "degree degrees ° fahrenheit",
        "gallon": "gallon gallons",
        "liter": "liter liters litre litres",
        "cup": "cup cups",
        "point": "point points",
        "time": "times",
        "mile": "mile miles",
        "square": "square",
        "am": "am",
        "pm": "pm",
        "item": "items",
        "installment": "installment installments",
    }.items()
    for form in forms.split()
}
_PRONOUN_ONE = frozenset("this that the another any which no each every new only other first last".split())  # noqa: SIM905


class Quantities:
    """Reads numbers from the words of one sentence, in lower case; places are indexes of words."""

    def __init__(self, words: Sequence[str]) -> None:
        self._low = words

    def is_number(self, i: int) -> bool:
        low = self._low[i]
        if low[0].isdigit() or low == "$":
            return low[0].isdigit() or (i + 1 < len(self._low) and self._low[i + 1][0].isdigit())
        if low == "one":
            # "this one", "the one that": a pronoun unless something is counted.
            before = self._low[i - 1] if i else ""
            if before in _PRONOUN_ONE or i + 1 == len(self._low) or not self._low[i + 1][0].isalpha():
                return False
            return self._low[i + 1] in {"to", "or", "and"} | _UNITS.keys() or self._low[i + 1] not in STOPWORDS
        return low in _ONES or low in _TENS or (low == "hundred" and i > 0 and self._low[i - 1] == "a")

    def read(self, i: int) -> tuple[str, str, int]:
        """The number that begins at i: its key, its unit, and the place behind it."""
        dollars = self._low[i] == "$"
        value, width = self.value(i + dollars)
        at = i + dollars + width
        unit, skip = ("usd", 0) if dollars else self._counted(at)
        if skip == 1 or unit in {"usd", "am", "pm"}:
            at += skip
        if unit == "usd" and not dollars:
            value, at = self._with_cents(value, at)
        if unit == "cent":
            value, unit = _plain(float(value) / 100), "usd"
        return (clock(value) if unit in {"am", "pm"} else value), unit, at

    def _with_cents(self, value: str, behind: int) -> tuple[str, int]:
        """With what follows dollars: "four dollars ninety-five", "four dollars and ninety-five cents"."""
        at = behind + (behind < len(self._low) and self._low[behind] == "and")
        if at < len(self._low) and self.is_number(at):
            cents, width = self.value(at)
            unit = self.unit(at + width)
            if cents.isdigit() and int(cents) < 100 and (unit == "cent" or (not unit and at == behind)):
                return _plain(float(value) + int(cents) / 100), at + width + (unit == "cent")
        return value, behind

    def unit(self, i: int) -> str:
        return self._counted(i)[0]

    def _counted(self, i: int) -> tuple[str, int]:
        """The unit that a number before i counts, through an adjective or the rest of a range ("10 to 15 minutes")."""
        j, steps = i, 0
        while j < len(self._low) and steps < 4:
            low = self._low[j]
            if low in _UNITS and low != "$" and not (low == "square" and steps):
                return _UNITS[low], j - i + 1
            if low in {"to", "or", "and"} and j + 1 < len(self._low) and self.is_number(j + 1):
                _, width = self.value(j + 1 + (self._low[j + 1] == "$"))
                j += 1 + width
                continue
            if low in {",", ";", ".", "$"} or low in NEGATIONS or low in STOPWORDS or self.is_number(j):
                break
            j += 1
            steps += 2
        return "", 0

    def value(self, i: int) -> tuple[str, int]:
        """The number that begins at i, and how many tokens it takes."""
        low = self._low[i]
        if ":" in low:
            return low, 1
        if low[0].isdigit():
            value, width = self._scaled(float(low), i) if "." in low else self._scaled(int(low), i)
        else:
            value, width = self._spoken(i)
        return self._with_part(value, i + width, i)

    def _with_part(self, value: str, behind: int, begin: int) -> tuple[str, int]:
        """With what is said behind a whole number: "one point five", "two and a half"."""
        following = list(self._low[behind : behind + 3])
        if following in (["and", "a", "half"], ["and", "a", "quarter"]) and value.isdigit():
            return f"{value}{'.5' if following[2] == 'half' else '.25'}", behind + 3 - begin
        at = behind + 1
        while following[:1] == ["point"] and at < len(self._low) and _ONES.get(self._low[at], 10) < 10:
            at += 1
        if at == behind + 1:
            return value, behind - begin
        decimals = "".join(str(_ONES[word]) for word in self._low[behind + 1 : at])
        return _plain(float(f"{value}.{decimals}")), at - begin

    def _scaled(self, value: float, i: int) -> tuple[str, int]:
        if i + 1 < len(self._low) and self._low[i + 1] in _SCALE:
            return _plain(value * _SCALE[self._low[i + 1]]), 2
        return (self._low[i] if self._low[i].isdigit() and len(self._low[i]) > 6 else _plain(value)), 1

    def _spoken(self, i: int) -> tuple[str, int]:
        words: list[str] = []
        j = i
        while j < len(self._low):
            low = self._low[j]
            if low in _NUMBERISH and not (low == "hundred" and not words and j > i):
                words.append(low)
            elif not (low in {"and", ","} and j + 1 < len(self._low) and self._continues(words, j)):
                break
            j += 1
        return _spoken_value(words), max(1, j - i)

    def _continues(self, words: list[str], j: int) -> bool:
        """As in "two hundred and fifty", or behind the commas of a number read digit by digit."""
        following = self._low[j + 1]
        if self._low[j] == "and":
            return bool(words) and words[-1] in _SCALE and following in _NUMBERISH
        return following in _ONES and len(words) >= 3 and all(w in _ONES for w in words)


def _plain(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def clock(value: str) -> str:
    """As a time of day: "930" is "9:30", and "9" is "9:00"."""
    if len(value) in {3, 4} and value.isdigit():
        value = f"{value[:-2]}:{value[-2:]}"
    hour, _, minute = value.partition(":")
    return f"{int(float(hour))}:{minute or '00'}"


def _spoken_value(words: list[str]) -> str:
    """Digits read one by one stay a string of digits; "nine thirty" is 930 (a clock reads it so); else the number meant."""
    if len(words) >= 3 and all(w in _ONES and _ONES[w] < 10 for w in words):
        return "".join(str(_ONES[w]) for w in words)
    total = part = 0
    for i, word in enumerate(words):
        if word in _SCALE:
            part = max(part, 1) * _SCALE[word]
            if word != "hundred":
                total, part = total + part, 0
        elif word in _TENS:
            part = part * 100 + _TENS[word] if i and words[i - 1] not in _SCALE else part + _TENS[word]
        else:
            tens = i and words[i - 1] in _TENS and _ONES[word] < 10
            fresh = i and words[i - 1] not in _SCALE and not tens
            part = part * 100 + _ONES[word] if fresh else part + _ONES[word]
    return str(total + part)
