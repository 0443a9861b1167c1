"""From the caller's words to an answer: understood and searched at the same time, then generated sentence by sentence.

    both asked ──understood──▶ CONSULT ──both known──▶ Generate ──sentences──▶ Sentence… ──▶ ANSWERED
                                          └─▶ AskBack / UNKNOWN      anything fails or is late ─▶ FAILED

Answers with commands for the session and steps for the call, which decides what they lead to.
"""

from dataclasses import dataclass
from enum import Enum, auto

from voice_agent.core.commands import AbandonTurn, Command, Generate, Retrieve, Understand
from voice_agent.core.events import AnswerDelta, AnswerFinished, Event, JobFailed, Retrieved, Understood
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_speakable
from voice_agent.core.turn import Turn
from voice_agent.core.words import Citation, Line, RedactedText, Seconds


@dataclass(frozen=True, slots=True)
class Sentence:
    """Say it."""

    text: RedactedText
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class AskBack:
    question: RedactedText


class Step(Enum):
    CONSULT = auto()
    """The words are understood: do the rules say anything? If not, `go_on`."""
    ANSWERED = auto()
    UNKNOWN = auto()
    """The documents do not answer it."""
    FAILED = auto()
    FILL = auto()
    """The answer takes its time: say something short."""


Steps = list[Command | Sentence | AskBack | Step]


class Thinking:
    """About one turn."""

    def __init__(self, *, policy: Policy, turn: Turn, history: tuple[Line, ...], at: Seconds) -> None:
        self._policy = policy
        self._turn = turn
        self._history = history
        self._give_up_at: Seconds = at + policy.think_within
        self._fill_at: Seconds = at + policy.filler_after

    def begin(self) -> list[Command]:
        turn = self._turn
        return [Understand(turn=turn.id, text=turn.text), Retrieve(turn=turn.id, query=turn.text)]

    def handle(self, event: Event) -> Steps:
        """A result. One for another turn, or one that is not waited for, changes nothing."""
        turn = self._turn
        match event:
            case Understood(turn=turn.id) if not turn.understood:
                turn.understood = event
                return [Step.CONSULT]
            case Retrieved(turn=turn.id) if not turn.found:
                turn.found = event
                return self.go_on(event.at)
            case AnswerDelta(turn=turn.id) if turn.generating and is_speakable(event.text):
                turn.spoken = True
                self._give_up_at = event.at + self._policy.sentence_within
                return [Sentence(event.text, event.citations)]
            case AnswerFinished(turn=turn.id) if turn.generating:
                return [Step.ANSWERED if turn.spoken else Step.FAILED]  # not failed, but without a word in it
            case JobFailed(turn=turn.id):
                return self._give_up()
        return []

    def go_on(self, at: Seconds) -> Steps:
        """Answer, if everything for that is known."""
        turn, found = self._turn, self._turn.found
        if not found or not turn.understood:
            return []
        if found.passages and found.confidence >= self._policy.answer_confidence:
            turn.generating = True
            self._give_up_at = at + self._policy.think_within
            return [Generate(turn=turn.id, question=turn.text, passages=found.passages, history=self._history)]
        return [AskBack(found.clarify) if found.clarify else Step.UNKNOWN]

    @property
    def deadline(self) -> Seconds:
        return min(self._fill_at, self._give_up_at)

    def late(self, at: Seconds) -> Steps:
        """The deadline has passed: nothing more will come, or it is time for a word in between."""
        if at >= self._give_up_at:
            return self._give_up()
        self._fill_at = float("inf")
        # Not before the rules have been asked: a filler is never followed by a transfer.
        return [Step.FILL] if self._turn.understood and not self._turn.spoken else []

    def _give_up(self) -> Steps:
        """What has been said of the answer counts."""
        return [AbandonTurn(turn=self._turn.id), Step.ANSWERED if self._turn.spoken else Step.FAILED]
