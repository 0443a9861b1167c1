"""A text as words with their places, and what a finder says about a stretch of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

KEPT = "KEPT"
"""The type of a stretch that looks personal and is not: an order number, a price, a product code."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]|_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A run of letters, a run of digits, or one punctuation mark."""

    text: str
    low: str
    start: int
    """Offset into the text, in characters; end is exclusive."""
    end: int

    @property
    def is_letters(self) -> bool:
        return self.text[0].isalpha()

    @property
    def is_digits(self) -> bool:
        return self.text[0].isdigit()

    @property
    def is_mark(self) -> bool:
        return not (self.is_letters or self.is_digits)

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stretch of the text that is personal data, or (KEPT) is known not to be."""

    type: str
    start: int
    end: int
    weight: float
    """0 to 1: where stretches overlap, the heavier one names the type."""


def listed(words: str) -> frozenset[str]:
    """Words written with spaces between them, as a set."""
    return frozenset(words.split())


def split_words(text: str) -> tuple[Word, ...]:
    return tuple(Word(text=m.group(), low=m.group().lower().replace("’", "'"), start=m.start(), end=m.end()) for m in _WORD.finditer(text))


def touches(words: Sequence[Word], left: int) -> bool:
    """No space between a word and the next one."""
    return left + 1 < len(words) and words[left].end == words[left + 1].start


def found(kind: str, words: Sequence[Word], first: int, last: int, weight: float) -> Found:
    """From the first to the last word, both included."""
    return Found(type=kind, start=words[first].start, end=words[last].end, weight=weight)


def resolve(candidates: Sequence[Found]) -> list[Found]:
    """Non-overlapping, in order.

    Stretches that overlap become one of the heaviest's type, so that no edge of a personal stretch is left standing; a
    stretch under a heavier KEPT one is dropped.
    """
    chosen: list[Found] = []
    for candidate in sorted(candidates, key=lambda f: (-f.weight, f.start - f.end, f.start)):
        rivals = [c for c in chosen if c.start < candidate.end and candidate.start < c.end]
        if not rivals:
            chosen.append(candidate)
        elif candidate.type != KEPT and all(r.type != KEPT for r in rivals):
            best = rivals[0]
            joined = Found(
                type=best.type,
                start=min(candidate.start, *(r.start for r in rivals)),
                end=max(candidate.end, *(r.end for r in rivals)),
                weight=best.weight,
            )
            chosen = [c for c in chosen if c not in rivals] + [joined]
    return sorted((c for c in chosen if c.type != KEPT), key=lambda f: f.start)
