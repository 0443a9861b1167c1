"""From sound to words: when the caller takes the floor, which audio is transcribed, and when the words are complete.

    IDLE ──the caller speaks──▶ HEARING ──a short pause──▶ TRANSCRIBING ──words, and their pause──▶ IDLE, with WORDS
      └── INTERRUPTED / WENT_ON ──▶┘◀──── the caller goes on ──┘   └── no words ──▶ IDLE, with NOTHING
                                          words of a card, with CARD ──▶ DEAF ──silence, or a key──▶ IDLE, with LISTENS

Transcription starts at the first short pause. How long a pause ends the turn depends on the words (`pause_after`);
until then nothing is settled, and if the caller goes on, the longer audio is transcribed in place of the shorter.
Answers with commands for the session and signals for the call. What the words mean is the call's business.
"""

from enum import Enum, auto

from voice_agent.core.card_numbers import GO_ON, LONGEST_DEAF, reads_card
from voice_agent.core.commands import AbandonTurn, Command
from voice_agent.core.events import JobFailed, Transcribed, VoiceActivity
from voice_agent.core.playout import Playout
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_invention, pause_after, words_of
from voice_agent.core.turn import Turn
from voice_agent.core.turn_taking import TurnTaking, Utterance
from voice_agent.core.words import RedactedText, Seconds


class Floor(Enum):
    """Who has the floor as a window of caller audio comes in."""

    CALLER = auto()
    """Nothing of ours is to be heard."""
    AGENT = auto()
    """We are heard, and may be cut off."""
    QUESTION = auto()
    """The same, and we are asking something: a short reply counts."""
    NOTICE = auto()
    """We are heard, and may not be cut off."""
    THOUGHT = auto()
    """We are working on the caller's words, and have said nothing yet."""


def floor_of(answer: Turn | None, playout: Playout, *, asking: bool) -> Floor:
    """`answer`: the turn that is thought about; `asking`: we have offered something."""
    if answer:
        return Floor.AGENT if answer.spoken else Floor.THOUGHT
    if not playout.busy:
        return Floor.CALLER
    if not playout.interruptible:
        return Floor.NOTICE
    return Floor.QUESTION if asking else Floor.AGENT


class Signal(Enum):
    INTERRUPTED = auto()
    """The caller takes the floor from us."""
    WENT_ON = auto()
    """The caller was not finished: what we think about is only the beginning."""
    WORDS = auto()
    """`turn.text` is what the caller said."""
    NOTHING = auto()
    """There was sound, and no words in it; `turn.voiced` says how much."""
    STUCK = auto()
    """The transcription failed, or is too late."""
    CARD = auto()
    """The caller reads out a card number, or is about to: we have stopped listening."""
    LISTENS = auto()
    """We listen again."""


class State(Enum):
    IDLE = auto()
    HEARING = auto()
    TRANSCRIBING = auto()
    DEAF = auto()
    """Whether the caller speaks is heard, and nothing else."""


Heard = list[Command | Signal]

_ROUNDING = 1e-9
"""Spans of audio are sums of floats."""


class Listening:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._voice = TurnTaking(policy)
        self._state = State.IDLE
        self.turn = Turn()
        self._deaf_until: Seconds = 0.0
        self.deadline: Seconds = 0.0
        """On the clock of `at`. Holds only while busy."""

    @property
    def busy(self) -> bool:
        """An utterance is being heard or transcribed; or we are deaf to it."""
        return self._state is not State.IDLE

    @property
    def utterance_open(self) -> bool:
        return self._voice.utterance is not None

    def hear(self, window: VoiceActivity, floor: Floor) -> Heard:
        self._voice.hear(window)
        if self._state is State.DEAF:
            return self._wait_for_silence(window, floor)
        utterance = self._voice.utterance
        if self._state is State.HEARING:
            self.deadline = window.at + self._policy.media_gap
            return self._extend(utterance, window.at)
        if utterance is None:
            return self._release_if_held()
        if self._state is State.TRANSCRIBING or floor is Floor.THOUGHT:
            return self._goes_on(utterance, window.at)
        if floor is Floor.CALLER:
            self.start(window.at)
            return []
        return self._overlaps(utterance, floor, window.at)

    def start(self, at: Seconds) -> None:
        """The open utterance is the caller's turn."""
        self._state = State.HEARING
        self.deadline = at + self._policy.media_gap

    def next_turn(self) -> None:
        """The last turn has been dealt with. One that is still being heard or transcribed has not."""
        if not self.busy:
            self.turn = self.turn.next()

    def deafen(self) -> None:
        """What is being said does not count."""
        self._state = State.IDLE
        self.next_turn()
        self._drop_utterance()

    def pressed(self, key: str) -> Heard:
        return self._over(Signal.LISTENS) if self._state is State.DEAF and key == GO_ON else []

    def transcribed(self, event: Transcribed) -> Heard:
        if self._state is State.DEAF:
            return []
        wordless = (
            not words_of(event.text)
            or event.no_speech >= self._policy.most_no_speech
            or event.confidence < self._policy.least_confidence
            or is_invention(event.text, self.turn.voiced)
        )
        if self.busy and not wordless and reads_card(event.text):
            return self._stop_listening(event)
        known = self.turn.transcribed(event.turn, RedactedText("") if wordless else event.text, event.foreign)
        return self._words_if_complete(event.at) if known else []

    def failed(self, event: JobFailed) -> Heard:
        if self._state is State.TRANSCRIBING and event.turn == self.turn.id:
            return self._over(Signal.STUCK)
        known = self.turn.transcribed(event.turn, RedactedText(""))  # a piece is lost; the others are not
        return self._words_if_complete(event.at) if known else []

    def late(self, at: Seconds) -> Heard:
        """The deadline has passed."""
        if self._state is State.DEAF:
            return self._over(Signal.LISTENS)
        if self._state is State.HEARING:
            return self._end(at)  # the carrier sends no audio any more
        return self._over(Signal.WORDS if self.turn.text else Signal.STUCK)

    # ------------------------------------------------------------ the caller's voice

    def _extend(self, utterance: Utterance | None, at: Seconds) -> Heard:
        last_voice = utterance.end if utterance else self.turn.voice_end
        hardly = utterance is not None and utterance.voiced < self._policy.least_speech
        pause = self._policy.end_pause if hardly else self._policy.first_pause
        if self._voice.now - last_voice >= pause - _ROUNDING:
            return self._end(at)
        if utterance and utterance.end - utterance.begin >= self._policy.longest_utterance:
            return [self._take_piece()]
        return []

    def _overlaps(self, utterance: Utterance, floor: Floor, at: Seconds) -> Heard:
        """The caller speaks while we do."""
        policy = self._policy
        meant = self._voice.voiced_within(policy.barge_in_within, loud=True) >= policy.barge_in_speech - _ROUNDING
        if meant and floor is not Floor.NOTICE:
            self.turn = self.turn.next()
            self.start(at)
            return [Signal.INTERRUPTED]
        if self._voice.silence < policy.end_pause:
            return []
        if floor is Floor.QUESTION or (floor is Floor.NOTICE and utterance.voiced >= policy.barge_in_speech):
            return self._end(at)  # said over what may not be cut off, or too short to cut in: answered after it
        self._voice.take()  # a cough or a backchannel
        return []

    def _goes_on(self, utterance: Utterance, at: Seconds) -> Heard:
        """The caller speaks again before anything of the answer has been said: it is one question."""
        if self._voice.voiced_within(self._policy.barge_in_within) >= self._policy.resume_speech - _ROUNDING:
            thought = self._state is State.IDLE
            stale = AbandonTurn(turn=self.turn.id)
            self.turn = self.turn.reopen(utterance)
            self.start(at)
            return [stale, Signal.WENT_ON] if thought else [stale]
        if self._voice.silence < self._policy.first_pause:
            return []  # this may be the caller going on: nothing is settled before that is clear
        self._voice.take()
        return self._release_if_held()

    def _end(self, at: Seconds) -> Heard:
        utterance = self._voice.utterance
        if utterance and utterance.voiced < self._policy.least_speech and not self.turn.pieces:
            self._voice.take()
            return self._over(Signal.NOTHING)
        piece: Heard = [self._take_piece()] if utterance else []
        self._state = State.TRANSCRIBING
        self.deadline = at + self._policy.transcribe_within
        return piece + self._words_if_complete(at)

    def _take_piece(self) -> Command:
        utterance = self._voice.take()
        return self.turn.add(utterance, min(self._voice.now, utterance.end + self._policy.lead_in))

    # ------------------------------------------------------------ a card number

    def _stop_listening(self, event: Transcribed) -> Heard:
        """Also when these are the first words of an utterance that goes on: the rest is not transcribed."""
        self.turn.text = event.text
        self._state = State.DEAF
        self._deaf_until = event.at + LONGEST_DEAF
        self.deadline = event.at + self._policy.card_pause
        self._drop_utterance()
        return [Signal.CARD]

    def _wait_for_silence(self, window: VoiceActivity, floor: Floor) -> Heard:
        self._drop_utterance()
        if floor is not Floor.CALLER or window.probability >= self._policy.speech_probability:
            self.deadline = min(window.at + self._policy.card_pause, self._deaf_until)
        return []

    def _drop_utterance(self) -> None:
        if self._voice.utterance:
            self._voice.take()

    # ------------------------------------------------------------ the caller's words

    def _words_if_complete(self, at: Seconds) -> Heard:
        if self._state is not State.TRANSCRIBING or not self.turn.complete:
            return []
        self.turn.text = self.turn.words()
        if not self.turn.text:
            return self._over(Signal.NOTHING)
        self.deadline = at + pause_after(self.turn.text, self._policy) + self._policy.media_gap
        return self._release_if_held() if self._voice.utterance is None else []

    def _release_if_held(self) -> Heard:
        """Words are held until the pause is long enough for what they are."""
        if self._state is not State.TRANSCRIBING or not self.turn.text:
            return []
        pause = self._voice.now - self.turn.voice_end
        return self._over(Signal.WORDS) if pause >= pause_after(self.turn.text, self._policy) - _ROUNDING else []

    def _over(self, signal: Signal) -> Heard:
        self._state = State.IDLE
        return [signal]
