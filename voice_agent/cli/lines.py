"""JSON lines in and out: what every door on the command line shares."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from voice_agent.errors import InputError, PortError
from voice_agent.settings import Settings, load_settings
from voice_agent.settings.mistakes import known

Config = Annotated[Path | None, typer.Option("--config", metavar="DIR", help="Another configuration than config/.")]
Kb = Annotated[Path | None, typer.Option("--kb", metavar="DIR", help="Another folder of documents than the configured one.")]

MOST_BYTES = 1 << 20
"""Of one line."""
_Words = Annotated[str, StringConstraints(max_length=20_000)]


class Request(BaseModel):
    """One line of input."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TextLine(Request):
    text: _Words


class QueryLine(Request):
    query: _Words


class QuestionLine(Request):
    question: _Words


class AnswerLine(Request):
    passages: list[_Words]
    answer: _Words


class TurnEntry(Request):
    speaker: Literal["caller", "agent", "person"]
    text: _Words


class TurnsLine(Request):
    turns: Annotated[list[TurnEntry], Field(max_length=1000)]


R = TypeVar("R", bound=Request)
Answer = Callable[[R], Awaitable[Mapping[str, Any]]]


def settings_of(config: Path | None, kb: Path | None = None) -> Settings:
    """The configuration that a door runs with."""
    return load_settings(config, os.environ).with_options(kb=kb)


def run_door(read: Callable[[object], R], opened: Callable[[], AbstractAsyncContextManager[Answer[R]]]) -> None:
    """Answer every line of stdin with a line on stdout, in order. `opened` loads what that needs, once the first line holds.

    Raises:
        InputError: a line is not what the door reads; the lines before it are answered.
        PortError: a line could not be answered. Both name the line.
    """
    requests = _requests(read)
    first = next(requests, None)
    if first is not None:
        asyncio.run(_answer_all(first, requests, opened))


def write(result: Mapping[str, Any]) -> None:
    """One result, at once."""
    print(json.dumps(result, ensure_ascii=False), flush=True)


def reader(*shapes: type[R]) -> Callable[[object], R]:
    """Reads an object of the first shape that shares a key with it, else of the first."""

    def read(value: object) -> R:
        if not isinstance(value, dict):
            raise InputError(f"a JSON object such as {_example(shapes[0])} is wanted", code="bad-line")
        shape = next((each for each in shapes if value.keys() & each.model_fields.keys()), shapes[0])
        try:
            return shape.model_validate(value)
        except ValidationError as error:
            wrong = "; ".join(_complaint(shape, each) for each in error.errors(include_url=False))
            raise InputError(wrong, code="bad-line") from None

    return read


async def _answer_all(
    first: tuple[int, R], rest: Iterator[tuple[int, R]], opened: Callable[[], AbstractAsyncContextManager[Answer[R]]]
) -> None:
    async with opened() as answer:
        request: tuple[int, R] | None = first
        while request is not None:
            number, line = request
            try:
                write(await answer(line))
            except PortError as error:
                raise PortError(f"stdin, line {number}: {error}", code=error.code, retry=error.retry) from error
            request = next(rest, None)


def _requests(read: Callable[[object], R]) -> Iterator[tuple[int, R]]:
    """The lines with their numbers, from 1; blank ones are passed over."""
    number = 0
    while line := sys.stdin.buffer.readline(MOST_BYTES + 1):
        number += 1
        where = f"stdin, line {number}"
        if len(line) > MOST_BYTES:
            raise InputError(f"{where}: is longer than {MOST_BYTES} bytes", code="bad-line")
        if not line.strip():
            continue
        try:
            yield number, read(json.loads(line.decode("utf-8-sig"), parse_constant=_refuse))
        except UnicodeDecodeError:
            raise InputError(f"{where}: is not UTF-8 text", code="bad-line") from None
        except (ValueError, RecursionError) as error:
            # The decoder's message says where, and never quotes the line.
            raise InputError(f"{where}: is not JSON: {error}", code="bad-line") from None
        except InputError as error:
            raise InputError(f"{where}: {error}", code=error.code) from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _complaint(shape: type[Request], error: Any) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    name = str(error["loc"][-1])
    match error["type"]:
        case "missing":
            return f'"{place}" is missing; the line looks like {_example(shape)}'
        case "extra_forbidden":
            keys = TurnEntry.model_fields if len(error["loc"]) > 1 else shape.model_fields
            return f'"{place}" is not a key of this door; {known(name, keys, "its keys")}'
        case "literal_error":
            return f'"{place}" must be {error["ctx"]["expected"]}'
        case "string_too_long" | "too_long":
            return f'"{place}" is too long; at most {error["ctx"]["max_length"]} are taken'
        case _:
            return f'"{place}" must be {_KINDS.get(error["type"], "of another kind")}'


_KINDS = {"string_type": "a text", "list_type": "a list", "model_type": "an object", "string_unicode": "valid Unicode text"}


def _example(shape: type[Request]) -> str:
    examples: Mapping[str, object] = {
        "turns": [{"speaker": "caller", "text": "…"}],
        "passages": ["…"],
    }
    return json.dumps({name: examples.get(name, "…") for name in shape.model_fields}, ensure_ascii=False)
