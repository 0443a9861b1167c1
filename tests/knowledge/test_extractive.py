"""Which sentences of the documents make an answer."""

import pytest

from tests.fakes.knowledge import BagEmbedder
from voice_agent.core.words import Passage, RedactedText
from voice_agent.knowledge.extractive import ExtractiveWriter
from voice_agent.knowledge.lexical import Lexicon
from voice_agent.knowledge.matching import PassageWords, Question, full_text, passage_words, question


class Bags:
    """Words of anything, by a bag of words."""

    def __init__(self) -> None:
        self._embedder = BagEmbedder()
        self._lexicon = Lexicon([], {})

    async def question(self, query: RedactedText) -> Question:
        (reading,) = await self._embedder.read([query])
        return question(reading, query, self._lexicon)

    async def words_of(self, passage: Passage) -> PassageWords:
        (reading,) = await self._embedder.read([full_text(passage.title, passage.heading, passage.text)])
        return passage_words(reading, passage.title, passage.heading, passage.text)


def passage(text: str, source: str = "a", score: float = 0.6) -> Passage:
    return Passage(source=source, title=source.upper(), heading="", text=RedactedText(text), score=score)


async def answer(asked: str, *passages: Passage) -> list[str]:
    return [sentence.text async for sentence in ExtractiveWriter(Bags()).write(RedactedText(asked), passages, ()) if not sentence.more]


async def more(asked: str, *passages: Passage) -> list[str]:
    return [sentence.text async for sentence in ExtractiveWriter(Bags()).write(RedactedText(asked), passages, ()) if sentence.more]


async def test_the_sentence_that_answers_is_said_and_the_others_are_not() -> None:
    text = "The kettle boils in four minutes. Returns are free. Stores sell gift cards and beans."

    assert await answer("how many minutes until the kettle boils", passage(text)) == ["The kettle boils in four minutes."]


async def test_sentences_keep_the_order_of_their_passage() -> None:
    text = "First clean the kettle filter. Parking is free in Austin. Last rinse the kettle filter."

    said = await answer("rinse and clean the kettle filter", passage(text))

    assert said == ["First clean the kettle filter.", "Last rinse the kettle filter."]


@pytest.mark.parametrize("first", ["It", "They", "This", "However, it", "Otherwise it", "But it"])
async def test_a_sentence_that_leans_on_the_one_before_is_never_said_alone(first: str) -> None:
    text = f"The warranty covers the pump. {first} ends after two years of daily coffee brewing. Parking is free."

    assert await answer("daily coffee brewing ends after two years", passage(text)) == [
        "The warranty covers the pump.",
        f"{first} ends after two years of daily coffee brewing.",
    ]


async def test_what_introduces_a_list_is_said_with_it() -> None:
    text = "The box holds:\nA long grey hose for the drain.\nParking is free in Austin today."

    assert (await answer("is there a long grey hose for the drain", passage(text)))[:2] == [
        "The box holds:",
        "A long grey hose for the drain.",
    ]


async def test_at_most_three_sentences_are_said() -> None:
    text = " ".join(f"The kettle filter number {word} is cleaned weekly." for word in ("one", "two", "three", "four", "five"))

    assert len(await answer("how is the kettle filter cleaned weekly", passage(text))) == 3


async def test_what_would_have_been_said_but_for_its_length_is_there_for_who_wants_more() -> None:
    text = " ".join(f"The kettle filter number {word} is cleaned weekly." for word in ("one", "two", "three", "four", "five"))
    asked = "how is the kettle filter cleaned weekly"

    said, rest = await answer(asked, passage(text)), await more(asked, passage(text))

    assert len(rest) == 2
    assert sorted(said + rest) == sorted(text.replace(". ", ".|").split("|"))


async def test_there_is_no_more_of_a_short_answer() -> None:
    text = "The kettle boils in four minutes. Returns are free. Stores sell gift cards and beans."

    assert await more("how many minutes until the kettle boils", passage(text)) == []


async def test_a_long_chain_of_leaning_sentences_is_cut_behind_the_third() -> None:
    text = "The kettle is recalled. It leaks. It sparks. It smells. It hums."

    assert await answer("is the kettle recalled", passage(text)) == ["The kettle is recalled.", "It leaks.", "It sparks."]
    assert await more("is the kettle recalled", passage(text)) == ["It smells.", "It hums."]


async def test_a_sentence_too_long_to_listen_to_is_not_said() -> None:
    endless = "The kettle filter " + "and another clause " * 40 + "ends."

    assert await answer("the kettle filter", passage(f"{endless} The kettle filter is washable.")) == ["The kettle filter is washable."]


async def test_the_second_passage_adds_a_sentence_when_it_is_as_near() -> None:
    said = await answer(
        "what does a kettle filter cost",
        passage("The kettle filter is a mesh.", "kettle", 0.6),
        passage("A kettle filter does cost nine dollars. Beans are roasted on Monday.", "parts", 0.58),
    )

    assert "A kettle filter does cost nine dollars." in said
    assert "Beans are roasted on Monday." not in said


async def test_the_same_sentence_in_two_documents_is_said_once() -> None:
    text = "The kettle filter is a mesh."

    assert await answer("what is the kettle filter", passage(text, "one"), passage(text, "two")) == [text]


async def test_each_sentence_cites_its_own_document() -> None:
    writer = ExtractiveWriter(Bags())
    passages = (passage("The kettle filter is steel mesh.", "kettle", 0.6), passage("Kettle filter mesh costs nine.", "parts", 0.6))

    cited = {s.text: [c.source for c in s.citations] async for s in writer.write(RedactedText("kettle filter mesh"), passages, ())}

    assert cited == {"The kettle filter is steel mesh.": ["kettle"], "Kettle filter mesh costs nine.": ["parts"]}


async def test_no_passages_give_no_answer() -> None:
    assert await answer("what is the kettle filter") == []
