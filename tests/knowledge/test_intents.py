"""What callers ask for, learned from example phrases: the shipped ones with the real embedder, and small made-up sets."""

from pathlib import Path
from time import perf_counter

import pytest
import yaml

from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.core.words import RedactedText
from voice_agent.knowledge.asking import asks_by_form
from voice_agent.knowledge.frustration import frustration
from voice_agent.knowledge.intents import EmbeddingIntents, IntentPhrases

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    "text",
    [
        "Is there anyone there I can actually talk to?",
        "Hello. I have a question about my bill. Could you put me through to somebody, please?",
        "You're a computer, I'd rather deal with a person.",
        "operator",
        "<NAME> here, I want to talk to your supervisor about <ACCOUNT>.",
        "My mother needs to speak to a human being.",
        "What do I have to say to get a person?",
        "I'm tired of talking to a robot.",
    ],
)
async def test_a_wish_for_a_person_is_understood_in_many_words(intents: EmbeddingIntents, text: str) -> None:
    assert (await intents.recognize(RedactedText(text))).asks_for_person


@pytest.mark.parametrize(
    "text",
    [
        "Is the person at the store open on Sunday?",
        "I spoke to a manager last week and she was very nice.",
        "How many people does the air fryer cook for?",
        "No need to transfer me.",
        "Which cleaning agent should I use?",
        "Are you a real person?",
        "Your colleague said it would take three days.",
    ],
)
async def test_mentioning_people_is_not_asking_for_one(intents: EmbeddingIntents, text: str) -> None:
    assert not (await intents.recognize(RedactedText(text))).asks_for_person


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("There's smoke coming out of my kettle and it smells burnt.", "safety"),
        ("I still haven't got my money back, you owe me 80 dollars.", "refund_dispute"),
        ("Thanks for waiting. Okay. My lawyer will be in touch with you.", "legal"),
        ("Can somebody ring me back tomorrow morning?", "callback"),
        ("How long is the warranty?", None),
        ("How do I claim on the warranty?", None),
        ("When are you open on Saturday?", None),
    ],
)
async def test_the_topic_is_that_of_the_clearest_clause(intents: EmbeddingIntents, text: str, topic: str | None) -> None:
    assert (await intents.recognize(RedactedText(text))).topic == topic


async def test_on_sentences_not_in_the_configuration_callers_reach_a_person_and_others_do_not(intents: EmbeddingIntents) -> None:
    rows = [row for row in yaml.safe_load((DATA / "triage.yaml").read_text()) if row["half"] == "tune"]
    judged = [(row, await intents.recognize(RedactedText(row["text"]))) for row in rows]
    right = sum(i.asks_for_person and row["asks_for_person"] for row, i in judged)

    assert right / sum(row["asks_for_person"] for row, _ in judged) >= 0.95
    assert right / sum(i.asks_for_person for _, i in judged) >= 0.90
    assert sum(i.topic == row["topic"] for row, i in judged) / len(judged) >= 0.95


async def test_polite_rude_indirect_and_misheard_wishes_are_told_from_their_look_alikes(intents: EmbeddingIntents) -> None:
    rows = yaml.safe_load((DATA / "tuning" / "asking.yaml").read_text())
    judged = [(row["asks_for_person"], (await intents.recognize(RedactedText(row["text"]))).asks_for_person) for row in rows]
    right = sum(asks and heard for asks, heard in judged)

    assert right / sum(asks for asks, _ in judged) >= 0.95
    assert right / sum(heard for _, heard in judged) >= 0.95


async def test_an_utterance_can_be_understood_in_20_ms(intents: EmbeddingIntents) -> None:
    times = []
    for number in range(21):
        begin = perf_counter()
        await intents.recognize(RedactedText(f"I ordered {number} kettles and I want to know where they are."))
        times.append(perf_counter() - begin)

    assert min(times) < 0.020


async def test_an_operators_own_topics_are_learned(minilm: OnnxEmbedder, tmp_path: Path) -> None:
    phrases = IntentPhrases(
        topics={
            "pets": ("my dog is ill", "my cat does not eat", "the puppy has a fever"),
            "travel": ("I missed my flight", "my train is late", "the bus never came"),
        },
        ordinary=("what time is it", "hello", "how do I get a refund", "when do you open"),
    )
    recognizer = await EmbeddingIntents.build(minilm, phrases, tmp_path / "phrases.npz")

    assert (await recognizer.recognize(RedactedText("My kitten is sick."))).topic == "pets"
    assert (await recognizer.recognize(RedactedText("My plane left without me."))).topic == "travel"
    assert (await recognizer.recognize(RedactedText("When do you close?"))).topic is None


async def test_without_any_phrase_only_the_form_of_asking_counts(minilm: OnnxEmbedder, tmp_path: Path) -> None:
    recognizer = await EmbeddingIntents.build(minilm, IntentPhrases(topics={}), tmp_path / "phrases.npz")

    assert (await recognizer.recognize(RedactedText("I want to speak to a person."))).asks_for_person
    assert (await recognizer.recognize(RedactedText("When do you open?"))).topic is None


@pytest.mark.parametrize(
    ("clause", "form"),
    [
        ("let me talk to a person", 1),
        ("I don’t want to talk to an agent", -1),
        ("the agent told me it was free", -1),
        ("what does the manager do", -1),
        ("my parcel is late", 0),
        ("please put me back to the agent I had", 1),
        ("before you put me through to anyone, what are the fees", -1),
        ("no agent needed", -1),
        ("is anybody there", 1),
        ("is anybody there on sundays", 0),
    ],
)
def test_the_form_of_a_clause_tells_a_wish_from_a_report(clause: str, form: int) -> None:
    assert asks_by_form(clause) == form


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("When do you open?", 0.0, 0.0),
        ("I'm not upset at all, just asking.", 0.0, 0.0),
        ("My card is <CARD> <CARD>.", 0.0, 0.0),
        ("I'm a bit disappointed.", 0.2, 0.6),
        ("This is ridiculous.", 0.5, 0.7),
        ("This is ridiculous, I've had enough of your lies!", 0.7, 1.0),
        ("WHERE IS MY ORDER, nobody ever answers, this is the worst service.", 0.7, 1.0),
    ],
)
def test_frustration_grows_with_the_words(text: str, low: float, high: float) -> None:
    assert low <= frustration(text) <= high


def test_more_signs_never_mean_less_frustration() -> None:
    signs = ["This is terrible.", "I'm fed up.", "You're useless.", "I already told you.", "Come on!!"]
    levels = [frustration(" ".join(signs[:count])) for count in range(len(signs) + 1)]

    assert levels == sorted(levels)
    assert levels[-1] > 0.9
