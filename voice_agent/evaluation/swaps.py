"""True sentences made false: one number, unit, name, denial, opposite or thing in them swapped. To measure an AnswerChecker with.

A swap takes its new value from the same passage where it can: the mistake that is likeliest, and hardest to catch. The same seed
makes the same swaps.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from voice_agent.evaluation.questions import Half

_ONES = tuple("two three four five six seven eight nine".split())  # noqa: SIM905  a word list is read as words
_TEENS = tuple("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())  # noqa: SIM905
_TENS = tuple("twenty thirty forty fifty sixty seventy eighty ninety".split())  # noqa: SIM905
_NUMBER = re.compile(rf"(?<![\w.,])(?:\d+(?:[.,:]\d+)*|(?:{'|'.join(_ONES + _TEENS + _TENS)})(?=[ -]))")
_GROUPS = tuple(
    tuple(names.split(", "))
    for names in (
        "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
        "January, February, March, April, June, July, August, September, October, November, December",
        "Visa, Mastercard, American Express, Discover, PayPal, Apple Pay, Google Pay, Klarna",
        "Thanksgiving, Christmas, Easter, Labor Day, New Year",
    )
)
_UNITS = tuple(
    tuple(units.split())
    for units in (
        "hours days weeks months years minutes seconds",
        "hour day week month year minute",
        "inches feet miles",
        "ounces pounds gallons liters cups",
        "watts volts amps",
        "am pm",
    )
)
_OPPOSITES = (
    ("before", "after"),
    ("within", "after"),
    (r"free(?! of)", "paid"),
    (r"(?:turn|switch)ed on", "turned off"),
    ("up to", "at least"),
    ("the left", "the right"),
    ("a new", "a used"),
    ("at least", "at most"),
    ("more than", "less than"),
    ("open", "closed"),
    ("included", "excluded"),
    ("includes", "excludes"),
    ("include", "exclude"),
    ("minimum", "maximum"),
    ("above", "below"),
    ("first", "last"),
    ("earlier", "later"),
    ("larger", "smaller"),
    ("inside", "outside"),
    ("always", "never"),
    ("cold", "hot"),
    ("top", "bottom"),
    ("full", "empty"),
    ("accepts", "refuses"),
    ("required", "optional"),
    ("heavier", "lighter"),
    ("increases", "decreases"),
    ("higher", "lower"),
)
_DENIALS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"\bcannot\b", "can"),
        (r"\b(can|could|must|is|are|was|were|does|do|did|will|has|have)(?:n't| not)\b", r"\1"),
        (r"\bnever\b", "always"),
        (r"\bno longer\b", "still"),
        (r"\bwithout\b", "with"),
        (r"\bunless\b", "if"),
        (r"\b(is|are|can|will|must|does) (?!not\b)", r"\1 not "),
    )
)
_HAS_DENIAL = re.compile(r"\b(?:no|not|never|nobody|nothing|neither|without|cannot|unless|only)\b|n't\b")
_THING = re.compile(
    r"\b(?:[Tt]he|[Aa]n?|[Yy]our|[Oo]ur|this|every|each) ([a-z]{3,})"
    r"(?= (?:is|are|was|can|cannot|must|has|will|of|in|at|on|for|by|to|with|from|and|or|within|before|after|when|if|that)\b|[.,;])"
)
"""A noun, found by the words around it."""
_PRODUCT = re.compile(r"\b[A-Z][a-z]+ \d{1,3}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    kind: str
    """number, unit, name, denial, opposite or thing."""
    passage: str
    sentence: str
    """False now."""


def half_of(passage: str) -> Half:
    """Of what is made by a program: even, and the same at every run."""
    return "tune" if crc32(passage.encode()) % 2 else "held_out"


_Maker = Callable[[str, str, random.Random], Iterator[str]]


def swaps(pairs: Sequence[tuple[str, str]], seed: int) -> list[Swap]:
    """Of (passage, true sentence) pairs, at most one swap of each kind a sentence."""
    dice, of_things = random.Random(seed), random.Random(seed)  # noqa: S311  chance, not secrecy
    names = (*_GROUPS, *_proper_groups([passage for passage, _ in pairs]))
    makers: Sequence[_Maker] = (_numbers, _units, lambda p, s, d: _names(p, s, d, names), _denials, _opposites, _things)
    found = []
    for passage, sentence in pairs:
        for kind, maker in zip(("number", "unit", "name", "denial", "opposite", "thing"), makers, strict=True):
            drawn = of_things if maker is _things else dice
            made = [each for each in maker(passage, sentence, drawn) if each != sentence]
            if made:
                found.append(Swap(kind=kind, passage=passage, sentence=drawn.choice(made)))
    return found


def _proper_groups(passages: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Product names with a number, and cities: what follows "in" or "the" and precedes "store"."""
    products = sorted({match for passage in passages for match in _PRODUCT.findall(passage)} - set(_month_days(passages)))
    cities = sorted(
        {match for passage in passages for match in re.findall(r"\b([A-Z][a-z]+) store\b", passage)} - {"The", "Every", "Kettlewick"}
    )
    return tuple(products), tuple(cities)


def _month_days(passages: Sequence[str]) -> Iterator[str]:
    months = {*_GROUPS[1], "May"}
    return (match for passage in passages for match in _PRODUCT.findall(passage) if match.split()[0] in months)


def _replaced(sentence: str, match: re.Match[str], instead: str) -> str:
    return sentence[: match.start()] + instead + sentence[match.end() :]


def _numbers(passage: str, sentence: str, dice: random.Random) -> Iterator[str]:
    there = [match for match in _NUMBER.findall(passage) if match[0].isdigit()]
    for match in _NUMBER.finditer(sentence):
        own = match.group()
        if own[0].isdigit():
            near = sorted({each for each in there if each not in sentence and (":" in each) == (":" in own)})
            yield _replaced(sentence, match, dice.choice(near) if near else _another(own, dice))
        else:
            yield _replaced(sentence, match, dice.choice([word for word in _alike(own) if word not in sentence]))


def _alike(word: str) -> tuple[str, ...]:
    """Tens for tens, small numbers for small ones, so that "twenty-four" stays a number."""
    return _TENS if word in _TENS else _ONES if word in _ONES else _TEENS


def _another(number: str, dice: random.Random) -> str:
    """The first digits one more, or a few."""
    head = re.match(r"\d+", number)
    assert head is not None  # noqa: S101  the expression that found it begins with a digit
    return f"{int(head.group()) + dice.choice((1, 2, 5, 10))}{number[head.end() :]}"


def _units(passage: str, sentence: str, dice: random.Random) -> Iterator[str]:
    del passage
    for group in _UNITS:
        for match in re.finditer(rf"(?<=\d )(?:(?:working|business) )?({'|'.join(group)})\b", sentence):
            yield _replaced(sentence, match, dice.choice([unit for unit in group if unit != match.group(1)]))


def _names(passage: str, sentence: str, dice: random.Random, groups: Sequence[Sequence[str]]) -> Iterator[str]:
    """Another of its kind, that the sentence does not name as well; of the passage, where it names one."""
    for group in groups:
        others = [name for name in group if name not in sentence]
        near = [name for name in others if name in passage]
        for name in group:
            for match in re.finditer(rf"\b{name}\b", sentence):
                if near or others:
                    yield _replaced(sentence, match, dice.choice(near or others))


def _denials(passage: str, sentence: str, dice: random.Random) -> Iterator[str]:
    del passage, dice
    denies = _HAS_DENIAL.search(sentence) is not None
    for pattern, instead in _DENIALS[:-1] if denies else _DENIALS[-1:]:
        match = pattern.search(sentence)
        if match:
            yield _replaced(sentence, match, match.expand(instead))
            return


def _opposites(passage: str, sentence: str, dice: random.Random) -> Iterator[str]:
    del passage, dice
    for one, other in _OPPOSITES:
        for this, that in ((one, other), (other, one)):
            if that.isascii() and that.replace(" ", "").isalpha():  # an expression can be looked for only
                for match in re.finditer(rf"\b{this}\b", sentence):
                    yield _replaced(sentence, match, that)


def _things(passage: str, sentence: str, dice: random.Random) -> Iterator[str]:
    """Another thing of the passage that the sentence does not speak of."""
    others = sorted({thing for thing in _THING.findall(passage) if thing[:5] not in sentence})
    for match in _THING.finditer(sentence):
        if others and match.group(1) in passage:
            yield sentence[: match.start(1)] + dice.choice(others) + sentence[match.end(1) :]
