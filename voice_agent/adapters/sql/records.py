"""What is kept of calls, found by age or by caller, and removed so that its bytes are gone."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, or_, select, update

from voice_agent.adapters.sql.database import Database
from voice_agent.adapters.sql.tables import callbacks, callers, calls, changes, deeds, handovers, outcomes, tiers, verdicts
from voice_agent.core.dispatch import OPEN
from voice_agent.core.words import CallId, Seconds

FORGOTTEN: Seconds = 24 * 3600.0
"""A call or a wait without an end, older than its period by this much, was cut off by a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    calls: int
    handovers: int
    notes: int
    """Of agents, on calls that they took."""
    deeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCall:
    call: CallId
    under_way: bool
    record: dict[str, Any]
    handover: dict[str, Any] | None
    """With the brief as JSON text; None when the call was not handed over."""
    callback: dict[str, Any] | None
    """A promise to call back, with the number until that is done."""
    outcome: dict[str, Any] | None
    verdict: dict[str, Any] | None
    """Of the agent who took it."""


class SqlRecords:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def end_forgotten(self, now: float, last_heard: Callable[[CallId], float | None]) -> None:
        """Calls whose process was killed end as failed, when they were last heard of (UNIX seconds; None: never since they began)."""
        forgotten = select(calls.c.call, calls.c.started).where(calls.c.ended.is_(None), calls.c.started < now - FORGOTTEN)

        def job(connection: Connection) -> None:
            for call, started in connection.execute(forgotten).all():
                ended = max(started, last_heard(CallId(call)) or started)
                connection.execute(update(calls).where(calls.c.call == call).values(ended=ended, disposition="failed", state="ended"))
                if connection.execute(select(outcomes.c.call).where(outcomes.c.call == call)).first() is None:
                    empty = {"queue": "", "rule": "", "agent": ""}
                    connection.execute(insert(outcomes).values(call=call, started=started, ended=ended, disposition="failed", **empty))

        await self._database.write(job)

    async def remove_older(self, *, calls_before: float, handovers_before: float, deeds_before: float) -> Removed:
        """What ended before these times, UNIX seconds."""
        old_calls = or_(calls.c.ended < calls_before, and_(calls.c.ended.is_(None), calls.c.started < calls_before - FORGOTTEN))
        over = handovers.c.state.in_(("completed", "withdrawn"))
        old_notes = and_(verdicts.c.at < handovers_before, verdicts.c.notes != "")
        old_handovers = or_(and_(over, handovers.c.since < handovers_before), handovers.c.since < handovers_before - FORGOTTEN)

        def job(connection: Connection) -> Removed:
            removed = Removed(
                calls=connection.execute(delete(calls).where(old_calls)).rowcount,
                handovers=connection.execute(delete(handovers).where(old_handovers)).rowcount,
                notes=connection.execute(update(verdicts).where(old_notes).values(notes="")).rowcount,
                deeds=connection.execute(delete(deeds).where(deeds.c.at < deeds_before)).rowcount,
            )
            connection.execute(delete(outcomes).where(outcomes.c.ended < calls_before))
            connection.execute(delete(verdicts).where(verdicts.c.at < calls_before))
            connection.execute(delete(callbacks).where(callbacks.c.since < handovers_before))
            connection.execute(delete(changes).where(changes.c.call.not_in(select(handovers.c.call))))
            known = select(calls.c.call).where(calls.c.carrier == callers.c.carrier, calls.c.carrier_call == callers.c.carrier_call)
            connection.execute(delete(callers).where(callers.c.since < calls_before, ~known.exists()))
            return removed

        removed = await self._database.write(job)
        if any(asdict(removed).values()):
            await self._database.scrub()
        return removed

    async def of_caller(self, caller: str, now: float) -> list[KeptCall]:
        """Every call of a caller, oldest first."""
        theirs = and_(calls.c.carrier == callers.c.carrier, calls.c.carrier_call == callers.c.carrier_call)
        wanted = select(calls).join(callers, theirs).where(callers.c.caller == caller).order_by(calls.c.started)

        def job(connection: Connection) -> list[KeptCall]:
            return [_kept(connection, dict(row), now) for row in connection.execute(wanted).mappings().all()]

        return await self._database.read(job)

    async def tier_of(self, caller: str) -> str | None:
        wanted = select(tiers.c.tier).where(tiers.c.caller == caller)
        return await self._database.read(lambda connection: connection.execute(wanted).scalar())

    async def forget(self, caller: str, erased: Sequence[CallId], *, all_of_them: bool) -> None:
        """Remove these calls and the caller's tier; `all_of_them`: nothing then tells any more that the caller has called."""

        def job(connection: Connection) -> None:
            for table in (changes, handovers, callbacks, outcomes, verdicts, calls):
                connection.execute(delete(table).where(table.c.call.in_(erased)))
            connection.execute(delete(tiers).where(tiers.c.caller == caller))
            if all_of_them:
                connection.execute(delete(callers).where(callers.c.caller == caller))

        await self._database.write(job)
        await self._database.scrub()


def _kept(connection: Connection, record: dict[str, Any], now: float) -> KeptCall:
    def row(table: Table) -> dict[str, Any] | None:
        found = connection.execute(select(table).where(table.c.call == record["call"])).mappings().first()
        return None if found is None else dict(found)

    handover = row(handovers)
    waits = handover is not None and handover["state"] in OPEN
    under_way = (record["ended"] is None or waits) and record["started"] > now - FORGOTTEN
    return KeptCall(
        call=CallId(record["call"]),
        under_way=under_way,
        record=record,
        handover=handover,
        callback=row(callbacks),
        outcome=row(outcomes),
        verdict=row(verdicts),
    )
