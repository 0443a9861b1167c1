"""What the pages show of a live call."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal

from voice_agent.core.words import Line, RedactedText, SpeechId

KEPT = 500
"""Captions kept for those who come late or read slowly; a call of half an hour has about 300."""

State = Literal["listening", "thinking", "speaking", "waiting", "bridged", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """The agent begins a sentence. Whether the caller hears it out, a `Said` will tell."""

    speech: SpeechId
    text: RedactedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line of the conversation stands."""

    line: Line
    revised: bool
    """In place of the last line of the same speaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged:
    state: State
    position: int
    """In the queue, 1 for the next; 0 when the caller is in none."""
    agent: str
    """Who has taken the call; empty when nobody has."""


Caption = Saying | Said | StateChanged


class Captions:
    """One writer, any number of readers. A reader who falls far behind misses some, and never delays the call."""

    def __init__(self) -> None:
        self._kept: deque[Caption] = deque(maxlen=KEPT)
        self._count = 0
        """Shown so far."""
        self._closed = False
        self._news = asyncio.Event()

    def show(self, caption: Caption) -> None:
        self._kept.append(caption)
        self._count += 1
        self._wake()

    def close(self) -> None:
        """The call is over: readers come to an end when they have read what is kept."""
        self._closed = True
        self._wake()

    async def subscribe(self) -> AsyncGenerator[Caption, None]:
        """Everything that is kept, then everything that comes, until the call is over."""
        read = 0
        while True:
            read = max(read, self._count - len(self._kept))
            if read < self._count:
                yield self._kept[read - self._count]
                read += 1
            elif self._closed:
                return
            else:
                await self._news.wait()

    def _wake(self) -> None:
        # Each piece of news has an event of its own: a reader that waits again waits for the next.
        self._news.set()
        if not self._closed:
            self._news = asyncio.Event()
