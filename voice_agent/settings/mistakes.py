"""One configuration file: what is in it, on which line, and every mistake found in it."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from voice_agent.errors import ConfigError

Place = tuple[int | str, ...]
"""The way to a value: keys and positions, from the top of the file."""

CODE = "config"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as quick where PyYAML was built with libyaml."""
_LONGEST = 60
"""Characters of a wrong value that a message shows."""


class ConfigFile:
    """A YAML file and the mistakes found in it so far. A file that is not there is an empty one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mistakes: list[tuple[int, str]] = []
        self.data: Mapping[str, Any] = {}
        """What the file says; keys without a value are left out, so that their defaults hold."""
        self._tree: yaml.Node | None = None
        try:
            text = path.read_text("utf-8-sig") if path.exists() else ""
        except UnicodeDecodeError:
            self._note_line(1, "is not UTF-8 text. Save it as UTF-8.")
        except OSError as error:
            self._note_line(1, f"cannot be read ({error.strerror}). Check its permissions.")
        else:
            self._parse(text)

    def note(self, place: Place, what: str) -> None:
        """A mistake at `place`; `what` says what is wrong and what would be right."""
        key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
        self._note_line(self.line(place), f"{key}: {what}" if key else what)

    @property
    def mistakes(self) -> list[str]:
        """Each with file and line, in the order of the file."""
        return [f"{self.path}:{line}: {what}" for line, what in sorted(self._mistakes, key=lambda mistake: mistake[0])]

    def line(self, place: Place) -> int:
        """The line, from 1, of the deepest part of `place` that is in the file."""
        node = self._tree
        line = node.start_mark.line + 1 if node else 1
        for part in place:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(part)]
                if found:
                    line, node = found[-1][0].start_mark.line + 1, found[-1][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line + 1
        return line

    def _note_line(self, line: int, what: str) -> None:
        self._mistakes.append((line, what))

    def _parse(self, text: str) -> None:
        try:
            loader = _Loader(text)
            self._tree = loader.get_single_node()
            data = loader.construct_document(self._tree) if self._tree else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self._note_line(
                line, f"is not valid YAML here ({error.problem}). Put quotes around a value with a colon or # in it; indent by spaces."
            )
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self._note_line(1, f"is not valid YAML ({' '.join(str(error).split())}).")
        else:
            if data is not None and not isinstance(data, dict):
                self._note_line(1, "must hold lines of the form `key: value`.")
                return
            self._note_key_trouble(self._tree)
            self.data = {key: value for key, value in (data or {}).items() if value is not None}

    def _note_key_trouble(self, node: yaml.Node | None) -> None:
        if isinstance(node, yaml.SequenceNode):
            for value in node.value:
                self._note_key_trouble(value)
        if not isinstance(node, yaml.MappingNode):
            return
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                self._note_line(line, f"{key.value}: is not a text to YAML when it is a key; put it in quotes.")
            elif key.value in seen:
                self._note_line(line, f"{key.value}: is here twice; line {seen[key.value]} has it already. Remove one of them.")
            seen[key.value] = line
            self._note_key_trouble(value)


def raise_if_any(mistakes: Iterable[str]) -> None:
    """Raise one ConfigError that lists all of them, a line each."""
    found = list(mistakes)
    if found:
        raise ConfigError("\n".join(found), code=CODE)


def shown(value: object) -> str:
    """A wrong value as a message shows it: as it could stand in the file, and not too long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def known(name: str, names: Iterable[str], what: str) -> str:
    """For the end of a message: the name that was probably meant, or all there are. `what` they are, in the plural."""
    names = list(names)
    near = difflib.get_close_matches(_plain(name), {_plain(each): each for each in names}, n=1, cutoff=0.6)
    if near:
        meant = next(each for each in names if _plain(each) == near[0])
        return f'did you mean "{meant}"?'
    return f"{what} are: {', '.join(names)}." if names else f"there are no {what}."


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.lower())
