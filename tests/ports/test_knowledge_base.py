"""The promises of a KnowledgeBase, kept by the one that counts words and by the library of real documents."""

import pytest

from tests.fakes.knowledge import OverlapKnowledge
from voice_agent.core.words import Passage, RedactedText
from voice_agent.knowledge.library import Library
from voice_agent.ports import KnowledgeBase

PAYPAL = RedactedText("Can I pay with PayPal online?")
AUSTRALIA = RedactedText("What is the capital of Australia?")


@pytest.fixture(params=["overlap", "library"])
def knowledge(request: pytest.FixtureRequest) -> KnowledgeBase:
    if request.param == "overlap":
        texts = {
            "payment-methods": "Online you can pay with a card or with PayPal.",
            "returns-policy": "You can return a product for 30 days.",
        }
        return OverlapKnowledge(
            *(Passage(source=source, title=source, heading="", text=RedactedText(text), score=0.0) for source, text in texts.items())
        )
    real: Library = request.getfixturevalue("library")
    return real


async def test_the_passage_that_answers_is_found_first_and_trusted(knowledge: KnowledgeBase) -> None:
    finding = await knowledge.find(PAYPAL)

    assert finding.passages[0].source == "payment-methods"
    assert "PayPal" in finding.passages[0].text
    assert finding.confidence >= 0.5
    assert finding.clarify == ""


async def test_what_no_document_tells_is_not_trusted(knowledge: KnowledgeBase) -> None:
    assert (await knowledge.find(AUSTRALIA)).confidence < 0.5


async def test_passages_come_best_first_and_every_number_is_a_share(knowledge: KnowledgeBase) -> None:
    for query in (PAYPAL, AUSTRALIA):
        finding = await knowledge.find(query)
        scores = [passage.score for passage in finding.passages]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= number <= 1 for number in (finding.confidence, *scores))


@pytest.mark.parametrize(
    "query", ["", " ", "?!", "<NAME>", "um", "uh, hm", "of the and", "\N{HOT BEVERAGE}", "word " * 500, "<script>alert(1)</script>"]
)
async def test_words_that_ask_nothing_are_not_answered(knowledge: KnowledgeBase, query: str) -> None:
    assert (await knowledge.find(RedactedText(query))).confidence < 0.5


async def test_the_same_question_always_finds_the_same(knowledge: KnowledgeBase) -> None:
    assert await knowledge.find(PAYPAL) == await knowledge.find(PAYPAL)


async def test_a_finding_says_why(knowledge: KnowledgeBase) -> None:
    assert (await knowledge.find(PAYPAL)).reason
