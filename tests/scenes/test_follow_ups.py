"""A caller who goes on about the same thing, or turns to another."""

from tests.world import World
from voice_agent.core import commands as do

QUIET = 12.0
"""When the notice and the greeting have been heard, in a world as it comes."""


def searched(world: World) -> list[str]:
    return [command.query for command in world.asked_for(do.Retrieve) if isinstance(command, do.Retrieve)]


def test_a_follow_up_is_searched_in_the_context_of_what_was_answered(world: World) -> None:
    world.agent_will_answer("We open at nine.")
    world.agent_will_answer("We close at eight.")
    world.caller_says("When do you open?", at=QUIET)
    world.caller_says("And on Saturdays?", at=QUIET + 8)
    world.run(until=QUIET + 16)

    title = world.last("agent").citations[0].title
    assert searched(world) == ["When do you open?", f"{title}. When do you open? And on Saturdays?"]
    assert world.lines("caller") == ["When do you open?", "And on Saturdays?"]


def test_a_new_question_after_an_answer_is_searched_as_it_is(world: World) -> None:
    world.agent_will_answer("We open at nine.")
    world.agent_will_answer("For two years.")
    world.caller_says("When do you open?", at=QUIET)
    world.caller_says("How long is the warranty on kettles?", at=QUIET + 8)
    world.run(until=QUIET + 16)

    assert searched(world)[-1] == "How long is the warranty on kettles?"


def test_an_answer_that_was_never_heard_is_no_context(world: World) -> None:
    world.agent_knows_nothing()
    world.agent_will_answer("We close at eight.")
    world.caller_says("When do you open?", at=QUIET)
    world.caller_says("And on Saturdays?", at=QUIET + 8)
    world.run(until=QUIET + 16)

    assert searched(world)[-1] == "And on Saturdays?"
