"""A question that leans on what was said before is searched for together with it; one with a subject of its own is not."""

import pytest

from tests.world import T
from voice_agent.core.follow_ups import completed, in_context
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


OURS = T("Do you mean the Corto 15, the Brewster 300 or the Brewster 700?")


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        ("The seven hundred.", "How much is it? The seven hundred."),
        ("the brewster 700?", "How much is it? the brewster 700?"),
        ("What about the seven hundred then?", "How much is it? What about the seven hundred then?"),
        ("The first one, please.", "How much is it? the Corto 15"),
        ("the second", "How much is it? the Brewster 300"),
        ("third one", "How much is it? the Brewster 700"),
        ("The latter.", "How much is it? the Brewster 700"),
        ("Yes.", "How much is it? the Corto 15"),
    ],
)
def test_a_reply_to_what_we_asked_back_completes_the_question(reply: str, asked: str) -> None:
    assert completed(T(reply), T("How much is it?"), OURS) == asked


def test_a_question_of_its_own_is_no_reply() -> None:
    assert completed(T("When do you open on Sunday?"), T("How much is it?"), OURS) == "When do you open on Sunday?"


@pytest.mark.parametrize("ours", ["Could you tell me which product or topic you mean?", "Do you mean returns or refunds?"])
def test_a_place_that_was_not_named_is_searched_for_in_the_callers_words(ours: str) -> None:
    assert completed(T("the third"), T("How long?"), T(ours)) == "How long? the third"
