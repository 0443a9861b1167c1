"""The world around one call, pretended: a voice, a recogniser, documents and a brain that do what the test says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from tests.fakes.outcomes import MemoryOutcomeStore
from tests.fakes.stores import MemoryCallbackStore, MemoryCallStore, MemoryHumanQueue
from tests.session.virtual_time import now
from voice_agent.audio import mulaw
from voice_agent.audio.pcm import Pcm
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.brief import Brief
from voice_agent.core.escalation import QueueState, Rule
from voice_agent.core.policy import Policy
from voice_agent.core.words import Line, Passage, RedactedText, Seconds, SpeechId, TurnId
from voice_agent.errors import PortError
from voice_agent.ports import AnswerSentence, Entity, Finding, Intent, Redaction, Transcript
from voice_agent.session.equipment import Equipment

T = RedactedText
E = TypeVar("E", bound=ev.Event)
QUIET = 0xFF
"""μ-law of a silent line."""
LOUD = 0x20
"""μ-law that the detector of these tests takes for speech."""
SECRET_NAME = "Roberta Flaneur"
SECRET = f"my name is {SECRET_NAME}"
"""What callers say here. Nothing but the redactor may see it."""


async def stubborn(seconds: float) -> None:
    """Work that cannot be stopped, as a thread cannot: being cancelled changes nothing."""
    until = now() + seconds
    while (left := until - now()) > 0:
        try:
            await asyncio.sleep(left)
        except asyncio.CancelledError:
            continue


class LoudnessDetector:
    def __init__(self) -> None:
        self.packets = 0
        self.breaks: Exception | None = None

    def probability(self, packet: bytes) -> float:
        if self.breaks:
            raise self.breaks
        self.packets += 1
        assert len(packet) == 160
        return 1.0 if packet[0] == LOUD else 0.0


@dataclass(kw_only=True)
class Voice:
    """Says each text as one tone: the μ-law value is the text's first letter's, so that the ear can tell speeches apart."""

    seconds: float = 1.0
    """Of audio, for each text."""
    first_after: float = 0.1
    chunks: int = 1
    each_takes: float = 0.0
    """From one chunk to the next."""
    rate: int = 8000
    trouble: dict[str, Exception | str] = field(default_factory=dict)
    """By text: an exception to raise, "nothing", "hangs" (after half of it), "stubborn" (for a minute), "stubborn later"
    (behind the first chunk) or "stubborn, then fails"."""
    asked: list[tuple[float, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        self.asked.append((now(), text))
        try:
            trouble = self.trouble.get(text)
            if isinstance(trouble, Exception):
                raise trouble
            if trouble == "nothing":
                return
            if trouble in ("stubborn", "stubborn, then fails"):
                await stubborn(60)
            if trouble == "stubborn, then fails":
                raise PortError("no", code="voice-failed")
            await asyncio.sleep(self.first_after)
            for number in range(self.chunks):
                if trouble == "hangs" and number == self.chunks // 2:
                    await asyncio.Event().wait()
                samples = np.full(round(self.seconds * self.rate / self.chunks), tone(text), np.int16)
                yield Pcm(samples=samples, rate=self.rate)
                await (stubborn(60) if trouble == "stubborn later" else asyncio.sleep(self.each_takes))
        finally:
            self.closed.append(text)


def tone(text: str) -> int:
    """The sample value in which a text is said."""
    return int(mulaw.decode(bytes([ord(text[0])]))[0])


@dataclass(kw_only=True)
class Recognizer:
    takes: float = 0.3
    ignores_cancelling: bool = False
    fails: Exception | None = None
    heard: list[Pcm] = field(default_factory=list)

    async def transcribe(self, audio: Pcm) -> Transcript:
        self.heard.append(audio)
        await (stubborn(self.takes) if self.ignores_cancelling else asyncio.sleep(self.takes))
        if self.fails:
            raise self.fails
        return Transcript(text=SECRET, no_speech=0.1, confidence=0.9, foreign=0.25)


@dataclass(kw_only=True)
class NameRedactor:
    fails: Exception | None = None
    takes: float = 0.0
    seen: list[str] = field(default_factory=list)

    async def redact(self, text: str, *, after: str = "") -> Redaction:
        self.seen.append(text)
        await asyncio.sleep(self.takes)
        if self.fails:
            raise self.fails
        start = text.index(SECRET_NAME)
        entity = Entity(type="NAME", start=start, end=start + len(SECRET_NAME))
        return Redaction(text=T("my name is <NAME>"), entities=(entity,), originals=(SECRET_NAME,))


@dataclass(kw_only=True)
class Intents:
    fails: Exception | None = None

    async def recognize(self, text: RedactedText) -> Intent:
        if self.fails:
            raise self.fails
        return Intent(asks_for_person=False, topic="billing", frustration=0.25, language_not_spoken=True)


PASSAGE = Passage(source="hours", title="Hours", heading="", text=T("We open at nine."), score=0.8)


@dataclass(kw_only=True)
class Documents:
    takes: float = 0.05

    async def find(self, query: RedactedText) -> Finding:
        await asyncio.sleep(self.takes)
        return Finding(passages=(PASSAGE,), confidence=0.9, clarify=T(""), reason="scripted")


@dataclass(kw_only=True)
class Writer:
    sentences: Sequence[str] = ("Nine.", "Not on Sundays.")
    each_takes: Sequence[float] = (0.2, 0.2)
    ignores_cancelling: bool = False
    closed: int = 0

    async def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]:
        try:
            for sentence, takes in zip(self.sentences, self.each_takes, strict=True):
                if takes:
                    await (stubborn(takes) if self.ignores_cancelling else asyncio.sleep(takes))
                yield AnswerSentence(text=T(sentence), citations=(), model="openai/small", prompt="answer.md 3f2a91bc")
        finally:
            self.closed += 1


class ScriptedBrain:
    """A Call that asks for what the test has told it to, and remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[ev.Event] = []
        self.next_deadline: Seconds | None = None
        self.ended = False
        self.on_hold = False
        self.history: tuple[Line, ...] = ()
        self._answers: list[tuple[type[ev.Event], Callable[[ev.Event], Sequence[do.Command]]]] = [
            (ev.CallerHungUp, lambda _: [do.CloseCall(disposition="abandoned")])
        ]

    def on(self, kind: type[ev.Event], *commands: do.Command) -> None:
        """Once: the next event of this kind is answered with these."""

        def answer(_: ev.Event) -> Sequence[do.Command]:
            return commands

        self._answers.insert(len(self._answers) - 1, (kind, answer))

    def breaks_on(self, kind: type[ev.Event], message: str) -> None:
        def answer(_: ev.Event) -> Sequence[do.Command]:
            raise ZeroDivisionError(message)

        self._answers.insert(0, (kind, answer))

    def handle(self, event: ev.Event) -> Sequence[do.Command]:
        self.told.append(event)
        if isinstance(event, ev.Tick):
            self.next_deadline = None
        for index, (kind, answer) in enumerate(self._answers):
            if isinstance(event, kind):
                del self._answers[index]
                commands = answer(event)
                self.ended = any(isinstance(command, do.CloseCall) for command in commands)
                return commands
        return []

    def told_of(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]


class WatchingBrain(ScriptedBrain):
    """Notes how much waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: Callable[[], int] = lambda: 0
        self.most_waiting = 0

    def handle(self, event: ev.Event) -> Sequence[do.Command]:
        self.most_waiting = max(self.most_waiting, self.waiting())
        return super().handle(event)


def speak(speech: int, text: str) -> do.Speak:
    return do.Speak(speech=SpeechId(speech), text=T(text))


def transcribe(turn: int = 1, begin: float = 0.0, end: float = 1.0) -> do.Transcribe:
    return do.Transcribe(turn=TurnId(turn), begin=begin, end=end)


BYE = do.CloseCall(disposition="contained")
BRIEF = Brief(
    headline=T("Wants a refund"),
    caller="Unknown caller, not verified",
    tried=(),
    open_question=T(""),
    mood="calm",
    queue="billing",
    rule="refund",
    reason=T("A refund"),
    explanation="Rule 'refund' matched.",
    citations=(),
    redactions=(),
    suggested_reply=T("Hello."),
    transcript=(),
)
OFFER = do.OfferHandover(queue="billing", priority=2, brief=BRIEF)


@dataclass(kw_only=True)
class Stage:
    """Everything a call needs; a test changes what it is about."""

    journals: Path
    voice: Voice = field(default_factory=Voice)
    recognizer: Recognizer = field(default_factory=Recognizer)
    redactor: NameRedactor = field(default_factory=NameRedactor)
    intents: Intents = field(default_factory=Intents)
    documents: Documents = field(default_factory=Documents)
    writer: Writer = field(default_factory=Writer)
    queue: MemoryHumanQueue = field(default_factory=MemoryHumanQueue)
    store: MemoryCallStore = field(default_factory=MemoryCallStore)
    callbacks: MemoryCallbackStore = field(default_factory=MemoryCallbackStore)
    outcomes: MemoryOutcomeStore = field(default_factory=MemoryOutcomeStore)
    detector: LoudnessDetector = field(default_factory=LoudnessDetector)
    policy: Policy = field(default_factory=Policy)
    rules: tuple[Rule, ...] = ()
    queues: Callable[[], tuple[QueueState, ...]] | None = None

    def equipment(self) -> Equipment:
        return Equipment(
            detector=lambda: self.detector,
            recognizer=self.recognizer,
            redactor=self.redactor,
            intents=self.intents,
            knowledge=self.documents,
            writer=lambda: self.writer,
            voice=self.voice,
            queue=self.queue,
            queues=self.queues,
            roster=self.queue.roster,
            store=self.store,
            callbacks=self.callbacks,
            outcomes=self.outcomes,
            policy=self.policy,
            rules=self.rules,
            journals=self.journals,
            monotonic=now,
            wall=lambda: 1_750_000_000.0 + now(),
        )
