"""Merged sentences come apart where each part says something of its own."""

import pytest

from voice_agent.knowledge.clauses import clauses


@pytest.mark.parametrize(
    ("sentence", "apart"),
    [
        ("A refund takes 5 days, and your bank may need 3 more.", ("A refund takes 5 days", "your bank may need 3 more.")),
        ("The lid is black; it costs $4.", ("The lid is black", "The lid it costs $4.")),
        ("Standard delivery costs $5 and takes 3 days.", ("Standard delivery costs $5", "Standard delivery takes 3 days.")),
        ("Rinse the lid, but don't use soap.", ("Rinse the lid", "don't use soap.")),
    ],
)
def test_clauses_come_apart_and_keep_their_subject(sentence: str, apart: tuple[str, ...]) -> None:
    assert clauses(sentence) == apart


@pytest.mark.parametrize(
    "sentence",
    [
        "The lid and the tank are dishwasher safe.",
        "You can use it online, by phone and in every store.",
        "If it is hot and the light is on, wait.",
    ],
)
def test_a_list_and_a_condition_stay_in_one_piece(sentence: str) -> None:
    assert clauses(sentence) == (sentence,)
