"""What a call was like, from its journal: what each side said, what was heard, and how long every stage took."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.words import CallId, Citation, Line, RedactedText, Seconds, Speaker, SpeechId, TurnId
from voice_agent.session.journal import Kept, Recording


@dataclass(slots=True, kw_only=True)
class Timings:
    """Of one thing the caller said, in seconds, on the server's clock. None where a stage did not happen."""

    endpointing: Seconds | None = None
    """From the last packet with the caller's speech until the end of the turn is decided."""
    transcribe: Seconds | None = None
    """Redaction included."""
    understand: Seconds | None = None
    retrieve: Seconds | None = None
    """At the same time as `understand`."""
    first_sentence: Seconds | None = None
    """Until the answer's first sentence is written."""
    first_audio: Seconds | None = None
    """From asking for the first sentence of the reply until its first audio is sent."""
    turn_gap: Seconds | None = None
    """From the last packet with the caller's speech until the reply begins to be sent: all of the above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReport:
    speaker: Speaker
    text: RedactedText
    """For the agent: what the caller heard."""
    at: Seconds
    """Since the call began."""
    interrupted: bool
    """The caller cut the agent off behind these words."""
    citations: tuple[Citation, ...]
    timings: Timings | None
    """For the caller only."""


@dataclass(slots=True, kw_only=True)
class HandoverReport:
    queue: str
    priority: int
    rule: str
    explanation: str
    offered: Seconds
    """Since the call began."""
    agent: str = ""
    """Who accepted."""
    accepted: Seconds | None = None
    """Since the call began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReport:
    """The evidence that the caller was told."""

    version: str
    """Of its wording; empty in journals from before it was noted."""
    heard: Seconds | None
    """When its last sentence had been played, since the call began; None when the caller left before, or nothing is kept."""
    kept: Kept
    """Whether the caller was told of the journal, or agreed to it."""
    decided: Seconds | None
    """When that was settled, since the call began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """`dataclasses.asdict` makes JSON of it."""

    call: CallId
    started: str
    """UTC, ISO 8601."""
    duration: Seconds
    disposition: do.Disposition | None
    """None when the journal ends before the call did."""
    notice: NoticeReport
    turns: tuple[TurnReport, ...]
    handover: HandoverReport | None
    """The last one."""


@dataclass(slots=True, kw_only=True)
class _Work:
    """One piece of the caller's audio, from its end to the reply."""

    spoken_until: Seconds | None
    asked: dict[str, Seconds] = field(default_factory=dict)
    """When each stage began."""
    timings: Timings = field(default_factory=Timings)
    reply: SpeechId | None = None


def report(recording: Recording) -> CallReport:
    """The report of a journal; of what there is, when it ends early."""
    reporter = _Reporter(recording.header.policy.speech_probability)
    for pair in recording.pairs:
        reporter.happened(pair.event)
        reporter.asked(pair.event.at, pair.commands)
    return CallReport(
        call=recording.header.call,
        started=recording.header.started,
        duration=recording.pairs[-1].event.at if recording.pairs else 0.0,
        disposition=reporter.disposition,
        notice=_notice(recording),
        turns=tuple(_turn(line, timings) for line, timings in reporter.lines),
        handover=reporter.handover,
    )


def _notice(recording: Recording) -> NoticeReport:
    header = recording.header
    return NoticeReport(version=header.notice, heard=_notice_heard(recording), kept=header.kept, decided=header.decided)


def _notice_heard(recording: Recording) -> Seconds | None:
    """Nothing else is said when a call begins, and nothing interrupts it."""
    opening = recording.pairs[0].commands if recording.pairs else ()
    speeches = [command.speech for command in opening if isinstance(command, do.Speak)]
    played = (pair.event for pair in recording.pairs if isinstance(pair.event, ev.SpeechPlayed))
    return next((event.at for event in played if speeches and event.speech == speeches[-1]), None)


def _turn(line: Line, timings: Timings | None) -> TurnReport:
    return TurnReport(
        speaker=line.speaker,
        text=line.text,
        at=line.at,
        interrupted=line.interrupted,
        citations=line.citations,
        timings=timings,
    )


class _Reporter:
    def __init__(self, speech_probability: float) -> None:
        self._speech_probability = speech_probability
        self._spoken_until: Seconds | None = None
        self._work: dict[TurnId, _Work] = {}
        self._answering: _Work | None = None
        """The work for the caller's last line, until its reply begins."""
        self.lines: list[tuple[Line, Timings | None]] = []
        self.handover: HandoverReport | None = None
        self.disposition: do.Disposition | None = None

    def happened(self, event: ev.Event) -> None:
        match event:
            case ev.VoiceActivity() if event.probability >= self._speech_probability:
                self._spoken_until = event.at
            case ev.Transcribed():
                self._stage_done(event.turn, "transcribe", event.at)
            case ev.Understood():
                self._stage_done(event.turn, "understand", event.at)
            case ev.Retrieved():
                self._stage_done(event.turn, "retrieve", event.at)
            case ev.AnswerDelta():
                self._stage_done(event.turn, "first_sentence", event.at)
            case ev.SpeechBegan() if self._answering and self._answering.reply == event.speech:
                work, self._answering = self._answering, None
                work.timings.first_audio = event.at - work.asked["first_audio"]
                if work.spoken_until is not None:
                    work.timings.turn_gap = event.at - work.spoken_until
            case ev.HandoverAccepted() if self.handover:
                self.handover.agent, self.handover.accepted = event.agent, event.at

    def asked(self, at: Seconds, commands: Iterable[do.Command]) -> None:
        for command in commands:
            match command:
                case do.Transcribe():
                    self._begin_turn(command.turn, at)
                case do.Understand():
                    self._stage_begun(command.turn, "understand", at)
                case do.Retrieve():
                    self._stage_begun(command.turn, "retrieve", at)
                case do.Generate():
                    self._stage_begun(command.turn, "first_sentence", at)
                case do.Speak() if self._answering and self._answering.reply is None:
                    self._answering.reply = command.speech
                    self._answering.asked["first_audio"] = at
                case do.NoteLine():
                    self._note(command)
                case do.OfferHandover():
                    self._offered(command, at)
                case do.CloseCall():
                    self.disposition = command.disposition

    def _begin_turn(self, turn: TurnId, at: Seconds) -> None:
        work = _Work(spoken_until=self._spoken_until, asked={"transcribe": at})
        if self._spoken_until is not None:
            work.timings.endpointing = at - self._spoken_until
        self._work[turn] = work

    def _stage_begun(self, turn: TurnId, stage: str, at: Seconds) -> None:
        if turn in self._work:
            self._work[turn].asked.setdefault(stage, at)

    def _stage_done(self, turn: TurnId, stage: str, at: Seconds) -> None:
        work = self._work.get(turn)
        if work and stage in work.asked and getattr(work.timings, stage) is None:
            setattr(work.timings, stage, at - work.asked[stage])

    def _note(self, command: do.NoteLine) -> None:
        line, timings = command.line, None
        if line.speaker == "caller" and self._work:
            self._answering = self._work[max(self._work)]
            timings = self._answering.timings
        if command.revised:
            self._take_back(line.speaker)
        self.lines.append((line, timings))

    def _take_back(self, speaker: Speaker) -> None:
        for index in range(len(self.lines) - 1, -1, -1):
            if self.lines[index][0].speaker == speaker:
                del self.lines[index]
                return

    def _offered(self, command: do.OfferHandover, at: Seconds) -> None:
        brief = command.brief
        self.handover = HandoverReport(
            queue=command.queue,
            priority=command.priority,
            rule=brief.rule,
            explanation=brief.explanation,
            offered=at,
        )
