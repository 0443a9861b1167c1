"""The phones of the people for whom callers of Twilio's wait: rung, told the brief, and joined to the caller at the press of a key."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from voice_agent.adapters.twilio import twiml
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Handover
from voice_agent.server.twilio_gate import Hook, TwilioGate
from voice_agent.server.twilio_people import CARRIER
from voice_agent.session.inbox import closing

log = logging.getLogger(__name__)

AGENT_ANSWERED = "/twilio/agent-answered"
RETRY_AFTER: Seconds = 1.0
RING_FOR: Seconds = 30.0
"""Whoever took the call at the desk; otherwise for as long as it rings there."""
SHORTEST_RING: Seconds = 5.0


def person_of(agent: str) -> str:
    """An agent as a URL names them. URLs are logged, names are not."""
    return hashlib.sha256(agent.encode()).hexdigest()[:16]


_OVER = ("declined", "unanswered", "lost", "completed", "withdrawn")
"""Changes after which a phone that still rings for the call rings in vain."""


class Rest(Protocol):
    """What of `TwilioRest` it takes."""

    async def dial_person(self, to: str, from_: str, *, twiml: str, status_url: str, ring_for: Seconds) -> str: ...

    async def stop_ringing(self, call_sid: str) -> None: ...


class Phones:
    """Rings the phone of whoever a caller of Twilio's is offered to, once for each offer, from whatever process."""

    def __init__(self, gate: TwilioGate, rest: Rest, *, own: str, number_of: Callable[[str], Awaitable[str | None]]) -> None:
        """`own`: the number shown to them. `number_of`: an agent's phone. Both in E.164."""
        self._gate = gate
        self._rest = rest
        self._own = own
        self._number_of = number_of
        self._rung: dict[CallId, str] = {}
        """The leg that this process has begun for a call, until it is of no use any more."""

    async def follow(self) -> None:
        """Ring for every offer, and no longer, until cancelled. One that goes unrung is taken back by the queue in its time."""
        async with asyncio.TaskGroup() as ringing:
            while True:
                try:
                    async with closing(self._gate.queue.changes()) as changes:
                        async for change in changes:
                            if change.kind == "ringing":
                                ringing.create_task(self._offered(change.call))
                            elif change.kind == "joined":
                                self._rung.pop(change.call, None)
                            elif change.kind in _OVER:
                                ringing.create_task(self._stop(change.call))
                except PortError as error:
                    log.warning("the offers of the queue cannot be followed, trying again: %s", error.code)
                    await self._gate.sleep(RETRY_AFTER)

    async def _offered(self, call: CallId) -> None:
        try:
            found = await self._gate.queue.find(call)
            if found is not None and found.carrier == CARRIER and found.state == "ringing":
                await self.ring(found)
        except PortError as error:
            log.warning("call %s: nobody's phone rings: %s", call, error)
        except Exception:
            log.exception("call %s: nobody's phone rings", call)

    async def _stop(self, call: CallId) -> None:
        leg = self._rung.pop(call, None)
        if leg is None:
            return
        try:
            await self._rest.stop_ringing(leg)
        except PortError as error:
            if error.code != "caller-gone":
                log.warning("call %s: a phone rings in vain: %s", call, error)
        except Exception:
            log.exception("call %s: a phone rings in vain", call)

    async def ring(self, handover: Handover) -> None:
        """Ring the agent for whom it rings at the desk, or who has accepted it there.

        Whoever cannot be rung, does not answer, or declines, gives the call back to the queue.

        Raises:
            PortError: code "no-phone", or as TwilioRest.dial_person; the call is back in the queue then.
        """
        offer = _offer(handover)
        if not await self._gate.store.remember_once(f"phone for {handover.call} {offer}", self._gate.wall()):
            return
        url = self._gate.url(AGENT_ANSWERED, call=handover.carrier_call, person=person_of(handover.agent), offer=offer)
        text = twiml.whisper(self._gate.script, answer_url=url, headline=handover.brief.headline)
        left = RING_FOR if handover.ring_until is None else max(SHORTEST_RING, handover.ring_until - self._gate.wall())
        try:
            to = await self._phone(handover.agent)
            self._rung[handover.call] = await self._rest.dial_person(to, self._own, twiml=text, status_url=url, ring_for=left)
        except PortError:
            await self._gate.queue.decline(handover.call, handover.agent)
            raise
        found = await self._gate.queue.find(handover.call)
        if found is None or found.agent != handover.agent:
            await self._stop(handover.call)  # it was over before it rang

    async def _phone(self, agent: str) -> str:
        number = await self._number_of(agent)
        if number is None:
            raise PortError("there is no phone number for this agent", code="no-phone")
        return number


def _offer(handover: Handover) -> str:
    """The same for as long as it is the same offer to the same agent."""
    return f"{handover.ring_until or handover.taken or 0.0:.3f}"


class PersonsLeg:
    """What Twilio asks about a leg that `Phones` began."""

    def __init__(self, gate: TwilioGate) -> None:
        self._gate = gate
        self._people = gate.people

    async def answered(self, hook: Hook) -> str:
        """The key they pressed, or that their leg is over. The first of these counts: a leg ends after its key, too.

        Should it be noted and then fail, the queue takes the call back in its time.
        """
        found = await self._people.find(hook.query.get("call", ""))
        agent = "" if found is None else _agent(found, hook)
        first = await self._gate.store.remember_once(f"person's leg {hook.call_sid}", self._gate.wall())
        if found is None or not agent:
            return twiml.say_and_hang_up(self._gate.script.left)
        if hook.get("Digits") == "1":
            return await self._taken(found, agent)
        if first and _is_theirs(found, agent, hook.query.get("offer", "")):
            await self._gate.queue.decline(found.call, agent)
        return twiml.say_and_hang_up(self._gate.script.declined)

    async def _taken(self, found: Handover, agent: str) -> str:
        try:
            await self._gate.queue.accept(found.call, agent)
            theirs = await self._gate.queue.joined(found.call, agent)
        except PortError as error:
            if error.code not in ("not-waiting", "already-taken", "has-a-call"):
                raise
            theirs = False
        if not theirs:
            return twiml.say_and_hang_up(self._gate.script.left)
        return twiml.join(call_sid=found.carrier_call)

    def join_or_end(self, hook: Hook) -> str:
        """Without the store: Twilio gives a caller to one person only."""
        if hook.get("Digits") == "1":
            return twiml.join(call_sid=hook.query.get("call", ""))
        return twiml.hang_up()


def _agent(handover: Handover, hook: Hook) -> str:
    """Whom the URL means: whose turn it is, or was. Empty when it is nobody's who was ever offered this call."""
    person = hook.query.get("person", "")
    return next((agent for agent in (handover.agent, *handover.tried) if agent and person_of(agent) == person), "")


def _is_theirs(handover: Handover, agent: str, offer: str) -> bool:
    """Theirs to decline: not once they are joined, nor by a late word of an earlier offer."""
    if handover.agent != agent:
        return False
    return handover.state == "accepted" or (handover.state == "ringing" and _offer(handover) == offer)
