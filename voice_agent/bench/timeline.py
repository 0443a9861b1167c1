"""What happened in a call, at the caller's end of the line. All times are seconds of the call, by the caller's clock."""

from collections.abc import Mapping
from dataclasses import dataclass

from voice_agent.bench.script import Kind
from voice_agent.bench.sounds import Span
from voice_agent.core.words import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A turn of the caller."""

    name: str
    begin: Seconds
    """Its first voice."""
    end: Seconds
    """Its last voice."""
    cut_in: bool
    """It was begun while the agent spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbed:
    """A sound that was no wish to speak, while the agent spoke."""

    kind: Kind
    name: str
    begin: Seconds
    end: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """The server begins to send a sentence; told by its captions."""

    at: Seconds
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the server made of a turn; from its own report."""

    at: Seconds
    text: str
    stages: Mapping[str, float]
    """Seconds by the server's clock; see Timings in session/report.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    call: str
    line: str
    """quiet, noisy or poor."""
    duration: Seconds
    agent: tuple[Span, ...]
    """Where the loudspeaker played voice."""
    caller: tuple[Span, ...]
    """Where the caller's turns were voiced."""
    said: tuple[Said, ...]
    disturbed: tuple[Disturbed, ...]
    cleared: tuple[Seconds, ...]
    """When audio that was still to be played was dropped on the server's demand."""
    sayings: tuple[Saying, ...]
    heard: tuple[Heard, ...]
    unspoken: int
    """Turns whose time did not come."""
    ended: str
    """Why the call was over: "script", "time", "handed over" or "server"."""
