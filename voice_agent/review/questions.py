"""What callers asked, and which questions the documents did not answer, from the journals of calls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.words import RedactedText, TurnId
from voice_agent.knowledge.lexical import content_words
from voice_agent.ports import Vectors
from voice_agent.session.journal import Recording

_ALIKE = 0.6
"""Cosine from which two questions are taken for one. "Do you have a store in Miami?" and "where is your Miami store" have 0.87, but
"can I pay with bitcoin" and "do you take bitcoin or other crypto currencies" 0.53, and a store in Miami and one in Boston 0.62: no line
parts them all, and two groups that mean the same do less harm than one that mixes."""

Outcome = Literal["answered", "asked back", "not answered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a caller asked of the documents, once."""

    text: RedactedText
    outcome: Outcome
    day: str
    """Year-month-day, UTC."""
    nearest: str
    """The title of the document that came nearest; empty when none did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions that mean about the same."""

    example: RedactedText
    """The one that is most like the others."""
    others: tuple[RedactedText, ...]
    """In other words, the commonest first."""
    not_answered: int
    asked_back: int
    last: str
    """The day it was asked last."""
    nearest: str

    @property
    def count(self) -> int:
        return self.not_answered + self.asked_back


@dataclass(slots=True, kw_only=True)
class _Turn:
    query: RedactedText
    found: ev.Retrieved | None = None
    understood: ev.Understood | None = None
    answered: bool = False
    finished: bool = False
    given_up: bool = False
    cited: set[str] = field(default_factory=set)


def questions(recording: Recording) -> tuple[list[Question], list[set[str]]]:
    """The questions of a call, and the sources of each answer that it was given.

    Left out is what no document should answer: requests for a person and topics that the rules take care of; what was said again
    before it was answered; and turns that failed for a technical reason.
    """
    turns: dict[TurnId, _Turn] = {}
    for pair in recording.pairs:
        _happened(pair.event, turns)
        for command in pair.commands:
            if isinstance(command, do.Retrieve):
                turns[command.turn] = _Turn(query=command.query)
            elif isinstance(command, do.AbandonTurn) and command.turn in turns:
                turns[command.turn].given_up = True
    least, day = recording.header.policy.answer_confidence, recording.header.started[:10]
    told = []
    for turn in turns.values():
        outcome = _outcome(turn, least)
        if outcome and content_words(turn.query):
            nearest = turn.found.passages[0].title if turn.found and turn.found.passages else ""
            told.append(Question(text=turn.query, outcome=outcome, day=day, nearest=nearest))
    return told, [turn.cited for turn in turns.values() if turn.answered]


def _happened(event: ev.Event, turns: dict[TurnId, _Turn]) -> None:
    match event:
        case ev.Retrieved() if event.turn in turns:
            turns[event.turn].found = event
        case ev.Understood() if event.turn in turns:
            turns[event.turn].understood = event
        case ev.AnswerDelta() if event.turn in turns:
            turns[event.turn].answered = True
            turns[event.turn].cited |= {citation.source for citation in event.citations}
        case ev.AnswerFinished() if event.turn in turns:
            turns[event.turn].finished = True


def _outcome(turn: _Turn, least: float) -> Outcome | None:
    if turn.answered:
        return "answered"
    if turn.given_up or not turn.found or not turn.understood or turn.understood.asks_for_person or turn.understood.topic:
        return None
    if turn.found.passages and turn.found.confidence >= least:
        return "not answered" if turn.finished else None  # what was written did not hold
    return "asked back" if turn.found.clarify else "not answered"


def grouped(asked: Sequence[Question], vectors: Vectors) -> list[Group]:
    """Those that were not answered, the most asked first. `vectors`: unit vectors of the texts, a row a question.

    The question with the most others near it takes them, then the next: plain, quick, and each group has a true centre.
    """
    near = vectors @ vectors.T >= _ALIKE if len(asked) else np.zeros((0, 0), np.bool_)
    free = np.ones(len(asked), np.bool_)
    groups = []
    while free.any():
        centre = int(np.argmax((near & free).sum(axis=1) * free))
        members = np.flatnonzero(near[centre] & free)
        free[members] = False
        groups.append(_group(asked[centre], [asked[int(member)] for member in members]))
    return sorted(groups, key=lambda group: (-group.count, group.example))


def _group(centre: Question, members: Sequence[Question]) -> Group:
    texts = [question.text for question in members if question.text != centre.text]
    return Group(
        example=centre.text,
        others=tuple(sorted(dict.fromkeys(texts), key=lambda text: -texts.count(text))),
        not_answered=sum(question.outcome == "not answered" for question in members),
        asked_back=sum(question.outcome == "asked back" for question in members),
        last=max(question.day for question in members),
        nearest=_commonest(question.nearest for question in members),
    )


def _commonest(titles: Iterable[str]) -> str:
    there = [title for title in titles if title]
    return max(dict.fromkeys(there), key=there.count, default="")
