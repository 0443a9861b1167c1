"""What a passage says, in stretches of one to three neighbouring sentences, and when two terms mean the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from voice_agent.core.sentences import split_sentences
from voice_agent.knowledge.normal_form import CALENDAR, NormalForm, Term, normal_form
from voice_agent.knowledge.quantities import clock
from voice_agent.knowledge.vocabulary import said_alike, stem

CALENDAR_KEYS = frozenset(stem(name) for name in CALENDAR)
_LONGEST_WINDOW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One to three neighbouring sentences of a passage, all that is said there."""

    passage: int
    sentences: tuple[NormalForm, ...]
    terms: tuple[Term, ...]
    keys: frozenset[str]
    """Of words and names, with everything that means the same."""
    pairs: frozenset[tuple[str, str]]
    around: frozenset[str]
    """Names anywhere in the passage, but for days and months."""
    elsewhere: frozenset[str]
    """Words anywhere in the passage."""


@lru_cache(maxsize=512)
def windows(passage: int, text: str, names: frozenset[str]) -> tuple[Window, ...]:
    forms = [normal_form(sentence, names) for sentence in split_sentences(text)]
    around = frozenset(t.key for form in forms for t in form.terms if t.kind == "name") - CALENDAR_KEYS
    elsewhere = frozenset(t.key for form in forms for t in form.terms if t.kind == "word")
    return tuple(
        _window(passage, tuple(forms[i : i + size]), around, elsewhere)
        for size in range(1, _LONGEST_WINDOW + 1)
        for i in range(len(forms) - size + 1)
    )


def _window(passage: int, forms: tuple[NormalForm, ...], around: frozenset[str], elsewhere: frozenset[str]) -> Window:
    # A later sentence's clauses count on, so that facts of two sentences are never one clause.
    terms: list[Term] = []
    for form in forms:
        base = terms[-1].clause + 1 if terms else 0
        terms += [_moved(term, base) for term in form.terms]
    keys = frozenset(key for term in terms for key in keys_of(term))
    return Window(passage=passage, sentences=forms, terms=tuple(terms), keys=keys, pairs=_pairs(terms), around=around, elsewhere=elsewhere)


def _moved(term: Term, base: int) -> Term:
    return replace(term, clause=term.clause + base)


def keys_of(term: Term) -> frozenset[str]:
    return said_alike(term.key) if term.kind == "word" else frozenset({term.key, *term.key.split(" ")[:1]})


def _pairs(terms: Sequence[Term]) -> frozenset[tuple[str, str]]:
    return frozenset((a.key, b.key) for i, a in enumerate(terms) for b in terms[i + 1 : i + 3])


def held(term: Term, window: Window) -> bool:
    if term.kind == "number":
        return number_in(term, window.terms)
    return term.key in window.keys or (term.kind == "name" and term.key in window.around)


def number_in(term: Term, terms: Sequence[Term]) -> bool:
    """With its unit, where the number has one there: "1 month" is not in "1 minute, from 1 to 4"."""
    same = [t for t in terms if t.kind != "word" and _same_amount(term, t)]
    if term.text.lower() == "one" and not term.unit:
        return True  # as much a word as a number; what it counts is looked at apart
    if any(t.unit == term.unit or t.key != term.key for t in same):
        return True
    if not term.unit:
        return any(t.unit in _SAID_WITHOUT for t in same)
    return bool(same) and not any(t.kind == "number" and t.key == term.key and t.unit not in {"", term.unit} for t in terms)


_SAID_WITHOUT = frozenset({"am", "pm", "usd", "percent", "item", "degree", "point", "time", "square"})
"""Units that callers hear left out: "from ten to seven"."""
_IN_SMALLER = {("year", "month"): 12, ("week", "day"): 7, ("day", "hour"): 24, ("hour", "minute"): 60, ("minute", "second"): 60}


def _same_amount(a: Term, b: Term) -> bool:
    if a.key == b.key:
        return a.unit == b.unit or not a.unit or not b.unit
    if _as_said(a, b) or _as_said(b, a):
        return True
    for (large, small), factor in _IN_SMALLER.items():
        for one, other in ((a, b), (b, a)):
            if one.unit == large and other.unit == small and _number(one.key) * factor == _number(other.key):
                return True
    return False


def _as_said(bare: Term, full: Term) -> bool:
    """A price or a time of day without its unit: "four ninety-five", "nine thirty"."""
    if bare.unit or not bare.key.isdigit():
        return False
    if full.unit == "usd":
        return len(bare.key) > 2 and round(_number(full.key) * 100) == int(bare.key)
    return full.unit in {"am", "pm"} and len(bare.key) <= 4 and clock(bare.key) == full.key


def _number(key: str) -> float:
    """Not a number for what is none: it equals nothing."""
    try:
        return float(key)
    except ValueError:
        return float("nan")


def same_fact(a: Term, b: Term) -> bool:
    if a.kind == "name":
        return b.key == a.key or b.key.split(" ")[0] == a.key
    return b.kind != "word" and _same_amount(a, b)


def means(a: Term, b: Term) -> bool:
    return same_fact(a, b) if a.kind != "word" else b.kind == "word" and b.key in said_alike(a.key)


def overlap(sentence: NormalForm, form: NormalForm) -> float:
    keys = {key for term in form.terms for key in keys_of(term)}
    return sum(t.key in keys or (t.kind == "number" and number_in(t, form.terms)) for t in sentence.terms) / len(sentence.terms)


def nearest_form(sentence: NormalForm, window: Window) -> NormalForm:
    """The sentence of the window that shares most with this one."""
    return max(window.sentences, key=lambda form: overlap(sentence, form))
