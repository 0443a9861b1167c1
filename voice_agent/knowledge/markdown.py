"""Markdown to plain sentences under their headings. Nothing of the markup is left: what comes out is spoken and quoted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_PARSER = MarkdownIt("commonmark").enable("table")
_TERMINAL = (".", "!", "?", ":", ";", "…", '."', ".”", ".)")
_LISTED_WORDS = 8
"""Items of at most this many words, under a line that ends in a colon, are read as one sentence."""
_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)


@dataclass(slots=True, kw_only=True)
class Section:
    """The text under one heading, up to the next."""

    path: tuple[str, ...]
    """The headings above it, outermost first."""
    blocks: list[str] = field(default_factory=list)
    """Paragraphs and list items, each ending a sentence."""


def sections(markdown: str) -> list[Section]:
    """The document in reading order; a section without text of its own is left out."""
    found = [Section(path=())]
    for node in SyntaxTreeNode(_PARSER.parse(markdown)).children:
        if node.type == "heading":
            level = int(node.tag[1:])
            above = (*found[-1].path, *[""] * level)[: level - 1]
            found.append(Section(path=(*above, _plain(node.children))))
        else:
            _take(node, found[-1].blocks)
    return [Section(path=tuple(filter(None, s.path)), blocks=s.blocks) for s in found if s.blocks]


def _take(node: SyntaxTreeNode, blocks: list[str]) -> None:
    if node.type == "paragraph":
        blocks.append(_sentence(_plain(node.children)))
    elif node.type in {"bullet_list", "ordered_list"}:
        _take_list(list(_items(node)), blocks)
    elif node.type == "table":
        blocks.extend(_rows(node))
    elif node.type in {"fence", "code_block"}:
        blocks.append(_sentence(" ".join(node.content.split())))
    elif node.type == "html_block":
        blocks.append(_sentence(" ".join(_TAG.sub(" ", node.content).split())))
    else:
        for child in node.children:
            _take(child, blocks)
    blocks[:] = [block for block in blocks if block]


def _take_list(items: list[str], blocks: list[str]) -> None:
    bare = all(len(item.split()) <= _LISTED_WORDS and not item.endswith(_TERMINAL) for item in items)
    if items and bare and blocks and blocks[-1].endswith(":"):
        listed = ", ".join(items[:-1]) + (" and " if len(items) > 1 else "") + items[-1]
        blocks[-1] += f" {listed}."
        return
    blocks.extend(_sentence(item) for item in items)


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    for item in node.children:
        inner: list[str] = []
        for child in item.children:
            if child.type == "paragraph":
                inner.append(_plain(child.children))
            elif child.type in {"bullet_list", "ordered_list"}:
                inner.extend(_items(child))
            else:
                _take(child, inner)
        yield from filter(None, inner)


def _rows(node: SyntaxTreeNode) -> Iterator[str]:
    """Each row as "Plan: Basic, Price: $5." since a cell means nothing without its column."""
    table = [[_plain(cell.children) for cell in row.children] for part in node.children for row in part.children]
    names, rows = table[0], table[1:]
    for row in rows:
        yield _sentence(", ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=True) if cell))


def _plain(nodes: Sequence[SyntaxTreeNode]) -> str:
    return " ".join("".join(_pieces(nodes)).split())


def _pieces(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    for node in nodes:
        if node.type in {"text", "code_inline"}:
            yield node.content
        elif node.type in {"softbreak", "hardbreak"}:
            yield " "
        elif node.type == "image":
            yield node.content  # the text that stands in for the picture
        else:
            yield from _pieces(node.children)


def _sentence(text: str) -> str:
    return text if not text or text.endswith(_TERMINAL) else f"{text}."
