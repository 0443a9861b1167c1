"""Runs of digits and letters as people read them out: "four one one one, double two", "oh", "S as in Sam", "9-0-1"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voice_agent.adapters.presidio_redactor.words import Word, listed, touches

DIGITS = {
    **{w: str(i) for i, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])},
    "oh": "0",
    "o": "0",
    "nought": "0",
    "nil": "0",
    "niner": "9",
}
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TEENS = {w: str(i) for i, w in enumerate(_TEENS, 10)}
TENS = {w: str(i) for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)}
SCALES = frozenset({"hundred", "thousand", "million"})
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_HEARD_AS = {"to": "2", "too": "2", "for": "4", "won": "1", "ate": "8"}
"""What Whisper writes for a lone digit between two others."""
NATO = {
    word: word[0]
    for word in listed(
        """
        alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec
        romeo sierra tango uniform victor whiskey xray yankee zulu
        """
    )
}
_SEPARATORS = frozenset(",-–—.…/()#*")
_FILLERS = listed("uh um er erm then dash hyphen space slash and plus")
_ORDINALS = listed("st nd rd th")
_IBAN_BEGINS = re.compile(r"[A-Z]{2}\d\d")
_WORD_PAIRS = listed("ok us uk tv pm am po id it my is to of at in on no so go by")
_UNIT_SUFFIXES = listed("am pm kg lb lbs oz cm mm w v kw mg ml x s k in ft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Neighbouring digits and letters, read out or written."""

    first: int
    """Index of its first word; `last` is included."""
    last: int
    code: str
    """The digits and upper-case letters meant."""
    groups: tuple[int, ...]
    """How many of them each word stood for."""
    scaled: bool
    """Holds "hundred" or "thousand": more likely a quantity."""
    spelled: bool
    """A letter was explained by a word ("S as in Sam")."""

    @property
    def digits(self) -> int:
        return sum(c.isdigit() for c in self.code)

    @property
    def letters(self) -> int:
        return len(self.code) - self.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    code: str
    words: int
    scaled: bool = False
    spelled: bool = False


def _number(words: Sequence[Word], i: int) -> _Unit | None:
    word = words[i]
    if word.is_digits:
        return _Unit(code=word.text, words=1)
    if word.low in DIGITS:
        return _Unit(code=DIGITS[word.low], words=1)
    if word.low in TEENS:
        return _Unit(code=TEENS[word.low], words=1)
    if word.low in TENS:
        return _tens(words, i)
    if word.low in _TIMES and i + 1 < len(words):
        repeated = _number(words, i + 1)
        if repeated and len(repeated.code) == 1:
            return _Unit(code=repeated.code * _TIMES[word.low], words=2)
    return None


def _tens(words: Sequence[Word], i: int) -> _Unit:
    tens = TENS[words[i].low]
    step = 2 if i + 2 < len(words) and words[i + 1].text == "-" and touches(words, i) and touches(words, i + 1) else 1
    if i + step < len(words):
        one = DIGITS.get(words[i + step].low, "0")
        if one != "0":
            return _Unit(code=tens + one, words=step + 1)
    return _Unit(code=tens + "0", words=1)


def _explained(words: Sequence[Word], i: int) -> int:
    """How many words "as in Sam" behind a letter takes, 0 when there is no such thing."""
    letter, behind = words[i].low, [w.low for w in words[i + 1 : i + 5]]
    skip = 1 if behind[:1] == [","] else 0
    behind = behind[skip:]
    if len(behind) >= 3 and behind[0] == "as" and behind[1] == "in" and behind[2].isalpha():
        return skip + 3
    if len(behind) >= 2 and behind[0] in {"for", "like", "as", "is"} and behind[1][0] == letter and len(behind[1]) > 2:
        return skip + 2
    return 0


def _letter(words: Sequence[Word], i: int) -> _Unit | None:
    word = words[i]
    if not word.is_letters:
        return None
    if word.low in _TIMES:
        return _letters(words, i)
    if len(word.text) == 1:
        explained = _explained(words, i)
        return _Unit(code=word.text.upper(), words=1 + explained, spelled=explained > 0)
    if word.low in NATO:
        return _Unit(code=NATO[word.low].upper(), words=1)
    if len(word.text) <= 4 and _joined_to_digits(words, i):
        return _Unit(code=word.text.upper(), words=1)
    return None


def _letters(words: Sequence[Word], i: int) -> _Unit | None:
    """A doubled one: "double l", "double-L"."""
    at = i + 2 if i + 2 < len(words) and words[i + 1].text == "-" else i + 1
    if at >= len(words) or not words[at].is_letters or len(words[at].text) > 1:
        return None
    return _Unit(code=words[at].text.upper() * _TIMES[words[i].low], words=at - i + 1)


def _joined_to_digits(words: Sequence[Word], i: int) -> bool:
    """Letters of a code: "AC2291", "ORD-90215", "DE89", but not "4th" or "9am"."""
    word = words[i]
    before = i > 0 and touches(words, i - 1) and words[i - 1].is_digits
    if before:
        return word.low not in _ORDINALS and word.low not in _UNIT_SUFFIXES
    if i + 2 < len(words) and words[i + 1].low in {"dash", "hyphen"} and words[i + 2].is_digits:
        return word.text.isupper()
    if not touches(words, i):
        # "QQ 12 34 56 C", but not "IL 62704" or "the Otter 9".
        pair = len(word.text) == 2 and word.text.isupper() and word.low not in _WORD_PAIRS
        return pair and i + 1 < len(words) and words[i + 1].is_digits and len(words[i + 1].text) == 2
    if words[i + 1].is_digits:
        return True
    dashed = words[i + 1].text == "-" and touches(words, i + 1) and words[i + 2].is_digits
    return dashed and word.text.isupper()


def _unit(words: Sequence[Word], i: int) -> _Unit | None:
    word = words[i]
    if (word.low in {"o", "a", "i"} and _explained(words, i)) or (word.low == "o" and _among_letters(words, i)):
        return _letter(words, i)
    return _number(words, i) or _letter(words, i)


def _among_letters(words: Sequence[Word], i: int) -> bool:
    """An "o" that is spelled, not a zero: letters beside it, and no digit. Of "w o o d" both are."""
    before = next((w for w in reversed(words[:i]) if not w.is_mark and w.low != "o"), None)
    after = next((w for w in words[i + 1 :] if not w.is_mark and w.low != "o"), None)
    beside = [w for w in (before, after) if w is not None]
    if any(w.is_digits or w.low in DIGITS or w.low in TEENS or w.low in TENS for w in beside):
        return False
    return any((len(w.low) == 1 and w.low not in "ai") or w.low in _TIMES for w in beside)


def _gap(words: Sequence[Word], i: int, length: int) -> int:
    """Index of the next unit behind separators and fillers; -1 when something else comes first."""
    fillers = 0
    for j in range(i, min(i + 5, len(words))):
        word = words[j]
        if word.is_mark:
            if word.text not in _SEPARATORS:
                return -1
        elif word.low in _FILLERS and fillers < 2:
            if word.low in {"and", "plus"} and length < 3:
                return -1
            fillers += 1
        else:
            return j
    return -1


class _Reader:
    """Reads one run from a given word on."""

    def __init__(self, words: Sequence[Word], first: int) -> None:
        self._words = words
        self.first = self.last = first
        self.next = first
        self.units: list[_Unit] = []

    def read(self) -> Run | None:
        at = self.first
        while at >= 0 and at < len(self._words):
            unit = _unit(self._words, at) or self._scale(at) or self._misheard(at) or self._bank(at)
            if unit is None:
                break
            self.units.append(unit)
            self.last = at + unit.words - 1
            at = _gap(self._words, self.last + 1, sum(len(u.code) for u in self.units))
        return self._trimmed()

    def _scale(self, at: int) -> _Unit | None:
        word = self._words[at].low
        if not self.units or word not in SCALES:
            return None
        return _Unit(code="00" if word == "hundred" else "000", words=1, scaled=True)

    def _misheard(self, at: int) -> _Unit | None:
        """A lone "to" or "for" between digits, once it is clear that digits are being read out."""
        code = _HEARD_AS.get(self._words[at].low)
        if code is None or len(self.units) < 3 or at + 1 >= len(self._words):
            return None
        after = _number(self._words, at + 1)
        read_out = all(len(u.code) == 1 and u.code.isdigit() for u in self.units[-3:])
        return _Unit(code=code, words=1) if after and len(after.code) == 1 and read_out else None

    def _bank(self, at: int) -> _Unit | None:
        """The four letters of a bank in an IBAN, said as a word: "G B eight two west one two …"."""
        word = self._words[at]
        if not _IBAN_BEGINS.fullmatch("".join(u.code for u in self.units)) or not word.is_letters or len(word.text) != 4:
            return None
        after = _number(self._words, at + 1) if at + 1 < len(self._words) else None
        return _Unit(code=word.text.upper(), words=1) if after else None

    def _trimmed(self) -> Run | None:
        """Without the words at its edges that are letters only by chance: "I", "a", "oh"."""
        units, first, last = list(self.units), self.first, self.last
        while units and self._chance(first, units[0], units[1:], first):
            first += units.pop(0).words
            first = self._skip(first)
        while units and self._chance(last, units[-1], units[:-1], first):
            last -= units.pop().words
            while last >= first and (self._words[last].is_mark or self._words[last].low in _FILLERS):
                last -= 1
        if not units:
            return None
        return Run(
            first=first,
            last=last,
            code="".join(u.code for u in units),
            groups=tuple(len(u.code) for u in units),
            scaled=any(u.scaled for u in units),
            spelled=any(u.spelled for u in units),
        )

    def _skip(self, at: int) -> int:
        while at < self.last and (self._words[at].is_mark or self._words[at].low in _FILLERS):
            at += 1
        return at

    def _chance(self, at: int, unit: _Unit, others: list[_Unit], first: int) -> bool:
        word = self._words[at]
        if unit.spelled or unit.words > 1:
            return False
        if not others:
            return word.is_letters and (word.low in _HEARD_AS or word.low in {"a", "i", "o", "oh"} or word.low in NATO)
        spelling = sum(len(u.code) == 1 and u.code.isalpha() for u in others) >= 2
        if word.low in {"a", "i"}:
            # "A T six one" and "33A" begin and end with it.
            beside = others[0] if at == first else others[-1]
            written = at > first and touches(self._words, at - 1) and self._words[at - 1].is_digits
            return not (spelling or written or (at == first and len(beside.code) == 1 and beside.code.isalpha()))
        return word.low in {"oh", "o"} and at == first and at + 1 < len(self._words) and self._words[at + 1].text == ","


def read_runs(words: Sequence[Word]) -> list[Run]:
    """All runs of a text, in order."""
    runs: list[Run] = []
    at = 0
    while at < len(words):
        reader = _Reader(words, at)
        run = reader.read()
        if run is not None:
            runs.append(run)
        at = max(reader.last, at) + 1
    return runs
