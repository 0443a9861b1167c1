"""The calls of this process: how many may be in, who they are, and how they end when the server goes away."""

import asyncio
import logging
import secrets
from dataclasses import dataclass

from voice_agent.core.call import Call
from voice_agent.core.events import CallStarted, ShutdownRequested
from voice_agent.core.words import CallId, Line, Seconds
from voice_agent.errors import RefusedError
from voice_agent.ports import Carrier
from voice_agent.server.race import first_to_end
from voice_agent.session.captions import Captions, Said
from voice_agent.session.equipment import Equipment
from voice_agent.session.session import Session

log = logging.getLogger(__name__)


def new_call_id() -> CallId:
    """128 random bits: whoever knows it may read the call's captions and report."""
    return CallId(secrets.token_hex(16))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Booking:
    captions: Captions
    before: tuple[Line, ...] | None
    """As `CallStarted` says."""
    until: Seconds
    """On the monotonic clock: a call that has not come by then has lost its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Live:
    session: Session
    captions: Captions


class LiveCalls:
    """Admits calls, runs them, finds them for the desk, and drains them.

    A call may be booked ahead of its media stream (the phone page asks first, then connects), so that nobody is
    let in and then refused, and captions have no gap at the start.
    """

    def __init__(self, *, equipment: Equipment, max_calls: int) -> None:
        self.equipment = equipment
        """Of the calls to come. When a policy is published it is replaced, and calls under way keep theirs."""
        self._max_calls = max_calls
        self._bookings: dict[CallId, _Booking] = {}
        self._live: dict[CallId, _Live] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        self.draining = False
        """No call comes in any more."""
        self.closing = asyncio.Event()
        """Everything that is still open ends now."""

    def __len__(self) -> int:
        """Calls that are live now."""
        return len(self._live)

    def admit(self) -> None:
        """RefusedError(code="full" or "draining") when no further call can come in; its message is for callers."""
        if self.draining:
            raise RefusedError("The service is restarting. Please call again in a minute.", code="draining", retry=True)
        now = self.equipment.monotonic()
        self._bookings = {call: booking for call, booking in self._bookings.items() if booking.until > now}
        if len(self._live) + len(self._bookings) >= self._max_calls:
            raise RefusedError("All lines are busy. Please try again in a moment.", code="full", retry=True)

    @property
    def accepting(self) -> bool:
        """Whether a further call can come in."""
        try:
            self.admit()
        except RefusedError:
            return False
        return True

    def book(self, call: CallId, hold: Seconds, *, before: tuple[Line, ...] | None = None) -> None:
        """Keep a line for a call for `hold` seconds; `before` as `CallStarted` says. Raises what `admit` raises."""
        self.admit()
        captions = Captions()
        for line in before or ():
            captions.show(Said(line=line, revised=False))
        self._bookings[call] = _Booking(captions=captions, before=before, until=self.equipment.monotonic() + hold)

    def session(self, call: CallId) -> Session | None:
        """The session of a live call."""
        live = self._live.get(call)
        return live.session if live else None

    def captions(self, call: CallId) -> Captions | None:
        """The captions of a live or booked call."""
        found = self._live.get(call) or self._bookings.get(call)
        return found.captions if found else None

    async def run(self, *, call: CallId, carrier_name: str, carrier_call: str, can_bridge: bool, carrier: Carrier) -> None:
        """Run a call until it has ended. Raises what `admit` raises; a call that was booked has its line, while any come in.

        Ends early, and leaves the leg open, when the server closes: `closing` is set then.
        """
        booking = self._bookings.pop(call, None)
        if booking is None or self.draining:
            self.admit()
        captions = booking.captions if booking else Captions()
        session = Session(
            started=CallStarted(at=0.0, call=call, carrier=carrier_name, can_bridge=can_bridge, before=booking.before if booking else None),
            carrier_call=carrier_call,
            carrier=carrier,
            equipment=self.equipment,
            brain=Call(policy=self.equipment.policy, rules=self.equipment.rules),
            captions=captions,
        )
        self._live[call] = _Live(session=session, captions=captions)
        self._empty.clear()
        try:
            await first_to_end(session.run(), self.closing.wait())
        finally:
            del self._live[call]
            if not self._live:
                self._empty.set()

    async def answer_twilio(self, stream: Carrier, call_sid: str) -> None:
        """Run a call whose media stream Twilio has opened; what comes after it, Twilio asks. Raises what `run` raises."""
        await self.run(call=new_call_id(), carrier_name="twilio", carrier_call=call_sid, can_bridge=False, carrier=stream)

    async def drain(self, *, patience: Seconds, handover: Seconds) -> None:
        """Take no new calls; give those under way `patience` to finish; then `handover` to reach a person; then close."""
        self.draining = True
        if not await self._emptied(patience):
            log.info("shutting down: %d calls under way go to a person", len(self._live))
            for live in self._live.values():
                live.session.post(ShutdownRequested)
            if not await self._emptied(handover):
                log.warning("shutting down: %d calls are cut off", len(self._live))
        self.closing.set()
        await self._empty.wait()

    async def _emptied(self, within: Seconds) -> bool:
        try:
            async with asyncio.timeout(within):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True
