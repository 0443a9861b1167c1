"""When the caller begins, pauses and ends. Counts audio on the caller's media clock, never arrival time.

    silence ──enough speech──▶ utterance open ──pause long enough──▶ taken (by the call)

Nothing here decides what to do about it; the call asks `voiced_within`, `silence` and takes the utterance.
"""

from collections import deque
from dataclasses import dataclass

from voice_agent.core.events import VoiceActivity
from voice_agent.core.policy import Policy
from voice_agent.core.words import Seconds

RISE, SINK = 0.2, 0.002
"""How fast the tracked level of the caller follows a louder, and a quieter, window of speech of 20 ms."""


@dataclass(slots=True, kw_only=True)
class Utterance:
    begin: Seconds
    end: Seconds
    """Where the last speech in it ended."""
    voiced: Seconds
    """How much of it was speech."""
    loudness: float = 0.0
    """Of that speech: its level in dBFS times its seconds."""


class TurnTaking:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._reach = max(policy.onset_within, policy.barge_in_within)
        self._speech: deque[tuple[Seconds, Seconds, float]] = deque()
        """The latest windows of speech, as (begin, end, level), none older than `_reach`."""
        self._caller_level = policy.least_level
        """How loud the caller speaks, in dBFS: rises at once, sinks slowly."""
        self._free_from: Seconds = 0.0
        """Audio before this belongs to an utterance already taken."""
        self.now: Seconds = 0.0
        """The end of the audio heard so far."""
        self.utterance: Utterance | None = None

    def hear(self, window: VoiceActivity) -> None:
        """Take in the next window; opens or extends the utterance."""
        end = window.begin + window.duration
        self.now = end
        if window.probability < self._policy.speech_probability:
            return
        self._speech.append((window.begin, end, window.level))
        self._caller_level += (window.level - self._caller_level) * (RISE if window.level > self._caller_level else SINK)
        while self._speech[0][1] <= end - self._reach:
            self._speech.popleft()
        if self.utterance is not None:
            self.utterance.end = end
            self.utterance.voiced += window.duration
            self.utterance.loudness += window.level * window.duration
        elif (voiced := self.voiced_within(self._policy.onset_within)) >= self._policy.onset_speech - 1e-9:
            begin = max(self._free_from, self._speech[0][0] - self._policy.lead_in)
            self.utterance = Utterance(begin=begin, end=end, voiced=voiced, loudness=window.level * voiced)

    def voiced_within(self, span: Seconds, *, loud: bool = False) -> Seconds:
        """How much of the last `span` of audio was speech. `loud`: of the caller themselves, by its level."""
        since = self.now - span
        least = max(self._policy.least_level, self._caller_level - self._policy.beside) if loud else float("-inf")
        return sum(end - max(begin, since) for begin, end, level in self._speech if end > since and level >= least)

    @property
    def silence(self) -> Seconds:
        """How long the open utterance has been silent; 0 when none is open."""
        return self.now - self.utterance.end if self.utterance else 0.0

    def take(self) -> Utterance:
        """The open utterance, which is thereby over."""
        taken, self.utterance = self.utterance, None
        if taken is None:
            raise ValueError("no utterance is open")
        self._free_from = taken.end
        self._speech.clear()
        return taken
