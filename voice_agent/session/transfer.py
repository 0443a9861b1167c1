"""The call's dealings with the queue of people, and with the record that tells a carrier where its caller belongs."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from voice_agent.core.commands import Disposition, OfferHandover
from voice_agent.core.dispatch import Estimate
from voice_agent.core.escalation import QueueState
from voice_agent.core.events import (
    HandoverAccepted,
    HandoverExhausted,
    HandoverFailed,
    HandoverMoved,
    HandoverQueued,
    HandoverRang,
    PersonLeft,
    QueuesSeen,
)
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import CallState, Handover, QueueChange
from voice_agent.session.bridge import Left
from voice_agent.session.contacts import recognise_caller
from voice_agent.session.following import Following
from voice_agent.session.records import Records
from voice_agent.session.ties import Ties

_log = logging.getLogger(__name__)

LOOK_AT_QUEUES_EVERY: Seconds = 1.0


class Transfer:
    """Nothing here waits: each step is put behind those before it in the call's `records`."""

    def __init__(self, ties: Ties, *, carrier: str, carrier_call: str, records: Records, dismiss: Callable[[], None]) -> None:
        """`dismiss`: the person on the call, or on their way to it, is not theirs any more."""
        self._ties = ties
        self._call = ties.call
        self._carrier = carrier
        self._carrier_call = carrier_call
        self._queue = ties.equipment.queue
        self._store = ties.equipment.store
        self._wall = ties.equipment.wall
        self._records = records
        self._dismiss = dismiss
        self._following = Following(ties, changed=self._changed, seen=self._seen)
        self._since: float | None = None
        """Of an offer that may or may not have been stored: repeated under the same time, it is the same offer."""
        self._told: Estimate | None = None
        """The call knows this much."""
        self._agent = ""
        """Who has accepted the call, until they leave it."""
        self.waiting = False
        """The caller has been promised a person who has not come yet."""

    def begin(self) -> None:
        self._ties.spawn(recognise_caller(self._ties, carrier=self._carrier, carrier_call=self._carrier_call))
        if queues := self._ties.equipment.queues:
            self._ties.spawn(self._tell_of_queues(queues))
        self._records.add("begin", lambda: self._store.begin(self._call, self._carrier, self._carrier_call, self._wall()))

    def set_state(self, state: CallState) -> None:
        self._records.add(state, lambda: self._store.set_state(self._call, state))

    def finish(self, disposition: Disposition) -> None:
        self._records.add("finish", lambda: self._store.finish(self._call, disposition, self._wall()))

    def offer(self, command: OfferHandover) -> None:
        self.waiting = True
        self._records.add("offer", partial(self._offer, command))

    def withdraw(self) -> None:
        self.waiting = False
        self._records.add("withdraw", self._withdraw)

    def joined(self) -> None:
        """The person and the caller hear each other."""
        if self._agent:
            self._records.add("joined", partial(self._joined, self._agent))

    def left(self, who: Left) -> None:
        """One of the two has, and they hear each other no longer."""
        if who is Left.CALLER:
            self.waiting, self._agent = False, ""
            self._records.add("complete", lambda: self._queue.complete(self._call))
        elif self._agent:
            self._lose(joined=who is Left.PERSON)

    def _lose(self, *, joined: bool) -> None:
        """The person's line is gone, or never came up. Whether they had ended the call before, what is stored tells."""
        self.waiting = True
        self._records.add("lost", partial(self._lost, self._agent, joined=joined))
        self._agent = ""

    async def _tell_of_queues(self, queues: Callable[[], tuple[QueueState, ...]]) -> None:
        """How they are, whenever that has changed."""
        told: tuple[QueueState, ...] = ()
        while True:
            if (now := queues()) != told:
                told = now
                self._ties.post(partial(QueuesSeen, queues=now))
            await asyncio.sleep(LOOK_AT_QUEUES_EVERY)

    async def _offer(self, command: OfferHandover) -> None:
        self._since = self._wall() if self._since is None else self._since
        handover = Handover(
            call=self._call,
            carrier=self._carrier,
            carrier_call=self._carrier_call,
            queue=command.queue,
            priority=command.priority,
            brief=command.brief,
            since=self._since,
        )
        try:
            self._following.listen()
            async with asyncio.timeout(self._ties.equipment.policy.queue_within):
                position = await self._queue.offer(handover)
                self._told = await self._queue.estimate(self._call) or Estimate(position=max(1, position), wait=None)
        except PortError as error:
            self._ties.post(partial(HandoverFailed, code=error.code))
        except TimeoutError:
            self._ties.post(partial(HandoverFailed, code="timeout"))
        else:
            self._ties.post(partial(HandoverQueued, position=self._told.position, wait=self._told.wait))
            self._following.look()

    async def _withdraw(self) -> None:
        self._since = None
        self._following.stop()
        await self._queue.withdraw(self._call)

    async def _joined(self, agent: str) -> None:
        if not await self._queue.joined(self._call, agent) and self._agent == agent:
            self._forsaken(joined=True)

    async def _lost(self, agent: str, *, joined: bool) -> None:
        completed = False
        try:
            await self._queue.lost(self._call, agent)
            found = await self._queue.find(self._call)
            completed = found is not None and found.state == "completed"
        finally:  # also when it cannot be stored: then the call makes a new offer
            self.waiting = not completed
            self._ties.post(partial(PersonLeft, joined=joined, completed=completed))

    def _changed(self, change: QueueChange) -> None:
        match change.kind:
            case "accepted":
                self._accepted(change.agent)
            case "ringing" if not self._agent:
                self._ties.post(HandoverRang)
            case "exhausted" if not self._agent:
                self._ties.post(HandoverExhausted)
            case "completed" if self._agent:
                self.waiting, self._agent = False, ""
                self._dismiss()
                self._ties.post(partial(PersonLeft, joined=True, completed=True))
            case "lost" | "declined" if self._agent == change.agent:
                self._forsaken(joined=False)

    def _seen(self, found: Handover, estimate: Estimate | None) -> None:
        if self._agent:
            return
        if found.state in ("accepted", "bridged"):
            self._accepted(found.agent)
        elif estimate and estimate != self._told:
            self._told = estimate
            self._ties.post(partial(HandoverMoved, position=estimate.position, wait=estimate.wait))
            if found.state == "ringing":
                self._ties.post(HandoverRang)

    def _accepted(self, agent: str) -> None:
        self._following.look_away()
        # Should this person never come, the next offer is a new one.
        self._agent, self._since = agent, None
        self._ties.post(partial(HandoverAccepted, agent=agent))

    def _forsaken(self, *, joined: bool) -> None:
        """The call is not this person's any more."""
        self._dismiss()
        self._lose(joined=joined)
