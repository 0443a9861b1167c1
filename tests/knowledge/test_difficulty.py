"""Which questions go to the strong language model."""

import pytest

from voice_agent.core.words import Passage, RedactedText
from voice_agent.knowledge.difficulty import why_hard


def passages(*found: tuple[str, float]) -> tuple[Passage, ...]:
    return tuple(Passage(source=s, title=s, heading="", text=RedactedText(f"About {s}."), score=score) for s, score in found)


ONE = passages(("returns", 0.8), ("returns", 0.79), ("delivery", 0.6), ("stores", 0.5))


@pytest.mark.parametrize(
    "question",
    [
        "How much is express delivery?",
        "When does the Seattle store open on Sunday?",
        "Can I return a sale item and get my money back?",
        "I bought a kettle last week, where do I send it?",
        "Do you have anything in black or white?",
        "",
    ],
)
def test_a_plain_question_is_simple(question: str) -> None:
    assert why_hard(RedactedText(question), ONE) == ""


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("What's the difference between the Brewster 300 and the 700?", "it compares"),
        ("Is the Zephyr better than the Breeze?", "it compares"),
        ("Should I repair it or is it cheaper to buy a new one?", "it compares"),
        ("Which one of your kettles is the quietest?", "it compares"),
        ("Why was I charged twice?", "it asks for reasons or conditions"),
        ("What happens if I miss the delivery?", "it asks for reasons or conditions"),
        ("How long is the warranty, and what does it cover?", "it asks more than one thing"),
        ("When do you open? And do you have parking?", "it asks more than one thing"),
        (
            "I ordered a coffee machine three weeks ago from the store in Denver for my sister who moved to another city last month",
            "it is long",
        ),
    ],
)
def test_a_hard_question_says_what_makes_it_hard(question: str, why: str) -> None:
    assert why_hard(RedactedText(question), ONE) == why


def test_a_simple_question_that_several_documents_answer_alike_is_hard() -> None:
    question = RedactedText("How long is the warranty?")
    near = passages(("warranty", 0.8), ("plan", 0.78), ("repairs", 0.775))
    assert why_hard(question, near) == "several documents compete"
    assert why_hard(question, near[:2]) == ""
    assert why_hard(question, passages(("warranty", 0.8), ("plan", 0.78), ("repairs", 0.76))) == ""
    assert why_hard(question, ()) == ""
