"""What a document says of itself: title, source, date, and who may hear it. And how a mistake in a document is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml

from voice_agent.errors import InputError

Audience = Literal["public", "agents"]
"""Everyone, or only the people on the desk. What is for agents is not indexed, so that no caller can hear it."""
_AUDIENCES: Mapping[str, Audience] = {
    **dict.fromkeys(("public", "customers", "customer", "callers", "everyone", "all"), "public"),
    **dict.fromkeys(("agents", "agent", "staff", "internal"), "agents"),
}
_CODE = "bad-document"
WITHHELD = "bad-audience"
"""The code of a document that may not be for callers any more: not even an older version of it is spoken."""
_MARGIN = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(---|\.\.\.)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Empty or None where the document does not say."""

    title: str = ""
    source: str = ""
    updated: date | None = None
    audience: Audience | None = None
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Heading → what callers ask that the text below it answers."""

    def or_else(self, other: "About") -> "About":
        """What is missing here, from the other."""
        return About(
            title=self.title or other.title,
            source=self.source or other.source,
            updated=self.updated or other.updated,
            audience=self.audience or other.audience,
            asked=self.asked or other.asked,
        )


def problem(path: Path, line: int, what: str, code: str = _CODE) -> InputError:
    """`line` from 1; 0 when no line is to blame. `what` says what is wrong and how to mend it."""
    where = f"{path}:{line}" if line else str(path)
    return InputError(f"{where}: {what}", code=code)


def front_matter(path: Path, text: str) -> tuple[About, str]:
    """The fields above a text, and the text below them.

    Raises:
        InputError: a field is wrong.
    """
    opening = _MARGIN.match(text)
    if opening is None:
        return About(), text
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise problem(path, 1, "the front matter is never closed. Put a line of three hyphens (---) below it.")
    return fields(path, text[opening.end() : closing.start()], 2, "the front matter"), text[closing.end() :]


def fields(path: Path, text: str, first: int, what: str) -> About:
    """Fields written as YAML; `first` is the line of the file that they begin on, `what` they are.

    Raises:
        InputError: a field is wrong.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + first if error.problem_mark else first
        wrong = f"{what} is not valid YAML ({error.problem}). Put quotes around a value with a colon in it."
        raise problem(path, line, wrong) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise problem(path, first, f"{what} is not valid YAML. Write one `name: value` a line.") from None
    if node is None:
        return About()
    if not isinstance(node, yaml.MappingNode):
        raise problem(path, first, f"{what} is not a list of fields. Write one `name: value` a line.")
    return checked(path, values, {key.value: key.start_mark.line + first for key, _ in node.value})


def checked(path: Path, values: Mapping[str, Any], lines: Mapping[str, int]) -> About:
    """`values` by field, and the line each stands on; other fields are left alone.

    Raises:
        InputError: a field is wrong.
    """
    audience = _audience(path, values["audience"], lines["audience"]) if "audience" in values else None
    code = WITHHELD if audience == "agents" else _CODE
    for name in ("title", "source"):
        value = values.get(name, "-")
        if not isinstance(value, str) or not value.strip():
            raise problem(path, lines[name], f"`{name}` must be a text. Put it in quotes, or leave the line out.", code)
    updated = values.get("updated", date.min)
    if not isinstance(updated, date):
        raise problem(path, lines["updated"], "`updated` must be a date. Write it as year-month-day, like 2026-05-19.", code)
    return About(
        title=" ".join(values.get("title", "").split()),
        source=" ".join(values.get("source", "").split()),
        updated=date(updated.year, updated.month, updated.day) if "updated" in values else None,
        audience=audience,
        asked=_asked(path, values["asked"], lines["asked"], code) if "asked" in values else {},
    )


def _asked(path: Path, value: object, line: int, code: str) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise problem(path, line, "`asked` must be headings of this document, each with a list of questions below it.", code)
    for heading, questions in value.items():
        if not isinstance(questions, list) or not all(isinstance(text, str) and text.strip() for text in (heading, *questions)):
            what = f"`asked`: what is below {str(heading)!r} must be a list of questions. Put quotes around a text with a colon or # in it."
            raise problem(path, line, what, code)
    return {heading: tuple(" ".join(text.split()) for text in questions) for heading, questions in value.items()}


def _audience(path: Path, value: object, line: int) -> Audience:
    found = _AUDIENCES.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        what = "`audience` must be `public` (callers may hear it) or `agents` (they may not). Until then it is not spoken."
        raise problem(path, line, what, WITHHELD)
    return found
