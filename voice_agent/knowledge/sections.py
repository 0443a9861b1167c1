"""What every kind of document is read into: plain sentences under their headings. Lists and tables become sentences too."""

from collections.abc import Sequence
from dataclasses import dataclass, field

_TERMINAL = (".", "!", "?", ":", ";", "…", '."', ".”", ".)")
_LISTED_WORDS = 8
"""Items of at most this many words, under a line that ends in a colon, are read as one sentence."""


@dataclass(slots=True, kw_only=True)
class Section:
    """The text under one heading, up to the next."""

    path: tuple[str, ...]
    """The headings above it, outermost first."""
    blocks: list[str] = field(default_factory=list)
    """Paragraphs and list items, each ending a sentence."""


class Sections:
    """The sections of a document, as they come."""

    def __init__(self) -> None:
        self._found = [Section(path=())]

    @property
    def blocks(self) -> list[str]:
        """Of the section that is being read."""
        return self._found[-1].blocks

    def begin(self, level: int, heading: str) -> None:
        """A heading; `level` counts from 1. Levels that were left out are no part of its path."""
        above = (*self._found[-1].path, *[""] * level)[: level - 1]
        self._found.append(Section(path=(*above, heading)))

    def all(self) -> list[Section]:
        """In reading order; a section without text of its own is left out."""
        full = [Section(path=tuple(filter(None, s.path)), blocks=list(filter(None, s.blocks))) for s in self._found]
        return [section for section in full if section.blocks]


def as_sentence(text: str) -> str:
    """The text on one line, with an end."""
    plain = " ".join(text.split())
    return plain if not plain or plain.endswith(_TERMINAL) else f"{plain}."


def add_list(items: Sequence[str], blocks: list[str]) -> None:
    """A list: short items behind a colon join that line, others are sentences of their own."""
    bare = all(len(item.split()) <= _LISTED_WORDS and not item.endswith(_TERMINAL) for item in items)
    if items and bare and blocks and blocks[-1].endswith(":"):
        listed = ", ".join(items[:-1]) + (" and " if len(items) > 1 else "") + items[-1]
        blocks[-1] += f" {listed}."
        return
    blocks.extend(as_sentence(item) for item in items)


def row_sentence(names: Sequence[str], cells: Sequence[str]) -> str:
    """A row of a table as "Plan: Basic, Price: $5." since a cell means nothing without its column."""
    named = zip([*names, *[""] * len(cells)], cells, strict=False)
    return as_sentence(", ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell))
