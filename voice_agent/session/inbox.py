"""Where everything that happens to a call waits to be told to it, in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Protocol, TypeVar, cast

from voice_agent.core.events import Event
from voice_agent.core.words import Seconds

T = TypeVar("T")

FULL = 64
"""Events that wait, from where on sources that can flood are made to wait too."""


class MakeEvent(Protocol):
    """An event class, or a `partial` of one, that lacks only its time."""

    def __call__(self, *, at: Seconds) -> Event: ...


class Inbox:
    """Bounded: the sources that can flood (the leg, an answer's sentences) ask for `room` before they read on.

    All others post a few events for each command, so what waits is at most FULL, what one message of the leg holds, and those few.
    An event gets its time when it is taken out, that is when it reaches the call, so that times never run backwards.
    """

    def __init__(self) -> None:
        self._waiting: deque[MakeEvent] = deque()
        self._news = asyncio.Event()
        self._space = asyncio.Event()
        self._space.set()

    def post(self, make: MakeEvent) -> None:
        """Never waits."""
        self._waiting.append(make)
        self._news.set()
        if len(self._waiting) >= FULL:
            self._space.clear()

    async def room(self) -> None:
        await self._space.wait()

    async def next(self, within: Seconds | None) -> MakeEvent | None:
        """The oldest; None when nothing has come `within` the time (None: waits for ever)."""
        if not self._waiting:
            self._news.clear()
            try:
                async with asyncio.timeout(within):
                    await self._news.wait()
            except TimeoutError:
                return None
        make = self._waiting.popleft()
        self._space.set()
        return make


def closing(stream: AsyncIterator[T]) -> "aclosing[AsyncGenerator[T, None]]":
    """Closes what a port streams, however the loop over it ends. Everything behind a port that streams has `aclose`."""
    return aclosing(cast("AsyncGenerator[T, None]", stream))
