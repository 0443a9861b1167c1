"""Everything a call can ask for, in the imperative. The session carries them out; none returns a value.

What comes of a command reaches the call as an event with the same turn, speech or handover.
"""

from dataclasses import dataclass
from typing import Literal

from voice_agent.core.brief import Brief
from voice_agent.core.words import Line, Passage, RedactedText, Seconds, SpeechId, TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribe(Command):
    """→ Transcribed or JobFailed."""

    turn: TurnId
    begin: Seconds
    """On the caller's media clock; the session keeps the audio."""
    end: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Understand(Command):
    """→ Understood or JobFailed."""

    turn: TurnId
    text: RedactedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieve(Command):
    """→ Retrieved or JobFailed."""

    turn: TurnId
    query: RedactedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate(Command):
    """→ AnswerDelta…, AnswerFinished; or JobFailed."""

    turn: TurnId
    question: RedactedText
    passages: tuple[Passage, ...]
    history: tuple[Line, ...]
    """The conversation before the question, oldest first, shortened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonTurn(Command):
    """Results for this turn are no longer wanted: stop what can be stopped. Correctness does not rest on it."""

    turn: TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak(Command):
    """Play one sentence behind those before it. → SpeechSent, SpeechPlayed; or SpeechFailed."""

    speech: SpeechId
    text: RedactedText


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSpeaking(Command):
    """Fall silent now: drop what is not yet sent and have the carrier drop what is not yet played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferHandover(Command):
    """Store the handover and put it before people. → HandoverQueued…, HandoverAccepted, HandoverDeclined or HandoverFailed."""

    queue: str
    priority: int
    """1 urgent to 5 low."""
    brief: Brief


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawHandover(Command):
    """The caller no longer waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectPerson(Command):
    """Join the caller's audio and the person's. → PersonLeft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLeg(Command):
    """Close the media stream, so that the carrier asks what comes next and finds the stored handover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherDigits(Command):
    """The caller is asked for a number: from now on keep the digits they type and tell only that there was one. Once more: start anew.

    → DigitGiven…, and KeyPressed for * and #.
    """

    queue: str = ""
    """Which people are to call back, and the next: by which rule. At the first asking, for the record; empty when it is asked once more."""
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopGathering(Command):
    """Keys are keys again. What has been typed is kept until the call ends, or a number is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNumber(Command):
    """The caller has said the number: take the original from the vault. → NumberTaken."""

    placeholder: str
    """Such as "<PHONE_1>"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCallback(Command):
    """Put the number that was typed, or taken, before people, to be called back. → CallbackStored or CallbackFailed."""

    queue: str
    priority: int
    """1 urgent to 5 low."""
    brief: Brief


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRecord(Command):
    """Whether the call may be written down, now and from its beginning. Until then nothing of it is; without this command, all is."""

    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Command):
    """End the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine(Command):
    """A line of the conversation stands: show it (captions, desk)."""

    line: Line
    revised: bool = False
    """In place of the last line of the same speaker: the caller went on, or was not interrupted after all."""


Disposition = Literal["contained", "transferred", "callback", "abandoned", "failed"]
"""How a call ended: helped by the agent alone; handed to a person; with the promise of a call back; the caller left
without an answer; by our fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCall(Command):
    """The call is over: store how it ended. The last command of every call."""

    disposition: Disposition
