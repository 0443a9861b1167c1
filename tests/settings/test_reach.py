"""Rules that can never decide."""

import pytest

from voice_agent.core.escalation import Condition, Operator, Rule, Value
from voice_agent.core.words import RedactedText
from voice_agent.settings.reach import unreachable


def rule(name: str, *when: tuple[str, Operator, Value | tuple[Value, ...]]) -> Rule:
    return Rule(
        name=name,
        when=tuple(Condition(fact=fact, operator=operator, value=value) for fact, operator, value in when),
        then="transfer",
        queue="support",
        priority=3,
        reason=RedactedText("Because."),
        say=RedactedText("One moment."),
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (("unanswered_in_row", "at_least", 2), ("unanswered_in_row", "at_least", 3)),
        (("unanswered_in_row", "at_least", 2), ("unanswered_in_row", "is", 2)),
        (("answer_confidence", "below", 0.6), ("answer_confidence", "below", 0.5)),
        (("answer_confidence", "below", 0.6), ("answer_confidence", "at_most", 0.5)),
        (("answer_confidence", "at_most", 0.5), ("answer_confidence", "below", 0.5)),
        (("topic", "in", ("legal", "safety")), ("topic", "is", "safety")),
        (("topic", "in", ("legal", "safety")), ("topic", "in", ("safety", "legal"))),
        (("asks_for_person", "is", True), ("asks_for_person", "is", True)),
    ],
)
def test_a_rule_that_an_earlier_one_always_decides_for_is_named(
    earlier: tuple[str, Operator, Value], later: tuple[str, Operator, Value]
) -> None:
    ((place, why),) = unreachable([rule("first", earlier), rule("second", later)])

    assert place == 1
    assert '"first" above it matches first' in why


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (("unanswered_in_row", "at_least", 3), ("unanswered_in_row", "at_least", 2)),
        (("answer_confidence", "below", 0.5), ("answer_confidence", "at_most", 0.5)),
        (("answer_confidence", "below", 0.5), ("answer_confidence", "at_least", 0.5)),
        (("topic", "is", "legal"), ("topic", "in", ("legal", "safety"))),
        (("topic", "is", "legal"), ("asks_for_person", "is", True)),
    ],
)
def test_a_rule_that_something_is_left_for_is_not_named(earlier: tuple[str, Operator, Value], later: tuple[str, Operator, Value]) -> None:
    assert unreachable([rule("first", earlier), rule("second", later)]) == []


def test_a_narrower_rule_above_hides_nothing() -> None:
    narrow = rule("both", ("topic", "is", "legal"), ("frustration", "at_least", 0.5))
    assert unreachable([narrow, rule("one", ("topic", "is", "legal"))]) == []
    ((place, _),) = unreachable([rule("one", ("topic", "is", "legal")), narrow])
    assert place == 1


@pytest.mark.parametrize(
    "impossible", [("frustration", "at_least", 1.5), ("answer_confidence", "below", 0), ("silences_in_row", "at_most", -1)]
)
def test_a_rule_whose_fact_never_has_such_a_value_is_named(impossible: tuple[str, Operator, Value]) -> None:
    ((_, why),) = unreachable([rule("never", impossible)])
    assert why.startswith("can never match: " + impossible[0])


@pytest.mark.parametrize(
    ("condition", "reached"),
    [
        (("sentiment_trend", "at_most", -0.5), True),
        (("sentiment_trend", "below", -1), False),
        (("sentiment_trend", "at_most", -1.5), False),
        (("sentiment_trend", "at_least", 1.5), False),
        (("raised_voice", "at_least", 12), True),
        (("raised_voice", "at_most", -1), False),
    ],
)
def test_a_mood_that_gets_worse_lies_below_0_and_a_voice_does_not(condition: tuple[str, Operator, Value], *, reached: bool) -> None:
    assert (unreachable([rule("only", condition)]) == []) is reached
