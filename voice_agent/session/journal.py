"""The journal of a call: every (event, commands) pair, in order, as JSON lines. Enough to decide everything again.

The first line is a header with the policy and the rules in force, each further line a pair. Lines go straight to the
operating system, so a killed process loses the line it was writing and no other. Neither audio nor anything but RedactedText is in it,
nor a key that led to nothing.
"""

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import voice_agent
from voice_agent.core.commands import Command
from voice_agent.core.escalation import Rule
from voice_agent.core.events import Event, KeyPressed
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import InputError
from voice_agent.session import codec

_log = logging.getLogger(__name__)

VERSION = 1
"""Of the format. A reader refuses any other."""


Kept = Literal["unasked", "told", "agreed", "refused", "undecided"]
"""Whether the caller has been told of the journal, or has agreed to it. Of "refused" and "undecided" calls it has the header alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    journal: int
    """The format's version."""
    call: CallId
    started: str
    """UTC, ISO 8601."""
    code: str
    """Version of voice_agent that made the decisions."""
    policy: Policy
    rules: tuple[Rule, ...]
    generation: int = 0
    """Of the policy and the rules; 0 where nobody counts."""
    notice: str = ""
    """The version of the opening notice (`notice_version`), whose text is in the policy; empty where none was noted."""
    kept: Kept = "unasked"
    decided: Seconds | None = None
    """When the caller had been told, or had answered, since the call began; None when it never came to that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    line: int
    """In the file, from 1."""
    event: Event
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    header: Header
    pairs: tuple[Pair, ...]
    torn: bool
    """The last line was never finished: the process was killed."""


def notice_version(policy: Policy) -> str:
    """The beginning of the sha256 of its sentences: another wording is another version."""
    return hashlib.sha256("\n".join(policy.opening).encode()).hexdigest()[:12]


class Journal:
    """Writes one. A disk that fails ends the journal with what is written so far, never the call.

    Where callers are told of it, or are asked (`Policy.recording`), nothing is written before that; the lines wait in memory.
    """

    def __init__(self, call: CallId) -> None:
        self._call = call
        self._day = Path()
        self._file: int | None = None
        self._header: Header | None = None
        """While it is not known whether the call may be kept."""
        self._waiting: list[str] = []

    def open(self, directory: Path, *, policy: Policy, rules: Sequence[Rule], generation: int = 0, wall: float) -> None:
        """`wall`: when the call began, UNIX seconds; the file lies under its day, UTC."""
        started = datetime.fromtimestamp(wall, UTC)
        self._day = directory / started.strftime("%Y-%m-%d")
        header = Header(
            journal=VERSION,
            call=self._call,
            started=started.isoformat(),
            code=voice_agent.__version__,
            policy=policy,
            rules=tuple(rules),
            generation=generation,
            notice=notice_version(policy),
        )
        if policy.recording == "none":
            self._begin(header)
        else:
            self._header = header

    def keep(self, *, kept: bool, at: Seconds) -> None:
        """The caller has been told, or has answered."""
        if self._header is None:
            return
        told: Kept = "told" if self._header.policy.recording == "notice" else "agreed"
        self._decide(self._header, told if kept else "refused", at)

    def note(self, event: Event, commands: Sequence[Command]) -> None:
        if isinstance(event, KeyPressed) and not commands:
            event = replace(event, key="")  # it meant nothing here, and may be a digit of a card
        line = codec.dump_pair(event, commands)
        if self._header is None:
            self._write(line)
        else:
            self._waiting.append(line)

    def close(self) -> None:
        """Safe to call twice."""
        if self._header is not None:
            self._decide(self._header, "undecided", None)
        self._end()

    def _decide(self, header: Header, kept: Kept, at: Seconds | None) -> None:
        lines, self._waiting, self._header = self._waiting, [], None
        self._begin(replace(header, kept=kept, decided=at))
        if kept in ("told", "agreed"):
            for line in lines:
                self._write(line)
        else:
            self._end()

    def _begin(self, header: Header) -> None:
        try:
            self._day.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._day.mkdir(mode=0o700, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            self._file = os.open(self._day / f"{self._call}.jsonl", flags, 0o600)
        except OSError as error:
            self._lose(error)
        self._write(codec.dump(header))

    def _end(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _write(self, text: str) -> None:
        if self._file is None:
            return
        line = f"{text}\n".encode("ascii")
        try:
            if os.write(self._file, line) < len(line):
                raise OSError("the line was not written to its end")  # noqa: TRY301
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        _log.error("call %s: the journal ends here, the disk does not take it: %s", self._call, error)
        self._end()


def read_journal(path: Path) -> Recording:
    """A journal, from the file. A last line that was never finished is left out.

    Raises:
        InputError: it cannot be read, or is no journal of this version; names the file and the line.
    """
    try:
        text = path.read_bytes().decode("ascii")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}", code="journal-unreadable") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a journal: byte {error.start} is no ASCII", code="journal-malformed") from error
    *lines, rest = text.split("\n")
    if not lines:
        raise InputError(f"{path}: not a journal: it has no whole line", code="journal-malformed")
    header = _header(path, lines[0])
    pairs = tuple(_pair(path, number, line) for number, line in enumerate(lines[1:], start=2))
    return Recording(header=header, pairs=pairs, torn=bool(rest))


def _header(path: Path, line: str) -> Header:
    data = _parsed(path, 1, line)
    version = data.get("journal")
    if version != VERSION:
        raise InputError(f"{path}, line 1: a journal of version {version!r}; this program reads version {VERSION}", code="journal-version")
    try:
        header: Header = codec.load(Header, data)
    except ValueError as error:
        raise InputError(f"{path}, line 1: {error}", code="journal-malformed") from error
    return header


def _pair(path: Path, number: int, line: str) -> Pair:
    data = _parsed(path, number, line)
    try:
        if data.keys() != {"event", "commands"} or not isinstance(data["commands"], list):
            raise ValueError("an event and a list of commands are wanted")  # noqa: TRY301
        event = codec.load_event(data["event"])
        commands = tuple(codec.load_command(command) for command in data["commands"])
    except ValueError as error:
        raise InputError(f"{path}, line {number}: {error}", code="journal-malformed") from error
    return Pair(line=number, event=event, commands=commands)


def _parsed(path: Path, number: int, line: str) -> dict[str, codec.Json]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise InputError(f"{path}, line {number}: not JSON: {error}", code="journal-malformed") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}, line {number}: an object is wanted, and a {type(data).__name__} is there", code="journal-malformed")
    return data
