"""Callers who are to be called back. Their numbers are encrypted, read one at a time, and erased when they have been used."""

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update

from voice_agent.adapters.sql.changes import note_change
from voice_agent.adapters.sql.database import Database
from voice_agent.adapters.sql.sealed import Seal
from voice_agent.adapters.sql.tables import callbacks
from voice_agent.core.brief import Brief
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import CallbackRequest, QueueChange

_BRIEF = TypeAdapter(Brief)
_OPEN = callbacks.c.number != ""


class SqlCallbackStore:
    """A CallbackStore. Who follows the queue is told of its changes too."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def ask(self, request: CallbackRequest, number: str) -> None:
        def job(connection: Connection) -> None:
            if connection.execute(select(callbacks.c.call).where(callbacks.c.call == request.call)).first() is None:
                connection.execute(
                    insert(callbacks).values(
                        call=request.call,
                        queue=request.queue,
                        priority=request.priority,
                        brief=_BRIEF.dump_json(request.brief).decode(),
                        since=request.since,
                        number=self._seal.close(number, request.call),
                    )
                )
                note_change(connection, QueueChange(call=request.call, kind="callback"))

        await self._database.write(job)

    async def open(self) -> list[CallbackRequest]:
        wanted = (callbacks.c.call, callbacks.c.queue, callbacks.c.priority, callbacks.c.brief, callbacks.c.since)
        found = select(*wanted).where(_OPEN).order_by(callbacks.c.priority, callbacks.c.since, callbacks.c.call)
        rows = await self._database.read(lambda connection: connection.execute(found).mappings().all())
        return [
            CallbackRequest(
                call=CallId(row["call"]),
                queue=row["queue"],
                priority=row["priority"],
                brief=_BRIEF.validate_json(row["brief"]),
                since=row["since"],
            )
            for row in rows
        ]

    async def number(self, call: CallId) -> str:
        asked = select(callbacks.c.number).where(callbacks.c.call == call, _OPEN)
        sealed: str | None = await self._database.read(lambda connection: connection.execute(asked).scalar_one_or_none())
        if sealed is None:
            raise PortError("nobody waits to be called back from this call", code="not-waiting")
        return self._seal.open(sealed, call)

    async def done(self, call: CallId) -> None:
        erase = update(callbacks).where(callbacks.c.call == call, _OPEN).values(number="")

        def job(connection: Connection) -> None:
            if connection.execute(erase).rowcount:
                note_change(connection, QueueChange(call=call, kind="callback"))

        await self._database.write(job)
