"""What the assistant says when it has no answer: never the same again, and a person behind the last of it."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.world import World, rule
from voice_agent.core import commands as do
from voice_agent.core.policy import Policy

OFFERS = (rule("two-unanswered", then="offer", unanswered_in_row__at_least=2),)
EXCUSES = ("abstain", "failure", "no_match", "reprompts")


def handed_over(world: World) -> list[do.OfferHandover]:
    return [command for command in world.commands if isinstance(command, do.OfferHandover)]


def excuses_of(world: World) -> list[str]:
    every = {phrase for name in EXCUSES for phrase in getattr(world.policy, name)} | {each.say for each in world.rules}
    return [text for _, text in world.said if text in every]


def test_a_caller_who_declines_every_offer_hears_no_excuse_twice_and_comes_to_a_person(make_world: Callable[..., World]) -> None:
    world = make_world(rules=OFFERS, policy=Policy(no_input_after=60.0))
    world.agent_knows_nothing(9)
    at = 12.0
    for item in ("pianos", "violins", "no thanks", "drums", "flutes", "harps", "horns", "cellos", "gongs"):
        world.caller_says(item if item == "no thanks" else f"Do you sell {item}?", at=at)
        at += 12
    world.run(until=at)

    said = excuses_of(world)
    assert said[:2] == [world.policy.abstain[0], OFFERS[0].say]
    assert set(said) == {*world.policy.abstain, OFFERS[0].say}
    assert max(Counter(said).values()) == 1
    assert len(handed_over(world)) == 1


def test_failures_between_answers_are_each_admitted_in_other_words_and_lead_to_a_person(make_world: Callable[..., World]) -> None:
    world = make_world(rules=())
    at = 12.0
    for number in range(len(world.policy.failure) + 1):
        world.broken["retrieve"] = "fails"
        world.caller_says(f"What about number {number}?", at=at)
        world.run(until=at + 8)
        world.broken.clear()
        world.agent_will_answer("We open at nine.")
        world.caller_says("When do you open?", at=at + 8)
        world.run(until=at + 14)
        at += 14

    assert excuses_of(world) == list(world.policy.failure)
    assert len(handed_over(world)) == 1


def test_silences_between_answers_are_each_asked_about_in_other_words_and_lead_to_a_person(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(), policy=Policy(reprompts=Policy().reprompts[:2]))
    for at in (24.0, 45.0, 66.0):
        world.agent_will_answer("We open at nine.")
        world.caller_says("When do you open?", at=at)
    world.run(until=100)

    assert excuses_of(world) == list(world.policy.reprompts)
    assert len(handed_over(world)) == 1


@pytest.mark.parametrize("name", EXCUSES)
def test_the_default_excuses_differ_from_each_other(name: str) -> None:
    phrases = getattr(Policy(), name)

    assert len(set(phrases)) == len(phrases) >= 3
