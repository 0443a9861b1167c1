"""The caller makes a sound while the agent speaks: what is taken for words, what is passed over, and what is said then."""

from collections.abc import Callable

import pytest

from tests.world import World
from voice_agent.core import commands as do
from voice_agent.core.policy import Policy

QUIET = 12.0
"""When the notice and the greeting have been heard, in a world as it comes."""
OFFER = "Shall I get a person (two-unanswered)?"
SENTENCES = ("We open at nine on working days.", "On Sundays we are closed all day.", "And on holidays too, as ever.")


def test_sentences_that_arrive_while_a_noise_is_looked_into_are_said_behind_the_one_it_cut_off(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=1.0)
    world.agent_will_answer(*SENTENCES)
    world.caller_says("When do you open?", at=QUIET)
    world.caller_makes_noise(at=15.2, seconds=0.8)  # in the first sentence; the second arrives before its end, the third later
    world.run(until=30)

    assert len(world.stops) == 1
    assert world.heard[-3:] == list(SENTENCES)
    assert world.lines("agent")[-3:] == list(SENTENCES)
    assert not any(line.interrupted for line in world.call.history)
    assert not world.asked_for(do.AbandonTurn)


def test_an_answer_that_ends_while_a_backchannel_is_looked_into_counts_as_answered(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=0.3)
    world.agent_will_answer(SENTENCES[0], confidence=0.55)
    world.caller_says("When do you open?", at=QUIET)
    world.agent_will_answer(*SENTENCES[1:], confidence=0.55)
    world.caller_says("And on Sundays?", at=18)
    world.caller_says("uh-huh okay", at=19.95, seconds=0.3)
    world.run(until=30)

    assert len(world.stops) == 1
    assert world.heard[-3:] == [*SENTENCES[1:], "Shall I get a person (unsure)?"], "two unsure answers, and not before the second is told"


def test_a_noise_between_two_sentences_of_an_answer_does_not_lose_the_second(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=3.0, policy=Policy(fillers=()))
    world.agent_will_answer("At nine.", SENTENCES[1])
    world.caller_says("When do you open?", at=QUIET)
    world.caller_makes_noise(at=18.4, seconds=0.8)
    world.run(until=30)

    assert world.stops == [], "nothing was to be heard that could be stopped"
    assert world.heard[-2:] == ["At nine.", SENTENCES[1]]
    assert not set(world.heard) & set(world.policy.no_match)


def test_an_answer_that_breaks_off_during_an_interruption_goes_on_as_far_as_it_came(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=0.6, broken={"generate": "breaks off"})
    world.agent_will_answer(*SENTENCES[:2])
    world.caller_says("When do you open?", at=QUIET)
    world.caller_makes_noise(at=14.8, seconds=1.2)
    world.run(until=30)

    assert world.heard[-2:] == list(SENTENCES[:2])
    assert world.policy.failure[0] not in world.heard


def test_words_that_interrupt_end_the_work_on_the_old_answer(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=1.0)
    world.agent_will_answer(*SENTENCES)
    world.caller_says("When do you open?", at=QUIET)
    world.agent_will_answer("Within thirty days.")
    world.caller_says("No tell me about returns", at=15.2)
    world.run(until=25)

    old, _ = world.asked_for(do.Generate)
    assert isinstance(old, do.Generate)
    assert do.AbandonTurn(turn=old.turn) in world.commands
    assert [text for _, text in world.said][-1] == "Within thirty days."
    assert SENTENCES[1] not in world.heard


def test_words_that_interrupt_and_cannot_be_transcribed_are_asked_for_again(make_world: Callable[..., World]) -> None:
    world = make_world(sentence_takes=1.0)
    world.agent_will_answer(*SENTENCES)
    world.caller_says("When do you open?", at=QUIET)
    world.run(until=14.9)
    world.broken["transcribe"] = "fails"
    world.caller_says("No tell me about returns", at=15.2)
    world.run(until=17.5)
    assert world.said[-1][1] == world.policy.failure[0]
    world.run(until=28)

    assert SENTENCES[1] not in world.heard, "the old answer is not resumed behind the excuse"


@pytest.mark.parametrize("over", ["I see.", "mm-hmm", "oh right, I see"])
def test_a_sign_of_listening_over_an_offer_keeps_it_open(world: World, over: str) -> None:
    world.agent_knows_nothing(2)
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.caller_says("Or maybe a violin?", at=24)
    world.caller_says(over, at=26.6, seconds=0.5)
    world.run(until=28)
    assert len(world.stops) == 1, "it is long enough to stop the agent"
    world.run(until=33)

    assert world.heard[-1] == OFFER
    assert world.policy.courtesy not in world.heard
    world.caller_says("yes please", at=34)
    world.run(until=38)
    assert world.asked_for(do.OfferHandover)


def test_a_sign_of_listening_after_an_offer_keeps_it_open(world: World) -> None:
    world.agent_knows_nothing(1)
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.caller_says("Oh I see.", at=24)
    world.caller_says("Yes please.", at=27)
    world.run(until=30)

    assert world.policy.courtesy not in world.heard
    assert world.asked_for(do.OfferHandover)


def test_a_hum_after_an_offer_is_a_yes(world: World) -> None:
    world.agent_knows_nothing(1)
    world.caller_says("Do you sell pianos?", at=QUIET)
    world.caller_says("mm-hmm", at=24)
    world.run(until=27)

    assert world.asked_for(do.OfferHandover)


def test_a_sign_of_listening_over_the_notice_is_passed_over_and_the_greeting_comes(world: World) -> None:
    world.caller_says("okay", at=1.0, seconds=0.4)
    world.run(until=QUIET)

    assert world.stops == []
    assert world.heard == [*world.policy.opening, world.policy.greeting]
    assert world.lines("caller") == []


def test_a_noise_after_the_wait_was_given_up_does_not_bring_the_waiting_words_back(world: World) -> None:
    world.press("0", at=QUIET)
    world.caller_says("Never mind", at=14.5)  # while the caller's place in the line is told
    world.caller_makes_noise(at=18.0, seconds=0.4)
    world.run(until=24)

    after = [text for at, text in world.said if at >= 14.5]
    assert after == [world.policy.taken_out, world.policy.taken_out], "cut off by the noise, and said again"


def test_an_opening_and_the_question_behind_its_pause_are_one_turn_and_only_the_question_is_searched(world: World) -> None:
    world.agent_will_answer("Two years.")
    world.caller_says("Wait, sorry.", at=QUIET)
    world.caller_says("How long is the warranty?", at=QUIET + 1.6)  # a second later
    world.run(until=20)

    assert world.lines("caller") == ["Wait, sorry. How long is the warranty?"]
    (retrieve,), (generate,) = world.asked_for(do.Retrieve), world.asked_for(do.Generate)
    assert isinstance(retrieve, do.Retrieve)
    assert isinstance(generate, do.Generate)
    assert retrieve.query == generate.question == "How long is the warranty?"


def test_an_opening_behind_which_nothing_comes_is_answered_with_an_open_ear(world: World) -> None:
    end = world.caller_says("Sorry, one more thing.", at=QUIET)
    world.run(until=20)

    at, text = world.said[-1]
    assert at == pytest.approx(end + world.policy.open_pause, abs=0.05)
    assert text == world.policy.greeting
    assert not world.asked_for(do.Retrieve)


def test_a_greeting_cut_off_by_noise_is_said_again(world: World) -> None:
    world.caller_makes_noise(at=7.1, seconds=0.4)  # it sounds from 7.0 s to 7.9 s
    world.run(until=QUIET)

    assert len(world.stops) == 1
    assert world.heard == [*world.policy.opening, world.policy.greeting]
    assert world.lines("agent") == world.heard


def test_a_caller_is_heard_although_no_mark_has_come(make_world: Callable[..., World]) -> None:
    world = make_world(marks=False)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=9.0)
    world.run(until=11.5)

    assert world.lines("caller") == ["When do you open?"]
    assert world.said[-1][1] == "We open at nine."
