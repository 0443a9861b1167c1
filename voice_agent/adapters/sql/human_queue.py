"""Calls that wait for people, in the database, seen alike by every process."""

import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select

from voice_agent.adapters.sql.board import read_board, wait_columns, wait_fields, write_board
from voice_agent.adapters.sql.changes import Changes
from voice_agent.adapters.sql.database import Database
from voice_agent.adapters.sql.tables import changes, handovers
from voice_agent.core.brief import Brief
from voice_agent.core.dispatch import OPEN, Board, Estimate, Refusal, Wait
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Handover

T = TypeVar("T")

HANDLED_CALLS = 50
"""The last ones of a queue, by which its waiting time is estimated."""

_BRIEF = TypeAdapter(Brief)
_REFUSED: Mapping[Refusal, str] = {
    "not-waiting": "this call no longer waits",
    "already-taken": "somebody else has taken this call",
    "has-a-call": "this agent has another call; it has to be completed first",
}


class SqlHumanQueue:
    """A HumanQueue: every step is one of `core.dispatch`, in a transaction of its own."""

    def __init__(
        self, database: Database, *, wall: Callable[[], float] = time.time, poll: Seconds = 0.5, routed: tuple[str, ...] = ()
    ) -> None:
        """`wall`: UNIX seconds. `poll`: how often subscribers look for changes made by other processes.

        `routed`: carriers that find the people for their callers themselves; nobody is rung for those here.
        """
        self._database = database
        self._routed = routed
        self._wall = wall
        self._poll = poll
        self._readers: weakref.WeakSet[Changes] = weakref.WeakSet()

    async def offer(self, handover: Handover) -> int:
        def job(connection: Connection) -> int:
            board = read_board(connection, self._wall(), handover.call)
            board.offer(handover)
            if handover.call in board.changed_waits:
                connection.execute(delete(handovers).where(handovers.c.call == handover.call))
                connection.execute(insert(handovers).values(**_columns(handover)))
            write_board(connection, board)
            return board.position(handover.call)

        return await self._change(job)

    async def waiting(self) -> list[Handover]:
        found = select(handovers).where(handovers.c.state.in_(OPEN)).order_by(handovers.c.priority, handovers.c.since, handovers.c.call)
        rows = await self._database.read(lambda connection: connection.execute(found).mappings().all())
        return [_handover(row) for row in rows]

    async def find(self, call: CallId) -> Handover | None:
        return await self._database.read(lambda connection: _find(connection, call))

    async def estimate(self, call: CallId) -> Estimate | None:
        def job(connection: Connection) -> Estimate | None:
            queue = select(handovers.c.queue).where(handovers.c.call == call).scalar_subquery()
            over = (handovers.c.queue == queue, handovers.c.state == "completed", handovers.c.joined.is_not(None))
            last = select(handovers.c.ended - handovers.c.joined).where(*over).order_by(handovers.c.ended.desc()).limit(HANDLED_CALLS)
            return read_board(connection, self._wall(), call).estimate(call, connection.execute(last).scalars().all())

        return await self._database.read(job)

    async def accept(self, call: CallId, agent: str) -> Handover:
        def job(connection: Connection) -> Handover:
            board = read_board(connection, self._wall(), call)
            refusal = board.accept(call, agent)
            if refusal is not None:
                raise PortError(_REFUSED[refusal], code=refusal)
            write_board(connection, board)
            return _handover(connection.execute(select(handovers).where(handovers.c.call == call)).mappings().one())

        return await self._change(job)

    async def decline(self, call: CallId, agent: str) -> None:
        await self._step(call, lambda board: board.decline(call, agent))

    async def joined(self, call: CallId, agent: str) -> bool:
        return await self._step(call, lambda board: board.join(call, agent))

    async def lost(self, call: CallId, agent: str, joined: float | None = None) -> None:
        await self._step(call, lambda board: board.lose(call, agent, joined))

    async def complete(self, call: CallId, agent: str = "") -> None:
        await self._step(call, lambda board: board.leave(call, agent) if agent else board.end(call, "completed"))

    async def withdraw(self, call: CallId) -> None:
        await self._step(call, lambda board: board.end(call, "withdrawn"))

    async def dispatch(self, ring_for: Seconds) -> None:
        def look(connection: Connection) -> Board[Wait]:
            board = read_board(connection, self._wall(), routed=self._routed)
            board.dispatch(ring_for)
            return board

        # Mostly there is nothing to do, and then nobody who writes has to wait.
        if (await self._database.read(look)).changed_waits:
            await self._change(lambda connection: write_board(connection, look(connection)))

    def changes(self) -> Changes:
        """Counts from this call on, even before the first `anext`. Close it (`aclosing`) to stop listening."""
        last = select(func.coalesce(func.max(changes.c.seq), 0))
        seen: int = self._database.read_now(lambda connection: connection.execute(last).scalar_one())
        reader = Changes(self._database, seen=seen, poll=self._poll)
        self._readers.add(reader)
        return reader

    async def _step(self, call: CallId | None, step: Callable[[Board[Wait]], T]) -> T:
        def job(connection: Connection) -> T:
            board = read_board(connection, self._wall(), call)
            result = step(board)
            write_board(connection, board)
            return result

        return await self._change(job)

    async def _change(self, job: Callable[[Connection], T]) -> T:
        result = await self._database.write(job)
        for reader in self._readers:
            reader.look()
        return result


def _find(connection: Connection, call: CallId) -> Handover | None:
    row = connection.execute(select(handovers).where(handovers.c.call == call)).mappings().first()
    return None if row is None else _handover(row)


def _columns(handover: Handover) -> dict[str, object]:
    brief = _BRIEF.dump_json(handover.brief).decode()
    return {**wait_columns(handover), "carrier": handover.carrier, "carrier_call": handover.carrier_call, "brief": brief}


def _handover(row: Mapping[Any, Any]) -> Handover:
    brief = _BRIEF.validate_json(row["brief"])
    return Handover(**wait_fields(row), carrier=row["carrier"], carrier_call=row["carrier_call"], brief=brief)
