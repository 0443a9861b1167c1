"""Where documents contradict or repeat each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from voice_agent.core.sentences import split_sentences
from voice_agent.knowledge.documents import Document
from voice_agent.knowledge.normal_form import NormalForm, Term, names_in, normal_form
from voice_agent.knowledge.windows import means, number_in
from voice_agent.ports import Vectors

_NEAR = 0.7
"""Cosine of two sentences from which they may speak of the same thing; what they say then decides."""
_DUPLICATE = 0.93
"""Cosine of two passages from which one is taken for a copy of the other."""
_ROWS = 1000
"""Compared at once with all others: 10,000 passages take 40 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Something a document says."""

    source: str
    title: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two places that do not go together, or go together too well."""

    one: Place
    other: Place
    why: str
    likeness: float
    """Cosine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    place: Place
    passage: str
    """The id of the passage it stands in."""


def passages(documents: Sequence[Document]) -> list[Place]:
    return [Place(source=p.source, title=p.title, heading=p.heading, text=p.text) for document in documents for p in document.passages]


def sentences(documents: Sequence[Document]) -> list[Sentence]:
    """Every sentence of the documents; one that stands in several places, in each."""
    return [
        Sentence(place=Place(source=p.source, title=p.title, heading=p.heading, text=text), passage=p.id)
        for document in documents
        for p in document.passages
        for text in split_sentences(p.text)
    ]


def near_duplicates(places: Sequence[Place], vectors: Vectors) -> list[Pair]:
    """Passages that say nearly the same, but for those that are about different things by name. `vectors`: of the texts."""
    subjects = [_products(place.title) for place in places]
    found = []
    for i, j, likeness in _near(vectors, _DUPLICATE):
        if not _apart(subjects[i], subjects[j]):
            same = places[i].text == places[j].text
            found.append(Pair(one=places[i], other=places[j], why="The same words." if same else "Nearly the same.", likeness=likeness))
    return sorted(found, key=lambda pair: -pair.likeness)


def contradictions(found: Sequence[Sentence], vectors: Vectors) -> list[Pair]:
    """Sentences about the same thing with other numbers, or of which one denies what the other says. `vectors`: of the sentences."""
    names = names_in(tuple(sentence.place.text for sentence in found))
    forms: dict[str, NormalForm] = {}

    def form(text: str) -> NormalForm:
        if text not in forms:
            forms[text] = normal_form(text, names)
        return forms[text]

    pairs = []
    for i, j, likeness in _near(vectors, _NEAR):
        one, other = found[i], found[j]
        if one.passage == other.passage or _apart(_products(one.place.title), _products(other.place.title)):
            continue
        around = [form(f"{each.place.title}. {each.place.heading}.") for each in (one, other)]
        why = _difference(form(one.place.text), form(other.place.text), around[0], around[1])
        if why:
            pairs.append(Pair(one=one.place, other=other.place, why=why, likeness=likeness))
    return sorted(pairs, key=lambda pair: -pair.likeness)


def _near(vectors: Vectors, least: float) -> Iterator[tuple[int, int, float]]:
    for start in range(0, len(vectors), _ROWS):
        near = vectors[start : start + _ROWS] @ vectors[start:].T
        for row, column in zip(*np.nonzero(near >= least), strict=True):
            if column > row:
                yield start + int(row), start + int(column), float(near[row, column])


def _difference(one: NormalForm, other: NormalForm, around_one: NormalForm, around_other: NormalForm) -> str:
    """What two sentences disagree in; empty when they agree, or speak of different things."""
    if not _held(one, other, around_other) or not _held(other, one, around_one):
        return ""
    if one.bounds != other.bounds and (one.bounds & _DIRECTIONS or other.bounds & _DIRECTIONS):
        return ""
    mine, theirs = _missing_numbers(one, other), _missing_numbers(other, one)
    if mine and theirs and len({_kind(number) for number in (*mine, *theirs)}) == 1:
        return f"One says {_told(mine[0])}, the other {_told(theirs[0])}."
    if mine or theirs:
        return ""  # one says more than the other, or they tell two cases apart: "a 2-pound bag costs $30, a 12-ounce bag $14"
    for term in one.terms:
        same = [each for each in other.terms if means(term, each)]
        if same and not any(each.doubtful or term.doubtful or each.denied == term.denied for each in same):
            return f'One denies what the other says about "{term.text}".'
    return "One denies what the other says." if one.dangling != other.dangling else ""


_DIRECTIONS = frozenset({"before", "after", "more than", "less than"})
"""Limits that make another case of a sentence: orders over $50, and orders below."""


def _held(one: NormalForm, other: NormalForm, around: NormalForm) -> bool:
    """All words and names of `one` are in `other`, or in the headings `around` it."""
    words = [term for term in one.terms if term.kind != "number"]
    return bool(words) and all(any(means(term, each) for each in (*other.terms, *around.terms)) for term in words)


@cache
def _products(title: str) -> frozenset[str]:
    """The names with a number in a title: what tells one product from the next."""
    terms = normal_form(f"about {title}", frozenset()).terms  # behind a word, a capital makes a name
    return frozenset(term.key for term in terms if term.kind == "name" and any(c.isdigit() for c in term.key))


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    """Two titles name different products."""
    return bool(one and other) and one.isdisjoint(other)


def _missing_numbers(one: NormalForm, other: NormalForm) -> list[Term]:
    return [term for term in one.terms if term.kind == "number" and not number_in(term, other.terms)]


def _kind(number: Term) -> str:
    return "time" if number.unit in {"am", "pm"} else number.unit


def _told(number: Term) -> str:
    text = number.text.replace("$ ", "$").replace(" %", "%")
    return f'"{text}"' if not number.unit or number.unit in text or text.startswith("$") else f'"{text} {number.unit}"'
