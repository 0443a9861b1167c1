"""What becomes of a call in the queue of people: heard of as it happens, and looked at now and then in case something was missed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from voice_agent.core.dispatch import Estimate
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Handover, QueueChange
from voice_agent.session.inbox import closing
from voice_agent.session.ties import Ties

_log = logging.getLogger(__name__)

LOOK_EVERY: Seconds = 5.0
LOOK_AFTER_A_CHANGE: Seconds = 1.0
"""The place in the line hangs on all calls of the queue: many changes at once are looked at once."""


class Following:
    def __init__(self, ties: Ties, *, changed: Callable[[QueueChange], None], seen: Callable[[Handover, Estimate | None], None]) -> None:
        """`changed` is told what happens to this call; `seen` how it stands, while it is looked at."""
        self._ties = ties
        self._queue = ties.equipment.queue
        self._changed = changed
        self._seen = seen
        self._listening: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def listen(self) -> None:
        """From now on: an offer that is stored behind this has no answer that is missed."""
        if self._listening is None:
            work = self._listen(self._queue.changes())
            try:
                self._listening = self._ties.spawn(work)
            except RuntimeError:
                work.close()  # the call is being ended: the offer is still to be stored, and nobody is left to be told

    def look(self) -> None:
        if self._looking is None:
            self._looking = self._ties.spawn(self._look())

    def look_away(self) -> None:
        if self._looking:
            self._looking.cancel()
            self._looking = None

    def stop(self) -> None:
        self.look_away()
        if self._listening:
            self._listening.cancel()
            self._listening = None

    async def _listen(self, changes: AsyncIterator[QueueChange]) -> None:
        while True:
            try:
                async with closing(changes) as ours:
                    async for change in ours:
                        self._news.set()
                        if change.call == self._ties.call:
                            self._changed(change)
            except PortError as error:
                _log.warning("call %s: the queue cannot be followed, trying again: %s", self._ties.call, error.code)
            await asyncio.sleep(LOOK_AFTER_A_CHANGE)
            changes = self._queue.changes()

    async def _look(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._news.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(LOOK_AFTER_A_CHANGE)
            self._news.clear()
            try:
                found, estimate = await self._queue.find(self._ties.call), await self._queue.estimate(self._ties.call)
            except PortError as error:
                _log.warning("call %s: its place in the queue cannot be read: %s", self._ties.call, error.code)
                continue
            if found:
                self._seen(found, estimate)
