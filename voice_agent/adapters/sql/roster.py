"""Which agents are there to be rung, in the database."""

import time
from collections.abc import Callable

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from voice_agent.adapters.sql.board import on_duty, read_board, write_board
from voice_agent.adapters.sql.database import Database
from voice_agent.adapters.sql.tables import agents
from voice_agent.core.dispatch import AgentStatus, OnDuty


class SqlRoster:
    """A Roster."""

    def __init__(self, database: Database, *, wall: Callable[[], float] = time.time) -> None:
        """`wall`: UNIX seconds."""
        self._database = database
        self._wall = wall

    async def set_status(self, agent: str, status: AgentStatus, queues: tuple[str, ...] | None) -> None:
        def job(connection: Connection) -> None:
            board = read_board(connection, self._wall())
            board.come(agent, status, queues)
            write_board(connection, board)

        await self._database.write(job)

    async def seen(self, agent: str) -> None:
        now = self._wall()
        new = insert(agents).values(agent=agent, status="away", queues="[]", since=now, seen=now, missed=False)
        # Two pages of an agent may report in any order.
        told = new.on_conflict_do_update(index_elements=["agent"], set_={"seen": func.max(agents.c.seen, now)})
        await self._database.write(lambda connection: connection.execute(told))

    async def find(self, agent: str) -> OnDuty | None:
        wanted = select(agents).where(agents.c.agent == agent)
        row = await self._database.read(lambda connection: connection.execute(wanted).mappings().first())
        return None if row is None else on_duty(row)

    async def on_duty(self) -> list[OnDuty]:
        everybody = select(agents).order_by(agents.c.agent)
        rows = await self._database.read(lambda connection: connection.execute(everybody).mappings().all())
        now = self._wall()
        return [each for each in (on_duty(row) for row in rows) if each.is_on_duty(now)]
