"""Rings the agents on duty for the calls that wait. Each process of a house does it, and any of them may do it for all."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import cast

from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import HumanQueue, QueueChange

log = logging.getLogger(__name__)

EVERY: Seconds = 0.5
"""For what other processes changed, agents who have come or gone, and rings that nobody answered."""


class Dispatching:
    """What fails is logged, once until it works again, and tried again."""

    def __init__(self, queue: HumanQueue, *, ring_for: Callable[[], Seconds], every: Seconds = EVERY) -> None:
        """`ring_for`: how long an agent has to answer, of the policy in force."""
        self._queue = queue
        self._ring_for = ring_for
        self._every = every
        self._changed = asyncio.Event()
        self._failing = False

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._dispatch())

    async def _listen(self) -> None:
        """So that a call rings at once. Should this fail, it rings half a second later."""
        while True:
            try:
                async with aclosing(cast("AsyncGenerator[QueueChange, None]", self._queue.changes())) as changes:
                    async for _ in changes:
                        self._changed.set()
            except PortError as error:
                log.warning("dispatch: the queue cannot be followed, trying again: %s", error.code)
            await asyncio.sleep(self._every)

    async def _dispatch(self) -> None:
        while True:
            # Cleared before, so that what changes meanwhile is looked at again.
            self._changed.clear()
            await self._once()
            try:
                async with asyncio.timeout(self._every):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _once(self) -> None:
        try:
            await self._queue.dispatch(self._ring_for())
        except PortError as error:
            if not self._failing:
                log.error("dispatch: nobody is rung until the database works: %s", error.code)  # noqa: TRY400  no bug
            self._failing = True
        except Exception:
            # A bug here must not end the calls of the whole server; the agents can still take calls from the list.
            log.exception("dispatch: nobody was rung")
        else:
            if self._failing:
                log.info("dispatch: the database works again")
            self._failing = False
