"""Markdown to plain sentences under their headings. Nothing of the markup is left: what comes out is spoken and quoted."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from voice_agent.knowledge.sections import Section, Sections, add_list, as_sentence, row_sentence

_PARSER = MarkdownIt("commonmark").enable("table")
_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)


def sections(markdown: str) -> list[Section]:
    """The document in reading order; a section without text of its own is left out."""
    found = Sections()
    for node in SyntaxTreeNode(_PARSER.parse(markdown)).children:
        if node.type == "heading":
            found.begin(int(node.tag[1:]), _plain(node.children))
        else:
            _take(node, found.blocks)
    return found.all()


def _take(node: SyntaxTreeNode, blocks: list[str]) -> None:
    if node.type == "paragraph":
        blocks.append(as_sentence(_plain(node.children)))
    elif node.type in {"bullet_list", "ordered_list"}:
        add_list(list(_items(node)), blocks)
    elif node.type == "table":
        blocks.extend(_rows(node))
    elif node.type in {"fence", "code_block"}:
        blocks.append(as_sentence(node.content))
    elif node.type == "html_block":
        blocks.append(as_sentence(_TAG.sub(" ", node.content)))
    else:
        for child in node.children:
            _take(child, blocks)
    blocks[:] = [block for block in blocks if block]


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
    table = [[_plain(cell.children) for cell in row.children] for part in node.children for row in part.children]
    return (row_sentence(table[0], row) for row in table[1:])


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
