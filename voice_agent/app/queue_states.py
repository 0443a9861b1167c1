"""How the queues of people are now: within their hours, full, staffed. Looked at by each process, and told to its calls."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from voice_agent.core.escalation import QueueState
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Handover, HumanQueue, OnDuty, Roster
from voice_agent.settings.escalation import QueueLimits

log = logging.getLogger(__name__)

EVERY: Seconds = 2.0


class QueueStates:
    """While the database does not work, queues count as staffed and not full; their hours are known all the same."""

    def __init__(self, limits: Mapping[str, QueueLimits], *, queue: HumanQueue, roster: Roster, wall: Callable[[], float]) -> None:
        self.limits = limits
        """Of the configuration in force, by the queue's key."""
        self._queue = queue
        self._roster = roster
        self._wall = wall
        self._handovers: list[Handover] = []
        self._on_duty: list[OnDuty] | None = None
        self.now: tuple[QueueState, ...] = ()
        """As last looked at."""

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        try:
            self._handovers, self._on_duty = await self._queue.waiting(), await self._roster.on_duty()
        except PortError as error:
            log.debug("the queues cannot be looked at: %s", error.code)
            self._handovers, self._on_duty = [], None
        self.now = tuple(self._state(name, limits) for name, limits in self.limits.items())

    def _state(self, name: str, limits: QueueLimits) -> QueueState:
        waiting = sum(each.queue == name and each.state in ("waiting", "ringing") for each in self._handovers)
        return QueueState(
            queue=name,
            business_hours=limits.hours is None or limits.hours.include(self._wall()),
            full=limits.max_waiting is not None and waiting >= limits.max_waiting,
            staffed=self._on_duty is None or any(each.serves(name) for each in self._on_duty),
        )
