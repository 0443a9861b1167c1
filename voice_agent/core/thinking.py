"""From the caller's words to an answer: understood and searched at the same time, then generated sentence by sentence.

    both asked ──understood──▶ CONSULT ──both known──▶ Generate ──sentences──▶ Sentence… ──▶ Answered
                                          └─▶ AskBack / UNKNOWN      anything fails or is late ─▶ FAILED

Answers with commands for the session and steps for the call, which decides what they lead to.
"""

from dataclasses import dataclass
from enum import Enum, auto

from voice_agent.core.commands import AbandonTurn, Command, Generate, Retrieve, Understand
from voice_agent.core.conversation import Conversation
from voice_agent.core.events import AnswerDelta, AnswerFinished, Event, JobFailed, Retrieved, Understood
from voice_agent.core.follow_ups import completed, in_context
from voice_agent.core.openings import without_opening
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_speakable, is_yes
from voice_agent.core.turn import Turn
from voice_agent.core.words import Citation, RedactedText, Seconds


@dataclass(frozen=True, slots=True)
class Sentence:
    """Say it."""

    text: RedactedText
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class AskBack:
    question: RedactedText


@dataclass(frozen=True, slots=True)
class Answered:
    """All of it is on its way to the caller's ear."""

    turn: Turn


class Step(Enum):
    CONSULT = auto()
    """The words are understood: do the rules say anything? If not, `go_on`."""
    UNKNOWN = auto()
    """The documents do not answer it."""
    FAILED = auto()
    FILL = auto()
    """The answer takes its time: say something short."""


Steps = list[Command | Sentence | AskBack | Answered | Step]


class Thinking:
    """About one turn."""

    def __init__(self, *, policy: Policy, turn: Turn, talk: Conversation, at: Seconds) -> None:
        """The turn's words are the last line of the talk."""
        self._policy = policy
        self.turn = turn
        self._talk = talk
        self._more: list[AnswerDelta] = []
        self._history = tuple(talk.lines[:-1])
        self._unclear = talk.unclear
        self._said = without_opening(turn.text)
        self._question = completed(self._said, *self._unclear) if self._unclear else self._said
        self._give_up_at: Seconds = at + policy.think_within
        self._fill_at: Seconds = at + policy.filler_after
        self._held: Steps | None = None
        """What came since the caller has cut in; None while they have not."""

    def begin(self) -> Steps:
        turn = self.turn
        if self._talk.replied_to and is_yes(turn.text):
            return [*(Sentence(each.text, each.citations) for each in self._talk.replied_to), Answered(turn)]
        query = in_context(self._said, self._history) if self._question == self._said else self._question
        return [Understand(turn=turn.id, text=turn.text), Retrieve(turn=turn.id, query=query)]

    def hold(self) -> None:
        """The caller has cut in, perhaps with nothing but a cough: keep what comes."""
        self._held = []

    def release(self, at: Seconds) -> Steps:
        """It was nothing: here is what has come meanwhile."""
        held, self._held = self._held or [], None
        self._give_up_at = at + self._policy.sentence_within
        return held

    def handle(self, event: Event) -> Steps:
        """A result. One for another turn, or one that is not waited for, changes nothing."""
        steps = self._react(event)
        if self._held is None:
            return steps
        self._held += steps
        return []

    def _react(self, event: Event) -> Steps:
        turn = self.turn
        match event:
            case Understood(turn=turn.id) if not turn.understood:
                turn.understood = event
                return [Step.CONSULT]
            case Retrieved(turn=turn.id) if not turn.found:
                turn.found = event
                return self.go_on(event.at)
            case AnswerDelta(turn=turn.id, more=True) if turn.generating and is_speakable(event.text):
                self._more.append(event)
            case AnswerDelta(turn=turn.id) if turn.generating and is_speakable(event.text):
                turn.spoken = True
                self._give_up_at = event.at + self._policy.sentence_within
                return [Sentence(event.text, event.citations)]
            case AnswerFinished(turn=turn.id) if turn.generating:
                return [*self._offer(), Answered(turn)] if turn.spoken else [Step.FAILED]  # not failed, but without a word in it
            case JobFailed(turn=turn.id):
                return self._give_up()
        return []

    def go_on(self, at: Seconds) -> Steps:
        """Answer, if everything for that is known."""
        turn, found = self.turn, self.turn.found
        if not found or not turn.understood:
            return []
        if found.passages and found.confidence >= self._policy.answer_confidence:
            turn.generating = True
            self._give_up_at = at + self._policy.think_within
            return [Generate(turn=turn.id, question=self._question, passages=found.passages, history=self._history)]
        already_asked = self._unclear is not None and found.clarify == self._unclear[1]
        return [AskBack(found.clarify) if found.clarify and not already_asked else Step.UNKNOWN]

    def _offer(self) -> Steps:
        """More detail, if there is any. An answer that is not sure may lead to another offer instead."""
        if not self._more or not self.turn.found or self.turn.found.confidence < self._policy.sure_confidence:
            return []
        self._talk.more = tuple(self._more)
        return [Sentence(self._policy.more_detail, ())]

    @property
    def deadline(self) -> Seconds:
        return min(self._fill_at, self._give_up_at)

    def late(self, at: Seconds) -> Steps:
        """The deadline has passed: nothing more will come, or it is time for a word in between."""
        if at >= self._give_up_at:
            return self._give_up()
        self._fill_at = float("inf")
        # Not before the rules have been asked: a filler is never followed by a transfer.
        return [Step.FILL] if self.turn.understood and not self.turn.spoken else []

    def _give_up(self) -> Steps:
        """What has been said of the answer counts."""
        return [AbandonTurn(turn=self.turn.id), Answered(self.turn)] if self.turn.spoken else [Step.FAILED]
