"""How a call begins with the assistant, and leaves it: for a person, with the number to call the caller back on, or with a goodbye."""

from dataclasses import dataclass, field

from voice_agent.core.callback import Callback
from voice_agent.core.commands import Command, Disposition, OfferHandover, WithdrawHandover
from voice_agent.core.consent import Consent
from voice_agent.core.conversation import Conversation
from voice_agent.core.escalation import Rule
from voice_agent.core.events import CallStarted, Event
from voice_agent.core.handover import Handover, Move, Say
from voice_agent.core.policy import Policy
from voice_agent.core.replies import Meaning
from voice_agent.core.words import RedactedText, Seconds


@dataclass(slots=True, kw_only=True)
class WayOut:
    policy: Policy
    talk: Conversation
    can_bridge: bool = False
    """As `CallStarted` says."""
    handover: Handover | None = None
    callback: Callback | None = None
    closing: Disposition | None = None
    """Goodbye is being said, and how the call has ended."""
    consent: Consent = field(init=False)

    def __post_init__(self) -> None:
        self.consent = Consent(policy=self.policy, talk=self.talk)

    def start(self, event: CallStarted) -> list[Move]:
        self.can_bridge = event.can_bridge
        return self.consent.leave() if event.before is not None else []  # who comes back is not asked again

    @property
    def taken(self) -> bool:
        """The assistant's part is over: what the caller says to it is no question any more."""
        return self.handover is not None or self.closing is not None

    @property
    def deaf(self) -> bool:
        """What the caller says is not listened to."""
        return self.consent.state == "telling" or (self.taken and not (self.handover and self.handover.waiting))

    @property
    def on(self) -> bool:
        """A person is waited for, or a call back is arranged; or whether the call may be kept."""
        return self.handover is not None or self.callback is not None or self.consent.asking

    @property
    def asking(self) -> bool:
        """A yes or a no is waited for."""
        return self.handover.asking if self.handover else self.callback is not None or self.consent.asking

    def begin(self, rule: Rule, explain: str, at: Seconds, *, manned: bool) -> list[Move]:
        """`manned`: as far as we know, somebody is there to take the call."""
        dropped: list[Move] = [*self.consent.leave(), *self.end()]
        if rule.then == "callback":
            self.callback = Callback(policy=self.policy, rule=rule, explain=explain)
            return [*dropped, *self.callback.begin()]
        offer = OfferHandover(queue=rule.queue, priority=rule.priority, brief=self.talk.brief(rule, explain))
        self.handover = Handover(policy=self.policy, can_bridge=self.can_bridge, offer=offer, at=at, manned=manned)
        return [*dropped, offer, Say(rule.say)]

    def handle(self, event: Event) -> list[Move]:
        waiting = self.handover or self.callback
        return waiting.handle(event) if waiting else []

    def ignores(self, text: RedactedText, meaning: Meaning) -> bool:
        """Who waits for a person is not always talking to us."""
        return self.handover is not None and self.handover.wish(text, meaning) is None

    def spoken(self, text: RedactedText, meaning: Meaning, at: Seconds) -> list[Move]:
        """The caller says something that is not ignored."""
        if self.handover and (wish := self.handover.wish(text, meaning)):
            return self.handover.grant(wish, at)
        return self.callback.spoken(text, meaning, self.talk) if self.callback else self.consent.spoken(meaning)

    def late(self) -> list[Move]:
        """The caller was asked, and says nothing."""
        return self.callback.late() if self.callback else self.consent.late()

    def end(self) -> list[Command]:
        """The assistant goes on, or says goodbye."""
        dropped = self.callback.leave() if self.callback else []
        self.handover = self.callback = None
        return dropped

    def close(self, disposition: Disposition) -> list[Command]:
        self.closing = disposition
        return self.end()

    def hung_up(self) -> tuple[list[Command], Disposition | None]:
        """How the call ends when the caller leaves now; None when it was on no way out."""
        if self.handover and self.handover.bridged:
            return [], "transferred"
        if self.handover:
            return [WithdrawHandover()], "abandoned"
        return [], "abandoned" if self.callback else self.closing
