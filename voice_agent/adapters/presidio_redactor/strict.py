"""Taken out besides, of the kinds that the configuration calls strict: all that could be of the kind, whatever is said around it."""

from collections.abc import Callable, Collection, Iterator, Sequence

from voice_agent.adapters.presidio_redactor.births import any_date
from voice_agent.adapters.presidio_redactor.given_names import GIVEN_NAMES
from voice_agent.adapters.presidio_redactor.likely_names import Sense, looks_like_name
from voice_agent.adapters.presidio_redactor.mail import find_mail
from voice_agent.adapters.presidio_redactor.numbers import is_amount
from voice_agent.adapters.presidio_redactor.places import STREETS
from voice_agent.adapters.presidio_redactor.runs import Run
from voice_agent.adapters.presidio_redactor.words import Found, Word, found

_LEAST = {"PHONE": 6, "CARD": 6, "ACCOUNT": 5, "NATIONAL_ID": 6, "IBAN": 10, "POSTCODE": 5}
"""Digits and letters of a number that could be one."""
_MOST = {"PHONE": 16, "CARD": 24, "ACCOUNT": 24, "NATIONAL_ID": 15, "IBAN": 40, "POSTCODE": 9}
_LIKE_A_NAME = 0.25
_WEIGHT = 0.98
"""Above all that says a stretch is not personal."""

Finder = Callable[[Sequence[Word], Sequence[Run], Collection[str], Sense], Iterator[Found]]


def find_strictly(words: Sequence[Word], runs: Sequence[Run], kinds: Collection[str], kept: Collection[str], sense: Sense) -> list[Found]:
    """`kinds`: the strict ones. The company's own words and numbers stay (`kept`)."""
    strict = [kind for kind in _LEAST if kind in kinds]
    results = [each for kind in strict for run in runs if (each := _number(words, run, kind, kept))]
    for kind, finder in _FINDERS.items():
        if kind in kinds:
            results += finder(words, runs, kept, sense)
    return results


def _number(words: Sequence[Word], run: Run, kind: str, kept: Collection[str]) -> Found | None:
    fits = _LEAST[kind] <= len(run.code) <= _MOST[kind] and run.digits >= min(_LEAST[kind], len(run.code) // 2)
    if not fits or is_amount(words, run) or run.code.removeprefix("1") in kept:
        return None
    return found(kind, words, run.first, run.last, _WEIGHT)


def _names(words: Sequence[Word], _runs: Sequence[Run], kept: Collection[str], sense: Sense) -> Iterator[Found]:
    """Also a given name that is an everyday word, and a capital inside a sentence that looks a little like a name."""
    for i, word in enumerate(words):
        given = word.low in GIVEN_NAMES and word.low not in kept and word.is_capital
        inside = i > 0 and word.is_capital and not words[i - 1].is_mark
        if given or (inside and looks_like_name(word, kept, sense, _LIKE_A_NAME)):
            yield found("NAME", words, i, i, _WEIGHT)


def _streets(words: Sequence[Word], _runs: Sequence[Run], kept: Collection[str], _sense: Sense) -> Iterator[Found]:
    """A street without a number, when both its words have a capital."""
    for i in range(1, len(words)):
        named = words[i - 1].is_letters and words[i - 1].is_capital and words[i - 1].low not in kept
        if named and words[i].low in STREETS and words[i].is_capital:
            yield found("ADDRESS", words, i - 1, i, _WEIGHT)


def _dates(words: Sequence[Word], _runs: Sequence[Run], _kept: Collection[str], _sense: Sense) -> Iterator[Found]:
    for i in range(len(words)):
        span = any_date(words, i)
        if span is not None:
            yield found("DATE_OF_BIRTH", words, span[0], span[1], _WEIGHT)


def _mail(words: Sequence[Word], _runs: Sequence[Run], _kept: Collection[str], _sense: Sense) -> Iterator[Found]:
    """The company's own addresses, too."""
    yield from find_mail(words, ())


_FINDERS: dict[str, Finder] = {"NAME": _names, "ADDRESS": _streets, "DATE_OF_BIRTH": _dates, "EMAIL": _mail}
