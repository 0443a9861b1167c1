"""A file of questions, each with what a right answer is.

    - question: How long do I have to return something?
      source: returns-policy            # the document, or any of a list, that holds the answer
      must_say: [30 days]               # all of these; a list in the list: any one of them
      must_not_say: [60 days]
    - question: Do you sell bicycles?
      kind: unanswerable
    - question: How much does it cost?
      kind: underspecified

What must be said is a regular expression, looked for in the lower-cased answer. `half` (tune or held_out) keeps the questions that
numbers are chosen on apart from those they are reported on. `id`, `speech` and `sample` mean nothing here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from voice_agent.errors import InputError
from voice_agent.settings.mistakes import known, shown

Kind = Literal["answerable", "unanswerable", "underspecified"]
Half = Literal["tune", "held_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    id: str
    """As the file has it, else "line N"."""
    line: int
    """Where it stands in the file, from 1."""
    text: str
    kind: Kind
    sources: frozenset[str]
    """Any of these documents holds the answer; empty where it does not matter."""
    must_say: tuple[tuple[str, ...], ...]
    """Of each group one expression must be found."""
    must_not_say: tuple[str, ...]
    half: Half | None
    speech: bool
    """Worded as it is heard, with slips."""

    def missing(self, answer: str) -> list[str]:
        """The groups that an answer lacks, as a person would list them."""
        return [" or ".join(map(_readable, group)) for group in self.must_say if not any(_said(form, answer) for form in group)]

    def forbidden(self, answer: str) -> list[str]:
        """What it must not say and says, likewise."""
        return [_readable(form) for form in self.must_not_say if _said(form, answer)]


def _said(form: str, answer: str) -> bool:
    return re.search(form, answer.lower(), re.MULTILINE) is not None


def _readable(form: str) -> str:
    r"""An expression without the signs that only programs read: "\b(?:30|thirty)[- ]days?" is "(30|thirty) days"."""
    plain = re.sub(r"\\b|\(\?<?[!=][^()]*\)", "", form).replace("(?:", "(").replace("[- ]", " ")
    plain = re.sub(r"(?<=[^)])\?|,\?|\\", "", plain)
    return f'"{plain}"'


_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class _Entry(BaseModel):
    """One entry of the file; the descriptions say what would be right."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: _Text = Field(description="the caller's words, as text in quotes")
    id: _Text | None = Field(default=None, description="a name, as text in quotes")
    kind: Kind = Field(default="answerable", description="answerable, unanswerable or underspecified")
    source: _Text | list[_Text] | None = Field(default=None, description="the source of a document, or a list of them")
    must_say: list[_Text | list[_Text]] = Field(default=[], description="a list of texts in quotes, or of lists of alternatives")
    must_not_say: list[_Text] = Field(default=[], description="a list of texts in quotes")
    half: Half | None = Field(default=None, description="tune or held_out")
    speech: bool = Field(default=False, description="true or false")
    sample: bool = Field(default=False, description="true or false")


def read_questions(file: Path, half: Half | None = None) -> list[Question]:
    """The questions of a file, or of one half of it: the other one is not looked at.

    Raises:
        InputError: the file or entries of it cannot be used. Lists every mistake with its line and how to mend it.
    """
    node, values = _parsed(file)
    found: list[Question] = []
    mistakes: list[str] = []
    for item, value in zip(node.value, values, strict=True):
        line = item.start_mark.line + 1
        try:
            entry = _Entry.model_validate(value)
            question = _question(entry, line)
        except ValidationError as error:
            mistakes += [f"{file}:{_line(item, each['loc'])}: {_complaint(each)}" for each in error.errors(include_url=False)]
        except ValueError as error:
            mistakes.append(f"{file}:{line}: {error}")
        else:
            found.append(question)
    if mistakes:
        raise InputError("\n".join(mistakes), code="bad-questions")
    chosen = [question for question in found if half is None or question.half == half]
    if not chosen:
        which = f" with `half: {half}`" if half else ""
        raise InputError(f"{file}: has no question{which}. Begin each with `- question: …`.", code="bad-questions")
    return chosen


def check_sources(file: Path, questions: Sequence[Question], sources: Iterable[str]) -> None:
    """Each source that a question names must be a document's.

    Raises:
        InputError: some are not; an answer could never be right.
    """
    there = set(sources)
    mistakes = [
        f"{file}:{question.line}: source: there is no document {shown(source)}; {known(source, sorted(there), 'documents')}"
        for question in questions
        for source in sorted(question.sources - there)
    ]
    if mistakes:
        raise InputError("\n".join(mistakes), code="bad-questions")


def _parsed(file: Path) -> tuple[yaml.SequenceNode, list[Any]]:
    try:
        text = file.read_text("utf-8-sig")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}). Give a YAML file of questions.", code="bad-questions") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: is not UTF-8 text. Save it as UTF-8.", code="bad-questions") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"is not valid YAML here ({error.problem}). Put quotes around a value with a colon or # in it; indent by spaces."
        raise InputError(f"{file}:{line}: {what}", code="bad-questions") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{file}: is not valid YAML ({' '.join(str(error).split())}).", code="bad-questions") from None
    if not isinstance(node, yaml.SequenceNode):
        raise InputError(f"{file}:1: must be a list of questions. Begin each with `- question: …`.", code="bad-questions")
    return node, values


def _question(entry: _Entry, line: int) -> Question:
    groups = tuple((group,) if isinstance(group, str) else tuple(group) for group in entry.must_say)
    for form in (*(form for group in groups for form in group), *entry.must_not_say):
        try:
            re.compile(form)
        except re.error as error:
            raise ValueError(f"{shown(form)} is not a regular expression ({error}). Put \\ before signs such as ( ) + ? $.") from None
    sources = [entry.source] if isinstance(entry.source, str) else entry.source or []
    if entry.kind == "answerable" and not sources and not groups:
        raise ValueError("an answerable question needs `source`, `must_say`, or both, or nothing could be wrong with an answer.")
    if entry.kind != "answerable" and (sources or groups):
        raise ValueError(f"`source` and `must_say` are for answerable questions, and this one is {entry.kind}. Remove them, or `kind`.")
    return Question(
        id=entry.id or f"line {line}",
        line=line,
        text=entry.question,
        kind=entry.kind,
        sources=frozenset(sources),
        must_say=groups,
        must_not_say=tuple(entry.must_not_say),
        half=entry.half,
        speech=entry.speech,
    )


def _complaint(error: Any) -> str:
    key = str(error["loc"][0]) if error["loc"] else ""
    field = _Entry.model_fields.get(key)
    if error["type"] == "extra_forbidden":
        return f"{key}: is not known here; {known(key, _Entry.model_fields, 'known keys')}"
    if error["type"] == "missing":
        return f'has no "{key}"; add it: {field.description if field else ""}.'
    if field is None:
        return "must be lines of the form `key: value`, the first one `- question: …`."
    return f"{key}: {shown(error['input'])} is not possible; give {field.description}."


def _line(item: yaml.Node, place: tuple[int | str, ...]) -> int:
    """The line of the key that an error is at."""
    if isinstance(item, yaml.MappingNode) and place:
        for key, _ in item.value:
            if key.value == place[0]:
                return int(key.start_mark.line) + 1
    return int(item.start_mark.line) + 1
