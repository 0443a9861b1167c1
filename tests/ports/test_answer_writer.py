"""The promises of an AnswerWriter, kept by the canned one, by the documents' own sentences and by a language model behind its checker."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, cast

import pytest

from tests.fakes.text import CannedWriter, ScriptedModel, VerbatimChecker
from voice_agent.core.sentences import split_sentences
from voice_agent.core.words import Passage, RedactedText
from voice_agent.knowledge.extractive import ExtractiveWriter
from voice_agent.knowledge.generated import GeneratedWriter
from voice_agent.knowledge.library import Library
from voice_agent.knowledge.line_up import LineUp
from voice_agent.knowledge.prompts import Prompt
from voice_agent.ports import AnswerSentence, AnswerWriter

QUESTION = RedactedText("Can I return a sale item?")
SENTENCE = "Sale items can be returned for 14 days."
PASSAGES = (
    Passage(source="returns", title="Returns", heading="Sale", text=RedactedText(f"{SENTENCE} Gift cards cannot."), score=0.7),
    Passage(
        source="hours", title="Hours", heading="", text=RedactedText("The Austin store opens at 9 am. It is closed on Sunday."), score=0.3
    ),
)


def generated(model: ScriptedModel) -> GeneratedWriter:
    return GeneratedWriter(
        line_up=LineUp(fast=(model,), strong=(model,), rest=30, monotonic=lambda: 0.0),
        checker=VerbatimChecker(),
        fallback=CannedWriter(SENTENCE),
        prompt=Prompt(text=RedactedText("Answer."), version="answer.md 1"),
        patience=6,
        tokens=10_000,
    )


@pytest.fixture(params=["canned", "extractive", "generated"])
def writer(request: pytest.FixtureRequest) -> AnswerWriter:
    if request.param == "canned":
        return CannedWriter(SENTENCE)
    if request.param == "generated":
        return generated(ScriptedModel(SENTENCE))
    library: Library = request.getfixturevalue("library")
    return ExtractiveWriter(library)


async def written(writer: AnswerWriter, question: RedactedText = QUESTION, passages: Sequence[Passage] = PASSAGES) -> list[AnswerSentence]:
    async with aclosing(cast("Any", writer.write(question, passages, ()))) as sentences:
        return [sentence async for sentence in sentences]


async def test_the_answer_is_written(writer: AnswerWriter) -> None:
    assert SENTENCE in [sentence.text for sentence in await written(writer)]


async def test_every_sentence_is_one_sentence_that_its_citation_holds(writer: AnswerWriter) -> None:
    for sentence in await written(writer):
        assert split_sentences(sentence.text) == [sentence.text]
        assert any(sentence.text in citation.passage for citation in sentence.citations)


async def test_every_citation_is_one_of_the_passages(writer: AnswerWriter) -> None:
    given = {(passage.source, passage.title, passage.text) for passage in PASSAGES}

    cited = {(c.source, c.title, c.passage) for sentence in await written(writer) for c in sentence.citations}

    assert cited
    assert cited <= given


async def test_an_answer_has_three_sentences_at_most_and_more_comes_behind_them(writer: AnswerWriter) -> None:
    more = [sentence.more for sentence in await written(writer)]

    assert 1 <= more.count(False) <= 3
    assert more == sorted(more)


async def test_writing_can_be_broken_off(writer: AnswerWriter) -> None:
    async with aclosing(cast("Any", writer.write(QUESTION, PASSAGES, ()))) as sentences:
        first = await anext(sentences)

    assert first.text
    assert [sentence async for sentence in sentences] == []
