"""Answers made of the documents' own sentences: nothing is said that is not written there."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from voice_agent.core.words import Line, Passage, RedactedText
from voice_agent.knowledge.matching import PassageWords, Question
from voice_agent.knowledge.picking import left_out, picked, units
from voice_agent.ports import AnswerSentence


class Words(Protocol):
    """Where the words of a question and of a passage come from: the library."""

    async def question(self, query: RedactedText) -> Question: ...

    async def words_of(self, passage: Passage) -> PassageWords: ...


class ExtractiveWriter:
    """An AnswerWriter without a language model: the sentences of the best passages that are nearest to the question."""

    def __init__(self, library: Words) -> None:
        self._library = library

    async def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]:
        """At most three sentences, those of one passage together and in its order, and more of the best one for who wants it.

        `history` is not looked at.
        """
        del history
        asked = await self._library.question(question)
        found = [(passage, await self._library.words_of(passage)) for passage in passages]
        among = units(asked, found)
        chosen = picked(among)
        for unit in chosen:
            citation = unit.passage.cited()
            for sentence in unit.sentences:
                yield AnswerSentence(text=RedactedText(sentence), citations=(citation,))
        for passage, sentence in left_out(among, chosen):
            yield AnswerSentence(text=RedactedText(sentence), citations=(passage.cited(),), more=True)
