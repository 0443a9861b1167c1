"""The call's dealings with the queue of people, and with the record that tells a carrier where its caller belongs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial

from voice_agent.core.commands import Disposition, OfferHandover
from voice_agent.core.events import HandoverAccepted, HandoverDeclined, HandoverFailed, HandoverQueued
from voice_agent.errors import PortError
from voice_agent.ports import CallState, Handover, QueueChange
from voice_agent.session.inbox import closing
from voice_agent.session.contacts import recognise_caller
from voice_agent.session.records import Records
from voice_agent.session.ties import Ties

_log = logging.getLogger(__name__)


class Transfer:
    """Nothing here waits: each step is put behind those before it in the call's `records`."""

    def __init__(self, ties: Ties, *, carrier: str, carrier_call: str, records: Records) -> None:
        self._ties = ties
        self._call = ties.call
        self._carrier = carrier
        self._carrier_call = carrier_call
        self._queue = ties.equipment.queue
        self._store = ties.equipment.store
        self._wall = ties.equipment.wall
        self._records = records
        self._since: float | None = None
        """Of an offer that may or may not have been stored: repeated under the same time, it is the same offer."""
        self._following: asyncio.Task[None] | None = None
        self.waiting = False
        """The caller has been promised a person who has not come yet."""

    def begin(self) -> None:
        self._ties.spawn(recognise_caller(self._ties, carrier=self._carrier, carrier_call=self._carrier_call))
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

    def complete(self) -> None:
        """The person and the caller have spoken."""
        self.waiting = False
        self._records.add("complete", lambda: self._queue.complete(self._call))

    async def _offer(self, command: OfferHandover) -> None:
        self._since = self._wall() if self._since is None else self._since
        handover = Handover(
            call=self._call,
            carrier=self._carrier,
            carrier_call=self._carrier_call,
            queue=command.queue,
            priority=command.priority,
            brief=command.brief,
            state="waiting",
            since=self._since,
            agent="",
        )
        try:
            self._follow()
            async with asyncio.timeout(self._ties.equipment.policy.queue_within):
                position = await self._queue.offer(handover)
        except PortError as error:
            self._ties.post(partial(HandoverFailed, code=error.code))
        except TimeoutError:
            self._ties.post(partial(HandoverFailed, code="timeout"))
        else:
            self._ties.post(partial(HandoverQueued, position=max(1, position)))

    async def _withdraw(self) -> None:
        self._since = None
        if self._following:
            self._following.cancel()
            self._following = None
        await self._queue.withdraw(self._call)

    def _follow(self) -> None:
        """From before the offer is stored, so that no answer to it is missed."""
        if self._following is None or self._following.done():
            changes = self._queue.changes()
            self._following = self._ties.spawn(self._listen(changes))

    async def _listen(self, changes: AsyncIterator[QueueChange]) -> None:
        try:
            async with closing(changes) as ours:
                async for change in ours:
                    if change.call == self._call:
                        self._tell(change)
        except PortError as error:
            _log.warning("call %s: the queue cannot be followed: %s", self._call, error.code)
            self._ties.post(partial(HandoverFailed, code=error.code))

    def _tell(self, change: QueueChange) -> None:
        if change.kind == "accepted":
            # Should this person never come, the next offer is a new one.
            self._since = None
            self._ties.post(partial(HandoverAccepted, agent=change.agent))
        elif change.kind == "declined":
            self._ties.post(HandoverDeclined)
