"""Answers made of the documents' own sentences: nothing is said that is not written there."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from voice_agent.core.sentences import split_sentences
from voice_agent.core.words import Citation, Line, Passage, RedactedText
from voice_agent.knowledge.lexical import words
from voice_agent.knowledge.matching import STEPS, PassageWords, Question, cosine, matched
from voice_agent.ports import AnswerSentence

_PASSAGES = 2
_MOST_SENTENCES = 3
"""More than a listener keeps."""
_MEAN_WEIGHT = 0.5
"""Of the sentence as a whole, beside its words. With it the best sentence alone answers 0.74 of the tune questions, without 0.66."""
_FALL = 0.2
"""How much worse than the best a further sentence may match, of about 0.9."""
_BEHIND = 2.0
"""How much a passage's lag in score counts against its sentences …"""
_SECOND = 0.05
"""… and that it is not the first. It adds one thing at most: without it 3 to 4 % fewer tune questions are answered right."""
_LONGEST = 70
"""Words; a longer sentence is a table or a legal clause, and not speakable."""
_LEANING = frozenset(
    """
    it its this that these those they them their he she his her however also otherwise instead then so but and or therefore thus still
    afterward afterwards both either neither such
    """.split()  # noqa: SIM905 - a word list is read as words
)
"""First words of a sentence that means nothing without the one before it."""


class Words(Protocol):
    """Where the words of a question and of a passage come from: the library."""

    async def question(self, query: RedactedText) -> Question: ...

    async def words_of(self, passage: Passage) -> PassageWords: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """Sentences that are said together or not at all."""

    passage: Passage
    rank: int
    place: int
    """Of its first sentence, in the passage."""
    sentences: tuple[str, ...]
    score: float


class ExtractiveWriter:
    """An AnswerWriter without a language model: the sentences of the best passages that are nearest to the question."""

    def __init__(self, library: Words) -> None:
        self._library = library

    async def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]:
        """At most three sentences, those of one passage together and in its order. `history` is not looked at."""
        del history
        asked = await self._library.question(question)
        units: list[_Unit] = []
        for rank, passage in enumerate(passages[:_PASSAGES]):
            behind = _BEHIND * (passages[0].score - passage.score) + (_SECOND if rank else 0.0)
            units.extend(_units(asked, passage, rank, await self._library.words_of(passage), behind))
        for unit in _chosen(units):
            citation = Citation(source=unit.passage.source, title=unit.passage.title, passage=unit.passage.text)
            for sentence in unit.sentences:
                yield AnswerSentence(text=RedactedText(sentence), citations=(citation,))


def _units(asked: Question, passage: Passage, rank: int, found: PassageWords, behind: float) -> Iterator[_Unit]:
    sentences = split_sentences(passage.text)
    scores = [_score(asked, found, number) - behind for number in range(len(sentences))]
    begins = [at for at, sentence in enumerate(sentences) if at == 0 or not _leans(sentences[at - 1], sentence)]
    for begin, end in zip(begins, [*begins[1:], len(sentences)], strict=True):
        together = tuple(sentences[begin:end])
        # What follows the first three of a long chain is let go; what leans on something let go goes with it.
        if all(len(sentence.split()) <= _LONGEST for sentence in together):
            yield _Unit(passage=passage, rank=rank, place=begin, sentences=together[:_MOST_SENTENCES], score=max(scores[begin:end]))


def _score(asked: Question, found: PassageWords, number: int) -> float:
    own = found.vectors[found.sentences == number].astype(np.float32) / STEPS
    if not len(own):
        return 0.0
    mean = own.mean(axis=0)
    return matched(asked, found, number) + _MEAN_WEIGHT * cosine(asked.vector, mean / np.linalg.norm(mean))


def _leans(before: str, sentence: str) -> bool:
    first = words(sentence)[:1]
    return before.endswith(":") or (bool(first) and first[0] in _LEANING)


def _chosen(units: Sequence[_Unit]) -> list[_Unit]:
    """In the order in which they are said: the best passage first."""
    best_first = sorted(units, key=lambda unit: -unit.score)
    chosen: list[_Unit] = []
    for unit in best_first:
        count = sum(len(other.sentences) for other in chosen)
        near = not chosen or unit.score >= chosen[0].score - _FALL
        alone = unit.rank == 0 or all(other.rank == 0 for other in chosen)
        if near and alone and count + len(unit.sentences) <= _MOST_SENTENCES and not _said(unit, chosen):
            chosen.append(unit)
    return sorted(chosen, key=lambda unit: (unit.rank, unit.place))


def _said(unit: _Unit, chosen: Sequence[_Unit]) -> bool:
    """Two documents may hold the same sentence."""
    return any(set(unit.sentences) <= set(other.sentences) for other in chosen)
