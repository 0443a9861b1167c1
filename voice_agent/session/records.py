"""What a call writes where other processes read it: one thing after the other, in the order it was asked for."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError

_log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]


class Records:
    """Each entry has `within` to be written; what fails is logged, and the call goes on without it.

    Everything written may be written twice without harm (the ports promise it), so what was interrupted is done again.
    """

    def __init__(self, *, call: CallId, within: Seconds) -> None:
        self._call = call
        self._within = within
        self._waiting: deque[tuple[str, Work]] = deque()
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()

    def add(self, name: str, work: Work) -> None:
        """`name` is for the log."""
        self._waiting.append((name, work))
        self._news.set()

    async def run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self._work_off()

    async def finish(self, within: Seconds) -> None:
        """Write what still waits; what takes longer is left and logged."""
        try:
            async with asyncio.timeout(within):
                await self._work_off()
        except TimeoutError:
            _log.error(
                "call %s: out of time with records unwritten: %d, the first is %r", self._call, len(self._waiting), self._waiting[0][0]
            )

    async def _work_off(self) -> None:
        async with self._writing:
            while self._waiting:
                name, work = self._waiting[0]
                try:
                    await self._write(name, work)
                except Exception:
                    self._waiting.popleft()  # a bug is not tried again, and keeps nothing behind it from being written
                    raise
                self._waiting.popleft()

    async def _write(self, name: str, work: Work) -> None:
        try:
            async with asyncio.timeout(self._within):
                await work()
        except PortError as error:
            _log.warning("call %s: %r could not be written: %s", self._call, name, error.code)
        except TimeoutError:
            _log.warning("call %s: %r could not be written in %g s", self._call, name, self._within)
