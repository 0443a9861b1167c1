"""The life of one handover: from the offer to people until the caller is with one, is called back, or gets the assistant back.

    offering ──queued──▶ queued ──all heard──▶ waiting ──accepted──▶ accepted ──all heard──▶ bridged ──▶ over
       │ ▲ failed twice    └─ (leg without bridge) ─▶ released │        └──── the person's line ────────┘
       │ └──────────────────────────────────────────────────── │ ──────────── broke, or never came up
       └─▶ given back                                          └─▶ called back, or back to the assistant, as the caller wishes

`settle` is called whenever everything we said has been heard; it moves on from the states that wait for that. Who is
rung, and when, is not known here (`dispatch`): the queue tells what the caller should know.
A machine answers with moves: commands, something to say, or how the handover ended.
"""

from dataclasses import dataclass
from enum import Enum, auto

from voice_agent.core.commands import Command, ConnectPerson, Disposition, OfferHandover, ReleaseLeg, StopSpeaking, WithdrawHandover
from voice_agent.core.escalation import Rule
from voice_agent.core.events import (
    Event,
    HandoverAccepted,
    HandoverDeclined,
    HandoverExhausted,
    HandoverFailed,
    HandoverMoved,
    HandoverQueued,
    HandoverRang,
    KeyPressed,
    PersonLeft,
    Tick,
)
from voice_agent.core.policy import Policy
from voice_agent.core.replies import Meaning
from voice_agent.core.wishes import Wish, spoken_wait, wish_of
from voice_agent.core.words import RedactedText, Seconds


@dataclass(frozen=True, slots=True)
class Say:
    text: RedactedText


@dataclass(frozen=True, slots=True)
class Back:
    """The assistant goes on with these words."""

    words: RedactedText
    offer: Rule | None = None
    """What they offer."""


@dataclass(frozen=True, slots=True)
class Instead:
    """Another way out is taken, by this rule."""

    rule: Rule
    explain: str


@dataclass(frozen=True, slots=True)
class Farewell:
    """The call ends with these words."""

    words: RedactedText
    disposition: Disposition


class End(Enum):
    """How a handover ends, or the arranging of a call back."""

    RELEASED = auto()
    """The carrier takes the caller to the queue."""
    LEFT = auto()
    """The caller wants something else than to be called back."""


Move = Command | Say | Back | Instead | Farewell | End

OFFERS = 2
"""How often a handover is put to the store before we give up."""

UNTIL_HEARD: Seconds = float("inf")
"""The deadline of a state that ends when everything we said has been heard: the playout has deadlines of its own."""
AT_ONCE: Seconds = float("-inf")


class Handover:
    def __init__(self, *, policy: Policy, can_bridge: bool, offer: OfferHandover, at: Seconds, manned: bool = True) -> None:
        """`manned`: somebody may be there to take the call, as far as we know."""
        self._policy = policy
        self._can_bridge = can_bridge
        self._offer = offer
        self._state = "offering"
        self._offers = 1
        self._position = 1
        self._wait: Seconds | None = None
        self._notices = 0
        self._rings = self._told_of_ringing = False
        self._callback_due: Seconds = UNTIL_HEARD if manned else AT_ONCE
        """When the caller is asked whether they would rather be called back, if they wait then."""
        self.asking = False
        """That has just been asked."""
        self.deadline: Seconds = at + policy.queue_within

    @property
    def bridged(self) -> bool:
        return self._state == "bridged"

    @property
    def waiting(self) -> bool:
        """The caller waits, and may say something to us."""
        return self._state == "waiting"

    def handle(self, event: Event) -> list[Move]:  # noqa: PLR0911 - a table of events
        """An event of the handover, a key, or a Tick at its deadline. Events that the state does not expect change nothing."""
        match event:
            case HandoverQueued() if self._state == "offering":
                self._state, self._position, self._wait = "queued", event.position, event.wait
                self.deadline = UNTIL_HEARD
            case HandoverQueued() | HandoverMoved() if self._state in ("queued", "waiting"):
                self._position, self._wait, self._rings = event.position, event.wait, False
            case HandoverFailed() if self._state == "offering":
                return self._offer_again(event.at)
            case HandoverRang() if self._state in ("offering", "queued", "waiting"):
                return self._ring(event.at)
            case HandoverAccepted() if self._state in ("offering", "queued", "waiting"):
                self._state = "accepted"
                self.deadline = UNTIL_HEARD
                return [StopSpeaking(), Say(self._policy.connected)]
            case HandoverExhausted() | HandoverDeclined() if self._state in ("offering", "queued", "waiting"):
                self._callback_due = AT_ONCE
                return self._notice(event.at) if self.waiting else []
            case KeyPressed(key="1") if self.waiting:
                return self._call_back("pressed a key")
            case PersonLeft() if self._state in ("accepted", "bridged"):
                return self._left(event)
            case Tick() if event.at >= self.deadline:
                return self._late(event.at)
        return []

    def settle(self, at: Seconds) -> list[Move]:
        """Everything we said has been heard."""
        if self._state == "queued":
            if not self._can_bridge:
                return self._release()
            self._state = "waiting"
            self._callback_due = min(self._callback_due, at + self._policy.wait_at_most)
            return self._notice(at)
        if self._state == "accepted":
            self._state = "bridged"
            self.deadline = at + self._policy.longest_bridge
            return [ConnectPerson()]
        return []

    def wish(self, text: RedactedText, meaning: Meaning) -> Wish | None:
        """What the caller says to us while they wait; None when it was not meant for us."""
        yes_or_no = {Meaning.ACCEPTED: Wish.CALL_BACK, Meaning.DECLINED: Wish.WAIT} if self.asking else {}
        return yes_or_no.get(meaning, wish_of(text)) if self.waiting else None

    def grant(self, wish: Wish, at: Seconds) -> list[Move]:
        match wish:
            case Wish.CALL_BACK:
                return self._call_back("asked")
            case Wish.ASSISTANT:
                self._state = "given back"
                return [WithdrawHandover(), Back(self._policy.taken_out, None)]
            case Wish.NEWS:
                return self._notice(at)
        self.asking = wish is Wish.SHORTER
        self.deadline = at + self._policy.wait_notice_every
        return [Say(self._policy.callback_hint if self.asking else self._policy.keep_waiting)]

    def _ring(self, at: Seconds) -> list[Move]:
        self._rings = True
        return self._notice(at) if self.waiting and not self._told_of_ringing else []

    def _notice(self, at: Seconds) -> list[Move]:
        """How it stands: that nobody comes, that it rings, or the place in the line and the time."""
        policy = self._policy
        self.deadline = at + policy.wait_notice_every
        if at >= self._callback_due:
            self.asking = True
            self._callback_due = at + policy.wait_at_most
            return [Say(policy.nobody_free)]
        if self._rings and not self._told_of_ringing:
            self._told_of_ringing = True
            return [Say(policy.ringing)]
        text = policy.waiting[min(self._notices, len(policy.waiting) - 1)]
        said = [Say(RedactedText(text.replace("{position}", str(self._position))))]
        if self._wait is not None:
            said.append(Say(RedactedText(policy.waiting_time.replace("{wait}", spoken_wait(self._wait)))))
        self.asking = self._notices % 2 == 1
        if self.asking:
            said.append(Say(policy.callback_hint))
        self._notices += 1
        return [*said]

    def _late(self, at: Seconds) -> list[Move]:
        if self._state == "offering":
            return self._offer_again(at)
        return self._notice(at) if self.waiting else [Farewell(self._policy.person_left, "transferred")]

    def _offer_again(self, at: Seconds) -> list[Move]:
        if self._offers < OFFERS:
            self._offers += 1
            self.deadline = at + self._policy.queue_within
            return [self._offer]
        # The carrier's next step leads to a person even if nothing could be stored.
        return self._give_back() if self._can_bridge else self._release()

    def _left(self, event: PersonLeft) -> list[Move]:
        if event.joined and event.completed:
            return [Farewell(self._policy.person_left, "transferred")]
        self._state, self._offers = "offering", 1
        self._rings = self._told_of_ringing = False
        self._callback_due = UNTIL_HEARD
        self.deadline = event.at + self._policy.queue_within
        return [self._offer, Say(self._policy.person_lost)]

    def _release(self) -> list[Move]:
        self._state = "released"
        return [ReleaseLeg(), End.RELEASED]

    def _give_back(self) -> list[Move]:
        self._state = "given back"
        return [WithdrawHandover(), Back(self._policy.declined, self._as_callback())]

    def _call_back(self, how: str) -> list[Move]:
        self._state = "called back"
        return [WithdrawHandover(), Instead(self._as_callback(), f"The caller waited for a person, and {how} to be called back.")]

    def _as_callback(self) -> Rule:
        brief = self._offer.brief
        return Rule(
            name=brief.rule,
            when=(),
            then="callback",
            queue=self._offer.queue,
            priority=self._offer.priority,
            reason=brief.reason,
            say=RedactedText(""),
            next_steps=brief.next_steps,
        )
