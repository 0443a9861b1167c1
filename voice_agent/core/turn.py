"""One thing the caller said: from its audio, in one or more pieces, to its answer."""

from dataclasses import dataclass, field, replace

from voice_agent.core.commands import Transcribe
from voice_agent.core.escalation import Facts
from voice_agent.core.events import Retrieved, Understood
from voice_agent.core.turn_taking import Utterance
from voice_agent.core.words import RedactedText, Seconds, TurnId

FOREIGN = 0.75
"""From here on a turn counts as said in another language. Of 68 English recordings by telephone, spelled names and accents among
them, Whisper base puts none so high; of 17 made sentences in eight languages, 16 (`tests/data/speech/spanish.wav` is one)."""
FOREIGN_SPEECH: Seconds = 1.5
"""Less speech than this tells no language: of 34 English recordings cut to 1 s, 2 sounded foreign; cut to 1.5 s, none."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """What the caller said, and how far we are with it.

    A turn gets a new id whenever more audio is to be transcribed for it, so that work for the shorter
    version is stale. Whisper hears 30 s: longer speech is several pieces, each transcribed under its own id.
    """

    id: TurnId = TurnId(0)
    begin: Seconds = 0.0
    """Of the last piece."""
    end: Seconds = 0.0
    voice_end: Seconds = 0.0
    """Where the last speech in it ended; `end` is a little later."""
    voiced: Seconds = 0.0
    """How much of the last piece was speech."""
    loudness: float = 0.0
    """Of that speech: its level in dBFS times its seconds."""
    pieces: dict[TurnId, RedactedText | None] = field(default_factory=dict)
    """Every piece, oldest first, and its words once they are known."""
    text: RedactedText = RedactedText("")
    """All words; empty until every piece is known."""
    foreign: float = 0.0
    """That the last piece was said in another language than the assistant's, 0 to 1, by its sound."""
    noted: bool = False
    """A shorter version of it stands, or stood, in the conversation."""
    understood: Understood | None = None
    found: Retrieved | None = None
    generating: bool = False
    spoken: bool = False
    """A sentence of its answer is on its way to the caller's ear."""

    def next(self) -> "Turn":
        """A new thing said, after this one."""
        return Turn(id=self.id)

    def add(self, utterance: Utterance, end: Seconds) -> Transcribe:
        """One more piece of audio belongs to it."""
        self.id = TurnId(self.id + 1)
        self.begin, self.end, self.voiced = utterance.begin, end, utterance.voiced
        self.voice_end, self.loudness = utterance.end, utterance.loudness
        self.pieces[self.id] = None
        return Transcribe(turn=self.id, begin=self.begin, end=self.end)

    def reopen(self, utterance: Utterance) -> "Turn":
        """The caller goes on: the last piece will be transcribed again, with what comes now."""
        utterance.begin = self.begin
        utterance.voiced += self.voiced
        utterance.loudness += self.loudness
        pieces = {turn: words for turn, words in self.pieces.items() if turn != self.id}
        return Turn(id=self.id, pieces=pieces, noted=self.noted)

    def transcribed(self, turn: TurnId, words: RedactedText, foreign: float = 0.0) -> bool:
        """The words of a piece, and `foreign`. False when that piece is not waited for."""
        if self.pieces.get(turn, words) is not None:
            return False
        self.pieces[turn], self.foreign = words, foreign
        return True

    @property
    def complete(self) -> bool:
        return all(words is not None for words in self.pieces.values())

    def words(self) -> RedactedText:
        return RedactedText(" ".join(words for words in self.pieces.values() if words))

    @property
    def sounds_foreign(self) -> bool:
        return self.foreign >= FOREIGN and self.voiced >= FOREIGN_SPEECH

    @property
    def level(self) -> float | None:
        """Of the caller's speech, in dBFS; None when none was heard."""
        return self.loudness / self.voiced if self.voiced else None

    def facts(self, at: Seconds, known: Facts) -> Facts:
        """What is known of the call, and what this turn's words say. `at`: seconds since the call began."""
        return replace(
            known,
            asks_for_person=self.understood is not None and self.understood.asks_for_person,
            topic=self.understood.topic if self.understood else None,
            language_not_spoken=self.sounds_foreign or (self.understood is not None and self.understood.language_not_spoken),
            answer_confidence=self.found.confidence if self.found else None,
            minutes_in_call=at / 60,
        )
