"""Twilio, as far as callers and people notice: legs, a queue for each caller, webhooks signed and TwiML acted out, in no time at all.

Webhooks reach our routes in process. Any of them can meet a fault; what Twilio tells of a leg that is over comes late, in any
order, and perhaps twice.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Literal

import httpx
from fastapi import FastAPI
from twilio.request_validator import RequestValidator

from tests.fakes.house import AUTH_TOKEN, BASE
from tests.fakes.twilio_line import World
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.server.twilio import routes

State = Literal["ringing", "streaming", "queued", "gathering", "dialling", "bridged", "elsewhere", "over"]
"""Elsewhere: our server did not answer, and the number's own fallback led the caller to a person."""
Fault = Literal["none", "store", "queue", "twice", "unreachable", "answer lost"]


@dataclass
class Leg:
    sid: str
    state: State
    action: str = ""
    """Where Twilio goes next: after the stream, out of the queue, or with a key."""
    key: str = ""
    """Where a key goes that is pressed while waiting."""
    wait: str = ""
    queue: str = ""
    status: str = ""
    """Where the end of a person's leg is told."""
    other: "Leg | None" = None
    was_bridged: int = 0
    why_over: str = ""
    said: list[str] = field(default_factory=list)


@dataclass
class Network:
    world: World
    fault: Fault = "none"
    """Of the next webhook."""
    dial_fault: Literal["none", "refused", "unsure"] = "none"
    legs: dict[str, Leg] = field(default_factory=dict)
    pending: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """What is still to be told of legs that are over."""

    def __post_init__(self) -> None:
        app = FastAPI()
        app.include_router(routes(self.world.gate()))
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
        self._validator = RequestValidator(AUTH_TOKEN)

    async def aclose(self) -> None:
        await self._http.aclose()

    # ------------------------------------------------------------ webhooks

    async def _post(self, url: str, leg_sid: str, fields: dict[str, str]) -> str:
        form = {"CallSid": leg_sid, "From": "+15005550009", "CallStatus": "in-progress", **fields}
        signature = self._validator.compute_signature(url, form)
        answer = await self._http.post(url.removeprefix(BASE), data=form, headers={"X-Twilio-Signature": signature})
        assert answer.status_code == 200, answer.text
        return answer.text

    async def _ask(self, url: str, leg: Leg, **fields: str) -> str | None:
        """None when our server could not be reached, or could not be heard."""
        fault, self.fault = self.fault, "none"
        broken = PortError("the disk is full", code="store-failed")
        if fault == "unreachable":
            return None
        if fault == "twice":
            await self._post(url, leg.sid, fields)
        self.world.store.broken = broken if fault == "store" else None
        self.world.queue.broken = broken if fault == "queue" else None
        try:
            answer = await self._post(url, leg.sid, fields)
            return None if fault == "answer lost" else answer
        finally:
            self.world.store.broken = self.world.queue.broken = None

    async def tell(self, number: int, *, twice: bool = False) -> None:
        url, fields = self.pending.pop(number)
        for _ in range(1 + twice):
            await self._post(url, fields["CallSid"], fields)

    # ------------------------------------------------------------ legs

    async def calls(self, sid: str) -> None:
        leg = self.legs[sid] = Leg(sid, "ringing")
        await self._go_on(leg, await self._ask(f"{BASE}/twilio/voice", leg))

    async def dial_person(self, to: str, from_: str, *, twiml: str, status_url: str, ring_for: Seconds) -> str:
        """As `TwilioRest`."""
        fault, self.dial_fault = self.dial_fault, "none"
        if fault == "refused":
            raise PortError("no such number", code="carrier-refused")
        leg = Leg(f"CA-person-{len(self.legs)}", "ringing", action=twiml, status=status_url)
        self.legs[leg.sid] = leg
        if fault == "unsure":
            raise PortError("no answer", code="carrier-unsure")
        return leg.sid

    async def stop_ringing(self, call_sid: str) -> None:
        self._over(self.legs[call_sid], "canceled")

    async def answers(self, leg: Leg) -> None:
        await self._go_on(leg, leg.action)

    async def presses(self, leg: Leg, key: str) -> None:
        """A person who was asked for a key, or a caller who waits."""
        if leg.state == "queued":
            await self._waits_on(leg, await self._ask(leg.key, leg, Digits=key))
        else:
            await self._go_on(leg, await self._ask(leg.action, leg, Digits=key))

    async def stream_ends(self, leg: Leg) -> None:
        await self._go_on(leg, await self._ask(leg.action, leg))

    async def asks_what_to_play(self, leg: Leg) -> None:
        await self._waits_on(leg, await self._ask(leg.wait, leg))

    async def _waits_on(self, leg: Leg, answer: str | None) -> None:
        """What is played to who waits: an error in it, or a hang-up, takes them out of the queue, and Twilio tells why."""
        if answer is None:
            await self._go_on(leg, await self._ask(leg.action, leg, QueueResult="error"))
            return
        await self._go_on(leg, answer, waiting=True)
        if leg.state == "over":
            await self._ask(leg.action, leg, CallStatus="completed", QueueResult="hangup")

    async def hangs_up(self, leg: Leg) -> None:
        before, other = leg.state, leg.other
        self._over(leg, "hung up")
        if before in ("streaming", "queued"):
            await self._ask(leg.action, leg, CallStatus="completed", QueueResult="hangup")
        elif before == "bridged" and other is not None:
            await self._parted(leg, other)

    def does_not_answer(self, leg: Leg, status: str) -> None:
        self._over(leg, status)

    # ------------------------------------------------------------ TwiML

    async def _go_on(self, leg: Leg, answer: str | None, *, waiting: bool = False) -> None:
        """`waiting`: while the leg is in its queue, and stays there unless it is told to hang up."""
        if answer is None:
            leg.state = "elsewhere" if not leg.status else "over"
            if leg.status:
                self._over(leg, "our server did not answer")
            return
        for verb in ET.fromstring(answer):  # noqa: S314  our own text
            if leg.state == "over":
                return
            leg.said += [each.text or "" for each in verb.iter("Say")]
            if verb.tag == "Gather" and waiting:
                leg.key = verb.attrib["action"]
            elif verb.tag == "Hangup":
                self._over(leg, "we hung up")
            elif verb.tag not in ("Say", "Pause", "Play"):
                self._obeys(leg, verb)
                return
        if not waiting and leg.state != "over":
            self._over(leg, "no more verbs")

    def _obeys(self, leg: Leg, verb: ET.Element) -> None:
        if verb.tag == "Connect":
            leg.state, leg.action = "streaming", verb.attrib["action"]
        elif verb.tag == "Gather":
            leg.state, leg.action = "gathering", verb.attrib["action"]
        elif verb.tag == "Enqueue":
            leg.state, leg.queue = "queued", verb.text or ""
            leg.action, leg.wait, leg.key = verb.attrib["action"], verb.attrib["waitUrl"], ""
            self._bridge(leg.queue)
        else:
            assert (verb.tag, verb[0].tag, verb[0].attrib) == ("Dial", "Queue", {}), "a brief is never played to the caller"
            leg.state, leg.queue = "dialling", verb[0].text or ""
            self._bridge(leg.queue)

    def _bridge(self, queue: str) -> None:
        """Whoever dials a queue gets the first who waits in it, and nobody gets them besides."""
        waiting = next((leg for leg in self.legs.values() if (leg.state, leg.queue) == ("queued", queue)), None)
        dialling = next((leg for leg in self.legs.values() if (leg.state, leg.queue) == ("dialling", queue)), None)
        if waiting and dialling:
            waiting.state = dialling.state = "bridged"
            waiting.other, dialling.other = dialling, waiting
            waiting.was_bridged += 1

    async def _parted(self, gone: Leg, left: Leg) -> None:
        gone.other = left.other = None
        caller = left if gone.status else gone
        if left.status:  # the person's <Dial> is over, and with it their TwiML
            self._over(left, "the caller left")
        status = "completed" if caller.state == "over" else "in-progress"
        await self._go_on(caller, await self._ask(caller.action, caller, CallStatus=status, QueueResult="bridged"))

    def _over(self, leg: Leg, why: str) -> None:
        if leg.state == "over":
            return
        leg.state, leg.why_over = "over", leg.why_over or why
        if leg.status:
            status = why if why in ("no-answer", "busy", "failed", "canceled") else "completed"
            self.pending.append((leg.status, {"CallSid": leg.sid, "CallStatus": status}))

    def gives_up_dialling(self, leg: Leg) -> None:
        """30 s without anybody in the queue."""
        self._over(leg, "nobody in the queue")

    # ------------------------------------------------------------ looking

    def callers(self, *states: State) -> list[Leg]:
        return [leg for leg in self.legs.values() if not leg.status and leg.state in states]

    def persons(self, *states: State) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.status and leg.state in states]
