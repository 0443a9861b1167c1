"""What became of one question, and what a content owner should know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from voice_agent.core.words import Passage
from voice_agent.evaluation.questions import Question
from voice_agent.ports import AnswerChecker, AnswerSentence, SentenceVerdict

Action = Literal["answer", "clarify", "abstain", "escalate"]
Grade = Literal["made up", "answered all the same", "wrong", "guessed", "withheld", "handed over", "asked back", "right"]
GRADES: tuple[Grade, ...] = ("made up", "answered all the same", "wrong", "guessed", "withheld", "handed over", "asked back", "right")
"""Worst first. The last four and "guessed" harm nobody; the first three tell a caller something that is not so, or not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    question: Question
    action: Action
    answer: str
    """As it would be spoken; what is asked back or said instead, where there is none."""
    sentences: tuple[SentenceVerdict, ...]
    """Of an answer, each checked against the passages that it is cited from; empty for anything else."""
    found: tuple[Passage, ...]
    """Best first."""
    confidence: float
    reason: str
    seconds: float
    """Search and answer; without taking out personal data, and without recognizing what the caller wants."""

    @property
    def rank(self) -> int | None:
        """The place, from 1, of the first passage of a document that holds the answer; None when it was not found."""
        return next((place for place, passage in enumerate(self.found, 1) if passage.source in self.question.sources), None)

    @property
    def unsupported(self) -> tuple[SentenceVerdict, ...]:
        return tuple(sentence for sentence in self.sentences if not sentence.supported)

    @property
    def grade(self) -> Grade:
        asked, answered = self.question, self.action == "answer"
        if answered and self.unsupported:
            return "made up"
        if answered and asked.kind == "answerable":
            return "wrong" if asked.missing(self.answer) or asked.forbidden(self.answer) else "right"
        if answered:
            return "answered all the same" if asked.kind == "unanswerable" or asked.forbidden(self.answer) else "guessed"
        if asked.kind == "unanswerable" or (asked.kind == "underspecified" and self.action == "clarify"):
            return "right"
        return {"abstain": "withheld", "escalate": "handed over"}.get(self.action, "asked back")  # type: ignore[return-value]

    @property
    def remarks(self) -> list[str]:
        """What a content owner can act on, in whole sentences."""
        return [*self._answer_remarks(), *self._search_remarks()]

    def _answer_remarks(self) -> list[str]:
        from_where = f'It answered from "{self.found[0].title}".' if self.found else ""
        remarks: dict[Grade, list[str]] = {
            "made up": [f'"{sentence.text}" is not in the documents: {sentence.why}' for sentence in self.unsupported],
            "answered all the same": ["The documents are not meant to answer this.", from_where],
            "guessed": ["It should have asked what the caller means.", from_where],
            "wrong": [
                *(f"The answer does not say {each}." for each in self.question.missing(self.answer)),
                *(f"The answer must not say {each}." for each in self.question.forbidden(self.answer)),
            ],
            "withheld": [f"It said that it does not know (confidence {self.confidence:.2f}).", self.reason],
            "handed over": ["A rule handed the caller to a person.", self.reason],
            "asked back": [f'It asked back: "{self.answer}"'],
        }
        return remarks.get(self.grade, [])

    def _search_remarks(self) -> list[str]:
        if not self.question.sources or self.rank == 1:
            return []
        wanted = " or ".join(sorted(self.question.sources))
        first = f'; "{self.found[0].source}" came first' if self.found else ""
        if self.rank is None:
            return [f'The document that answers, "{wanted}", was not found{first}.']
        return [f'The document that answers, "{wanted}", was found in place {self.rank}{first}.']


def checked(checker: AnswerChecker, sentences: Sequence[AnswerSentence]) -> tuple[SentenceVerdict, ...]:
    """Each sentence of an answer, against the passages that it is cited from and nothing else."""
    return tuple(
        verdict
        for sentence in sentences
        for verdict in checker.check([f"{c.title}\n{c.passage}" for c in sentence.citations], sentence.text).sentences
    )
