"""The people who take calls, and what is stored of a call."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from voice_agent.core.brief import Brief
from voice_agent.core.commands import Disposition
from voice_agent.core.words import CallId, Seconds

HandoverState = Literal["waiting", "accepted", "completed", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One call's wait for a person, as stored."""

    call: CallId
    carrier: str
    carrier_call: str
    """The carrier's id of the call (Twilio's CallSid), empty on the phone page."""
    queue: str
    priority: int
    brief: Brief
    state: HandoverState
    since: float
    """When it was offered, UNIX seconds."""
    agent: str
    """Who accepted; empty until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChange:
    """Something about one handover changed."""

    call: CallId
    kind: Literal["waiting", "accepted", "declined", "completed", "withdrawn", "callback"]
    """"callback" when a callback has been promised, or dealt with."""
    agent: str = ""


class HumanQueue(Protocol):
    """Where calls wait for people. Durable; each call at most once at a time; taken by exactly one agent."""

    async def offer(self, handover: Handover) -> int:
        """Store it; returns the position, 1 for the next. Offering a waiting call again changes nothing."""
        ...

    async def waiting(self) -> list[Handover]:
        """Those waiting or accepted, most urgent first, then longest waiting."""
        ...

    async def find(self, call: CallId) -> Handover | None: ...

    async def accept(self, call: CallId, agent: str) -> Handover:
        """PortError(code="already-taken") when somebody else has it, code="not-waiting" when it is gone."""
        ...

    async def decline(self, call: CallId, agent: str) -> None:
        """The call is told; it stays in the queue until withdrawn."""
        ...

    async def complete(self, call: CallId) -> None: ...

    async def withdraw(self, call: CallId) -> None:
        """The caller no longer waits. Safe to call when nothing waits."""
        ...

    def changes(self) -> AsyncIterator[QueueChange]:
        """Every change from now on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequest:
    """A caller who was promised to be called back. Their number is not in it: it is asked for on its own."""

    call: CallId
    queue: str
    priority: int
    brief: Brief
    since: float
    """When it was promised, UNIX seconds."""


class CallbackStore(Protocol):
    """Who is to be called back, and on which number. Durable; one for each call."""

    async def ask(self, request: CallbackRequest, number: str) -> None:
        """`number`: digits only. Asking again for the same call changes nothing."""
        ...

    async def open(self) -> list[CallbackRequest]:
        """Those nobody has dealt with, most urgent first, then longest waiting."""
        ...

    async def number(self, call: CallId) -> str:
        """PortError(code="not-waiting") when there is none, or it has been dealt with."""
        ...

    async def done(self, call: CallId) -> None:
        """Dealt with: the number is erased. Safe to call twice."""
        ...


CallState = Literal["live", "handed-over", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """What a webhook, in any process, needs to know about a call."""

    call: CallId
    carrier: str
    carrier_call: str
    state: CallState
    started: float
    """UNIX seconds."""
    ended: float | None
    disposition: Disposition | None


class CallStore(Protocol):
    """The calls, and the one-use tokens that admit a media stream."""

    async def begin(self, call: CallId, carrier: str, carrier_call: str, now: float) -> None: ...

    async def set_state(self, call: CallId, state: CallState) -> None: ...

    async def finish(self, call: CallId, disposition: Disposition, now: float) -> None: ...

    async def find_by_carrier(self, carrier: str, carrier_call: str) -> CallRecord | None:
        """The newest call with the carrier's id."""
        ...

    async def note_caller(self, carrier: str, carrier_call: str, caller: str, now: float) -> None:
        """Whose call it is, by a keyed hash of their number; may be told again."""
        ...

    async def issue_token(self, binding: str, now: float, lifetime: Seconds) -> str:
        """A fresh unguessable token bound to, for example, a CallSid. Only its hash is stored."""
        ...

    async def redeem_token(self, token: str, binding: str, now: float) -> bool:
        """True once, in time, and for the same binding only."""
        ...

    async def remember_once(self, key: str, now: float) -> bool:
        """True the first time a key is seen, in any process; False for a day after that. Webhooks repeat."""
        ...
