"""A caller who is to be called back: the number typed, confirmed and stored; and every way in which nothing comes of it."""

from collections.abc import Callable

import pytest

from tests.world import World
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.callback import LAST_DIGITS, WHOLE_NUMBER
from voice_agent.core.policy import Policy

POLICY = Policy()
NUMBER = "3125550142"
READ_BACK = POLICY.callback_spoken.replace("{number}", WHOLE_NUMBER)
CONFIRM = POLICY.callback_confirm.replace("{ending}", LAST_DIGITS)
PERSON = POLICY.handing_over


def asks_for_a_call_back(world: World, *, at: float = 8.0) -> None:
    """The number has been asked for, and may be typed, some seconds later."""
    world.topics["call me back"] = "callback"
    world.caller_says("Could you call me back?", at=at)


def disposition(world: World) -> str:
    (closed,) = world.asked_for(do.CloseCall)
    assert isinstance(closed, do.CloseCall)
    return closed.disposition


def said(world: World) -> list[str]:
    return [text for _, text in world.said]


def is_promised(world: World) -> bool:
    (stored,) = world.asked_for(do.StoreCallback)
    assert isinstance(stored, do.StoreCallback)
    assert (stored.queue, stored.brief.rule) == ("claims", "callback")
    assert world.heard[-1] == POLICY.callback_stored
    return disposition(world) == "callback"


def typed_and_confirmed(world: World, keys: str = NUMBER + "#") -> None:
    asks_for_a_call_back(world)
    done = world.dials(keys, at=20.0)
    world.caller_says("Yes.", at=done + 10.0)
    world.run(until=done + 25.0)


def test_a_number_typed_with_the_pound_key_and_confirmed_is_stored_and_the_call_ends(world: World) -> None:
    typed_and_confirmed(world)

    assert said(world).count(CONFIRM) == 1
    assert is_promised(world)


def test_a_pause_ends_the_number_as_well(world: World) -> None:
    asks_for_a_call_back(world)
    done = world.dials(NUMBER, at=20.0)
    world.run(until=done + 3.5)
    assert CONFIRM not in said(world)
    world.run(until=done + 4.5)
    assert CONFIRM in said(world)


def test_the_longest_number_there_is_needs_no_end(world: World) -> None:
    asks_for_a_call_back(world)
    world.run(until=world.dials("491715550142001", at=20.0) + 0.1)

    assert CONFIRM in said(world)


def test_the_star_starts_anew(world: World) -> None:
    typed_and_confirmed(world, "99*" + NUMBER + "#")

    assert len(world.asked_for(do.GatherDigits)) == 2
    assert is_promised(world)


def test_typing_over_the_question_ends_it(world: World) -> None:
    asks_for_a_call_back(world)
    world.run(until=13.0)
    assert not world.heard or world.heard[-1] != POLICY.callback_number
    world.press("3", at=13.1)
    world.run(until=13.2)

    assert world.stops == [pytest.approx(13.1)]


def test_too_few_digits_are_asked_for_again_once_and_then_lead_to_a_person(world: World) -> None:
    asks_for_a_call_back(world)
    world.dials("312#", at=20.0)
    world.run(until=22.0)
    assert said(world)[-1] == POLICY.callback_again
    assert not world.asked_for(do.OfferHandover)
    world.dials("555#", at=32.0)
    world.run(until=34.0)

    (offer,) = world.asked_for(do.OfferHandover)
    assert isinstance(offer, do.OfferHandover)
    assert (offer.queue, said(world)[-1]) == ("claims", PERSON)
    assert "No number" in offer.brief.explanation


def test_a_caller_who_types_nothing_is_asked_again_once_and_then_gets_a_person(world: World) -> None:
    asks_for_a_call_back(world)
    world.run(until=60.0)

    assert said(world).count(POLICY.callback_again) == 1
    assert PERSON in said(world)


def test_a_number_that_is_not_right_is_asked_for_again(world: World) -> None:
    asks_for_a_call_back(world)
    world.dials(NUMBER + "#", at=20.0)
    world.caller_says("No.", at=30.0)
    world.dials(NUMBER + "#", at=42.0)
    world.caller_says("Yes.", at=52.0)
    world.run(until=65.0)

    assert said(world).count(CONFIRM) == 2
    assert is_promised(world)


def test_whether_it_is_right_is_asked_twice_and_then_a_person_is_fetched(world: World) -> None:
    asks_for_a_call_back(world)
    world.dials(NUMBER + "#", at=20.0)
    world.run(until=55.0)

    assert said(world).count(CONFIRM) == 2
    assert PERSON in said(world)
    assert not world.asked_for(do.StoreCallback)


def test_zero_is_a_digit_in_the_number_and_leads_to_a_person_before_and_behind_it(make_world: Callable[..., World]) -> None:
    inside, before, behind = make_world(), make_world(), make_world()
    for world in (inside, before, behind):
        asks_for_a_call_back(world)
    inside.dials("0000000000#", at=20.0)
    inside.run(until=26.0)
    assert said(inside)[-1] == CONFIRM

    before.press("0", at=7.0)
    before.run(until=9.0)
    assert before.asked_for(do.OfferHandover)

    behind.press("0", at=behind.dials(NUMBER + "#", at=20.0) + 5.0)
    behind.run(until=35.0)
    assert behind.asked_for(do.OfferHandover)
    assert not behind.asked_for(do.StoreCallback)


def test_stray_digits_outside_a_request_do_no_harm(world: World) -> None:
    world.dials("3125#*", at=7.0)
    world.run(until=9.0)
    assert [commands for event, commands in world.log if isinstance(event, ev.KeyPressed)] == [[]] * 6
    assert world.call.handle(ev.DigitGiven(at=9.1)) == []
    world.log.append((ev.DigitGiven(at=9.1), []))


def test_a_caller_who_asks_something_instead_is_answered_and_keys_are_keys_again(world: World) -> None:
    asks_for_a_call_back(world)
    world.run(until=20.0)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=21.0)
    world.run(until=27.0)

    assert "We open at nine." in world.heard
    assert world.asked_for(do.StopGathering)
    world.press("0", at=28.0)
    world.run(until=30.0)
    assert world.asked_for(do.OfferHandover)


def test_a_caller_who_asks_for_a_person_instead_gets_one(world: World) -> None:
    asks_for_a_call_back(world)
    world.caller_says("Let me talk to a person.", at=20.0)
    world.run(until=24.0)

    assert world.asked_for(do.OfferHandover)
    assert world.asked_for(do.StopGathering)


def test_a_caller_who_declines_goes_on_with_the_assistant(world: World) -> None:
    asks_for_a_call_back(world)
    world.caller_says("No thanks.", at=20.0)
    world.run(until=24.0)

    assert said(world)[-1] == POLICY.offer_declined


def test_an_okay_is_told_again_what_to_do(world: World) -> None:
    asks_for_a_call_back(world)
    world.caller_says("Okay.", at=20.0)
    world.run(until=22.0)

    assert said(world)[-1] == POLICY.callback_number


def test_a_number_that_is_said_is_read_back_whole_and_stored_when_it_is_right(world: World) -> None:
    asks_for_a_call_back(world)
    world.caller_says("It's <PHONE_1>, please.", at=20.0)
    world.caller_says("Yes.", at=30.0)
    world.run(until=50.0)

    (taken,) = world.asked_for(do.TakeNumber)
    assert taken == do.TakeNumber(placeholder="<PHONE_1>")
    assert said(world).count(READ_BACK) == 1
    assert is_promised(world)


def test_a_number_that_was_misheard_may_be_said_again_or_typed(world: World) -> None:
    asks_for_a_call_back(world)
    world.caller_says("It's <PHONE_1>.", at=20.0)
    world.caller_says("It should be <PHONE_2>.", at=30.0)
    world.caller_says("No.", at=40.0)
    done = world.dials(NUMBER + "#", at=52.0)
    world.caller_says("Yes.", at=done + 10.0)
    world.run(until=done + 25.0)

    assert [command.placeholder for command in world.asked_for(do.TakeNumber) if isinstance(command, do.TakeNumber)] == [
        "<PHONE_1>",
        "<PHONE_2>",
    ]
    assert [said(world).count(text) for text in (READ_BACK, POLICY.callback_again, CONFIRM)] == [2, 1, 1]
    assert is_promised(world)


@pytest.mark.parametrize("digits", [0, 7])
def test_a_number_that_is_said_in_part_or_that_nobody_may_have_is_asked_for_on_the_keypad(
    make_world: Callable[..., World], digits: int
) -> None:
    world = make_world(says_digits=digits)
    asks_for_a_call_back(world)
    world.caller_says("It's <PHONE_1>.", at=20.0)
    done = world.dials(NUMBER + "#", at=32.0)
    world.caller_says("Yes.", at=done + 10.0)
    world.run(until=done + 25.0)

    assert said(world).count(POLICY.callback_again) == 1
    assert is_promised(world)


def test_a_vault_that_does_not_answer_leads_to_the_keypad(make_world: Callable[..., World]) -> None:
    world = make_world(broken={"vault": "hangs"})
    asks_for_a_call_back(world)
    world.caller_says("It's <PHONE_1>.", at=20.0)
    world.caller_says("Hello?", at=24.0)
    world.run(until=40.0)

    assert said(world).count(POLICY.callback_again) == 1


def test_figures_that_are_no_phone_number_are_asked_for_on_the_keypad(world: World) -> None:
    asks_for_a_call_back(world)
    world.caller_says("three one two", at=20.0)
    world.run(until=28.0)

    assert said(world).count(POLICY.callback_again) == 1


def test_a_caller_who_hangs_up_in_the_middle_is_not_called_back(world: World) -> None:
    asks_for_a_call_back(world)
    world.dials("31255", at=20.0)
    world.hang_up(at=22.0)
    world.run(until=30.0)

    assert not world.asked_for(do.StoreCallback)
    assert disposition(world) == "abandoned"


@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_a_number_that_cannot_be_stored_leads_to_a_person(make_world: Callable[..., World], how: str) -> None:
    world = make_world(broken={"callbacks": how})
    asks_for_a_call_back(world)
    world.dials(NUMBER + "#", at=20.0)
    world.caller_says("Yes.", at=30.0)
    world.caller_says("Are you still there?", at=32.0)
    world.run(until=50.0)

    assert PERSON in said(world)
    assert POLICY.callback_stored not in said(world)


def test_a_caller_for_whom_nobody_comes_is_offered_a_call_back(world: World) -> None:
    world.caller_says("Let me talk to a person.", at=8.0)
    world.happens(lambda now: ev.HandoverDeclined(at=now), at=14.0)
    world.caller_says("Yes please.", at=25.0)
    done = world.dials(NUMBER + "#", at=36.0)
    world.caller_says("Yes, that's right.", at=done + 6.0)
    world.run(until=done + 20.0)

    (stored,) = world.asked_for(do.StoreCallback)
    assert isinstance(stored, do.StoreCallback)
    assert (stored.queue, stored.brief.rule) == ("support", "asked")
    assert disposition(world) == "callback"


def test_when_it_is_stored_late_the_caller_is_with_a_person_and_nothing_is_promised(world: World) -> None:
    world.broken["callbacks"] = "hangs"
    asks_for_a_call_back(world)
    world.dials(NUMBER + "#", at=20.0)
    world.caller_says("Yes.", at=30.0)
    world.happens(lambda now: ev.CallbackStored(at=now), at=45.0)
    world.run(until=50.0)

    assert POLICY.callback_stored not in said(world)
