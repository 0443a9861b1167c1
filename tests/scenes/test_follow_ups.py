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


def test_the_reply_to_a_question_asked_back_answers_the_first_question(world: World) -> None:
    world.agent_will_answer(confidence=0.3, clarify="Do you mean the Brewster 300 or the Brewster 700?")
    world.caller_says("How much is it?", at=QUIET)
    world.agent_will_answer("The Brewster 700 costs $649.")
    world.caller_says("The seven hundred.", at=18)
    world.run(until=28)

    completed = "How much is it? The seven hundred."
    assert searched(world)[-1] == completed
    assert [command.question for command in world.asked_for(do.Generate) if isinstance(command, do.Generate)] == [completed]
    assert world.heard[-1] == "The Brewster 700 costs $649."


def test_a_question_asked_back_twice_over_takes_both_replies(world: World) -> None:
    world.agent_will_answer(confidence=0.3, clarify="Could you tell me which product or topic you mean?")
    world.caller_says("How much is it?", at=QUIET)
    world.agent_will_answer(confidence=0.3, clarify="Do you mean the Brewster 300 or the Brewster 700?")
    world.caller_says("The Brewster.", at=18)
    world.agent_will_answer("The Brewster 300 costs $89.")
    world.caller_says("The first one.", at=28)
    world.run(until=38)

    assert searched(world)[-1] == "How much is it? The Brewster. the Brewster 300"


def test_the_same_thing_is_never_asked_back_twice(world: World) -> None:
    world.agent_will_answer(confidence=0.3, clarify="Do you mean the Brewster 300 or the Brewster 700?")
    world.caller_says("How much is it?", at=QUIET)
    world.agent_will_answer(confidence=0.3, clarify="Do you mean the Brewster 300 or the Brewster 700?")
    world.caller_says("The blue one.", at=18)
    world.run(until=28)

    assert world.heard[-1] == world.policy.abstain[0]


def test_a_caller_who_asks_something_else_is_not_held_to_what_was_asked_back(world: World) -> None:
    world.agent_will_answer(confidence=0.3, clarify="Do you mean the Brewster 300 or the Brewster 700?")
    world.caller_says("How much is it?", at=QUIET)
    world.agent_will_answer("We open at nine.")
    world.caller_says("What time do you open on Monday?", at=18)
    world.run(until=28)

    assert searched(world)[-1] == "What time do you open on Monday?"
