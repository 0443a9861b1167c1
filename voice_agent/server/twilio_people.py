"""What is stored of Twilio callers on their way to a person."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from voice_agent.core.brief import brief_of_lost_call
from voice_agent.core.words import CallId
from voice_agent.ports import CallRecord, CallStore, Handover, HumanQueue

CARRIER = "twilio"
LOST_PRIORITY = 2
"""Ahead of the ordinary: these callers have met a failure of ours already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Every method may be repeated, by any process, and finds the same end."""

    store: CallStore
    queue: HumanQueue
    wall: Callable[[], float]
    lost_queue: str
    secret: bytes = field(repr=False)
    """Makes ids of calls that no session began: from the CallSid, so that two processes make the same one."""

    async def see_to(self, call_sid: str) -> int | None:
        """Have this caller on the desk, whoever put them there.

        Returns their position, 1 for the next; None when they do not wait, because somebody takes them or they are gone.
        """
        record = await self.store.find_by_carrier(CARRIER, call_sid)
        if record is not None and await self.is_settled(record):
            return None
        call = self._id(call_sid) if record is None else record.call
        if record is None:
            await self.store.begin(call, CARRIER, call_sid, self.wall())
        found = await self.queue.find(call)
        if found is None:
            await self.queue.offer(self._lost(call, call_sid))
        elif found.state in ("completed", "withdrawn"):
            await self.queue.offer(replace(found, since=self.wall()))
        if record is None or record.state != "handed-over":
            await self.store.set_state(call, "handed-over")
        calls = [handover.call for handover in await self.queue.waiting() if handover.state == "waiting"]
        return calls.index(call) + 1 if call in calls else None

    async def is_settled(self, record: CallRecord) -> bool:
        """Nobody owes this caller a person: the call ended as it should, and nothing waits for one.

        A call that failed is owed one; so is one that ended as transferred without being noted as handed over.
        """
        if record.state != "ended" or record.disposition in ("failed", "transferred"):
            return False
        found = await self.queue.find(record.call)
        return found is None or found.state not in ("waiting", "accepted")

    async def find(self, call_sid: str) -> Handover | None:
        record = await self.store.find_by_carrier(CARRIER, call_sid)
        return None if record is None else await self.queue.find(record.call)

    async def served(self, call_sid: str) -> None:
        """The caller has spoken with a person, and left."""
        await self._end(call_sid, "transferred")

    async def gone(self, call_sid: str) -> None:
        """The caller has hung up. Whoever waited for a person did so in vain."""
        await self._end(call_sid, "abandoned")

    async def _end(self, call_sid: str, how: Literal["transferred", "abandoned"]) -> None:
        record = await self.store.find_by_carrier(CARRIER, call_sid)
        if record is None or await self.is_settled(record):
            return
        if how == "transferred":
            await self.queue.complete(record.call)
        else:
            await self.queue.withdraw(record.call)
        await self.store.set_state(record.call, "ended")
        await self.store.finish(record.call, how, self.wall())

    def _id(self, call_sid: str) -> CallId:
        return CallId(hmac.new(self.secret, call_sid.encode(), hashlib.sha256).hexdigest()[:32])

    def _lost(self, call: CallId, call_sid: str) -> Handover:
        return Handover(
            call=call,
            carrier=CARRIER,
            carrier_call=call_sid,
            queue=self.lost_queue,
            priority=LOST_PRIORITY,
            brief=brief_of_lost_call(self.lost_queue),
            state="waiting",
            since=self.wall(),
            agent="",
        )
