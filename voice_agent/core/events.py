"""Everything that can happen to a call, in the past tense. With `commands`, the whole vocabulary.

Events are facts told to `Call.handle`; each says when it happened (`at`, seconds since the call
began, never read from a clock in the core). A result of work carries the turn, speech or handover it belongs to.
"""

from dataclasses import dataclass

from voice_agent.core.escalation import QueueState
from voice_agent.core.words import CallId, Citation, Line, Passage, RedactedText, Seconds, SpeechId, TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: Seconds
    """When it reached the call, in seconds since the call began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(Event):
    call: CallId
    carrier: str
    """"twilio" or "phone" (the phone page and the command line's caller)."""
    can_bridge: bool
    """A person can be connected inside this leg (phone page). Otherwise the leg is released to a queue."""
    before: tuple[Line, ...] | None = None
    """What was said in the caller's call that broke off by our fault, when this one is the rest of it; None for a new call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRecognised(Event):
    """Who calls is known by their number: somewhere in the first moments of a call, or never."""

    calls_before: int
    """From this number, as far back as calls are kept."""
    calls_this_week: int
    """In the last seven days, this call included."""
    tier: str | None = None
    """That the operator gave this number; None: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesSeen(Event):
    """How the queues of people are: told at the start of a call, and whenever it has changed."""

    queues: tuple[QueueState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceActivity(Event):
    """The detector's opinion of one window of caller audio. Windows follow each other without a gap."""

    begin: Seconds
    """Where the window starts in the caller's audio (media clock, not arrival time)."""
    duration: Seconds
    probability: float
    """That the window holds speech, 0 to 1."""
    level: float = 0.0
    """Root mean square in dBFS. Somebody beside the caller, and our own echo, are quieter than the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed(Event):
    key: str
    """One of 0-9, *, #."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitGiven(Event):
    """A digit of a number that we have asked for (GatherDigits) was typed. Which one, only the session knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerHungUp(Event):
    """The carrier said stop, or its socket went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed(Event):
    turn: TurnId
    text: RedactedText
    no_speech: float
    """Whisper's probability that the audio holds no speech, 0 to 1."""
    confidence: float
    """exp of the mean log probability of the tokens, 0 to 1."""
    foreign: float = 0.0
    """That it was said in another language than the assistant's, 0 to 1, by its sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood(Event):
    """What the words ask for, as far as escalation goes."""

    turn: TurnId
    asks_for_person: bool
    topic: str | None
    """One of the configured topics; None for an ordinary question."""
    frustration: float
    """0 (none) to 1 (furious), from the words."""
    language_not_spoken: bool = False
    """The words are in another language than the assistant's, or say that their speaker does not speak it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved(Event):
    turn: TurnId
    passages: tuple[Passage, ...]
    """Best first; may be empty."""
    confidence: float
    """That these passages answer the question, 0 to 1 (calibrated)."""
    clarify: RedactedText
    """The question to ask back when the caller's could mean several things; empty when it is clear."""
    reason: str
    """Why this confidence, for the journal and the brief."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDelta(Event):
    """One more sentence of the answer, ready to be spoken."""

    turn: TurnId
    text: RedactedText
    citations: tuple[Citation, ...]
    model: str = ""
    """The language model that wrote it; empty for the documents' own words. For the journal."""
    prompt: str = ""
    """The version of the instructions the model had, such as "answer.md 3f2a91bc"."""
    more: bool = False
    """Detail for a caller who says yes to it; not spoken otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFinished(Event):
    turn: TurnId


REDACT = "redact"
"""The job without which nothing of what the caller said may go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(Event):
    """Work for a turn came to nothing: an error, a timeout, or the redactor could not run."""

    turn: TurnId
    job: str
    """"transcribe", "redact", "understand", "retrieve" or "generate"."""
    code: str
    """Of the PortError; never a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechBegan(Event):
    """The first audio of a speech is with the carrier: it plays as soon as what is before it has been played."""

    speech: SpeechId


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSent(Event):
    """The whole audio of a speech is with the carrier, or about to be played from its buffer."""

    speech: SpeechId
    duration: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechPlayed(Event):
    """The mark behind a speech came back: played, or dropped by a clear."""

    speech: SpeechId


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechFailed(Event):
    """A speech cannot be played: it could not be synthesised, or holds nothing to pronounce."""

    speech: SpeechId
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverQueued(Event):
    """The handover is stored and waits for a person."""

    position: int
    """1 for the next to be taken."""
    wait: Seconds | None = None
    """Until somebody takes the call, by what calls of this queue took lately; None when there is nothing to go by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverMoved(Event):
    """The caller's place in the queue, or how long they will wait, is another; or nobody's desk rings any more."""

    position: int
    wait: Seconds | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRang(Event):
    """An agent's desk, or their phone, rings for this call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverExhausted(Event):
    """Everybody who could take the call has been tried. It waits on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverAccepted(Event):
    """A contact-center agent took the call."""

    agent: str
    """The name the desk shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverDeclined(Event):
    """In old journals, from when one refusal ended the wait; now HandoverExhausted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverFailed(Event):
    """The handover could not be stored, or the queue broke."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTaken(Event):
    """The vault was asked for a number that the caller has said. Which one, only the session knows."""

    placeholder: str
    purpose: str
    """For which it was asked: what privacy.yaml allows it for."""
    digits: int
    """How many it has; 0 when the vault does not give it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackStored(Event):
    """The number to call back on is stored, and on the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFailed(Event):
    """It could not be stored."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft(Event):
    """The person is not on the call any more, or has never come."""

    joined: bool
    """Their audio was connected before."""
    completed: bool = True
    """They have ended the call themselves. Otherwise their line broke, or never came up: the caller still waits for somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalShown(Event):
    """The person on the call looked at what the caller had said in place of a placeholder. For the record: the call goes on as it was."""

    placeholder: str
    """Such as "<PHONE_1>"; never what it stands for."""
    purpose: str
    person: str
    """The name the desk shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownRequested(Event):
    """The server is going away and this call has had its time: it goes to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """`Call.next_deadline` has passed."""
