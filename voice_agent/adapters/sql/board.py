"""The queue and the roster as rows: read for a step of `core.dispatch`, and written after it."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, and_, not_, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from voice_agent.adapters.sql.changes import note_change
from voice_agent.adapters.sql.tables import agents, handovers
from voice_agent.core.dispatch import OPEN, Board, OnDuty, Wait
from voice_agent.core.words import CallId

_WAIT = [column for column in handovers.c if column.name not in ("carrier", "carrier_call", "brief")]
"""Without the brief: most steps look at every open call, and read none."""


def read_board(connection: Connection, now: float, call: CallId | None = None, *, routed: Collection[str] = ()) -> Board[Wait]:
    """With `call` whatever became of it; without those who wait at the carriers `routed`."""
    elsewhere = and_(handovers.c.state == "waiting", handovers.c.carrier.in_(routed))
    wanted = and_(or_(handovers.c.state.in_(OPEN), handovers.c.call == call), not_(elsewhere))
    waits = connection.execute(select(*_WAIT).where(wanted)).mappings().all()
    everybody = connection.execute(select(agents)).mappings().all()
    return Board((Wait(**wait_fields(row)) for row in waits), (on_duty(row) for row in everybody), now)


def write_board(connection: Connection, board: Board[Wait]) -> None:
    """What the step changed, to rows that exist."""
    for wait in board.changed_waits.values():
        connection.execute(update(handovers).where(handovers.c.call == wait.call).values(**wait_columns(wait)))
    for agent in board.changed_agents.values():
        values = {
            "agent": agent.agent,
            "status": agent.status,
            "queues": json.dumps(agent.queues),
            "since": agent.since,
            "seen": agent.seen,
            "missed": agent.missed,
        }
        connection.execute(insert(agents).values(**values).on_conflict_do_update(index_elements=["agent"], set_=values))
    for change in board.changes:
        note_change(connection, change)


def wait_columns(wait: Wait) -> dict[str, object]:
    return {
        "call": wait.call,
        "queue": wait.queue,
        "priority": wait.priority,
        "since": wait.since,
        "state": wait.state,
        "agent": wait.agent,
        "ring_until": wait.ring_until,
        "tried": json.dumps(wait.tried),
        "exhausted": wait.exhausted,
        "taken": wait.taken,
        "joined": wait.joined,
        "ended": wait.ended,
    }


def wait_fields(row: Mapping[Any, Any]) -> dict[str, Any]:
    fields = {column.name: row[column.name] for column in _WAIT}
    return {**fields, "call": CallId(row["call"]), "tried": tuple(json.loads(row["tried"]))}


def on_duty(row: Mapping[Any, Any]) -> OnDuty:
    queues = json.loads(row["queues"])
    return OnDuty(
        agent=row["agent"],
        status=row["status"],
        queues=None if queues is None else tuple(queues),
        since=row["since"],
        seen=row["seen"],
        missed=row["missed"],
    )
