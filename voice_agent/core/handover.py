"""The life of one handover: from the offer to people until the caller is with one, or gets the assistant back.

    offering ──queued──▶ queued ──all heard──▶ waiting ──accepted──▶ accepted ──all heard──▶ bridged ──▶ over
        │ failed twice      └─ (leg without bridge) ─▶ released            │                    │
        └──────────────▶ given back ◀── declined, or waited too long ──────┘   person never joined ─▶ offering

`settle` is called whenever everything we said has been heard; it moves on from the states that wait for that.
A machine answers with moves: commands, something to say, or how the handover ended.
"""

from dataclasses import dataclass
from enum import Enum, auto

from voice_agent.core.commands import Command, ConnectPerson, OfferHandover, ReleaseLeg, StopSpeaking, WithdrawHandover
from voice_agent.core.escalation import Rule
from voice_agent.core.events import (
    Event,
    HandoverAccepted,
    HandoverDeclined,
    HandoverFailed,
    HandoverQueued,
    PersonLeft,
    Tick,
)
from voice_agent.core.policy import Policy
from voice_agent.core.words import RedactedText, Seconds


@dataclass(frozen=True, slots=True)
class Say:
    text: RedactedText


class End(Enum):
    """How a handover ends, or the arranging of a call back."""

    RELEASED = auto()
    """The carrier takes the caller to the queue."""
    GIVEN_BACK = auto()
    """Nobody could take the call: the assistant goes on."""
    COMPLETED = auto()
    """The person and the caller have spoken."""
    PROMISED = auto()
    """The caller will be called back."""
    ASTRAY = auto()
    """No number came of it: a person is needed now."""
    LEFT = auto()
    """The caller wants something else than to be called back."""


Move = Command | Say | End

OFFERS = 2
"""How often a handover is put to the store before we give up."""

UNTIL_HEARD: Seconds = float("inf")
"""The deadline of a state that ends when everything we said has been heard: the playout has deadlines of its own."""


class Handover:
    def __init__(self, *, policy: Policy, can_bridge: bool, offer: OfferHandover, at: Seconds) -> None:
        self._policy = policy
        self._can_bridge = can_bridge
        self._offer = offer
        self._state = "offering"
        self._offers = 1
        self._position = 1
        self._since = at
        self._notices = 0
        self.deadline: Seconds = at + policy.queue_within

    @property
    def bridged(self) -> bool:
        return self._state == "bridged"

    def as_callback(self) -> Rule:
        """For a caller for whom nobody has come."""
        brief = self._offer.brief
        return Rule(
            name=brief.rule,
            when=(),
            then="callback",
            queue=self._offer.queue,
            priority=self._offer.priority,
            reason=brief.reason,
            say=RedactedText(""),
        )

    def handle(self, event: Event) -> list[Move]:  # noqa: PLR0911 - a table of events
        """An event of the handover, or a Tick at its deadline. Events that the state does not expect change nothing."""
        match event:
            case HandoverQueued() if self._state == "offering":
                self._state, self._position = "queued", event.position
                self.deadline = UNTIL_HEARD
                return []
            case HandoverFailed() if self._state == "offering":
                return self._offer_again(event.at)
            case HandoverAccepted() if self._state in ("offering", "queued", "waiting"):
                self._state = "accepted"
                self.deadline = UNTIL_HEARD
                return [StopSpeaking(), Say(self._policy.connected)]
            case HandoverDeclined() if self._state in ("offering", "queued", "waiting"):
                return self._give_back()
            case PersonLeft() if self._state in ("accepted", "bridged"):
                return self._left(joined=event.joined, at=event.at)
            case Tick() if event.at >= self.deadline:
                return self._late(event.at)
        return []

    def settle(self, at: Seconds) -> list[Move]:
        """Everything we said has been heard."""
        if self._state == "queued":
            if not self._can_bridge:
                return self._release()
            self._state = "waiting"
            self._since = at
            return self._notice(at)
        if self._state == "accepted":
            self._state = "bridged"
            self.deadline = at + self._policy.longest_bridge
            return [ConnectPerson()]
        return []

    def _late(self, at: Seconds) -> list[Move]:
        if self._state == "offering":
            return self._offer_again(at)
        if self._state == "waiting":
            if at - self._since >= self._policy.wait_at_most:
                return self._give_back()
            return self._notice(at)
        return [End.COMPLETED]

    def _offer_again(self, at: Seconds) -> list[Move]:
        if self._offers < OFFERS:
            self._offers += 1
            self.deadline = at + self._policy.queue_within
            return [self._offer]
        # The carrier's next step leads to a person even if nothing could be stored.
        return self._give_back() if self._can_bridge else self._release()

    def _notice(self, at: Seconds) -> list[Move]:
        notices = self._policy.waiting
        text = notices[min(self._notices, len(notices) - 1)]
        self._notices += 1
        self.deadline = at + self._policy.wait_notice_every
        return [Say(RedactedText(text.replace("{position}", str(self._position))))]

    def _left(self, *, joined: bool, at: Seconds) -> list[Move]:
        if joined:
            return [End.COMPLETED]
        self._state, self._offers = "offering", 1
        self.deadline = at + self._policy.queue_within
        return [self._offer]

    def _release(self) -> list[Move]:
        self._state = "released"
        return [ReleaseLeg(), End.RELEASED]

    def _give_back(self) -> list[Move]:
        self._state = "given back"
        return [WithdrawHandover(), End.GIVEN_BACK]
