"""Before anything of a call is kept: the caller has been told, and, where the operator asks them, has agreed.

    telling ──the notice was heard──▶ settled: kept                              (recording: notice)
    telling ──the notice was heard──▶ asking ──1, or a yes──▶ settled: kept      (recording: consent)
       └── it could not be said ──┐      └── anything else, or nothing in time ──▶ settled: not kept
                                  └──────────────────────────────────────────────▶ settled: not kept

The call goes on either way. What is said while the notice is still being said is not listened to; a 1 that is pressed
meanwhile counts when the notice is over. Answers with moves, like a handover.
"""

from dataclasses import dataclass

from voice_agent.core.commands import KeepRecord
from voice_agent.core.conversation import Conversation
from voice_agent.core.handover import Back, Move
from voice_agent.core.policy import Policy
from voice_agent.core.replies import Meaning
from voice_agent.core.words import RedactedText

YES = "1"
"""The key that agrees."""


@dataclass(slots=True, kw_only=True)
class Consent:
    policy: Policy
    talk: Conversation
    """Of a call that is not kept it tells nothing to those who are not on it."""
    state: str = ""
    agreed_early: bool = False

    def __post_init__(self) -> None:
        self.state = "settled" if self.policy.recording == "none" else "telling"

    @property
    def asking(self) -> bool:
        """A yes or a no is waited for."""
        return self.state == "asking"

    def heard(self) -> list[Move]:
        """The notice, to its end."""
        if self.state == "telling" and self.policy.recording == "notice":
            return [self._settle(kept=True), Back(self.policy.greeting)]
        if self.state == "telling":
            self.state = "asking"
            return self._answered(agreed=True) if self.agreed_early else []
        return [Back(self.policy.greeting)]

    def pressed(self, key: str) -> list[Move]:
        self.agreed_early = self.agreed_early or key == YES
        return self._answered(agreed=True) if self.asking and key == YES else []

    def spoken(self, meaning: Meaning) -> list[Move]:
        """While we ask. Whoever says something else than yes or no has not agreed, and wants to know something."""
        if meaning in (Meaning.ACCEPTED, Meaning.DECLINED):
            return self._answered(agreed=meaning is Meaning.ACCEPTED)
        return self.leave()

    def late(self) -> list[Move]:
        return self._answered(agreed=False)

    def leave(self) -> list[Move]:
        """The notice could not be said, or the call takes another way before the caller has answered."""
        return [] if self.state == "settled" else [self._settle(kept=False)]

    def _answered(self, *, agreed: bool) -> list[Move]:
        words = self.policy.consent_given if agreed else self.policy.consent_refused
        return [self._settle(kept=agreed), Back(RedactedText(f"{words} {self.policy.greeting}"))]

    def _settle(self, *, kept: bool) -> KeepRecord:
        self.state, self.talk.kept = "settled", kept
        return KeepRecord(kept=kept)
