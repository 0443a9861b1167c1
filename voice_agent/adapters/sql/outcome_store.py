"""How calls ended, and the verdicts of those who took them, as two tables that are read as one."""

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, Select, and_, delete, desc, insert, select, tuple_

from voice_agent.adapters.sql.database import Database
from voice_agent.adapters.sql.tables import callers, calls, outcomes, verdicts
from voice_agent.core.words import CallId
from voice_agent.ports import AgentVerdict, Outcome, OutcomeFilter
from voice_agent.ports.outcomes import REPEAT_WITHIN, merged

_OUTCOME = TypeAdapter(Outcome)
_VERDICT = TypeAdapter(AgentVerdict)
_SPOKEN = [column.label(f"verdict_{column.name}") for column in verdicts.c]
_BOTH = select(outcomes, *_SPOKEN).outerjoin(verdicts, verdicts.c.call == outcomes.c.call)


class SqlOutcomeStore:
    """An OutcomeStore. A caller is known by what CallStore.note_caller was told of their call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, outcome: Outcome) -> None:
        this = outcomes.c.call == outcome.call

        def job(connection: Connection) -> None:
            row = connection.execute(_BOTH.where(this)).mappings().first()
            kept = outcome if row is None else merged(_outcome(row), outcome)
            values = {name: value for name, value in asdict(kept).items() if name != "verdict"}
            connection.execute(delete(outcomes).where(this))
            connection.execute(insert(outcomes).values(values | {"repeat_contact": _has_called(connection, kept)}))

        await self._database.write(job)

    async def note_verdict(self, call: CallId, verdict: AgentVerdict) -> None:
        def job(connection: Connection) -> None:
            connection.execute(delete(verdicts).where(verdicts.c.call == call))
            connection.execute(insert(verdicts).values(call=call, **asdict(verdict)))

        await self._database.write(job)

    async def verdict(self, call: CallId) -> AgentVerdict | None:
        spoken = select(*_SPOKEN).where(verdicts.c.call == call)
        row = await self._database.read(lambda connection: connection.execute(spoken).mappings().first())
        return None if row is None else _VERDICT.validate_python(_verdict(row))

    async def find(self, call: CallId) -> Outcome | None:
        row = await self._database.read(lambda connection: connection.execute(_BOTH.where(outcomes.c.call == call)).mappings().first())
        return None if row is None else _outcome(row)

    async def matching(self, wanted: OutcomeFilter) -> list[Outcome]:
        chosen = _chosen(wanted).order_by(desc(outcomes.c.started), outcomes.c.call)
        rows = await self._database.read(lambda connection: connection.execute(chosen).mappings().all())
        return [_outcome(row) for row in rows]


def _chosen(wanted: OutcomeFilter) -> "Select[Any]":
    chosen = _BOTH.where(outcomes.c.started >= wanted.since)
    for name in ("disposition", "queue", "rule", "agent"):
        if (value := getattr(wanted, name)) is not None:
            chosen = chosen.where(outcomes.c[name] == value)
    if wanted.repeat:
        chosen = chosen.where(outcomes.c.repeat_contact.is_(True))
    if wanted.judged_wrong:
        chosen = chosen.where(verdicts.c.escalation_right.is_(False))
    return chosen


def _has_called(connection: Connection, outcome: Outcome) -> bool | None:
    """Whether the caller has called in the week before this call; None when nobody knows who they are."""
    theirs = and_(callers.c.carrier == calls.c.carrier, callers.c.carrier_call == calls.c.carrier_call)
    mine = connection.execute(select(callers).join(calls, theirs).where(calls.c.call == outcome.call)).first()
    if mine is None:
        return None
    other = tuple_(callers.c.carrier, callers.c.carrier_call) != (mine.carrier, mine.carrier_call)
    before = callers.c.since.between(outcome.started - REPEAT_WITHIN, outcome.started)
    return connection.execute(select(callers.c.since).where(callers.c.caller == mine.caller, other, before)).first() is not None


def _outcome(row: RowMapping) -> Outcome:
    own = {column.name: row[column.name] for column in outcomes.c}
    return _OUTCOME.validate_python(own | {"verdict": None if row["verdict_call"] is None else _verdict(row)})


def _verdict(row: RowMapping) -> dict[str, Any]:
    return {column.name: row[f"verdict_{column.name}"] for column in verdicts.c if column.name != "call"}
