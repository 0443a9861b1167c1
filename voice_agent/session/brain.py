"""What decides a call."""

from collections.abc import Sequence
from typing import Protocol

from voice_agent.core.commands import Command
from voice_agent.core.events import Event
from voice_agent.core.words import Line, Seconds


class Brain(Protocol):
    """`core.call.Call`."""

    def handle(self, event: Event) -> Sequence[Command]: ...

    @property
    def next_deadline(self) -> Seconds | None: ...

    @property
    def ended(self) -> bool: ...

    @property
    def on_hold(self) -> bool: ...

    @property
    def history(self) -> tuple[Line, ...]: ...
