"""What a person is told of a call: nothing that was not said, and all that was."""

import pytest

from tests.world import rule
from voice_agent.core.brief import Brief, make_brief
from voice_agent.core.gathered import gathered
from voice_agent.core.words import Citation, Line, RedactedText

T = RedactedText
WARRANTY = Citation(source="warranty", title="Warranty", passage=T("Two years."), heading="How long")


def caller(text: str) -> Line:
    return Line(speaker="caller", text=T(text))


def agent(text: str, *citations: Citation, interrupted: bool = False) -> Line:
    return Line(speaker="agent", text=T(text), citations=citations, interrupted=interrupted)


def brief(*lines: Line, frustration: float = 0.0, calls_before: int | None = None, **outcomes: str) -> Brief:
    """`outcomes`: line2="not in the documents" for the third line."""
    return make_brief(
        lines=lines,
        outcomes={int(name.removeprefix("line")): outcome for name, outcome in outcomes.items()},
        rule=rule("asked", asks_for_person=True),
        explanation="",
        frustration=frustration,
        calls_before=calls_before,
    )


def facts(*texts: str) -> list[tuple[str, str]]:
    return [(fact.kind, fact.text) for fact in gathered([caller(text) for text in texts])]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("My order number is 4421.", [("order", "4421")]),
        ("It's about order four four two one", [("order", "four four two one")]),
        ("invoice BW-2231, please", [("invoice", "BW-2231")]),
        ("My order <ACCOUNT_1> is late", [("order", "<ACCOUNT_1>")]),
        ("My Brewster 300 shows error E4", [("error", "E4"), ("product", "Brewster 300")]),
        ("I bought it on May 12th", [("date", "May 12th")]),
        ("It broke three weeks ago, last Tuesday it still ran", [("date", "three weeks ago"), ("date", "last Tuesday")]),
        ("You took $40.50, no, forty dollars", [("amount", "$40.50"), ("amount", "forty dollars")]),
    ],
)
def test_what_the_caller_names_is_gathered_in_their_own_words(said: str, found: list[tuple[str, str]]) -> None:
    assert facts(said) == found


@pytest.mark.parametrize(
    "said",
    [
        "May I ask something?",
        "Can I return my order within 30 days?",
        "Delivery takes 5 days, they said",
        "About 300 people",
        "I want a refund",
    ],
)
def test_what_names_nothing_is_no_fact(said: str) -> None:
    assert facts(said) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["Order 4421 is late.", "Sorry, order 4412."], [("order", "4412")]),
        (["Order 4421 is late.", "No, 4412."], [("order", "4412")]),
        (["Order 4412, not order 4421."], [("order", "4412")]),
        (["Order 4421 is late.", "No, and order 4412 too."], [("order", "4421"), ("order", "4412")]),
        (["My Corto 15 leaks.", "No, not the Corto 15, the Heron 12."], [("product", "Heron 12")]),
        (["Order 4421 is late.", "No, it is not."], [("order", "4421")]),
        (["No, 4412."], []),
    ],
)
def test_what_the_caller_takes_back_is_no_fact_any_more(said: list[str], found: list[tuple[str, str]]) -> None:
    assert facts(*said) == found


def test_what_the_agent_says_is_no_fact_of_the_callers() -> None:
    assert gathered([agent("Order 4421 was sent yesterday.")]) == ()


@pytest.mark.parametrize(
    "said", ["My name is <NAME_1>.", "I'm <NAME_1>, my order number is 4421.", "Yes, please.", "Hello", "Thanks, bye.", "four four two one"]
)
def test_who_they_are_a_number_and_a_courtesy_are_no_question_and_have_no_answer(said: str) -> None:
    found = brief(caller(said), agent("We open at nine."))

    assert found.tried == ()
    assert found.headline == "The caller has not said what it is about."


def test_the_matter_begins_behind_who_they_are() -> None:
    found = brief(caller("Hello. My name is <NAME_1>. My kettle leaks. It is new."))

    assert found.headline == "My kettle leaks. It is new."
    assert found.transcript[0].text == "Hello. My name is <NAME_1>. My kettle leaks. It is new."


def test_a_wish_that_is_met_with_an_offer_only_is_not_answered() -> None:
    found = brief(caller("Please cancel my order"), agent("I can't, but a colleague can. Shall I connect you?"), caller("Yes"))

    assert [attempt.outcome for attempt in found.tried] == ["not answered"]
    assert found.open_question == "Please cancel my order"


def test_a_wish_to_be_called_back_is_not_the_matter_unless_it_is_all_there_is() -> None:
    lines = [caller("Do you sell pianos?"), agent("No idea."), caller("Could you call me back?"), agent("Of course.")]

    assert brief(*lines, line0="not in the documents").headline == "Do you sell pianos?"
    assert brief(*lines[2:]).headline == "Could you call me back?"
    assert brief(*lines[2:]).suggested_reply == "Hello, thanks for holding. How can I help you?"


def test_a_question_beside_a_name_is_a_question() -> None:
    found = brief(caller("I'm <NAME_1>, when do you open?"), agent("We open at nine.", WARRANTY))

    assert [attempt.outcome for attempt in found.tried] == ["answered"]
    assert found.headline == "I'm <NAME_1>, when do you open?"


@pytest.mark.parametrize(
    ("calls_before", "who"),
    [
        (None, "Says they are <NAME_1>, not verified"),
        (0, "Says they are <NAME_1>, not verified; has not called before from this number"),
        (1, "Says they are <NAME_1>, not verified; has called once before from this number"),
        (4, "Says they are <NAME_1>, not verified; has called 4 times before from this number"),
    ],
)
def test_who_calls_is_what_they_said_and_what_their_number_shows(calls_before: int | None, who: str) -> None:
    assert brief(caller("Hi, my name’s <NAME_1>."), calls_before=calls_before).caller == who


def test_somebody_else_who_is_named_is_not_the_caller() -> None:
    assert brief(caller("I spoke to <NAME_1> yesterday")).caller == "Unknown caller, not verified"


def test_a_question_that_was_asked_back_is_settled_by_the_answer_to_the_reply() -> None:
    lines = [
        caller("How do I descale it?"),
        agent("Do you mean the Corto or the Heron?"),
        caller("the second one"),
        agent("With vinegar.", WARRANTY),
    ]

    assert brief(*lines, line0="asked back").open_question == ""
    assert brief(*lines, line0="asked back", line2="not in the documents").open_question == "the second one"
    assert brief(*lines[:2], line0="asked back").open_question == "How do I descale it?"


def test_a_question_that_is_answered_the_second_time_is_no_longer_open() -> None:
    lines = [
        caller("When does my parcel come?"),
        agent("I'm sorry."),
        caller("When does my parcel come then?"),
        agent("Tomorrow.", WARRANTY),
    ]

    assert brief(*lines, line0="failed").open_question == ""
    assert brief(*lines, line2="failed").open_question == "When does my parcel come then?"


def test_an_older_question_stays_open_when_another_is_answered() -> None:
    found = brief(
        caller("Do you sell pianos?"),
        agent("No idea."),
        caller("When do you open?"),
        agent("At nine."),
        line0="not in the documents",
        line2="answered",
    )

    assert (found.headline, found.open_question) == ("When do you open?", "Do you sell pianos?")
    assert "Answer what is still open: “Do you sell pianos?”" in found.next_steps
    assert found.further_replies == (
        "You also asked: “Do you sell pianos?” Let me look that up for you.",
        "You heard from our assistant: “At nine.” Did that help?",
    )


def test_the_operators_own_steps_come_first_and_then_what_the_call_shows() -> None:
    safety = rule("safety", topic="safety", next_steps=(T("Have them unplug it."),))
    lines = [caller("My order 4421 smokes"), agent("Two years.", WARRANTY), caller("My number is <PHONE_1>")]
    found = make_brief(lines=lines, outcomes={0: "not answered"}, rule=safety, explanation="", frustration=0.0)

    assert found.next_steps == (
        "Have them unplug it.",
        "Make sure who is calling before you open their records.",
        "Answer what is still open: “My order 4421 smokes”",
        "Read what the assistant's answer came from: “Warranty”, How long.",
        "Ask again for what was left out, if you need it: phone.",
    )


def test_an_answer_that_the_caller_cut_off_is_to_be_taken_up() -> None:
    found = brief(caller("How long is the warranty?"), agent("It lasts", WARRANTY, interrupted=True))

    assert "Take the answer up where they cut it off: “It lasts”" in found.next_steps
    assert found.further_replies == ("You were in the middle of hearing an answer. Shall I go through it with you?",)


def test_an_upset_caller_is_first_told_that_we_are_sorry() -> None:
    assert brief(caller("Where is my parcel"), frustration=0.9).further_replies[0].startswith("I'm sorry for the trouble")


def test_what_was_left_out_is_to_be_asked_for_once_more() -> None:
    assert "Your date of birth isn't shown to me. Could you tell me once more, please?" in brief(caller("<DATE_OF_BIRTH>")).further_replies


def test_there_is_always_something_more_to_say() -> None:
    assert brief().further_replies == ("Could you tell me in your own words what happened?",)
