"""An answer that was cut to what a listener keeps, and a caller who wants the rest, or not."""

import pytest

from tests.world import World
from voice_agent.core import commands as do

QUIET = 12.0
"""When the notice and the greeting have been heard, in a world as it comes."""
ANSWER = ("Rinse the unit.", "Empty the tray.", "Run a tablet.")
MORE = ("Wipe the wand.", "Change the seal.")


def ask(world: World, confidence: float = 0.9) -> None:
    world.agent_will_answer(*ANSWER, more=MORE, confidence=confidence)
    world.caller_says("How do I clean it?", at=QUIET)


def test_more_detail_is_offered_behind_an_answer_that_has_more(world: World) -> None:
    ask(world)
    world.run(until=24)

    assert world.heard[-4:] == [*ANSWER, world.policy.more_detail]


@pytest.mark.parametrize("yes", ["Yes, please.", "Sure."])
def test_a_caller_who_wants_more_hears_the_rest_with_its_sources_and_nothing_is_searched(world: World, yes: str) -> None:
    ask(world)
    world.caller_says(yes, at=24)
    world.run(until=34)

    assert world.heard[-2:] == list(MORE)
    assert len(world.asked_for(do.Retrieve)) == 1
    assert [line.citations[0].source for line in world.call.history if line.text in MORE] == ["hours", "hours"]


def test_a_caller_who_wants_no_more_is_asked_what_else(world: World) -> None:
    ask(world)
    world.caller_says("No, thanks.", at=24)
    world.run(until=34)

    assert world.heard[-1] == world.policy.offer_declined


def test_a_caller_who_asks_something_else_is_answered_and_a_later_yes_does_not_mean_the_detail(world: World) -> None:
    ask(world)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=24)
    world.caller_says("Yes.", at=32)
    world.run(until=40)

    assert "We open at nine." in world.heard
    assert world.lines("caller")[-1] == "Yes."
    assert not set(MORE) & set(world.heard)


def test_an_answer_that_is_not_sure_is_followed_by_no_offer_of_more(world: World) -> None:
    ask(world, confidence=0.55)
    world.run(until=24)

    assert world.policy.more_detail not in world.heard


def test_a_caller_who_goes_on_behind_their_yes_still_hears_the_rest(world: World) -> None:
    ask(world)
    world.caller_says("Yes.", at=24)
    world.caller_says("Please.", at=24.8)
    world.run(until=36)

    assert world.heard[-2:] == list(MORE)
