"""Calls that wait for people, in the database, seen alike by every process."""

import asyncio
import logging
import weakref
from collections import deque
from collections.abc import Callable
from typing import Literal, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, tuple_, update

from voice_agent.adapters.sql.database import Database, changes, handovers
from voice_agent.core.brief import Brief
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Handover, QueueChange

log = logging.getLogger(__name__)
T = TypeVar("T")

KEPT_CHANGES = 1000
"""A reader that falls further behind than this misses changes, never waits, and never makes anyone wait."""

_AT_ONCE = 256
_BRIEF = TypeAdapter(Brief)
_OPEN = ("waiting", "accepted")

Kind = Literal["waiting", "accepted", "declined", "completed", "withdrawn", "callback"]


class SqlHumanQueue:
    """A HumanQueue.

    Offering is known by its `since`: repeating an offer changes nothing whatever became of it, and a newer one puts a
    call whose person never came, or that has left the queue, back to waiting. `offer` returns 0 when the call does not
    wait. Declining an accepted call by the agent who has it puts it back to waiting, in its old place.
    """

    def __init__(self, database: Database, *, poll: Seconds = 0.5) -> None:
        """`poll`: how often subscribers look for changes made by other processes."""
        self._database = database
        self._poll = poll
        self._readers: weakref.WeakSet[Changes] = weakref.WeakSet()

    async def offer(self, handover: Handover) -> int:
        def job(connection: Connection) -> int:
            this = handovers.c.call == handover.call
            found = connection.execute(select(handovers.c.state, handovers.c.since).where(this)).first()
            if found is None or (found.state != "waiting" and found.since != handover.since):
                connection.execute(delete(handovers).where(this))
                connection.execute(insert(handovers).values(**_columns(handover)))
                note_change(connection, handover.call, "waiting")
            return _position(connection, handover.call)

        return await self._change(job)

    async def waiting(self) -> list[Handover]:
        found = select(handovers).where(handovers.c.state.in_(_OPEN)).order_by(handovers.c.priority, handovers.c.since, handovers.c.call)
        rows = await self._database.read(lambda connection: connection.execute(found).mappings().all())
        return [_handover(row) for row in rows]

    async def find(self, call: CallId) -> Handover | None:
        row = await self._database.read(lambda connection: _row(connection, call))
        return None if row is None else _handover(row)

    async def accept(self, call: CallId, agent: str) -> Handover:
        def job(connection: Connection) -> RowMapping:
            # One statement decides, so two agents cannot both win, in whatever processes they are.
            take = update(handovers).where(handovers.c.call == call, handovers.c.state == "waiting")
            won = connection.execute(take.values(state="accepted", agent=agent)).rowcount == 1
            row = _row(connection, call)
            if row is None or row["state"] not in _OPEN:
                raise PortError("this call no longer waits", code="not-waiting")
            if row["agent"] != agent:
                raise PortError("somebody else has taken this call", code="already-taken")
            if won:
                note_change(connection, call, "accepted", agent)
            return row

        return _handover(await self._change(job))

    async def decline(self, call: CallId, agent: str) -> None:
        def job(connection: Connection) -> None:
            theirs = (handovers.c.call == call, handovers.c.state == "accepted", handovers.c.agent == agent)
            connection.execute(update(handovers).where(*theirs).values(state="waiting", agent=""))
            row = _row(connection, call)
            if row is not None and row["state"] == "waiting":
                note_change(connection, call, "declined", agent)

        await self._change(job)

    async def complete(self, call: CallId) -> None:
        await self._change(lambda connection: _leave(connection, call, "completed"))

    async def withdraw(self, call: CallId) -> None:
        await self._change(lambda connection: _leave(connection, call, "withdrawn"))

    def changes(self) -> "Changes":
        """Counts from this call on, even before the first `anext`. Close it (`aclosing`) to stop listening."""
        last = select(func.coalesce(func.max(changes.c.seq), 0))
        seen: int = self._database.read_now(lambda connection: connection.execute(last).scalar_one())
        reader = Changes(self._database, seen=seen, poll=self._poll)
        self._readers.add(reader)
        return reader

    async def _change(self, job: Callable[[Connection], T]) -> T:
        result = await self._database.write(job)
        for reader in self._readers:
            reader.look()
        return result


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


def _row(connection: Connection, call: CallId) -> RowMapping | None:
    return connection.execute(select(handovers).where(handovers.c.call == call)).mappings().first()


def _leave(connection: Connection, call: CallId, kind: Literal["completed", "withdrawn"]) -> None:
    open_ = update(handovers).where(handovers.c.call == call, handovers.c.state.in_(_OPEN))
    if connection.execute(open_.values(state=kind)).rowcount == 1:
        note_change(connection, call, kind)


def note_change(connection: Connection, call: CallId, kind: Kind, agent: str = "") -> None:
    inserted = connection.execute(insert(changes).values(call=call, kind=kind, agent=agent)).inserted_primary_key
    if inserted is not None:
        connection.execute(delete(changes).where(changes.c.seq <= inserted.seq - KEPT_CHANGES))


def _position(connection: Connection, call: CallId) -> int:
    row = _row(connection, call)
    if row is None or row["state"] != "waiting":
        return 0
    urgency = tuple_(handovers.c.priority, handovers.c.since, handovers.c.call)
    before = urgency < tuple_(row["priority"], row["since"], row["call"])
    ahead = select(func.count()).where(handovers.c.state == "waiting", before)
    return int(connection.execute(ahead).scalar_one()) + 1


def _columns(handover: Handover) -> dict[str, object]:
    return {
        "call": handover.call,
        "carrier": handover.carrier,
        "carrier_call": handover.carrier_call,
        "queue": handover.queue,
        "priority": handover.priority,
        "brief": _BRIEF.dump_json(handover.brief).decode(),
        "state": "waiting",
        "since": handover.since,
        "agent": "",
    }


def _handover(row: RowMapping) -> Handover:
    return Handover(
        call=CallId(row["call"]),
        carrier=row["carrier"],
        carrier_call=row["carrier_call"],
        queue=row["queue"],
        priority=row["priority"],
        brief=_BRIEF.validate_json(row["brief"]),
        state=row["state"],
        since=row["since"],
        agent=row["agent"],
    )
