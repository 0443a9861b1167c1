"""How calls ended, and what the people who took them say of it."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from voice_agent.core.commands import Disposition
from voice_agent.core.words import CallId, RedactedText, Seconds

REPEAT_WITHIN: Seconds = 7 * 24 * 3600.0
"""A caller who calls again in less has not been helped for good."""

WrapUp = Literal["solved", "follow-up", "wrong-queue", "no-need"]
"""What came of the talk with a person. "no-need": no person was needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentVerdict:
    """What the person who took a call says of it afterwards."""

    agent: str
    at: float
    """UNIX seconds."""
    disposition: WrapUp
    brief_useful: bool | None
    """None when they did not say; so too the next."""
    escalation_right: bool | None
    notes: RedactedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one call ended."""

    call: CallId
    started: float
    """UNIX seconds, like the next."""
    ended: float
    disposition: Disposition
    queue: str = ""
    """Empty, like the next two, when the call went to nobody."""
    rule: str = ""
    agent: str = ""
    """Who took it."""
    time_to_escalation_s: Seconds | None = None
    """From the start to the event that decided for a person or a call back; None when nothing did."""
    waiting_s: Seconds | None = None
    """From the offer until the caller was with a person, or left; None when they never waited, or wait still."""
    repeat_contact: bool | None = None
    """The caller had called in the week before; None when nobody knows who called. The store finds it out."""
    verdict: AgentVerdict | None = None
    """Told on its own, by `note_verdict`."""


def merged(one: Outcome, other: Outcome) -> Outcome:
    """Both tell of the same call, in any order: how it ended is what the later one says, and nothing known is lost."""
    earlier, later = sorted((one, other), key=lambda outcome: outcome.ended)
    decided = later.time_to_escalation_s if earlier.time_to_escalation_s is None else earlier.time_to_escalation_s
    return replace(
        later,
        started=min(one.started, other.started),
        queue=later.queue or earlier.queue,
        rule=later.rule or earlier.rule,
        agent=later.agent or earlier.agent,
        time_to_escalation_s=decided,
        waiting_s=earlier.waiting_s if later.waiting_s is None else later.waiting_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFilter:
    """Which outcomes are wanted; what is left out does not matter."""

    since: float = 0.0
    """Those that started then or later, UNIX seconds."""
    disposition: Disposition | None = None
    queue: str | None = None
    rule: str | None = None
    agent: str | None = None
    repeat: bool = False
    """Only of callers who had called in the week before."""
    judged_wrong: bool = False
    """Only those of which the agent says that the escalation was wrong."""


class OutcomeStore(Protocol):
    """Durable. Everything may be told again, by any process."""

    async def keep(self, outcome: Outcome) -> None:
        """What is known of it already stays known (`merged`)."""
        ...

    async def note_verdict(self, call: CallId, verdict: AgentVerdict) -> None:
        """In place of an earlier one; it may come before the outcome."""
        ...

    async def verdict(self, call: CallId) -> AgentVerdict | None: ...

    async def find(self, call: CallId) -> Outcome | None: ...

    async def matching(self, wanted: OutcomeFilter) -> list[Outcome]:
        """The latest first."""
        ...
