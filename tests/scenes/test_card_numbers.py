"""A caller who reads out a card number, or is about to: nothing of it is transcribed."""

from collections.abc import Callable

import pytest

from tests.world import World, rule
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.card_numbers import reads_card
from voice_agent.core.policy import Policy
from voice_agent.core.words import RedactedText, TurnId

POLICY = Policy()


def talks_about_card(world: World, text: str = "my card number is", *, at: float = 8.0) -> None:
    world.caller_says(text, at=at)


def spoken(world: World) -> list[str]:
    return [command.text for command in world.commands if isinstance(command, do.Speak)]


@pytest.mark.parametrize(
    "text",
    [
        "my card number is",
        "My card number is <CARD_1>.",
        "can I pay by card now, it's <CARD_1>",
        "Can I pay with my card over the phone?",
        "I have my card details here, my card number is",
        "Here's my credit card number.",
        "let me give you my card number",
        "it's a visa, <CARD_2> and the rest is",
    ],
)
def test_words_that_lead_to_a_card_number_are_known(text: str) -> None:
    assert reads_card(text)


@pytest.mark.parametrize(
    "text",
    [
        "the card ending in <CARD_1> was charged twice",
        "The last four digits are <CARD_1>.",
        "it expires <CARD_1>",
        "Which cards do you accept?",
        "my card was declined",
        "is my card number safe with you",
        "Do you need my card for the refund?",
        "my phone number is <PHONE_1>",
        "Can I pay with a gift card?",
    ],
)
def test_talk_about_cards_is_answered_as_ever(text: str) -> None:
    assert not reads_card(text)


def test_from_the_first_sign_of_a_card_number_nothing_is_transcribed_and_the_caller_is_told(world: World) -> None:
    talks_about_card(world)
    world.caller_says("four one one one", at=11.0)
    world.caller_says("two two two two", at=14.0)
    world.run(until=16.0)

    assert len(world.asked_for(do.Transcribe)) == 1
    assert world.lines("caller") == ["my card number is"]
    assert spoken(world)[-1] == POLICY.card
    assert not world.asked_for(do.Retrieve)


def test_after_a_silence_the_agent_listens_again(world: World) -> None:
    talks_about_card(world)
    world.agent_will_answer("We open at nine.")
    world.run(until=32.0)
    again = spoken(world)[-1]
    world.caller_says("When do you open?", at=38.0)
    world.run(until=44.0)

    assert again == POLICY.card_over
    assert world.lines("agent")[-1] == "We open at nine."


def test_the_pound_key_makes_it_listen_at_once(world: World) -> None:
    talks_about_card(world)
    world.press("#", at=10.0)
    world.run(until=10.5)

    assert spoken(world)[-1] == POLICY.card_over


def test_other_keys_change_nothing_and_zero_still_leads_to_a_person(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("zero", key="0"),))
    talks_about_card(world)
    for place, key in enumerate("4111"):
        world.press(key, at=10.0 + place / 10)
    world.run(until=11.0)
    before = list(world.asked_for(do.OfferHandover))
    world.press("0", at=12.0)
    world.run(until=13.0)

    assert before == []
    assert len(world.asked_for(do.OfferHandover)) == 1


def test_a_caller_who_never_falls_silent_is_heard_again_after_a_minute(world: World) -> None:
    talks_about_card(world)
    world.caller_makes_noise(at=11.0, seconds=90.0)
    world.run(until=75.0)

    assert POLICY.card_over in spoken(world)


def test_words_that_were_on_their_way_are_dropped(world: World) -> None:
    talks_about_card(world)
    world.run(until=12.0)
    before = world.lines("caller")
    world.happens(lambda at: ev.Transcribed(at=at, turn=TurnId(9), text=RedactedText("<CARD_1>"), no_speech=0.0, confidence=0.9), at=12.5)
    world.run(until=13.0)

    assert world.lines("caller") == before


def test_what_cannot_be_redacted_is_dropped_and_the_caller_gets_a_person(world: World) -> None:
    world.caller_says("Where is my order?", at=8.0)
    world.happens(lambda at: ev.JobFailed(at=at, turn=TurnId(1), job=ev.REDACT, code="redactor-failed"), at=10.0)
    world.run(until=10.5)

    (offer,) = world.asked_for(do.OfferHandover)
    assert isinstance(offer, do.OfferHandover)
    assert "personal data" in offer.brief.reason


def test_the_failure_of_the_redactor_during_a_transfer_changes_nothing(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("zero", key="0"),))
    world.press("0", at=8.0)
    world.happens(lambda at: ev.JobFailed(at=at, turn=TurnId(1), job=ev.REDACT, code="redactor-failed"), at=9.0)
    world.run(until=10.0)

    assert len(world.asked_for(do.OfferHandover)) == 1
