"""What Twilio asks, and what it is told. Every answer comes from stored state, so any process may give it, and twice if need be."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from fastapi import Request, WebSocket
from starlette.datastructures import QueryParams
from starlette.responses import PlainTextResponse, Response

from voice_agent.adapters.twilio import twiml
from voice_agent.adapters.twilio.signature import SignatureCheck
from voice_agent.adapters.twilio.stream import TwilioStream, open_stream
from voice_agent.adapters.twilio.twiml import Script, Urls
from voice_agent.core.words import Seconds
from voice_agent.errors import InputError, PortError, ProtocolError, RefusedError
from voice_agent.ports import CallRecord, CallStore, HumanQueue
from voice_agent.server.callers import caller_of
from voice_agent.server.sockets import OUR_FAULT, POLICY, TRY_LATER, MediaSocket
from voice_agent.server.twilio_people import CARRIER, People

log = logging.getLogger(__name__)

MEDIA, AGENT_ANSWERED = "/twilio/media", "/twilio/agent-answered"

TOKEN_LIFETIME: Seconds = 60.0
ANSWER_WITHIN: Seconds = 5.0
"""Twilio gives up on a webhook after 15 s, and then on the call."""
LONGEST_BODY = 64 * 1024
SETTLE_PAUSE: Seconds = 0.1
SETTLE_TRIES = 10

_SERVED = ("bridged", "bridging-in-process", "redirected-from-bridged")
_LEFT = ("hangup", "leave", "redirected")
"""Values of QueueResult (https://www.twilio.com/docs/voice/twiml/enqueue); all others are failures of the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioGate:
    """What the routes need. While one of the first three is None every route answers 503."""

    account_sid: str | None
    auth_token: str | None = field(repr=False)
    public_base_url: str | None
    """As Twilio reaches us: https, perhaps with a path."""
    store: CallStore
    queue: HumanQueue
    open_call: Callable[[TwilioStream, str], Awaitable[None]]
    """Runs a call, given its stream and CallSid, to its end."""
    accepting: Callable[[], bool]
    """Whether there is room for one more call. Otherwise callers go to a person at once."""
    wall: Callable[[], float]
    """UNIX seconds."""
    sleep: Callable[[Seconds], Awaitable[None]] = asyncio.sleep
    start_within: Seconds = 5.0
    """For a media stream to start."""
    lost_queue: str = "support"
    """For callers whom the assistant cannot serve."""
    caller_key: str | None = field(default=None, repr=False)
    """Calls are noted as their caller's by a hash under this key; not at all without one."""
    script: Script = Script()

    @property
    def missing(self) -> list[str]:
        """The environment variables that are not set."""
        settings = {
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "PUBLIC_BASE_URL": self.public_base_url,
        }
        return [name for name, value in settings.items() if not value]

    def url(self, path: str, **query: str) -> str:
        base = (self.public_base_url or "").rstrip("/") + path
        return f"{base}?{urlencode(query)}" if query else base


def person_of(agent: str) -> str:
    """An agent as a URL names them. URLs are logged, names are not."""
    return hashlib.sha256(agent.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook whose signature holds."""

    call_sid: str
    """Of the leg it is about."""
    fields: Mapping[str, Sequence[str]] = field(repr=False)
    """The caller's number is among them."""
    query: QueryParams
    idempotency: str | None
    """The same on every repetition of one webhook."""

    def get(self, name: str) -> str:
        return self.fields.get(name, [""])[-1]

    @property
    def leg_is_over(self) -> bool:
        return self.get("CallStatus") in ("completed", "busy", "failed", "no-answer", "canceled")


Answer = Callable[[Hook], Awaitable[str]]
Otherwise = Callable[[Hook], str]


class Webhooks:
    """One method for each webhook; and for each another that needs no store, for when the first one fails."""

    def __init__(self, gate: TwilioGate) -> None:
        token = gate.auth_token or ""
        self._gate = gate
        self._check = SignatureCheck(token, gate.url(""))
        self._people = People(
            store=gate.store,
            queue=gate.queue,
            wall=gate.wall,
            lost_queue=gate.lost_queue,
            secret=hmac.new(token.encode(), b"ids of lost calls", hashlib.sha256).digest(),
        )
        self._urls = Urls(
            stream=gate.url(MEDIA).replace("http", "ws", 1),
            after_stream=gate.url("/twilio/after-stream"),
            wait=gate.url("/twilio/wait"),
            queue_left=gate.url("/twilio/queue-left"),
        )

    # ------------------------------------------------------------ a new call

    async def voice(self, hook: Hook) -> str:
        """A repeated request gets a token of its own: Twilio may never have seen the first answer."""
        await self._note_caller(hook)
        if not self._gate.accepting():
            log.warning("no room for call %s: it goes to a person", hook.call_sid)
            await self._people.see_to(hook.call_sid)
            return self.to_person(hook)
        now = self._gate.wall()
        if hook.idempotency and not await self._gate.store.remember_once(f"twilio webhook {hook.idempotency}", now):
            log.info("Twilio asks again what to do with call %s", hook.call_sid)
        token = await self._gate.store.issue_token(hook.call_sid, now, TOKEN_LIFETIME)
        return twiml.answer(self._urls, self._gate.script, call_sid=hook.call_sid, token=token)

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
        await self._people.see_to(hook.call_sid)
        if record is not None and record.state == "handed-over":
            return twiml.enqueue(self._urls, call_sid=hook.call_sid)
        log.error("call %s lost its assistant: it goes to a person", hook.call_sid)
        return self.to_person(hook)

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
        return twiml.enqueue(self._urls, call_sid=hook.call_sid, say=self._gate.script.sorry)

    # ------------------------------------------------------------ in the queue

    async def wait(self, hook: Hook) -> str:
        """Asked again and again, so a caller who got here unnoticed, past a crash of ours, is noticed now."""
        position = await self._people.see_to(hook.call_sid)
        return twiml.wait(self._gate.script, position=position)

    def just_wait(self, _: Hook) -> str:
        return twiml.wait(self._gate.script, position=None)

    async def queue_left(self, hook: Hook) -> str:
        if hook.get("QueueResult") in _SERVED:
            await self._people.served(hook.call_sid)
        elif hook.get("QueueResult") in _LEFT or hook.leg_is_over:
            await self._people.gone(hook.call_sid)
        else:
            log.error("call %s could not wait in its queue: %s", hook.call_sid, hook.get("QueueResult"))
            await self._people.see_to(hook.call_sid)
        return self.after_queue(hook)

    def after_queue(self, hook: Hook) -> str:
        if hook.get("QueueResult") in _SERVED + _LEFT or hook.leg_is_over:
            return twiml.goodbye(self._gate.script)
        return twiml.enqueue(self._urls, call_sid=hook.call_sid, say=self._gate.script.sorry, after=twiml.RETRY_PAUSE)

    # ------------------------------------------------------------ the person's leg

    async def agent_answered(self, hook: Hook) -> str:
        """The key they pressed, or that their leg is over. The first of these counts: a leg ends after its key, too."""
        handover = await self._people.find(hook.query.get("call", ""))
        theirs = handover is not None and handover.state == "accepted" and person_of(handover.agent) == hook.query.get("person")
        if hook.get("Digits") == "1" and handover is not None and (theirs or handover.state == "waiting"):
            await self._gate.store.remember_once(f"person's leg {hook.call_sid}", self._gate.wall())
            return twiml.join(call_sid=handover.carrier_call)
        first = await self._gate.store.remember_once(f"person's leg {hook.call_sid}", self._gate.wall())
        if first and theirs and handover is not None:
            await self._gate.queue.decline(handover.call, handover.agent)
        return twiml.say_and_hang_up(self._gate.script.declined if theirs else self._gate.script.left)

    def join_or_end(self, hook: Hook) -> str:
        if hook.get("Digits") == "1":
            return twiml.join(call_sid=hook.query.get("call", ""))
        return twiml.hang_up()

    # ------------------------------------------------------------ around them all

    def signed(self, path: str, answer: Answer, otherwise: Otherwise) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint that lets nobody in but Twilio, and always has an answer for it."""

        async def endpoint(request: Request) -> Response:
            try:
                hook = await self._read(path, request)
            except RefusedError as refusal:
                log.warning("refused: %s", refusal)
                return PlainTextResponse("The signature does not hold.\n", 403)
            except InputError as error:
                log.warning("%s: %s", path, error)
                return PlainTextResponse(f"{error}\n", 400)
            return Response(await _answered(path, hook, answer, otherwise), media_type="application/xml")

        return endpoint

    async def _read(self, path: str, request: Request) -> Hook:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                raise InputError(f"the body is longer than {LONGEST_BODY} bytes", code="too-big")
        fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
        query = request.url.query
        self._check.check_post(f"{path}?{query}" if query else path, fields, request.headers.get("x-twilio-signature"))
        hook = Hook(
            call_sid=fields.get("CallSid", [""])[-1],
            fields=fields,
            query=request.query_params,
            idempotency=request.headers.get("i-twilio-idempotency-token"),
        )
        if not hook.call_sid:
            raise InputError("the field CallSid is missing", code="no-call-sid")
        return hook


async def _answered(path: str, hook: Hook, answer: Answer, otherwise: Otherwise) -> str:
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return await answer(hook)
    except (PortError, TimeoutError) as error:
        log.error("%s for call %s: %s; answering without the store", path, hook.call_sid, error)  # noqa: TRY400  no bug
    except Exception:
        # An error page would end the call. The bug is in the log, and the caller gets a person.
        log.exception("%s for call %s failed; answering without the store", path, hook.call_sid)
    return otherwise(hook)
