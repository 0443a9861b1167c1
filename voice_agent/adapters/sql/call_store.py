"""The calls, the tokens that admit a media stream, and the webhooks already seen."""

import hashlib
import secrets
from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, bindparam, delete, desc, insert, select, update

from voice_agent.adapters.sql.database import Database
from voice_agent.adapters.sql.tables import callers, calls, seen_keys, tiers, tokens
from voice_agent.core.commands import Disposition
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import CallRecord, CallState

REMEMBERED: Seconds = 24 * 3600.0
"""How long a key stays seen. A carrier gives up repeating a webhook within minutes."""


class SqlCallStore:
    """A CallStore.

    Beginning a call again changes nothing. Finishing sets when and how it ended, and makes the state "ended" unless
    the call is handed over: then its caller is still in the carrier's queue, and a webhook must find it so. Setting the
    state or finishing a call that was never begun is a PortError(code="unknown-call").
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, call: CallId, carrier: str, carrier_call: str, now: float) -> None:
        def job(connection: Connection) -> None:
            if connection.execute(select(calls.c.call).where(calls.c.call == call)).first() is None:
                connection.execute(insert(calls).values(call=call, carrier=carrier, carrier_call=carrier_call, state="live", started=now))

        await self._database.write(job)

    async def set_state(self, call: CallId, state: CallState) -> None:
        def job(connection: Connection) -> None:
            if connection.execute(update(calls).where(calls.c.call == call).values(state=state)).rowcount == 0:
                raise _unknown(call)

        await self._database.write(job)

    async def finish(self, call: CallId, disposition: Disposition, now: float) -> None:
        def job(connection: Connection) -> None:
            this = calls.c.call == call
            if connection.execute(update(calls).where(this).values(ended=now, disposition=disposition)).rowcount == 0:
                raise _unknown(call)
            connection.execute(update(calls).where(this, calls.c.state != "handed-over").values(state="ended"))

        await self._database.write(job)

    async def find_by_carrier(self, carrier: str, carrier_call: str) -> CallRecord | None:
        newest = (
            select(calls).where(calls.c.carrier == carrier, calls.c.carrier_call == carrier_call).order_by(desc(calls.c.started)).limit(1)
        )
        row = await self._database.read(lambda connection: connection.execute(newest).mappings().first())
        return None if row is None else _record(row)

    async def note_caller(self, carrier: str, carrier_call: str, caller: str, now: float) -> None:
        def job(connection: Connection) -> None:
            this = (callers.c.carrier == carrier, callers.c.carrier_call == carrier_call)
            connection.execute(delete(callers).where(*this))
            connection.execute(insert(callers).values(carrier=carrier, carrier_call=carrier_call, caller=caller, since=now))

        await self._database.write(job)

    async def contacts(self, carrier: str, carrier_call: str) -> tuple[float, ...]:
        this = (callers.c.carrier == carrier, callers.c.carrier_call == carrier_call)
        theirs = select(callers.c.caller).where(*this).scalar_subquery()
        begun = select(callers.c.since).where(callers.c.caller == theirs).order_by(callers.c.since)
        return await self._database.read(lambda connection: tuple(connection.execute(begun).scalars()))

    async def tier_of(self, carrier: str, carrier_call: str) -> str | None:
        this = (callers.c.carrier == carrier, callers.c.carrier_call == carrier_call)
        theirs = select(tiers.c.tier).join(callers, callers.c.caller == tiers.c.caller).where(*this)
        return await self._database.read(lambda connection: connection.execute(theirs).scalar())

    async def set_tier(self, callers: Collection[str], tier: str | None) -> None:
        if not callers:
            return

        def job(connection: Connection) -> None:
            connection.execute(delete(tiers).where(tiers.c.caller == bindparam("who")), [{"who": caller} for caller in callers])
            if tier is not None:
                connection.execute(insert(tiers), [{"caller": caller, "tier": tier} for caller in callers])

        await self._database.write(job)
        if tier is None:
            await self._database.scrub()

    async def issue_token(self, binding: str, now: float, lifetime: Seconds) -> str:
        token = secrets.token_urlsafe(32)

        def job(connection: Connection) -> None:
            connection.execute(delete(tokens).where(tokens.c.expires <= now))
            connection.execute(insert(tokens).values(digest=_digest(token), binding=binding, expires=now + lifetime))

        await self._database.write(job)
        return token

    async def redeem_token(self, token: str, binding: str, now: float) -> bool:
        redeem = delete(tokens).where(tokens.c.digest == _digest(token), tokens.c.binding == binding, tokens.c.expires > now)
        return await self._database.write(lambda connection: connection.execute(redeem).rowcount == 1)

    async def remember_once(self, key: str, now: float) -> bool:
        def job(connection: Connection) -> bool:
            connection.execute(delete(seen_keys).where(seen_keys.c.seen <= now - REMEMBERED))
            if connection.execute(select(seen_keys.c.key).where(seen_keys.c.key == key)).first() is not None:
                return False
            connection.execute(insert(seen_keys).values(key=key, seen=now))
            return True

        return await self._database.write(job)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _unknown(call: CallId) -> PortError:
    return PortError(f"there is no call {call} in the store", code="unknown-call")


def _record(row: RowMapping) -> CallRecord:
    return CallRecord(
        call=CallId(row["call"]),
        carrier=row["carrier"],
        carrier_call=row["carrier_call"],
        state=row["state"],
        started=row["started"],
        ended=row["ended"],
        disposition=row["disposition"],
    )
