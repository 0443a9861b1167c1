"""The company's documents, cut into passages to answer from: Markdown, plain text, HTML and PDF.

Each kind says what it is about in its own way: Markdown and text in front matter, HTML in <title> and <meta>, PDF in its properties.

    ---
    title: Returns
    updated: 2026-05-19
    source: returns-policy
    audience: public
    ---

The same fields in a file beside a document, named as it with `.meta.yaml` behind (`manual.pdf.meta.yaml`), count before its own.
`asked:` lists questions of callers by the heading whose text answers them (`examples.py`).
Every field may be missing: the title is then the first heading, or the file's name; the source the file's path in the folder; the
date that of the file; the audience public. What the documents say is the company's own text, so this is one of the places that make
RedactedText.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from voice_agent.core.sentences import split_sentences
from voice_agent.core.words import RedactedText
from voice_agent.errors import InputError
from voice_agent.knowledge import markdown
from voice_agent.knowledge.about import WITHHELD, About, Audience, fields, front_matter, problem
from voice_agent.knowledge.addressed import for_callers, speaks_to_the_assistant
from voice_agent.knowledge.examples import asked_below, astray, questions_for_callers
from voice_agent.knowledge.sections import Section, as_sentence
from voice_agent.ports import IndexedPassage

_TEXT = (".md", ".markdown", ".txt")
_PAGES = (".html", ".htm")
SUFFIXES = (*_TEXT, *_PAGES, ".pdf")
BESIDE = ".meta.yaml"
"""Behind the name of a document: the file that says what it is about."""
LARGEST = 32 << 20
"""Bytes of one document."""
LONGEST_PASSAGE = 120
"""words. About as much as can be quoted, and well inside the embedder's 256 tokens."""
_SHAPE = "passages 3"
"""Part of every digest: change it when the same document gives other passages, and every index is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    path: Path
    source: str
    title: str
    updated: date
    """As the document says, else the day its file was written."""
    audience: Audience
    digest: str
    """Of the file's bytes and the way they are cut."""
    passages: tuple[IndexedPassage, ...]
    """In reading order, at least one."""
    left_out: tuple[str, ...] = ()
    """How each paragraph or question begins that speaks to the assistant, and is in no passage."""
    astray: tuple[str, ...] = ()
    """Headings that questions are listed under, and that it does not have."""

    @property
    def warning(self) -> InputError | None:
        """What its owner should look at, though the rest of it is in force."""
        if self.left_out:
            what = f"left out what speaks to the assistant and not to callers: {'; '.join(map(json.dumps, self.left_out[:3]))}."
            return problem(self.path, 0, f"{what} Take it out, or put it into a document for agents.")
        if self.astray:
            there = dict.fromkeys(passage.heading or self.title for passage in self.passages)
            what = f"`asked` names no heading of this document: {'; '.join(map(json.dumps, self.astray[:3]))}."
            return problem(self.path, 0, f"{what} Its headings are {'; '.join(map(json.dumps, there))}.")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """A file as it lies there."""

    path: Path
    relative: str
    content: bytes
    beside: bytes
    """What stands in the file beside it; empty without one."""
    written: date

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{_SHAPE}\0{self.relative}\0".encode() + self.content + self.beside).hexdigest()


def document_paths(folder: Path) -> list[Path]:
    """Every document under the folder, in a stable order, and links to folders, which are no documents. Hidden ones are left out.

    Raises:
        InputError: the folder is not there.
    """
    if not folder.is_dir():
        kinds = ", ".join(SUFFIXES)
        raise InputError(f"{folder}: no such folder of documents. Name a folder that holds documents ({kinds}).", code="no-folder")
    found = (path for path in folder.rglob("*") if _may_be_document(path))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _may_be_document(path: Path) -> bool:
    return (path.suffix.lower() in SUFFIXES and not path.is_dir()) or (path.is_symlink() and path.is_dir())


def load_document(path: Path, folder: Path) -> Document:
    """Read one document.

    Raises:
        InputError: it cannot be read; names the file, the line where there is one, and the mend.
    """
    return read_document(fetch_document(path, folder))


def fetch_document(path: Path, folder: Path) -> RawDocument:
    """The bytes of a document, nothing understood of them yet.

    Raises:
        InputError: they cannot be had, or are too many.
    """
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(folder.resolve()):
            raise problem(path, 0, "is a link that leads out of the folder. Put the document itself here.", WITHHELD)
        if real.is_dir():
            raise problem(path, 0, "is a link to a folder. Put the documents themselves here.")
        about = real.stat()
        if about.st_size > LARGEST:
            size, most = about.st_size / (1 << 20), LARGEST >> 20
            raise problem(path, 0, f"has {size:.0f} MB; {most} MB is the most. Cut it into smaller documents, or leave pictures out.")
        beside = path.with_name(path.name + BESIDE)
        return RawDocument(
            path=path,
            relative=path.relative_to(folder).as_posix(),
            content=real.read_bytes(),
            beside=beside.read_bytes() if beside.is_file() else b"",
            written=datetime.fromtimestamp(about.st_mtime, UTC).date(),
        )
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise problem(path, 0, f"cannot be read ({getattr(error, 'strerror', None) or error}). Check its permissions.") from None


def read_document(raw: RawDocument) -> Document:
    """Understand a document.

    Raises:
        InputError: it is of no use; names the line where there is one.
    """
    try:
        beside = raw.path.with_name(raw.path.name + BESIDE)
        given = fields(beside, _decoded(beside, raw.beside), 1, "the file") if raw.beside else About()
        own, parts = _understood(raw)
    except RecursionError:
        raise problem(raw.path, 0, "is nested too deeply. Make it plainer.") from None
    about = given.or_else(own)
    asked = about.asked
    left_out: tuple[str, ...] = ()
    if about.audience != "agents":
        parts, left_out = for_callers(parts)
        asked, poisoned = questions_for_callers(asked)
        left_out += poisoned
    if not parts:
        raise problem(raw.path, 0, "holds no text to answer from. Write some, or remove the file.")
    source = about.source or raw.relative
    given_title = about.title or ""
    if about.audience != "agents" and speaks_to_the_assistant(given_title):
        given_title, left_out = "", (given_title, *left_out)
    title = given_title or (parts[0].path[0] if parts[0].path else _name(raw.path))
    cut = [(" > ".join(part.path[1:] if part.path[:1] == (title,) else part.path), text) for part in parts for text in _pieces(part.blocks)]
    found = [(heading, text, asked_below(asked, heading or title)) for heading, text in cut]
    return Document(
        path=raw.path,
        source=source,
        title=title,
        updated=about.updated or raw.written,
        audience=about.audience or "public",
        digest=raw.digest,
        passages=make_passages(source, title, raw.digest, found),
        left_out=left_out,
        astray=astray(asked, [heading or title for heading, _ in cut]),
    )


def plain_text(document: Document) -> str:
    """All that a document says, its title and headings included."""
    told = dict.fromkeys(text for p in document.passages for text in (p.heading, p.text) if text)
    return "\n".join(as_sentence(text) for text in (document.title, *told))


def make_passages(source: str, title: str, digest: str, cut: Iterable[tuple[str, str, Sequence[str]]]) -> tuple[IndexedPassage, ...]:
    """Passages of a document from the heading and the text of each, and what callers ask of it."""
    return tuple(
        IndexedPassage(
            id=f"{source}#{number}", source=source, title=title, heading=heading, text=RedactedText(text), digest=digest, asked=tuple(asked)
        )
        for number, (heading, text, asked) in enumerate(cut)
    )


def _understood(raw: RawDocument) -> tuple[About, list[Section]]:
    kind = raw.path.suffix.lower()
    if kind in _PAGES:
        from voice_agent.knowledge.hypertext import page  # noqa: PLC0415 - takes long to import, and many folders have none

        return page(raw.path, raw.content)
    if kind == ".pdf":
        from voice_agent.knowledge.pdf import pages  # noqa: PLC0415 - as above

        return pages(raw.path, raw.content)
    about, body = front_matter(raw.path, _decoded(raw.path, raw.content))
    return about, markdown.sections(body)


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise problem(path, line, "is not UTF-8 text. Save it as UTF-8.") from None


def _name(path: Path) -> str:
    return " ".join(re.split(r"[\W_]+", path.stem)).strip().capitalize() or path.name


# ---------------------------------------------------------------- structure to passages


def _pieces(blocks: list[str]) -> Iterator[str]:
    """The text of a section, in pieces of about equal length: cut between paragraphs, and inside one only when it is too long."""
    units: list[tuple[str, str]] = []
    for block in blocks:
        lines = split_sentences(block) if _words(block) > LONGEST_PASSAGE else [block]
        units.extend((line, " ") for line in lines[:-1])
        units.append((lines[-1], "\n"))
    total = sum(_words(text) for text, _ in units)
    goal = total / -(-total // LONGEST_PASSAGE)
    piece, behind, end = "", 0, goal
    for text, joint in units:
        if piece and behind + _words(text) / 2 > end:
            yield piece.strip()
            piece, end = "", end + goal
        piece, behind = piece + text + joint, behind + _words(text)
    yield piece.strip()


def _words(text: str) -> int:
    return len(text.split())
