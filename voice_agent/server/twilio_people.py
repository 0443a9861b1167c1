"""What is stored of Twilio callers on their way to a person."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from voice_agent.core.brief import brief_of_lost_call
from voice_agent.core.words import CallId, Line, Seconds
from voice_agent.ports import OPEN, CallbackRequest, CallbackStore, CallRecord, CallStore, Handover, HumanQueue, Outcome, OutcomeStore

CARRIER = "twilio"
LOST_PRIORITY = 2
"""Ahead of the ordinary: these callers have met a failure of ours already."""
_How = Literal["transferred", "abandoned", "callback"]
LATE: Seconds = 15.0
"""Twilio waits for no webhook longer: an older one is not under way any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Every method may be repeated, by any process, and finds the same end."""

    store: CallStore
    queue: HumanQueue
    callbacks: CallbackStore
    outcomes: OutcomeStore
    wall: Callable[[], float]
    lost_queue: str
    secret: bytes = field(repr=False)
    """Makes ids of calls that no session began: from the CallSid, so that two processes make the same one."""
    recall: Callable[[CallId], tuple[Line, ...]] = lambda _: ()
    """What was said in a call that broke off. May take a moment."""

    async def see_to(self, call_sid: str) -> Handover | None:
        """Have this caller on the desk, whoever put them there. None when nobody owes them a person any more."""
        record = await self.store.find_by_carrier(CARRIER, call_sid)
        if record is not None and await self.is_settled(record):
            return None
        call = self._id(call_sid) if record is None else record.call
        if record is None:
            await self.store.begin(call, CARRIER, call_sid, self.wall())
        found = await self.queue.find(call)
        if found is None:
            await self.queue.offer(self._lost(call, call_sid, await asyncio.to_thread(self.recall, call)))
        elif found.state not in OPEN:
            await self.queue.offer(replace(found, since=self.wall()))
        if record is None or record.state != "handed-over":
            await self.store.set_state(call, "handed-over")
        return await self.queue.find(call)

    async def still_waits(self, call_sid: str) -> Handover | None:
        """As `see_to`, told by Twilio that the caller is in its queue: whoever was to be with them is not."""
        found = await self.see_to(call_sid)
        if found is None or found.state != "bridged" or self.wall() < (found.joined or 0.0) + LATE:
            return found
        await self.queue.lost(found.call, found.agent, found.joined)
        return await self.queue.find(found.call)

    async def call_back(self, call_sid: str, number: str) -> bool:
        """Promise it, in place of waiting. False when somebody is with the caller, or about to be.

        The promise is stored first: should the rest fail, the caller waits on, and is called back if they leave in vain.
        """
        record = await self.store.find_by_carrier(CARRIER, call_sid)
        if record is None or await self.is_settled(record):
            return record is not None and record.disposition == "callback"
        found = await self.queue.find(record.call)
        if found is None or found.state not in ("waiting", "ringing"):
            return False
        request = CallbackRequest(call=found.call, queue=found.queue, priority=found.priority, brief=found.brief, since=self.wall())
        await self.callbacks.ask(request, number)
        await self.queue.withdraw(found.call)
        await self._ended(record, "callback")
        return True

    async def is_settled(self, record: CallRecord) -> bool:
        """Nobody owes this caller a person: the call ended as it should, and nothing waits for one.

        A call that failed is owed one; so is one that ended as transferred without being noted as handed over.
        """
        if record.state != "ended" or record.disposition in ("failed", "transferred"):
            return False
        found = await self.queue.find(record.call)
        return found is None or found.state not in OPEN

    async def find(self, call_sid: str) -> Handover | None:
        record = await self.store.find_by_carrier(CARRIER, call_sid)
        return None if record is None else await self.queue.find(record.call)

    async def served(self, call_sid: str) -> None:
        """The caller has spoken with a person, and left. Nobody has to call them back."""
        record = await self.store.find_by_carrier(CARRIER, call_sid)
        if record is None or (record.disposition != "callback" and await self.is_settled(record)):
            return
        await self.queue.complete(record.call)
        await self.callbacks.done(record.call)
        await self._ended(record, "transferred")

    async def gone(self, call_sid: str) -> None:
        """The caller has hung up. Whoever still waited for a person did so in vain."""
        record = await self.store.find_by_carrier(CARRIER, call_sid)
        if record is not None and not await self.is_settled(record):
            await self.queue.withdraw(record.call)
            found = await self.queue.find(record.call)
            await self._ended(record, "transferred" if found is not None and found.state == "completed" else "abandoned")

    async def _ended(self, record: CallRecord, how: _How) -> None:
        """The record comes last: until then the call counts as one that is owed a person, and this is done again."""
        await self.outcomes.keep(_outcome(record, await self.queue.find(record.call), how, self.wall()))
        await self.store.set_state(record.call, "ended")
        await self.store.finish(record.call, how, self.wall())

    def _id(self, call_sid: str) -> CallId:
        return CallId(hmac.new(self.secret, call_sid.encode(), hashlib.sha256).hexdigest()[:32])

    def _lost(self, call: CallId, call_sid: str, said: tuple[Line, ...]) -> Handover:
        return Handover(
            call=call,
            carrier=CARRIER,
            carrier_call=call_sid,
            queue=self.lost_queue,
            priority=LOST_PRIORITY,
            brief=brief_of_lost_call(self.lost_queue, said),
            since=self.wall(),
        )


def _outcome(record: CallRecord, handover: Handover | None, how: _How, now: float) -> Outcome:
    """What the store shows of it; a session that came to its end has told more (`merged`)."""
    bare = Outcome(call=record.call, started=record.started, ended=now, disposition=how)
    if handover is None:
        return bare
    taken = handover.joined or (handover.taken if how == "transferred" else None)
    return replace(
        bare,
        queue=handover.queue,
        rule=handover.brief.rule,
        agent=handover.agent if how == "transferred" else "",
        time_to_escalation_s=max(0.0, handover.since - record.started),
        waiting_s=max(0.0, (taken or now) - handover.since),
    )
