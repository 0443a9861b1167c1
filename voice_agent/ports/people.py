"""The people who take calls, and what is stored of a call."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from voice_agent.core.brief import Brief
from voice_agent.core.commands import Disposition
from voice_agent.core.dispatch import AgentStatus, Estimate, OnDuty, QueueChange, Wait
from voice_agent.core.words import CallId, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover(Wait):
    """One call's wait for a person, as stored."""

    carrier: str
    carrier_call: str
    """The carrier's id of the call (Twilio's CallSid), empty on the phone page."""
    brief: Brief


class HumanQueue(Protocol):
    """Where calls wait for people. Durable; each call at most once at a time; taken by exactly one agent, who has one call.

    What each step does, and when it does nothing, is told in `core/dispatch.py`. Every one may be repeated.
    """

    async def offer(self, handover: Handover) -> int:
        """Store it; returns the position in its queue, 1 for the next, 0 when it does not wait any more.

        Offering again changes nothing, whatever became of it; with a later `since`, a call that nobody came for, or that
        has left, waits anew.
        """
        ...

    async def waiting(self) -> list[Handover]:
        """Those not over (`OPEN`), most urgent first, then longest waiting."""
        ...

    async def find(self, call: CallId) -> Handover | None: ...

    async def estimate(self, call: CallId) -> Estimate | None:
        """None when it neither waits nor rings."""
        ...

    async def accept(self, call: CallId, agent: str) -> Handover:
        """Take a call that waits, or that rings for this agent.

        PortError(code="already-taken") when somebody else has it or it rings for them, code="not-waiting" when it is
        gone, code="has-a-call" when the agent has another.
        """
        ...

    async def decline(self, call: CallId, agent: str) -> None:
        """It waits on, and rings for others; not for this agent. Also one that they have accepted."""
        ...

    async def joined(self, call: CallId, agent: str) -> bool:
        """Agent and caller are about to be bridged. False: the call is not theirs any more, and they must not be."""
        ...

    async def lost(self, call: CallId, agent: str, joined: float | None = None) -> None:
        """The agent's line broke, or never came about, and the caller is still there: they wait again, before others.

        `joined`: that of the handover as it was found, by those whose word may come late.
        """
        ...

    async def complete(self, call: CallId, agent: str = "") -> None:
        """The caller has spoken with a person and is gone; or, with `agent`, these say that their call is over.

        Who says so of a call in which they were never bridged declines it. An agent who was bridged is not rung until
        they say that they are available again ("wrap-up").
        """
        ...

    async def withdraw(self, call: CallId) -> None:
        """The caller no longer waits. Safe to call when nothing waits."""
        ...

    async def dispatch(self, ring_for: Seconds) -> None:
        """Take back calls that nobody answers, and ring for each that waits the agent who is idle the longest.

        Any process, at any time; nothing is written when nothing is to be done.
        """
        ...

    def changes(self) -> AsyncIterator[QueueChange]:
        """Every change from now on."""
        ...


class Roster(Protocol):
    """Which agents are there to be rung. Shared by all processes, with the queue."""

    async def set_status(self, agent: str, status: AgentStatus, queues: tuple[str, ...] | None) -> None:
        """`queues`: whose calls they are rung for; None for every queue."""
        ...

    async def seen(self, agent: str) -> None:
        """Their page is open. To be told every 5 s: after 15 s of silence they count as away. Who is new is away."""
        ...

    async def find(self, agent: str) -> OnDuty | None:
        """As stored, however long ago they were seen; None when they never were."""
        ...

    async def on_duty(self) -> list[OnDuty]:
        """Those who take calls now, or will when theirs is over: seen lately, and not away."""
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

    async def contacts(self, carrier: str, carrier_call: str) -> tuple[float, ...]:
        """When the calls of the same caller began, this one included, UNIX seconds, oldest first; empty when nobody noted who calls."""
        ...

    async def tier_of(self, carrier: str, carrier_call: str) -> str | None:
        """Of the caller, as `set_tier` told it; None when they have none, or nobody noted who calls."""
        ...

    async def set_tier(self, callers: Collection[str], tier: str | None) -> None:
        """Of callers by the same hash, whether they ever called or not: all or none. None takes theirs away."""
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
