"""What Twilio's webhooks need, and the door that they come in by."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from fastapi import Request
from starlette.datastructures import QueryParams
from starlette.responses import PlainTextResponse, Response

from voice_agent.adapters.twilio.signature import SignatureCheck
from voice_agent.adapters.twilio.stream import TwilioStream
from voice_agent.adapters.twilio.twiml import Script
from voice_agent.core.escalation import QueueState
from voice_agent.core.words import CallId, Line, Seconds
from voice_agent.errors import InputError, PortError, RefusedError
from voice_agent.ports import CallbackStore, CallStore, HumanQueue, OutcomeStore
from voice_agent.server.twilio_people import People

log = logging.getLogger(__name__)

ANSWER_WITHIN: Seconds = 5.0
"""Twilio gives up on a webhook after 15 s, and then on the call; TaskRouter after 5 s."""
LONGEST_BODY = 64 * 1024

TWIML, JSON = "application/xml", "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRouter:
    """Twilio's own way to find a person, in place of the desk's."""

    workflow: str
    """Its sid. The attributes of a task, `queue` and `priority` among them, tell it where a caller is to go."""
    own: str
    """The number that its workers see, in E.164."""
    reject: Callable[[str, str], Awaitable[None]]
    """Gives a task (its sid, and the reservation's) back, for somebody else. PortError when that fails."""
    account_of: Callable[[str], Awaitable[str | None]]
    """The account of a person as URLs name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioGate:
    """What the routes need. While one of the first three is None every route answers 503."""

    account_sid: str | None
    auth_token: str | None = field(repr=False)
    public_base_url: str | None
    """As Twilio reaches us: https, perhaps with a path."""
    store: CallStore
    queue: HumanQueue
    callbacks: CallbackStore
    outcomes: OutcomeStore
    open_call: Callable[[TwilioStream, str], Awaitable[None]]
    """Runs a call, given its stream and CallSid, to its end."""
    accepting: Callable[[], bool]
    """Whether there is room for one more call. Otherwise callers go to a person at once."""
    wall: Callable[[], float]
    """UNIX seconds."""
    sleep: Callable[[Seconds], Awaitable[None]] = asyncio.sleep
    start_within: Seconds = 5.0
    """For a media stream to start."""
    queues: Callable[[], tuple[QueueState, ...]] = tuple
    """How the people of each queue are now; nothing where nobody looks."""
    lost_queue: str = "support"
    """For callers whom the assistant cannot serve."""
    recall: Callable[[CallId], tuple[Line, ...]] = lambda _: ()
    """What was said in a call that broke off."""
    caller_key: str | None = field(default=None, repr=False)
    """Calls are noted as their caller's by a hash under this key; not at all without one."""
    router: TaskRouter | None = None
    """When it finds the people."""
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

    @property
    def people(self) -> People:
        secret = hmac.new((self.auth_token or "").encode(), b"ids of lost calls", hashlib.sha256).digest()
        return People(
            store=self.store,
            queue=self.queue,
            callbacks=self.callbacks,
            outcomes=self.outcomes,
            wall=self.wall,
            lost_queue=self.lost_queue,
            secret=secret,
            recall=self.recall,
        )

    def url(self, path: str, **query: str) -> str:
        base = (self.public_base_url or "").rstrip("/") + path
        return f"{base}?{urlencode(query)}" if query else base


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


def call_of_leg(fields: Mapping[str, Sequence[str]]) -> str:
    return fields.get("CallSid", [""])[-1]


class Door:
    """Lets nobody in but Twilio, and always has an answer for it."""

    def __init__(self, gate: TwilioGate) -> None:
        self.check = SignatureCheck(gate.auth_token or "", gate.url(""))

    def signed(
        self,
        path: str,
        answer: Answer,
        otherwise: Otherwise,
        *,
        kind: str = TWIML,
        call_of: Callable[[Mapping[str, Sequence[str]]], str] = call_of_leg,
    ) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint. `otherwise` needs no store: for when `answer` fails. `call_of`: the CallSid it is about, from its fields."""

        async def endpoint(request: Request) -> Response:
            try:
                hook = await self._read(path, request, call_of)
            except RefusedError as refusal:
                log.warning("refused: %s", refusal)
                return PlainTextResponse("The signature does not hold.\n", 403)
            except InputError as error:
                log.warning("%s: %s", path, error)
                return PlainTextResponse(f"{error}\n", 400)
            said = await _answered(path, hook, answer, otherwise)
            return Response(said, status_code=200 if said else 204, media_type=kind)

        return endpoint

    async def _read(self, path: str, request: Request, call_of: Callable[[Mapping[str, Sequence[str]]], str]) -> Hook:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                raise InputError(f"the body is longer than {LONGEST_BODY} bytes", code="too-big")
        posted = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
        query = request.url.query
        self.check.check_post(f"{path}?{query}" if query else path, posted, request.headers.get("x-twilio-signature"))
        fields = posted if request.method == "POST" else parse_qs(query, keep_blank_values=True)
        hook = Hook(
            call_sid=call_of(fields),
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
