"""The company's documents: Markdown and plain text with front matter, cut into passages to answer from.

    ---
    title: Returns
    updated: 2026-05-19
    source: returns-policy
    ---

Every field may be missing: the title is then the first heading, or the file's name; the source is the file's path in the folder.
What the documents say is the company's own public text, so this is one of the places that make RedactedText.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from voice_agent.core.sentences import split_sentences
from voice_agent.core.words import RedactedText
from voice_agent.errors import InputError
from voice_agent.knowledge.markdown import Section, sections
from voice_agent.ports import IndexedPassage

SUFFIXES = (".md", ".markdown", ".txt")
LONGEST_PASSAGE = 120
"""words. About as much as can be quoted, and well inside the embedder's 256 tokens."""
_SHAPE = "passages 1"
"""Part of every digest: change it when the same document gives other passages, and every index is made anew."""
_MARGIN = re.compile(r"---[ \t]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    path: Path
    source: str
    title: str
    digest: str
    """Of the file's bytes and the way they are cut."""
    passages: tuple[IndexedPassage, ...]
    """In reading order, at least one."""


def document_paths(folder: Path) -> list[Path]:
    """Every document under the folder, in a stable order. Hidden files and folders are left out.

    Raises:
        InputError: the folder is not there.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of documents. Name a folder that holds .md or .txt files.", code="no-folder")
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def load_document(path: Path, folder: Path) -> Document:
    """Read one document.

    Raises:
        InputError: it cannot be read; names the file, the line where there is one, and the mend.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _problem(path, 0, f"cannot be read ({error.strerror}). Check its permissions.") from None
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _problem(path, line, "is not UTF-8 text. Save it as UTF-8.") from None
    relative = path.relative_to(folder).as_posix()
    fields, body = _front_matter(path, text)
    parts = sections(body)
    if not parts:
        raise _problem(path, 0, "holds no text to answer from. Write some below the front matter, or remove the file.")
    source = fields.get("source", relative)
    title = fields.get("title") or (parts[0].path[0] if parts[0].path else _name(path))
    digest = hashlib.sha256(f"{_SHAPE}\0{relative}\0".encode() + content).hexdigest()
    passages = tuple(_passages(parts, source=source, title=title, digest=digest))
    return Document(path=path, source=source, title=title, digest=digest, passages=passages)


# ---------------------------------------------------------------- front matter


def _front_matter(path: Path, text: str) -> tuple[dict[str, str], str]:
    opening = _MARGIN.match(text)
    if opening is None:
        return {}, text
    closing = re.compile(r"^(---|\.\.\.)[ \t]*$", re.MULTILINE).search(text, opening.end())
    if closing is None:
        raise _problem(path, 1, "the front matter is never closed. Put a line of three hyphens (---) below it.")
    fields = _fields(path, text[opening.end() : closing.start()])
    return fields, text[closing.end() :]


def _fields(path: Path, text: str) -> dict[str, str]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        what = f"the front matter is not valid YAML ({error.problem}). Put quotes around a value with a colon in it."
        raise _problem(path, line, what) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _problem(path, 2, "the front matter is not valid YAML. Write one `name: value` a line.") from None
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise _problem(path, 2, "the front matter is not a list of fields. Write one `name: value` a line.")
    lines = {key.value: key.start_mark.line + 2 for key, _ in node.value}
    for name in ("title", "source"):
        value = values.get(name, "-")
        if not isinstance(value, str) or not value.strip():
            raise _problem(path, lines[name], f"`{name}` must be a text. Put it in quotes, or leave the line out.")
    if not isinstance(values.get("updated", date.min), date):
        raise _problem(path, lines["updated"], "`updated` must be a date. Write it as year-month-day, like 2026-05-19.")
    return {name: " ".join(values[name].split()) for name in ("title", "source") if name in values}


def _problem(path: Path, line: int, what: str) -> InputError:
    where = f"{path}:{line}" if line else str(path)
    return InputError(f"{where}: {what}", code="bad-document")


def _name(path: Path) -> str:
    return " ".join(re.split(r"[\W_]+", path.stem)).strip().capitalize() or path.name


# ---------------------------------------------------------------- structure to passages


def _passages(parts: list[Section], *, source: str, title: str, digest: str) -> Iterator[IndexedPassage]:
    number = 0
    for part in parts:
        heading = " > ".join(part.path[1:] if part.path[:1] == (title,) else part.path)
        for text in _pieces(part.blocks):
            yield IndexedPassage(
                id=f"{source}#{number}", source=source, title=title, heading=heading, text=RedactedText(text), digest=digest
            )
            number += 1


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
