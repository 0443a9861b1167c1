"""A pretend world around one call, on a virtual clock: carrier, recogniser, documents, model, voice and people.

Nothing in it waits: time jumps from event to event. Work ignores cancellation, as real work on threads
does, so every scene also shows that a late result does no harm. `replayed` runs all events through a second
call: a scene is a determinism test as well.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.call import Call
from voice_agent.core.escalation import Condition, QueueState, Rule, Then
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, Citation, Line, Passage, RedactedText, SpeechId, TurnId

WINDOW = 0.02
T = RedactedText


def rule(name: str, then: Then = "transfer", queue: str = "support", *, next_steps: tuple[T, ...] = (), **when: object) -> Rule:
    """A rule whose conditions are `fact=value`, or `fact__at_least=value`."""
    conditions = []
    for key, value in when.items():
        fact, _, operator = key.partition("__")
        conditions.append(Condition(fact=fact, operator=operator or "is", value=value))  # type: ignore[arg-type]
    sayings = {"transfer": f"Connecting you ({name}).", "offer": f"Shall I get a person ({name})?", "callback": f"Of course ({name})."}
    say = sayings[then]
    return Rule(name=name, when=tuple(conditions), then=then, queue=queue, priority=2, reason=T(name), say=T(say), next_steps=next_steps)


RULES = (
    rule("key-zero", key="0"),
    rule("asked", asks_for_person=True),
    rule("complaint", queue="claims", topic="complaint"),
    rule("callback", then="callback", queue="claims", topic="callback"),
    rule("three-unanswered", unanswered_in_row__at_least=3),
    rule("upset", frustration__at_least=0.7),
    rule("two-unanswered", then="offer", unanswered_in_row__at_least=2),
    rule("unsure", then="offer", low_confidence_in_row__at_least=2),
    rule("broken", failures_in_row__at_least=2),
    rule("silent", silences_in_row__at_least=3),
    rule("no-match", no_match_in_row__at_least=3),
)


def queue_state(queue: str = "support", *, business_hours: bool = True, full: bool = False, staffed: bool = True) -> QueueState:
    return QueueState(queue=queue, business_hours=business_hours, full=full, staffed=staffed)


@dataclass
class Saying:
    """Caller sound on the line."""

    begin: float
    end: float
    text: str
    """Empty for noise."""
    level: float = -20.0
    """dBFS."""


@dataclass
class Answer:
    sentences: tuple[str, ...]
    confidence: float = 0.9
    clarify: str = ""
    more: tuple[str, ...] = ()


@dataclass
class World:
    policy: Policy = field(default_factory=Policy)
    rules: tuple[Rule, ...] = RULES
    can_bridge: bool = True
    transcribe_takes: float = 0.4
    think_takes: float = 0.05
    sentence_takes: float = 0.05
    voice_takes: float = 0.2
    seconds_a_character: float = 0.06
    marks: bool = True
    """The carrier returns marks."""
    broken: dict[str, str] = field(default_factory=dict)
    """Port → "fails" or "hangs": transcribe, understand, retrieve, generate, voice, queue, callbacks, vault, audio."""
    person_takes_after: float | None = None
    """Seconds in the queue until a person accepts."""
    topics: dict[str, str] = field(default_factory=dict)
    hears: dict[str, ev.Transcribed] = field(default_factory=dict)
    says_digits: int = 10
    """Of a phone number that is said; 0: the vault does not give it."""
    position: int = 1
    """In the queue."""
    wait: float | None = None
    """As the queue estimates it, in seconds."""
    queues: tuple[QueueState, ...] = ()
    """Told at the start, if there are any."""
    before: tuple[Line, ...] | None = None
    """As `CallStarted` says."""

    def __post_init__(self) -> None:
        self.call = Call(policy=self.policy, rules=self.rules)
        self.now = 0.0
        self.log: list[tuple[ev.Event, list[do.Command]]] = []
        self.stops: list[float] = []
        self.said: list[tuple[float, str]] = []
        """Every sentence asked for, and when."""
        self.heard: list[str] = []
        """Every sentence whose audio played to its end at the ear."""
        self._sounds: list[Saying] = []
        self._answers: list[Answer] = []
        self._queue: list[tuple[float, int, Callable[[], ev.Event | None]]] = []
        self._order = itertools.count()
        self._line: list[tuple[SpeechId, str]] = []
        self._line_free_at = 0.0
        self._generation = 0
        self._gathering = False
        self._begun = False
        self._next_window = 0.0

    # ------------------------------------------------------------ the script

    def caller_says(self, text: str, *, at: float, seconds: float | None = None) -> float:
        """Returns when the caller is done."""
        end = at + (seconds if seconds is not None else max(0.3, 0.3 * len(text.split())))
        self._sounds.append(Saying(at, end, text))
        return end

    def caller_makes_noise(self, *, at: float, seconds: float) -> None:
        self._sounds.append(Saying(at, at + seconds, ""))

    def somebody_else_says(self, *, at: float, seconds: float) -> None:
        """Speech from the other side of the room."""
        self._sounds.append(Saying(at, at + seconds, "", level=-40.0))

    def agent_will_answer(self, *sentences: str, confidence: float = 0.9, clarify: str = "", more: tuple[str, ...] = ()) -> None:
        self._answers.append(Answer(sentences, confidence, clarify, more))

    def agent_knows_nothing(self, times: int = 1) -> None:
        for _ in range(times):
            self._answers.append(Answer((), confidence=0.1))

    def happens(self, make: Callable[[float], ev.Event], *, at: float) -> None:
        self._schedule(at, lambda: make(self.now))

    def press(self, key: str, *, at: float) -> None:
        def pressed(now: float) -> ev.Event:
            return ev.DigitGiven(at=now) if self._gathering and key.isdigit() else ev.KeyPressed(at=now, key=key)

        self.happens(pressed, at=at)

    def dials(self, keys: str, *, at: float, every: float = 0.3) -> float:
        """Returns when the last key has been pressed."""
        for number, key in enumerate(keys):
            self.press(key, at=at + every * number)
        return at + every * (len(keys) - 1)

    def hang_up(self, *, at: float) -> None:
        self.happens(lambda now: ev.CallerHungUp(at=now), at=at)

    # ------------------------------------------------------------ running

    def run(self, until: float) -> None:
        if not self._begun:
            self._begun = True
            self._tell(ev.CallStarted(at=0.0, call=CallId("c1"), carrier="phone", can_bridge=self.can_bridge, before=self.before))
            if self.queues:
                self._tell(ev.QueuesSeen(at=0.0, queues=self.queues))
        while not self.call.ended:
            due = self._queue[0][0] if self._queue else float("inf")
            window = self._next_window + WINDOW if self.broken.get("audio") != "hangs" else float("inf")
            deadline = self.call.next_deadline
            assert deadline is not None, "a living call without a deadline"
            soonest = min(due, window, deadline)
            if soonest > until:
                break
            self.now = max(self.now, soonest)
            if due == soonest:
                event = heapq.heappop(self._queue)[2]()
                if event is not None:
                    self._tell(event)
            elif window == soonest:
                self._tell(self._listen())
            else:
                self._tell(ev.Tick(at=self.now))
        self.now = max(self.now, until)

    def replayed(self) -> list[list[do.Command]]:
        """What a fresh call asks for when it is told the same events."""
        call = Call(policy=self.policy, rules=self.rules)
        return [list(call.handle(event)) for event, _ in self.log]

    @property
    def speaking(self) -> bool:
        """The agent is heard, or about to be."""
        return bool(self._line)

    @property
    def commands(self) -> list[do.Command]:
        return [command for _, commands in self.log for command in commands]

    def asked_for(self, kind: type[do.Command]) -> list[do.Command]:
        return [command for command in self.commands if isinstance(command, kind)]

    def lines(self, speaker: str) -> list[str]:
        return [line.text for line in self.call.history if line.speaker == speaker]

    def last(self, speaker: str) -> Line:
        return [line for line in self.call.history if line.speaker == speaker][-1]

    # ------------------------------------------------------------ the parts

    def _schedule(self, at: float, make: Callable[[], ev.Event | None]) -> None:
        heapq.heappush(self._queue, (at, next(self._order), make))

    def _tell(self, event: ev.Event) -> None:
        commands = list(self.call.handle(event))
        self.log.append((event, commands))
        for command in commands:
            self._carry_out(command)

    def _listen(self) -> ev.VoiceActivity:
        begin = self._next_window
        self._next_window = round(begin + WINDOW, 6)
        level = max((sound.level for sound in self._sounds if sound.begin <= begin < sound.end), default=-96.0)
        return ev.VoiceActivity(at=self.now, begin=begin, duration=WINDOW, probability=float(level > -96.0), level=level)

    def _carry_out(self, command: do.Command) -> None:  # noqa: C901 - a table of commands
        match command:
            case do.Speak():
                self._speak(command)
            case do.StopSpeaking():
                self._stop()
            case do.Transcribe():
                self._job("transcribe", command.turn, self.transcribe_takes, lambda: self._transcript(command))
            case do.Understand():
                self._job("understand", command.turn, self.think_takes, lambda: self._intent(command))
            case do.Retrieve():
                self._job("retrieve", command.turn, self.think_takes, lambda: self._found(command))
            case do.Generate():
                self._generate(command)
            case do.OfferHandover():
                self._offer()
            case do.GatherDigits() | do.StopGathering():
                self._gathering = isinstance(command, do.GatherDigits)
            case do.TakeNumber() if self.broken.get("vault") != "hangs":
                self._schedule(self.now, lambda: ev.NumberTaken(at=self.now, placeholder="", purpose="callback", digits=self.says_digits))
            case do.StoreCallback():
                self._store()
            case do.ConnectPerson() | do.ReleaseLeg() | do.HangUp() | do.CloseCall():
                pass

    def _job(self, name: str, turn: TurnId, takes: float, make: Callable[[], ev.Event]) -> None:
        if self.broken.get(name) == "fails":
            self._schedule(self.now + takes, lambda: ev.JobFailed(at=self.now, turn=turn, job=name, code="broken"))
        elif self.broken.get(name) != "hangs":
            self._schedule(self.now + takes, make)

    def _transcript(self, command: do.Transcribe) -> ev.Event:
        heard = [s for s in self._sounds if s.begin < command.end and s.end > command.begin]
        text = " ".join(s.text for s in sorted(heard, key=lambda s: s.begin) if s.text)
        if text in self.hears:
            scripted = self.hears[text]
            return replace(scripted, at=self.now, turn=command.turn)
        return ev.Transcribed(at=self.now, turn=command.turn, text=T(text), no_speech=0.0, confidence=0.9)

    def _intent(self, command: do.Understand) -> ev.Event:
        topic = next((t for words, t in self.topics.items() if words in command.text), None)
        return ev.Understood(
            at=self.now,
            turn=command.turn,
            asks_for_person="a person" in command.text,
            topic=topic,
            frustration=0.9 if "ridiculous" in command.text else 0.0,
        )

    def _found(self, command: do.Retrieve) -> ev.Event:
        answer = self._answers[0] if self._answers else Answer((), 0.0)
        passage = Passage(source="hours", title="Hours", heading="", text=T("We open at nine."), score=0.8)
        if answer.confidence < self.policy.answer_confidence:
            self._answers = self._answers[1:]
        return ev.Retrieved(
            at=self.now,
            turn=command.turn,
            passages=(passage,) if answer.confidence > 0 else (),
            confidence=answer.confidence,
            clarify=T(answer.clarify),
            reason="scripted",
        )

    def _generate(self, command: do.Generate) -> None:
        answer = self._answers.pop(0)
        cite = (Citation(source="hours", title="Hours", passage=T("We open at nine.")),)
        at = self.now
        if self.broken.get("generate") == "fails":
            self._job("generate", command.turn, self.sentence_takes, lambda: ev.Tick(at=self.now))
            return
        for place, sentence in enumerate((*answer.sentences, *answer.more)):
            at += self.sentence_takes

            def delta(sentence: str = sentence, *, more: bool = place >= len(answer.sentences)) -> ev.Event:
                return ev.AnswerDelta(at=self.now, turn=command.turn, text=T(sentence), citations=cite, more=more)

            self._schedule(at, delta)
        if self.broken.get("generate") == "breaks off":
            failed = lambda: ev.JobFailed(at=self.now, turn=command.turn, job="generate", code="cut-off")  # noqa: E731
            self._schedule(at + self.sentence_takes, failed)
        elif self.broken.get("generate") != "hangs":
            self._schedule(at + self.sentence_takes, lambda: ev.AnswerFinished(at=self.now, turn=command.turn))

    def _speak(self, command: do.Speak) -> None:
        self.said.append((self.now, command.text))
        if self.broken.get("voice") == "hangs":
            return
        if self.broken.get("voice") == "fails":
            self._schedule(self.now + 0.05, lambda: ev.SpeechFailed(at=self.now, speech=command.speech, code="broken"))
            return
        generation = self._generation
        length = self.seconds_a_character * len(command.text)
        begin = max(self.now + self.voice_takes, self._line_free_at)
        self._line_free_at = begin + length
        self._line.append((command.speech, command.text))

        def begins() -> ev.Event | None:
            return ev.SpeechBegan(at=self.now, speech=command.speech) if generation == self._generation else None

        def sent() -> ev.Event | None:
            if generation != self._generation:
                return None
            return ev.SpeechSent(at=self.now, speech=command.speech, duration=length)

        def played() -> ev.Event | None:
            if generation != self._generation:
                return None
            self._line.pop(0)
            self.heard.append(command.text)
            return ev.SpeechPlayed(at=self.now, speech=command.speech) if self.marks else None

        self._schedule(begin, begins)
        self._schedule(begin, sent)
        self._schedule(begin + length, played)

    def _stop(self) -> None:
        self.stops.append(self.now)
        self._generation += 1
        self._line_free_at = self.now
        cleared, self._line = self._line, []
        for speech, _ in cleared:  # as Twilio does: a clear returns every pending mark

            def returned(speech: SpeechId = speech) -> ev.Event:
                return ev.SpeechPlayed(at=self.now, speech=speech)

            self._schedule(self.now + 0.05, returned)

    def _store(self) -> None:
        if self.broken.get("callbacks") == "fails":
            self._schedule(self.now + 0.05, lambda: ev.CallbackFailed(at=self.now, code="store-failed"))
        elif self.broken.get("callbacks") != "hangs":
            self._schedule(self.now + 0.05, lambda: ev.CallbackStored(at=self.now))

    def _offer(self) -> None:
        if self.broken.get("queue") == "hangs":
            return
        if self.broken.get("queue") == "fails":
            self._schedule(self.now + 0.05, lambda: ev.HandoverFailed(at=self.now, code="store-failed"))
            return
        self._schedule(self.now + 0.05, lambda: ev.HandoverQueued(at=self.now, position=self.position, wait=self.wait))
        if self.person_takes_after is not None:
            at = self.now + self.person_takes_after
            self._schedule(at, lambda: ev.HandoverAccepted(at=self.now, agent="Alex"))
