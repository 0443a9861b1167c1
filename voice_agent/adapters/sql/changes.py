"""What changed in the queue, as a log that every process reads at its own pace."""

import asyncio
import logging
from collections import deque

from sqlalchemy import Connection, delete, insert, select

from voice_agent.adapters.sql.database import Database
from voice_agent.adapters.sql.tables import changes
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import QueueChange

log = logging.getLogger(__name__)

KEPT_CHANGES = 1000
"""A reader that falls further behind than this misses changes, never waits, and never makes anyone wait."""

_AT_ONCE = 256


class Changes:
    """One subscriber: reads the log of changes from where it stands, at its own pace.

    Looks at once when this process changes something, and every `poll` seconds for what others changed.
    """

    def __init__(self, database: Database, *, seen: int, poll: Seconds) -> None:
        self._database = database
        self._seen = seen
        self._poll = poll
        self._ready: deque[QueueChange] = deque()
        self._look = asyncio.Event()
        self._closed = False

    def look(self) -> None:
        self._look.set()

    def __aiter__(self) -> "Changes":
        return self

    async def __anext__(self) -> QueueChange:
        while not self._ready:
            if self._closed:
                raise StopAsyncIteration
            self._look.clear()
            if not await self._read():
                await self._rest()
        return self._ready.popleft()

    async def aclose(self) -> None:
        self._closed = True
        self._ready.clear()
        self._look.set()

    async def _read(self) -> bool:
        behind = select(changes).where(changes.c.seq > self._seen).order_by(changes.c.seq).limit(_AT_ONCE)
        try:
            rows = await self._database.read(lambda connection: connection.execute(behind).mappings().all())
        except PortError as error:
            log.warning("changes of the queue cannot be read, trying again: %s", error.code)
            return False
        for row in rows:
            self._seen = row["seq"]
            self._ready.append(QueueChange(call=CallId(row["call"]), kind=row["kind"], agent=row["agent"]))
        return bool(rows)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._poll):
                await self._look.wait()
        except TimeoutError:
            return


def note_change(connection: Connection, change: QueueChange) -> None:
    inserted = connection.execute(insert(changes).values(call=change.call, kind=change.kind, agent=change.agent)).inserted_primary_key
    if inserted is not None:
        connection.execute(delete(changes).where(changes.c.seq <= inserted.seq - KEPT_CHANGES))
