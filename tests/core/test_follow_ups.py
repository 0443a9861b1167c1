"""A question that leans on what was said before is searched for together with it; one with a subject of its own is not."""

import pytest

from tests.world import T
from voice_agent.core.follow_ups import in_context
from voice_agent.core.words import Citation, Line

ANSWERED = (
    Line(speaker="caller", text=T("Do you ship to Spain?")),
    Line(speaker="agent", text=T("No."), citations=(Citation(source="delivery", title="Delivery", passage=T("Not to Spain.")),)),
    Line(speaker="caller", text=T("How much is the Otter 9?")),
    Line(speaker="agent", text=T("It is 899 dollars."), citations=(Citation(source="otter", title="Otter 9", passage=T("$899")),)),
    Line(speaker="agent", text=T("Is there anything else?")),
)


@pytest.mark.parametrize(
    "said",
    [
        "And how heavy is it?",
        "How long does that take?",
        "What about the other one?",
        "okay and how about the smaller size",
        "And in white?",
        "For how long?",
        "Do they come in white?",
        "What’s its size?",
    ],
)
def test_a_follow_up_is_searched_with_the_question_before_it_and_the_document_that_answered_it(said: str) -> None:
    assert in_context(T(said), ANSWERED) == f"Otter 9. How much is the Otter 9? {said}"


@pytest.mark.parametrize(
    "said",
    [
        "When does the Denver store open?",
        "And do you sell gift cards?",
        "How long does it take to get a refund?",
        "Is there a discount for students?",
        "I lost the card that you sent me.",
        "My kettle leaks and it smells of plastic.",
        "Warranty?",
    ],
)
def test_a_new_subject_is_not_dragged_to_the_old_one(said: str) -> None:
    assert in_context(T(said), ANSWERED) == said


@pytest.mark.parametrize("before", [(), ANSWERED[:1], ANSWERED[-1:]])
def test_with_nothing_answered_before_a_question_stands_by_itself(before: tuple[Line, ...]) -> None:
    assert in_context(T("How heavy is it?"), before) == "How heavy is it?"


def test_after_an_answer_to_no_question_the_document_alone_is_the_context() -> None:
    assert in_context(T("How heavy is it?"), ANSWERED[3:]) == "Otter 9. How heavy is it?"
