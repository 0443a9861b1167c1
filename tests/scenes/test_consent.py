"""The opening notice: who is speaking, what is kept of the call, and, where the operator asks, whether it may be."""

from collections.abc import Callable

import pytest

from tests.world import World
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.policy import Policy, Recording
from voice_agent.core.words import Line, RedactedText

NOTICE_OVER = 14.0
"""Every notice has been heard by then, and nobody has been waited for in vain."""


def policy(recording: Recording) -> Policy:
    return Policy(recording=recording, company="Acme Kettles")


@pytest.fixture
def asking(make_world: Callable[..., World]) -> World:
    return make_world(policy=policy("consent"))


def decisions(world: World) -> list[tuple[bool, float]]:
    """Whether the call may be kept, and when that was settled."""
    found = [(command, event.at) for event, commands in world.log for command in commands]
    return [(command.kept, at) for command, at in found if isinstance(command, do.KeepRecord)]


def notice_heard(world: World) -> float:
    """When its last sentence had been played."""
    last = [command.speech for command in world.log[0][1] if isinstance(command, do.Speak)][-1]
    return next(event.at for event, _ in world.log if isinstance(event, ev.SpeechPlayed) and event.speech == last)


def agreed(world: World) -> str:
    return f"{world.policy.consent_given} {world.policy.greeting}"


def refused(world: World) -> str:
    return f"{world.policy.consent_refused} {world.policy.greeting}"


@pytest.mark.parametrize("recording", ["none", "notice", "consent"])
def test_every_notice_begins_with_a_machine_that_names_the_company_and_says_that_it_transcribes(
    make_world: Callable[..., World], recording: Recording
) -> None:
    world = make_world(policy=policy(recording))
    world.run(until=NOTICE_OVER)

    assert "automated assistant of Acme Kettles" in world.heard[0]
    assert any("transcribed" in text for text in world.heard[1:])
    assert world.heard[: len(world.policy.opening)] == list(world.policy.opening)


def test_where_nobody_is_told_or_asked_the_greeting_follows_and_nothing_is_decided(make_world: Callable[..., World]) -> None:
    world = make_world(policy=policy("none"))
    world.run(until=NOTICE_OVER)

    assert world.heard == [*world.policy.opening, world.policy.greeting]
    assert decisions(world) == []


def test_a_caller_who_is_told_is_kept_from_the_moment_the_notice_was_heard(make_world: Callable[..., World]) -> None:
    world = make_world(policy=policy("notice"))
    world.run(until=NOTICE_OVER)

    assert world.heard == [*world.policy.opening, world.policy.greeting]
    assert decisions(world) == [(True, notice_heard(world))]


@pytest.mark.parametrize("recording", ["notice", "consent"])
def test_what_is_said_during_the_notice_neither_interrupts_it_nor_is_transcribed(
    make_world: Callable[..., World], recording: Recording
) -> None:
    world = make_world(policy=policy(recording))
    world.caller_says("yes, my name is Anna", at=1.0)
    world.run(until=NOTICE_OVER)

    assert world.heard[: len(world.policy.opening)] == list(world.policy.opening)
    assert world.asked_for(do.Transcribe) == []


def test_a_caller_who_presses_1_has_agreed(asking: World) -> None:
    asking.press("1", at=NOTICE_OVER)
    asking.run(until=NOTICE_OVER + 5)

    assert decisions(asking) == [(True, NOTICE_OVER)]
    assert asking.heard == [*asking.policy.opening, agreed(asking)]


def test_a_1_that_is_pressed_during_the_notice_counts_when_it_is_over(asking: World) -> None:
    asking.press("1", at=2.0)
    asking.run(until=NOTICE_OVER + 5)

    assert decisions(asking) == [(True, notice_heard(asking))]
    assert asking.heard == [*asking.policy.opening, agreed(asking)]


def test_another_key_is_no_answer(asking: World) -> None:
    asking.press("7", at=NOTICE_OVER)
    asking.press("1", at=NOTICE_OVER + 1)
    asking.press("1", at=NOTICE_OVER + 2)
    asking.run(until=NOTICE_OVER + 6)

    assert decisions(asking) == [(True, NOTICE_OVER + 1)]
    assert asking.heard[-1] == agreed(asking)


@pytest.mark.parametrize(("words", "kept"), [("yes", True), ("yes please", True), ("no", False), ("no thanks", False)])
def test_a_caller_who_says_yes_or_no_is_understood_and_then_greeted(asking: World, words: str, kept: bool) -> None:
    asking.caller_says(words, at=NOTICE_OVER)
    asking.caller_says("When do you open?", at=NOTICE_OVER + 9)
    asking.agent_will_answer("We open at nine.")
    asking.run(until=NOTICE_OVER + 15)

    assert [each for each, _ in decisions(asking)] == [kept]
    assert asking.heard[-2:] == [agreed(asking) if kept else refused(asking), "We open at nine."]


def test_a_caller_who_says_nothing_has_not_agreed_and_the_call_goes_on(asking: World) -> None:
    asking.caller_says("When do you open?", at=30.0)
    asking.agent_will_answer("We open at nine.")
    asking.run(until=36.0)

    ((kept, at),) = decisions(asking)
    assert not kept
    assert at == pytest.approx(notice_heard(asking) + asking.policy.no_input_after, abs=0.1)
    assert asking.heard == [*asking.policy.opening, refused(asking), "We open at nine."]


def test_a_caller_who_asks_something_else_has_not_agreed_and_is_answered(asking: World) -> None:
    asking.caller_says("When do you open?", at=NOTICE_OVER)
    asking.agent_will_answer("We open at nine.")
    asking.run(until=NOTICE_OVER + 6)

    assert [kept for kept, _ in decisions(asking)] == [False]
    assert asking.heard == [*asking.policy.opening, "We open at nine."]


@pytest.mark.parametrize("at", [2.0, NOTICE_OVER])
def test_who_wants_a_person_before_they_have_answered_gets_one_and_nothing_is_kept(asking: World, at: float) -> None:
    asking.press("0", at=at)
    asking.run(until=NOTICE_OVER + 5)

    assert [kept for kept, _ in decisions(asking)] == [False]
    assert len(asking.asked_for(do.OfferHandover)) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_the_brief_has_the_conversation_only_of_a_caller_who_has_agreed(asking: World, kept: bool) -> None:
    asking.caller_says("yes" if kept else "no", at=NOTICE_OVER)
    asking.caller_says("My kettle leaks and it is order five five", at=NOTICE_OVER + 8)
    asking.agent_knows_nothing()
    asking.press("0", at=NOTICE_OVER + 20)
    asking.run(until=NOTICE_OVER + 25)

    (offer,) = asking.asked_for(do.OfferHandover)
    assert isinstance(offer, do.OfferHandover)
    assert any("kettle" in line.text for line in offer.brief.transcript) == kept
    assert ("kettle" in str(offer)) == kept
    assert offer.brief.reason


def test_a_notice_that_could_not_be_said_allows_nothing(make_world: Callable[..., World]) -> None:
    world = make_world(policy=policy("notice"), broken={"voice": "fails"})
    world.run(until=NOTICE_OVER)

    assert [kept for kept, _ in decisions(world)] == [False]


def test_a_caller_who_comes_back_after_a_crash_is_not_asked_again_and_not_kept(make_world: Callable[..., World]) -> None:
    said = (Line(speaker="caller", text=RedactedText("My kettle leaks."), at=9.0),)
    world = make_world(policy=policy("consent"), before=said)
    world.press("1", at=1.0)
    world.run(until=NOTICE_OVER)

    assert [kept for kept, _ in decisions(world)] == [False]
    assert not set(world.policy.opening) & set(world.heard)


def test_a_caller_who_leaves_before_they_have_answered_has_agreed_to_nothing(asking: World) -> None:
    asking.hang_up(at=3.0)
    asking.run(until=5.0)

    assert asking.call.ended
    assert decisions(asking) == []


def test_another_policy_is_tried_where_the_company_and_its_way_of_asking_stay_the_same() -> None:
    tried = Policy(greeting=RedactedText("Good day.")).where(policy("consent"))

    assert (tried.greeting, tried.company, tried.recording) == ("Good day.", "Acme Kettles", "consent")
