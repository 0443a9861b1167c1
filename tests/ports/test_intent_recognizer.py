"""The promises of an IntentRecognizer, kept by the scripted one and by the one that learns from example phrases."""

import pytest

from tests.fakes.text import ScriptedIntents
from voice_agent.core.words import RedactedText
from voice_agent.knowledge.intents import EmbeddingIntents
from voice_agent.ports import Intent, IntentRecognizer

PERSON = RedactedText("Can I please speak to a real person?")
DANGER = RedactedText("My toaster is on fire.")
ORDINARY = RedactedText("How long does delivery take?")


@pytest.fixture(params=["scripted", "embedding"])
def recognizer(request: pytest.FixtureRequest) -> IntentRecognizer:
    if request.param == "scripted":
        return ScriptedIntents(
            {
                PERSON: Intent(asks_for_person=True, topic=None, frustration=0.0),
                DANGER: Intent(asks_for_person=False, topic="safety", frustration=0.0),
            }
        )
    real: EmbeddingIntents = request.getfixturevalue("intents")
    return real


async def test_asking_for_a_person_is_understood(recognizer: IntentRecognizer) -> None:
    assert (await recognizer.recognize(PERSON)).asks_for_person


async def test_a_topic_is_named(recognizer: IntentRecognizer) -> None:
    assert (await recognizer.recognize(DANGER)).topic == "safety"


@pytest.mark.parametrize("text", [ORDINARY, "", "...", "<NAME>", "<CARD> <CARD>."])
async def test_an_ordinary_remark_or_none_at_all_asks_for_nothing(recognizer: IntentRecognizer, text: str) -> None:
    assert await recognizer.recognize(RedactedText(text)) == Intent(asks_for_person=False, topic=None, frustration=0.0)


async def test_the_same_words_are_always_understood_the_same(recognizer: IntentRecognizer) -> None:
    assert [await recognizer.recognize(DANGER) for _ in range(3)] == [await recognizer.recognize(DANGER)] * 3
