"""HTML to plain sentences under their headings: what a reader sees of a page, without its menus and scripts."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector
from bs4.element import Comment, Declaration, Doctype, NavigableString, ProcessingInstruction, Tag

from voice_agent.knowledge.about import About, checked, problem
from voice_agent.knowledge.sections import Section, Sections, add_list, as_sentence, row_sentence

_UNSEEN = (
    *("script", "style", "template", "noscript", "svg", "math", "iframe", "object", "head", "title"),
    *("nav", "aside", "footer", "form", "button", "select", "textarea", "dialog"),
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    [
        *("html", "body", "main", "article", "section", "header", "hgroup", "div", "center", "p", "pre", "hr", "address"),
        *("blockquote", "figure", "figcaption", "caption", "details", "summary", "fieldset"),
    ]
)
_LISTS = ("ul", "ol", "menu")
_CLOSED_BY = {
    "li": ({"li"}, {"ul", "ol", "menu"}),
    **dict.fromkeys(("dt", "dd"), ({"dt", "dd"}, {"dl"})),
    **dict.fromkeys(("td", "th"), ({"td", "th"}, {"tr", "table"})),
    "tr": ({"tr", "td", "th"}, {"thead", "tbody", "tfoot", "table"}),
    **dict.fromkeys(("tbody", "tfoot"), ({"thead", "tbody", "tr", "td", "th"}, {"table"})),
}
"""Tags that end others which were never closed, as HTML allows: those they end, and what they do not reach beyond."""
_DATES = ("updated", "last-modified", "date", "dcterms.modified", "article:modified_time", "og:updated_time")
"""Names of <meta> that tell when a page was written, the surest first."""
_MARKS = (Comment, Declaration, Doctype, ProcessingInstruction)


def page(path: Path, content: bytes) -> tuple[About, list[Section]]:
    """What a page says of itself, and its text in reading order.

    Raises:
        InputError: it cannot be read; names the line.
    """
    soup = BeautifulSoup(_decoded(path, content), "html.parser")
    about = _about(path, soup)
    _close(soup)
    root = soup.find("main") or soup.find("article") or soup.body or soup
    for tag in root.find_all(_is_unseen):
        tag.decompose()
    reading = _Reading()
    reading.take(root)
    return about, reading.finished()


def _decoded(path: Path, content: bytes) -> str:
    named = EncodingDetector.find_declared_encoding(content, is_html=True) or "utf-8"
    try:
        return content.decode("utf-8-sig" if named in {"utf-8", "utf8"} else named)
    except LookupError:
        raise problem(path, 1, f"the page names an encoding that nobody knows ({named}). Save it as UTF-8.") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise problem(path, line, f"is not {named.upper()} text, as the page says. Save it as UTF-8, with <meta charset=utf-8>.") from None


def _about(path: Path, soup: BeautifulSoup) -> About:
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    named = {_name(tag): tag for tag in reversed(soup.find_all("meta")) if _name(tag) and tag.get("content")}
    for field in ("title", "source", "audience"):
        if tag := named.get(field):
            values[field], lines[field] = str(tag["content"]), tag.sourceline or 1
    if soup.title and (title := soup.title.get_text(" ", strip=True)):
        values.setdefault("title", title)
        lines.setdefault("title", soup.title.sourceline or 1)
    for field in _DATES:
        if tag := named.get(field):
            values["updated"], lines["updated"] = _date(str(tag["content"])), tag.sourceline or 1
            break
    return checked(path, values, lines)


def _close(soup: BeautifulSoup) -> None:
    """Put beside each other what the parser, which does not know of tags left open, put inside."""
    for tag in soup.find_all(list(_CLOSED_BY)):
        ended, limits = _CLOSED_BY[tag.name]
        outermost = None
        for above in tag.parents:
            if above.name in limits:
                break
            outermost = above if above.name in ended else outermost
        if outermost is not None:
            outermost.insert_after(tag.extract())


def _name(tag: Tag) -> str:
    return str(tag.get("name") or tag.get("property") or tag.get("http-equiv") or "").lower()


def _date(text: str) -> date | str:
    """The day of an ISO date or time; the text itself when it is none, for the message about it."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return text


def _is_unseen(tag: Tag) -> bool:
    style = str(tag.get("style", "")).replace(" ", "").lower()
    concealed = "display:none" in style or "visibility:hidden" in style
    return tag.name in _UNSEEN or tag.has_attr("hidden") or tag.get("aria-hidden") == "true" or concealed


class _Reading:
    """A walk through a page."""

    def __init__(self) -> None:
        self._sections = Sections()
        self._line: list[str] = []
        """Of the paragraph that is being read."""

    def finished(self) -> list[Section]:
        self._end_paragraph()
        return self._sections.all()

    def take(self, tag: Tag) -> None:
        for child in tag.children:
            if isinstance(child, NavigableString):
                self._line.append("" if isinstance(child, _MARKS) else str(child))
            elif isinstance(child, Tag):
                self._take_tag(child)

    def _take_tag(self, tag: Tag) -> None:
        if tag.name in _HEADINGS:
            self._end_paragraph()
            self._sections.begin(int(tag.name[1]), _plain(tag))
        elif tag.name in _LISTS:
            self._end_paragraph()
            add_list(list(_items(tag)), self._sections.blocks)
        elif tag.name == "dl":
            self._end_paragraph()
            self._sections.blocks.extend(_terms(tag))
        elif tag.name == "table" and not tag.find((*_HEADINGS, "table")):
            self._end_paragraph()
            self._sections.blocks.extend(_rows(tag))
        elif tag.name == "br":
            self._line.append(" ")
        elif tag.name == "img":
            self._line.append(f" {tag.get('alt') or ''} ")
        elif tag.name in _BLOCKS or tag.find((*_HEADINGS, *_BLOCKS, *_LISTS)):
            self._end_paragraph()
            self.take(tag)
            self._end_paragraph()
        else:
            self.take(tag)

    def _end_paragraph(self) -> None:
        self._sections.blocks.append(as_sentence("".join(self._line)))
        self._line.clear()
        self._sections.blocks[:] = filter(None, self._sections.blocks)


def _plain(tag: Tag) -> str:
    for image in tag.find_all("img"):
        image.replace_with(f" {image.get('alt') or ''} ")
    for block in tag.find_all((*_BLOCKS, "br", "td", "th", "li")):
        block.insert(0, " ")
    return " ".join(tag.get_text().split())


def _items(tag: Tag) -> Iterator[str]:
    for item in tag.find_all("li", recursive=False):
        below = [each for each in item.find_all(_LISTS) if each.find_parent("li") is item]
        inner = [text for each in below for text in _items(each)]
        for each in below:
            each.extract()
        yield from filter(None, (_plain(item), *inner))


def _terms(tag: Tag) -> Iterator[str]:
    """Each term with what is said of it."""
    term = ""
    for part in tag.find_all(("dt", "dd")):
        if part.name == "dt":
            term = _plain(part).removesuffix(":")
        else:
            yield row_sentence([term], [_plain(part)])


def _rows(tag: Tag) -> Iterator[str]:
    caption = tag.caption.extract() if tag.caption else None
    if caption:
        yield as_sentence(_plain(caption))
    rows = [row.find_all(("td", "th")) for row in tag.find_all("tr")]
    rows = [row for row in rows if row]
    if not rows:
        return
    headed = len(rows) > 1 and all(cell.name == "th" for cell in rows[0])
    names = _cells(rows[0]) if headed else []
    for row in rows[headed:]:
        cells = _cells(row)
        if not headed and len(cells) == 2:
            yield row_sentence([cells[0].removesuffix(":")], cells[1:])  # "Monday | 9 to 5"
        else:
            yield row_sentence(names, cells)


def _cells(row: list[Tag]) -> list[str]:
    """A cell that spans columns stands in each."""
    spans = [int(str(cell.get("colspan", "1"))) if str(cell.get("colspan", "1")).isdigit() else 1 for cell in row]
    return [text for cell, span in zip(row, spans, strict=True) for text in [_plain(cell)] * max(1, min(span, 50))]
