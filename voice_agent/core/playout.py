"""What the caller has really heard."""

from dataclasses import dataclass

from voice_agent.core.policy import Policy
from voice_agent.core.words import Citation, RedactedText, Seconds, SpeechId

SECONDS_A_CHARACTER = 0.065
"""Of speech, for a sentence whose length is not known yet (measured on Piper's joe: 0.06 to 0.07)."""
WIRE = 0.15
"""Seconds from the carrier to the caller's ear: what was sent this lately has not been heard."""


@dataclass(slots=True, kw_only=True)
class Speech:
    id: SpeechId
    text: RedactedText
    interruptible: bool
    citations: tuple[Citation, ...]
    began: Seconds | None = None
    """When its first audio was with the carrier; None until then."""
    duration: Seconds | None = None
    """None until its whole audio is with the carrier."""

    def heard_until(self, since: Seconds, at: Seconds) -> RedactedText:
        """The words played by `at`, if nothing was before it from `since` on: whole words only, and rather one too few."""
        if self.began is None:
            return RedactedText("")
        played = at - max(since, self.began) - WIRE
        length = self.duration or len(self.text) * SECONDS_A_CHARACTER
        characters = int(len(self.text) * max(0.0, min(1.0, played / length)))
        return RedactedText(self.text[:characters].rpartition(" ")[0])


class Playout:
    """The speeches on their way to the caller's ear, oldest first.

    A carrier returns a mark both when a speech has been played and when a clear
    dropped it, so a mark counts as heard only for speech we have not cleared.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._pending: list[Speech] = []
        self._since: Seconds = 0.0
        """When the head became the head: nothing else of ours is before it."""

    @property
    def busy(self) -> bool:
        return bool(self._pending)

    @property
    def interruptible(self) -> bool:
        """The speech being played now may be cut off."""
        return self._pending[0].interruptible

    @property
    def deadline(self) -> Seconds:
        """When the head is given up on. Only while busy."""
        head = self._pending[0]
        if head.duration is None:
            return self._since + self._policy.speech_start_within
        return self._since + head.duration + self._policy.speech_slack

    def add(self, speech: Speech, at: Seconds) -> None:
        if not self._pending:
            self._since = at
        self._pending.append(speech)

    def began(self, speech: SpeechId, at: Seconds) -> None:
        for pending in self._pending:
            if pending.id == speech and pending.began is None:
                pending.began = at

    def sent(self, speech: SpeechId, duration: Seconds) -> None:
        for pending in self._pending:
            if pending.id == speech:
                pending.duration = duration

    def played(self, speech: SpeechId, at: Seconds) -> list[Speech]:
        """Note a mark. The speeches it proves heard: this one and those before it; none if it was cleared."""
        ids = [pending.id for pending in self._pending]
        if speech not in ids:
            return []
        count = ids.index(speech) + 1
        heard, self._pending = self._pending[:count], self._pending[count:]
        self._since = at
        return heard

    def failed(self, speech: SpeechId, at: Seconds) -> bool:
        """A speech that will never be played. False when it was cleared or is unknown."""
        before = len(self._pending)
        was_head = self.busy and self._pending[0].id == speech
        self._pending = [pending for pending in self._pending if pending.id != speech]
        if was_head:
            self._since = at
        return len(self._pending) < before

    def give_up(self, at: Seconds) -> tuple[Speech, bool]:
        """The head's deadline has passed: drop it. True when its whole audio was sent, so that only its mark is missing."""
        head = self._pending.pop(0)
        self._since = at
        return head, head.duration is not None

    def clear(self, at: Seconds) -> tuple[tuple[Speech, ...], RedactedText]:
        """Everything not proved heard is gone. Returns it, oldest first, and how much of the first was heard: whole words."""
        dropped, self._pending = tuple(self._pending), []
        return dropped, dropped[0].heard_until(self._since, at) if dropped else RedactedText("")
