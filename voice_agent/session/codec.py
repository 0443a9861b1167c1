"""Events, commands, policies and rules as JSON and back, exactly: floats to the last bit, tuples as tuples.

Reading is strict where a mistake could change a decision: an unknown type or field is refused. A field that is missing
takes its default, so that journals written before the field existed are still read.
"""

import dataclasses
import json
import types
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from voice_agent.core import commands, events
from voice_agent.core.commands import Command
from voice_agent.core.events import Event

Json = Any
"""What `json` reads and writes."""


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _fields(value: Any) -> dict[str, Json]:
    return {name: getattr(value, name) for name in _names(value.__class__)}


def _tagged(value: Any) -> dict[str, Json]:
    return {"type": type(value).__name__, **_fields(value)}


_encode = json.JSONEncoder(default=_fields, separators=(",", ":"), allow_nan=False).encode


def dump(value: Json) -> str:
    """One line. Dataclasses inside become objects of their fields; a NaN or infinity is a ValueError (a bug)."""
    return _encode(value)


def dump_pair(event: Event, commands: Sequence[Command]) -> str:
    """One line of a journal."""
    return _encode({"event": _tagged(event), "commands": [_tagged(command) for command in commands]})


def _kinds(module: types.ModuleType, base: type) -> dict[str, type]:
    found = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, base) and kind is not base]
    return {kind.__name__: kind for kind in found}


EVENTS = _kinds(events, Event)
COMMANDS = _kinds(commands, Command)


def load_event(data: Json) -> Event:
    """ValueError, saying what is wrong, for what no event looks like."""
    event: Event = _load_tagged(data, EVENTS, "event")
    return event


def load_command(data: Json) -> Command:
    """As `load_event`."""
    command: Command = _load_tagged(data, COMMANDS, "command")
    return command


def _load_tagged(data: Json, kinds: dict[str, type], what: str) -> Any:
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        raise ValueError(f"this {what} has no type")  # noqa: TRY004
    if data["type"] not in kinds:
        raise ValueError(f"there is no {what} called {data['type']!r}")
    return load(kinds[data["type"]], {name: value for name, value in data.items() if name != "type"})


def load(kind: Any, data: Json) -> Any:
    """A value of the type `kind`. ValueError, saying what is wrong, when `data` is none."""
    return _loader(kind)(data)


@cache
def _loader(kind: Any) -> Callable[[Json], Any]:
    """How to read a type; worked out once for each."""
    if isinstance(kind, NewType):
        return _loader(kind.__supertype__)
    origin, arguments = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_loader(kind)
    if origin is tuple:
        return _tuple_loader(_loader(arguments[0]))
    if origin is Literal:
        return _plain_loader(lambda value: value in arguments, " or ".join(map(repr, arguments)))
    if origin in (Union, types.UnionType):
        return _union_loader([_loader(argument) for argument in arguments])
    return _plain_loader(*_PLAIN[kind])


_PLAIN: dict[type, tuple[Callable[[Json], bool], str]] = {
    bool: (lambda value: isinstance(value, bool), "true or false"),
    int: (lambda value: type(value) is int, "a whole number"),
    float: (lambda value: type(value) in (float, int), "a number"),
    str: (lambda value: isinstance(value, str), "a text"),
    type(None): (lambda value: value is None, "null"),
}


def _plain_loader(fits: Callable[[Json], bool], wanted: str) -> Callable[[Json], Any]:
    def load_plain(data: Json) -> Any:
        if not fits(data):
            raise ValueError(f"{wanted} is wanted, and a {type(data).__name__} is there")
        return data

    return load_plain


def _tuple_loader(load_item: Callable[[Json], Any]) -> Callable[[Json], Any]:
    def load_tuple(data: Json) -> Any:
        if not isinstance(data, list):
            raise ValueError(f"a list is wanted, and a {type(data).__name__} is there")  # noqa: TRY004
        return tuple(load_item(item) for item in data)

    return load_tuple


def _union_loader(loaders: list[Callable[[Json], Any]]) -> Callable[[Json], Any]:
    def load_union(data: Json) -> Any:
        problems = []
        for loader in loaders:
            try:
                return loader(data)
            except ValueError as problem:
                problems.append(str(problem))
        raise ValueError("; ".join(problems))

    return load_union


def _dataclass_loader(kind: type) -> Callable[[Json], Any]:
    hints = get_type_hints(kind)
    loaders = {name: _loader(hints[name]) for name in _names(kind)}
    needed = {field.name for field in dataclasses.fields(kind) if field.default is field.default_factory is dataclasses.MISSING}

    def load_dataclass(data: Json) -> Any:
        if not isinstance(data, dict):
            raise ValueError(f"{kind.__name__} is wanted, and a {type(data).__name__} is there")  # noqa: TRY004
        if unknown := data.keys() - loaders.keys():
            raise ValueError(f"{kind.__name__} has no field called {min(unknown)!r}")
        if missing := needed - data.keys():
            raise ValueError(f"{kind.__name__} lacks {min(missing)!r}")
        return kind(**{name: loaders[name](value) for name, value in data.items()})

    return load_dataclass
