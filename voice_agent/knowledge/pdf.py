"""PDF to plain sentences under their headings.

A PDF knows only where letters stand, so its structure is guessed from sizes and gaps: what is larger than the body, or bold and alone,
is a heading; a wide gap, a bullet or a short last line ends a paragraph; lines that come back on most pages are left out.
"""

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError

from voice_agent.knowledge.about import About, problem
from voice_agent.knowledge.sections import Section, Sections, as_sentence

_LARGER = 1.12
"""Times the body's size, from which a line is a heading."""
_GAP = 1.6
"""Times the size of the letters, from which a step down to the next line parts paragraphs."""
_HEADING_WORDS = 14
_LEVELS = 3
_SHORT_LINE = 0.75
"""Share of the longest line: a line that is shorter and ends a sentence ends the paragraph."""
_BULLET = re.compile(r"^\s*(?:[•●▪‣◦·–*-]|\(?\d{1,2}[.)])\s+(?=\S)")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?", re.IGNORECASE)
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_NO_TITLE = re.compile(r"untitled\b|microsoft (?:word|powerpoint)\b|document\d*$|.*\.(?:docx?|pdf|indd|odt|pptx?|html?)$", re.IGNORECASE)
"""What programs write when nobody gave a title."""

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every flaw that it mended


@dataclass(slots=True, kw_only=True)
class _Line:
    page: int
    text: str
    size: float
    """Of the letters, in points."""
    bold: bool
    height: float
    """Above the bottom of the page, in points."""


def pages(path: Path, content: bytes) -> tuple[About, list[Section]]:
    """What a PDF says of itself, and its text in reading order.

    Raises:
        InputError: it is encrypted, damaged, or holds pictures of text only.
    """
    try:
        reader = PdfReader(BytesIO(content))
        open_to_all = not reader.is_encrypted or bool(reader.decrypt(""))
        about = _about(reader) if open_to_all else About()
        lines = [line for number, page in enumerate(reader.pages) for line in _lines(number, page)] if open_to_all else []
        count = len(reader.pages) if open_to_all else 0
    except DependencyError:  # a kind of encryption that nothing here can undo
        open_to_all, about, lines, count = False, About(), [], 0
    except Exception as error:  # noqa: BLE001 - a damaged file makes the library raise nearly anything
        raise problem(path, 0, f"is damaged, or no PDF ({type(error).__name__}). Save it anew from the program that made it.") from None
    if not open_to_all:
        raise problem(path, 0, "is encrypted. Save a copy without a password.")
    if not lines:
        raise problem(path, 0, "holds no text: its pages are probably scanned pictures. Save a copy with recognised text (OCR).")
    return about, _sections(_without_margins(lines, count))


def _about(reader: PdfReader) -> About:
    written = reader.metadata
    if not written:
        return About()
    title = " ".join(str(written.title or "").split())
    return About(
        title="" if _NO_TITLE.match(title) else title, updated=_day(written, "modification_date") or _day(written, "creation_date")
    )


def _day(written: Any, name: str) -> date | None:
    try:
        moment = getattr(written, name)
    except ValueError:  # a date in no known form
        return None
    return moment.date() if moment else None


# ---------------------------------------------------------------- lines


def _lines(number: int, page: Any) -> list[_Line]:
    """The lines of a page, with the size of most of their letters."""
    pieces: list[tuple[str, float, bool, float]] = []

    def take(text: str, cm: list[float], tm: list[float], font: dict[str, Any] | None, size: float) -> None:
        scale = abs(tm[3] or tm[0]) * abs(cm[3] or cm[0]) or 1.0
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        pieces.append((text, round(abs(size) * scale, 1), bold, tm[5] * cm[3] + cm[5]))

    page.extract_text(visitor_text=take)
    lines: list[_Line] = []
    parts: list[tuple[str, float, bool, float]] = []
    for text, size, bold, height in pieces:
        head, *rest = text.split("\n")
        parts.append((head, size, bold, height))
        for each in rest:
            lines += _line(number, parts)
            parts = [(each, size, bold, height)]
    return lines + _line(number, parts)


def _line(number: int, parts: Sequence[tuple[str, float, bool, float]]) -> list[_Line]:
    joined = "".join(part[0] for part in parts)
    text = " ".join(_LIGATURE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), joined).split())
    if not text:
        return []
    letters = Counter[tuple[float, bool]]()
    for part, size, bold, _ in parts:
        letters[size, bold] += len(part.strip())
    (size, bold), _ = letters.most_common(1)[0]
    height = next(height for part, _, _, height in parts if part.strip())
    return [_Line(page=number, text=text, size=size, bold=bold, height=height)]


def _without_margins(lines: list[_Line], count: int) -> list[_Line]:
    """Without what stands at the top or bottom of most pages, whatever its numbers, and without page numbers."""
    by_page: dict[int, list[_Line]] = {}
    for line in lines:
        by_page.setdefault(line.page, []).append(line)
    edges = [line for page in by_page.values() for line in {id(each): each for each in (*page[:2], *page[-2:])}.values()]
    seen = Counter(_unnumbered(line) for line in edges)
    common = {text for text, times in seen.items() if times >= max(3, count / 2)}
    dropped = {id(line) for line in edges if _unnumbered(line) in common or _PAGE_NUMBER.fullmatch(line.text)}
    return [line for line in lines if id(line) not in dropped]


def _unnumbered(line: _Line) -> str:
    return re.sub(r"\d+", "0", line.text)


# ---------------------------------------------------------------- structure


def _sections(lines: Sequence[_Line]) -> list[Section]:
    body = _body_size(lines)
    sizes = sorted({line.size for line in lines if _is_heading(line, body) and line.size > body}, reverse=True)
    levels = {size: min(level, _LEVELS) for level, size in enumerate(sizes, start=1)}
    longest = max((len(line.text) for line in lines), default=0)
    words = set(re.findall(r"\w+(?:-\w+)+", " ".join(line.text for line in lines)))
    found, paragraph, behind = Sections(), list[str](), None
    heading = list[str]()
    for line in lines:
        is_heading = _is_heading(line, body)
        parted = behind is None or behind.page != line.page or not 0 <= behind.height - line.height <= _GAP * max(line.size, behind.size)
        if paragraph and (is_heading or _BULLET.match(line.text) or _ends(paragraph[-1], behind, line, parted=parted, longest=longest)):
            found.blocks.append(_joined(paragraph, words))
            paragraph = []
        if heading and (not is_heading or parted or (behind and behind.size != line.size)):
            found.begin(levels.get(behind.size if behind else body, min(len(sizes) + 1, _LEVELS)), " ".join(heading))
            heading = []
        (heading if is_heading else paragraph).append(line.text)
        behind = line
    if paragraph:
        found.blocks.append(_joined(paragraph, words))
    return found.all()


def _body_size(lines: Sequence[_Line]) -> float:
    """The size of most letters."""
    letters = Counter[float]()
    for line in lines:
        letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _is_heading(line: _Line, body: float) -> bool:
    short = len(line.text.split()) <= _HEADING_WORDS and not line.text.endswith((".", ",", ";", ":"))
    return short and any(c.isalpha() for c in line.text) and (line.size >= body * _LARGER or (line.bold and line.size >= body))


def _ends(last: str, behind: _Line | None, line: _Line, *, parted: bool, longest: int) -> bool:
    """Whether the paragraph is over before `line`. One that goes on overleaf has no end, and goes on with a small letter."""
    if behind and behind.page != line.page:
        return last.endswith((".", "!", "?", ":")) or not line.text[0].islower()
    return parted or (last.endswith((".", "!", "?", ":")) and len(last) < _SHORT_LINE * longest)


def _joined(lines: Sequence[str], hyphenated: set[str]) -> str:
    """The lines of a paragraph; a word that was parted at the end of a line is whole again."""
    text = _BULLET.sub("", lines[0])
    for line in lines[1:]:
        head = re.search(r"(\w+)-$", text)
        tail = re.match(r"[a-z]\w*", line)
        if not head or not tail:
            text = f"{text} {line}"
        elif f"{head[1]}-{tail[0]}" in hyphenated or head[1].isdigit():
            text += line
        else:
            text = text[:-1] + line
    return as_sentence(text)
