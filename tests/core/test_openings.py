import pytest

from tests.world import T
from voice_agent.core.openings import is_opening, without_opening
from voice_agent.core.replies import Meaning, meaning_of


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("No, I meant, can I pay with PayPal?", "Can I pay with PayPal?"),
        ("Sorry, one more thing. How long is the warranty?", "How long is the warranty?"),
        ("Wait, sorry. How long is the warranty?", "How long is the warranty?"),
        ("Hang on a second, is it free?", "Is it free?"),
        ("Okay, so. How do I descale it?", "How do I descale it?"),
        ("I’m sorry, but do you ship to Spain?", "Do you ship to Spain?"),
        ("Hello, I have a question. Do you ship?", "Do you ship?"),
    ],
)
def test_what_is_asked_is_left_without_its_opening(said: str, asked: str) -> None:
    assert without_opening(T(said)) == asked


@pytest.mark.parametrize(
    "said",
    [
        "Well water filters?",
        "No signal on my TV",
        "Wait times at the store",
        "Umbrella stands?",
        "Sorry about that order",
        "I meant to ask about returns",
        "A second machine, please",
        "Let me see the invoice",
        "So what time do you open?",
    ],
)
def test_words_that_could_be_an_opening_and_are_part_of_the_question_stay(said: str) -> None:
    assert without_opening(T(said)) == said
    assert not is_opening(said)


@pytest.mark.parametrize("said", ["Wait.", "Sorry, one more thing.", "Hello?", "No wait, hang on", "Excuse me!", "…", ""])
def test_an_opening_alone_and_a_text_without_words_are_left_as_they_are(said: str) -> None:
    assert without_opening(T(said)) == said


@pytest.mark.parametrize(
    ("text", "offered", "over", "expected"),
    [
        ("yes", True, None, Meaning.ACCEPTED),
        ("yes", False, None, Meaning.OPENING),
        ("yes", True, 0.3, Meaning.ACCEPTED),
        ("yes", False, 0.3, Meaning.LISTENING),
        ("mm-hmm", True, None, Meaning.ACCEPTED),
        ("mm-hmm", True, 0.3, Meaning.LISTENING),
        ("no", True, 0.3, Meaning.DECLINED),
        ("I see", True, None, Meaning.LISTENING),
        ("I see", False, None, Meaning.COURTESY),
        ("PayPal?", True, None, Meaning.REQUEST),
        ("PayPal?", False, 0.3, Meaning.LISTENING),
        ("Bye", True, 0.7, Meaning.GOODBYE),
        ("Wait, sorry", False, 0.3, Meaning.OPENING),
        ("Where is my order", False, 0.3, Meaning.REQUEST),
    ],
)
def test_what_short_words_mean_depends_on_what_was_offered_and_what_they_were_said_over(
    text: str, offered: bool, over: float | None, expected: Meaning
) -> None:
    assert meaning_of(text, offered=offered, over=over) is expected
