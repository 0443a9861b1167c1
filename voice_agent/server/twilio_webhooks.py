"""What Twilio asks about a caller, and what it is told. Answers come from stored state: any process may give them, and twice if need be."""

import logging

from fastapi import WebSocket

from voice_agent.adapters.twilio import twiml
from voice_agent.adapters.twilio.stream import open_stream
from voice_agent.adapters.twilio.twiml import Told, Urls
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError, ProtocolError, RefusedError
from voice_agent.ports import CallRecord, Handover
from voice_agent.server.callers import caller_of, reachable
from voice_agent.server.sockets import OUR_FAULT, POLICY, TRY_LATER, MediaSocket
from voice_agent.server.twilio_gate import Door, Hook, TwilioGate
from voice_agent.server.twilio_people import CARRIER
from voice_agent.server.twilio_tasks import task_of

log = logging.getLogger(__name__)

MEDIA, HOLD = "/twilio/media", "/twilio/hold.wav"

TOKEN_LIFETIME: Seconds = 60.0
SETTLE_PAUSE: Seconds = 0.1
SETTLE_TRIES = 10

_SERVED = ("bridged", "bridging-in-process", "redirected-from-bridged")
_LEFT = ("hangup", "leave", "redirected")
"""Values of QueueResult (https://www.twilio.com/docs/voice/twiml/enqueue); all others are failures of the queue."""


class Webhooks:
    """One method for each webhook; and for each another that needs no store, for when the first one fails."""

    def __init__(self, gate: TwilioGate, door: Door) -> None:
        self._gate = gate
        self._check = door.check
        self._people = gate.people
        self._urls = Urls(
            stream=gate.url(MEDIA).replace("http", "ws", 1),
            after_stream=gate.url("/twilio/after-stream"),
            wait=gate.url("/twilio/wait"),
            wait_key=gate.url("/twilio/wait-key"),
            hold=gate.url(HOLD),
            queue_left=gate.url("/twilio/queue-left"),
        )

    # ------------------------------------------------------------ a new call

    async def voice(self, hook: Hook) -> str:
        """A repeated request gets a token of its own: Twilio may never have seen the first answer."""
        await self._note_caller(hook)
        if not self._gate.accepting():
            log.warning("no room for call %s: it goes to a person", hook.call_sid)
            return self._enqueue(hook, await self._people.see_to(hook.call_sid), say=self._gate.script.sorry)
        now = self._gate.wall()
        if hook.idempotency and not await self._gate.store.remember_once(f"twilio webhook {hook.idempotency}", now):
            log.info("Twilio asks again what to do with call %s", hook.call_sid)
        token = await self._gate.store.issue_token(hook.call_sid, now, TOKEN_LIFETIME)
        return twiml.answer(self._urls, self._gate.script, call_sid=hook.call_sid, token=token, task=task_of(self._gate, None))

    async def _note_caller(self, hook: Hook) -> None:
        """The number itself is neither kept nor logged."""
        caller = caller_of(self._gate.caller_key, hook.get("From")) if self._gate.caller_key else None
        if caller is not None:
            await self._gate.store.note_caller(CARRIER, hook.call_sid, caller, self._gate.wall())

    async def media(self, websocket: WebSocket) -> None:
        try:
            self._check.check_upgrade(MEDIA, websocket.headers.get("x-twilio-signature"))
        except RefusedError as refusal:
            log.warning("refused: %s", refusal)
            await websocket.close()  # before it is accepted, this is a 403
            return
        await websocket.accept()
        try:
            start, stream = await open_stream(MediaSocket(websocket), start_within=self._gate.start_within)
        except (ProtocolError, PortError):
            return  # closed and logged by open_stream
        try:
            if await self._gate.store.redeem_token(start.parameters.get("token", ""), start.call_sid, self._gate.wall()):
                await self._gate.open_call(stream, start.call_sid)
            else:
                log.warning("refused: the media stream of call %s has no token that holds", start.call_sid)
                await stream.end(POLICY, "the token does not hold")
        except (PortError, RefusedError) as error:
            log.error("call %s cannot be served: %s", start.call_sid, error)  # noqa: TRY400  no bug
            await stream.end(TRY_LATER, "")
        except BaseException:
            await stream.end(OUR_FAULT, "")
            raise
        # However it ended: what comes next for the caller is decided in after_stream.
        await stream.close()

    # ------------------------------------------------------------ after the assistant

    async def after_stream(self, hook: Hook) -> str:
        record = await self._settled_record(hook.call_sid)
        if hook.leg_is_over:
            await self._people.gone(hook.call_sid)
            return twiml.hang_up()
        if record is not None and await self._people.is_settled(record):
            return twiml.hang_up()
        found = await self._people.see_to(hook.call_sid)
        if record is not None and record.state == "handed-over":
            return self._enqueue(hook, found)
        log.error("call %s lost its assistant: it goes to a person", hook.call_sid)
        return self._enqueue(hook, found, say=self._gate.script.sorry)

    async def _settled_record(self, call_sid: str) -> CallRecord | None:
        """A stream closes a moment before its call has stored how it ended: give it that moment."""
        record = await self._gate.store.find_by_carrier(CARRIER, call_sid)
        for _ in range(SETTLE_TRIES):
            if record is None or record.state != "live":
                break
            await self._gate.sleep(SETTLE_PAUSE)
            record = await self._gate.store.find_by_carrier(CARRIER, call_sid)
        return record

    def to_person(self, hook: Hook) -> str:
        return self._enqueue(hook, None, say=self._gate.script.sorry)

    def _enqueue(self, hook: Hook, found: Handover | None, *, say: str = "", after: Seconds = 0) -> str:
        return twiml.enqueue(self._urls, call_sid=hook.call_sid, say=say, after=after, task=task_of(self._gate, found))

    # ------------------------------------------------------------ in the queue

    async def wait(self, hook: Hook) -> str:
        """Asked again and again, so a caller who got here unnoticed, past a crash of ours, is noticed now."""
        found = await self._people.still_waits(hook.call_sid)
        number = reachable(hook.get("From"))
        if found is None and number is not None and await self._people.call_back(hook.call_sid, number):
            return twiml.called_back(self._gate.script, number=number)  # it was promised, and the answer was lost
        return twiml.wait(self._urls, self._gate.script, await self._told(hook, found))

    async def _told(self, hook: Hook, found: Handover | None) -> Told:
        estimate = None if found is None else await self._gate.queue.estimate(found.call)
        if found is None or estimate is None:
            return Told()
        callback = reachable(hook.get("From")) is not None
        closed = any(each.queue == found.queue and not each.business_hours for each in self._gate.queues())
        return Told(position=estimate.position, wait=estimate.wait, busy=found.exhausted, closed=closed, callback=callback)

    def just_wait(self, _: Hook) -> str:
        return twiml.wait(self._urls, self._gate.script, Told())

    async def wait_key(self, hook: Hook) -> str:
        """A key pressed while waiting: 1 for a call back, on the number they are calling from; any other means nothing."""
        number = reachable(hook.get("From"))
        if hook.get("Digits") != "1" or number is None:
            return await self.wait(hook)
        if await self._people.call_back(hook.call_sid, number):
            return twiml.called_back(self._gate.script, number=number)
        return await self.wait(hook)

    def no_callback(self, _: Hook) -> str:
        return twiml.wait(self._urls, self._gate.script, Told(), sorry=self._gate.script.no_callback)

    async def queue_left(self, hook: Hook) -> str:
        if hook.get("QueueResult") in _SERVED:
            await self._people.served(hook.call_sid)
        elif hook.get("QueueResult") in _LEFT or hook.leg_is_over:
            await self._people.gone(hook.call_sid)
        else:
            log.error("call %s could not wait in its queue: %s", hook.call_sid, hook.get("QueueResult"))
            found = await self._people.see_to(hook.call_sid)
            if found is not None:
                return self._again(hook, found)
        return twiml.goodbye(self._gate.script)

    def after_queue(self, hook: Hook) -> str:
        if hook.get("QueueResult") in _SERVED + _LEFT or hook.leg_is_over:
            return twiml.goodbye(self._gate.script)
        return self._again(hook, None)

    def _again(self, hook: Hook, found: Handover | None) -> str:
        return self._enqueue(hook, found, say=self._gate.script.sorry, after=twiml.RETRY_PAUSE)
