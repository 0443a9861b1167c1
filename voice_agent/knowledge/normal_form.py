"""A sentence in a normal form, in which spoken and written ways of saying the same are equal.

"thirty days" = "30 days", "$4.95" = "four dollars ninety-five", "9 a.m." = "nine in the morning", "can't" = "can not".
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from voice_agent.knowledge.quantities import Quantities
from voice_agent.knowledge.rewrites import rewritten
from voice_agent.knowledge.vocabulary import NEGATIONS, STOPWORDS, denied, stem

Kind = Literal["word", "number", "name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word, number or name that a sentence rests on."""

    kind: Kind
    key: str
    """Equal for equal meanings: a stem, a decimal number, or a name in lower case."""
    limit: str = ""
    """Of a number: the limit that it is, as in "at least 5"; one of the names of `bounds`."""
    unit: str = ""
    """Of a number: "usd", "day", "workday", "am", "percent" …; empty when none is said."""
    text: str = ""
    """As it stands in the sentence, to name it to a person."""
    denied: bool = False
    """A negation bears on it …"""
    doubtful: bool = False
    """… or may: it stands further behind one ("does not cover limescale")."""
    beside: bool = False
    """It follows the term before; a number or a name also with "and", "or", "to" or a comma between them."""
    clause: int = 0
    """Counts the clauses of the sentence from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalForm:
    terms: tuple[Term, ...]
    bounds: frozenset[str]
    """Limits named: "at least", "at most", "more than", "less than", "before", "after", "until"; "needed", "needless";
    "allowance" for "you have 30 days"."""
    negated: bool
    """It holds a negation …"""
    dangling: bool
    """… and one that bears on no term: "the lock is not on"."""


_LIMITS = {
    name: re.compile(pattern)
    for name, pattern in {
        "at least": r"\bat least\b|\bminimum\b|\bor (?:more|longer|later|above|greater)\b|\bno (?:less|fewer) than\b",
        "at most": r"\bup to\b|\bat most\b|\bmaximum\b|\bno (?:more|longer|later) than\b|\bwithin\b|\bor less\b|\bnot more than\b",
        "more than": r"(?<!no )(?<!not )\bmore than\b|\bover\b(?= \$?\d)|\babove\b|\bexceed",
        "less than": r"(?<!no )\b(?:less|fewer) than\b|\bunder\b(?= \$?\d)|\bbelow\b",
        "before": r"\bbefore\b",
        "after": r"\bafter\b",
        "until": r"\buntil\b|\btill\b",
        "needed": r"(?<!not )\b(?:needs?|needed|must|(?:have|has) to|requires?|required)\b",
        "needless": r"\bnot required\b",
        "allowance": r"\b(?:have|has|get|gets|got) (?:\w+ )?[\w-]+ (?:hours?|(?:work)?days?|weeks?|months?|years?)\b",
    }.items()
}
_NUMBER_LIMITS = {
    "at least": "at least", "at most": "at most", "up to": "at most", "within": "at most", "more than": "more than", "over": "more than",
    "less than": "less than", "fewer than": "less than", "under": "less than", "before": "before", "until": "until", "till": "until",
    "after": "after",
}  # fmt: skip
_TOKEN = re.compile(r"\d{1,2}:\d\d|\$|\d+(?:\.\d+)?|[^\W\d_]+(?:'[a-z]+)?\d*|[%°,;.:]")
_NO_NUMBER = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())  # noqa: SIM905
CALENDAR = _NO_NUMBER | frozenset("january february april june july august september october november december".split())  # noqa: SIM905
_CLAUSE_WORDS = frozenset("and but while whereas".split())  # noqa: SIM905
_DENIAL_ENDS = frozenset("but if because unless when while although until".split())  # noqa: SIM905
_DENIAL_REACH = 3
"""Terms behind a negation: the first is denied, the others doubtful."""
_JOINTS = frozenset({"and", "or", "to", ","})


def normal_form(sentence: str, names: AbstractSet[str]) -> NormalForm:
    """`names` are the words, in lower case, that are names even at the start of a sentence."""
    text = rewritten(sentence)
    reading = _Reading(_TOKEN.findall(text), names)
    low = text.lower()
    return NormalForm(
        terms=tuple(reading.read()),
        bounds=frozenset(name for name, pattern in _LIMITS.items() if pattern.search(low)),
        negated=reading.negated,
        dangling=reading.dangling,
    )


def names_in(texts: tuple[str, ...]) -> frozenset[str]:
    """Words, in lower case, that are capitalised inside a sentence somewhere; days and months."""
    return CALENDAR | frozenset(m.group(1).lower() for text in texts for m in re.finditer(r"(?<=[a-z0-9,] )([A-Z][a-zA-Z]+)\b", text))


class _Reading:
    """One pass over the tokens of a sentence."""

    def __init__(self, tokens: list[str], names: AbstractSet[str]) -> None:
        self._tokens, self._names = tokens, names
        self._low = [t.lower() for t in tokens]
        self._quantities = Quantities(self._low)
        self.at = 0
        self._clause = 0
        self._denying = 0
        self._behind = 0
        self.negated = self.dangling = False

    def read(self) -> Iterator[Term]:
        while self.at < len(self._tokens):
            yield from self._step()
        self._end_denial()

    def _end_denial(self) -> None:
        self.dangling = self.dangling or self._denying == _DENIAL_REACH
        self._denying = 0

    def _term(self, kind: Kind, key: str, begin: int, *, unit: str = "", opposite: bool = False) -> Term:
        """Of the tokens from `begin` up to where the reading is."""
        reach, self._denying = self._denying, max(0, self._denying - 1)
        beside = self._behind == begin if kind == "word" else all(low in _JOINTS for low in self._low[self._behind : begin])
        self._behind = self.at
        return Term(
            kind=kind,
            key=key,
            unit=unit,
            text=" ".join(self._tokens[begin : self.at]),
            denied=(reach == _DENIAL_REACH) != opposite,
            doubtful=0 < reach < _DENIAL_REACH,
            beside=beside,
            clause=self._clause,
        )

    def _step(self) -> Iterator[Term]:
        low = self._low[self.at]
        if low in NEGATIONS:
            self.negated = True
            self._denying = _DENIAL_REACH
            self.at += 1
        elif self._quantities.is_number(self.at):
            begin = self.at
            key, unit, self.at = self._quantities.read(begin)
            yield replace(self._term("number", key, begin, unit=unit), limit=self._limit(begin))
        elif not low[0].isalnum() or low in _CLAUSE_WORDS or low in _DENIAL_ENDS:
            self._mark(low)
        else:
            yield from self._word(low)

    def _limit(self, begin: int) -> str:
        """What the words right before a number make of it."""
        for width in (2, 1):
            words = " ".join(self._low[max(0, begin - width) : begin])
            if words in _NUMBER_LIMITS and self._low[max(0, begin - width - 1)] not in NEGATIONS:
                return _NUMBER_LIMITS[words]
        return ""

    def _mark(self, low: str) -> None:
        if low in _DENIAL_ENDS or low in {",", ";", "."}:
            self._end_denial()
        if low in _CLAUSE_WORDS or low in {",", ";"}:
            self._clause += self._number_ahead()
        self.at += 1

    def _number_ahead(self) -> bool:
        """Before the next mark stands a number, so a clause of its own begins: not "Sunday and Monday"."""
        for i in range(self.at + 1, len(self._tokens)):
            if self._low[i] in {",", ";"} or self._low[i] in _CLAUSE_WORDS:
                return False
            if self._quantities.is_number(i) and i > self.at + 1:
                return True
        return False

    def _word(self, low: str) -> Iterator[Term]:
        begin, token = self.at, self._tokens[self.at]
        self.at += 1
        capital = token[0].isupper() and (begin > 0 or low.removesuffix("'s") in self._names)
        coded = any(c.isdigit() for c in token)
        opposite = denied(low)
        if (capital or coded) and low not in STOPWORDS:
            yield self._name(begin, low.removesuffix("'s"))
        elif low not in STOPWORDS or opposite is not None:
            yield self._term("word", stem(opposite or low), begin, opposite=opposite is not None)

    def _name(self, begin: int, low: str) -> Term:
        """A name, with the number that belongs to it: "Brewster 300", "December 24"."""
        numbered = self.at < len(self._tokens) and self._quantities.is_number(self.at) and low not in _NO_NUMBER
        if numbered:
            value, width = self._quantities.value(self.at)
            if not self._quantities.unit(self.at + width):
                self.at += width
                return self._term("name", f"{stem(low)} {value}", begin)
        return self._term("name", stem(low), begin)
