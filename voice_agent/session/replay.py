"""A recorded call decided again: does the code of today, or another policy, decide the same?"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_agent.core.call import Call
from voice_agent.core.commands import CloseCall, Command, Disposition
from voice_agent.core.escalation import Rule
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, Line, Seconds
from voice_agent.errors import InputError
from voice_agent.session.journal import Pair, read_journal

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first event that was answered otherwise."""

    line: int
    """Of the journal."""
    at: Seconds
    event: str
    """Its type."""
    expected: tuple[Command, ...]
    """As recorded."""
    actual: tuple[Command, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    call: CallId
    same: bool
    """Every event led to the recorded commands."""
    pairs: int
    torn: bool
    """The journal ends in the middle of a line: its process was killed."""
    difference: Difference | None
    disposition: Disposition | None
    """How the call ends when it is decided again. None when it does not."""
    history: tuple[Line, ...]
    """The conversation as decided again. Behind a difference it is a guess: callers answer what they are told."""


def replay(path: Path, policy: Policy | None = None, rules: tuple[Rule, ...] | None = None) -> ReplayResult:
    """Decide a journal's call again, under its own policy and rules where none are given.

    Raises:
        InputError: the file is no journal that this program reads.
    """
    recording = read_journal(path)
    header = recording.header
    call = Call(policy=header.policy if policy is None else policy.where(header.policy), rules=header.rules if rules is None else rules)
    difference: Difference | None = None
    disposition: Disposition | None = None
    for pair in recording.pairs:
        actual = tuple(call.handle(pair.event))
        if difference is None and actual != pair.commands:
            difference = _difference(pair, actual)
        disposition = _end(actual) or disposition
    return ReplayResult(
        call=header.call,
        same=difference is None,
        pairs=len(recording.pairs),
        torn=recording.torn,
        difference=difference,
        disposition=disposition,
        history=call.history,
    )


def broken_off(journals: Path, call: CallId, *, since: float) -> tuple[Line, ...] | None:
    """What had been said when a call broke off in the middle.

    None when it came to its end, went on no longer at `since` (UNIX seconds), or nothing can be read of it.
    """
    try:
        [path] = journals.glob(f"*/{call}.jsonl")
        found = replay(path) if path.stat().st_mtime >= since else None
    except (InputError, OSError, ValueError) as error:
        _log.warning("call %s: how far it came cannot be read: %s", call, type(error).__name__)
        return None
    return found.history if found and found.disposition is None else None


def _difference(pair: Pair, actual: tuple[Command, ...]) -> Difference:
    return Difference(line=pair.line, at=pair.event.at, event=type(pair.event).__name__, expected=pair.commands, actual=actual)


def _end(commands: Sequence[Command]) -> Disposition | None:
    return next((command.disposition for command in commands if isinstance(command, CloseCall)), None)
