"""What a caller who waits for a person hears, and what they may say: nobody waits without knowing how it stands, or against their will."""

from collections.abc import Callable

import pytest

from tests.world import World, queue_state
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.policy import Policy

POLICY = Policy()
ASKED = 12.0
"""When the caller asks for a person. They wait from 17 s on, and have heard their place by 21 s."""
PLACE = POLICY.waiting[0].replace("{position}", "1")


def asks_for_a_person(world: World) -> None:
    world.caller_says("Let me talk to a person", at=ASKED)


def rings(now: float) -> ev.Event:
    return ev.HandoverRang(at=now)


def exhausted(now: float) -> ev.Event:
    return ev.HandoverExhausted(at=now)


def moved(position: int, wait: float | None) -> Callable[[float], ev.Event]:
    return lambda now: ev.HandoverMoved(at=now, position=position, wait=wait)


def said(world: World, since: float = ASKED) -> list[str]:
    return [text for at, text in world.said if at >= since]


def is_called_back(world: World) -> bool:
    """The caller has left the line, and their number is asked for."""
    return bool(world.asked_for(do.WithdrawHandover)) and bool(world.asked_for(do.GatherDigits)) and not world.call.on_hold


def test_the_place_is_told_first_and_again_every_so_often(world: World) -> None:
    asks_for_a_person(world)
    world.run(until=62)

    again = POLICY.waiting[1].replace("{position}", "1")
    assert said(world)[1:] == [PLACE, again, POLICY.callback_hint, again]


def test_the_time_is_told_as_roughly_as_it_is_known(make_world: Callable[..., World]) -> None:
    world = make_world(wait=130.0)
    asks_for_a_person(world)
    world.run(until=25)

    assert said(world)[1:] == [PLACE, "I expect it to take about two minutes."]


def test_no_time_is_told_when_nothing_tells_how_long_it_will_take(world: World) -> None:
    asks_for_a_person(world)
    world.run(until=100)

    assert not any("expect" in text for text in said(world))


def test_who_moves_up_hears_so_with_the_next_word(make_world: Callable[..., World]) -> None:
    world = make_world(position=3)
    asks_for_a_person(world)
    world.happens(moved(2, None), at=25.0)
    world.happens(moved(1, 30.0), at=30.0)
    world.run(until=45)

    assert said(world)[1] == POLICY.waiting[0].replace("{position}", "3")
    assert said(world)[2:4] == [POLICY.waiting[1].replace("{position}", "1"), "I expect it to take less than a minute."]


def test_a_ringing_phone_is_told_once(world: World) -> None:
    asks_for_a_person(world)
    for at in (25.0, 30.0, 50.0):
        world.happens(rings, at=at)
    world.run(until=60)

    assert said(world).count(POLICY.ringing) == 1
    assert next(at for at, text in world.said if text == POLICY.ringing) == 25.0


def test_a_phone_that_rings_while_the_handover_is_announced_is_told_in_place_of_the_place(world: World) -> None:
    asks_for_a_person(world)
    world.happens(rings, at=15.0)
    world.run(until=25)

    assert said(world)[1:] == [POLICY.ringing]


def test_a_phone_that_rings_no_more_is_not_told_of(world: World) -> None:
    asks_for_a_person(world)
    world.happens(rings, at=15.0)
    world.happens(moved(1, None), at=15.5)
    world.run(until=25)

    assert said(world)[1:] == [PLACE]


@pytest.mark.parametrize("at", [15.0, 25.0])
def test_when_everybody_has_been_tried_the_caller_is_asked_whether_they_would_rather_be_called_back_and_waits_on(
    world: World, at: float
) -> None:
    asks_for_a_person(world)
    world.happens(exhausted, at=at)
    world.happens(lambda now: ev.HandoverAccepted(at=now, agent="Alex"), at=70.0)
    world.run(until=75)

    assert said(world).count(POLICY.nobody_free) == 1
    assert not world.asked_for(do.WithdrawHandover)
    assert world.asked_for(do.ConnectPerson)


def test_a_caller_for_whom_nobody_comes_is_asked_again_and_again_and_never_put_out_of_the_line(world: World) -> None:
    asks_for_a_person(world)
    world.run(until=600)

    asked = [at for at, text in world.said if text == POLICY.nobody_free]
    assert [round(late - early) for early, late in zip([17.0, *asked], asked, strict=False)] == [pytest.approx(180, abs=20)] * 3
    assert not world.asked_for(do.WithdrawHandover)
    assert world.call.on_hold


@pytest.mark.parametrize(("open_hours", "staffed"), [(True, False), (False, False)])
def test_where_nobody_is_there_to_take_the_call_that_is_said_at_once(
    make_world: Callable[..., World], open_hours: bool, staffed: bool
) -> None:
    """Also of a queue that is closed, for callers whom the assistant cannot help any further: here, its voice has failed before."""
    world = make_world(queues=(queue_state(business_hours=open_hours, staffed=staffed),))
    world.happens(lambda now: ev.ShutdownRequested(at=now), at=ASKED)
    world.run(until=30)

    assert world.heard[-1] == POLICY.nobody_free
    assert world.call.on_hold


# ---------------------------------------------------------------- what the caller may say or press


@pytest.mark.parametrize("at", [18.0, 25.0])
def test_a_wish_to_be_called_back_is_granted_also_over_our_words(world: World, at: float) -> None:
    asks_for_a_person(world)
    world.caller_says("Call me back please", at=at)
    world.run(until=at + 5)

    assert is_called_back(world)
    assert said(world)[-1] == POLICY.callback_number


def test_the_key_one_asks_to_be_called_back_over_our_words_too(world: World) -> None:
    asks_for_a_person(world)
    world.press("1", at=18.0)
    world.run(until=19)

    assert is_called_back(world)
    assert world.stops == [18.0]
    assert said(world)[-1] == POLICY.callback_number


def test_whoever_chose_to_be_called_back_is_promised_it_by_the_queue_they_waited_in(world: World) -> None:
    asks_for_a_person(world)
    world.press("1", at=25.0)
    done = world.dials("3125550142#", at=36.0)
    world.caller_says("Yes.", at=done + 8.0)
    world.run(until=done + 20.0)

    (stored,) = world.asked_for(do.StoreCallback)
    assert isinstance(stored, do.StoreCallback)
    assert (stored.queue, stored.brief.rule) == ("support", "asked")
    assert "to be called back" in stored.brief.explanation
    assert world.commands[-1] == do.CloseCall(disposition="callback")


@pytest.mark.parametrize("answer", ["Yes please.", "Okay.", "Call me back."])
def test_yes_to_the_question_is_a_wish_to_be_called_back(world: World, answer: str) -> None:
    asks_for_a_person(world)
    world.happens(exhausted, at=25.0)
    world.caller_says(answer, at=36.0)
    world.run(until=41)

    assert is_called_back(world)


@pytest.mark.parametrize("answer", ["No thanks.", "I'll wait.", "No, I'd rather wait.", "No, don't call me back, I'll hold."])
def test_no_to_the_question_keeps_the_caller_in_the_line(world: World, answer: str) -> None:
    asks_for_a_person(world)
    world.happens(exhausted, at=25.0)
    world.caller_says(answer, at=36.0)
    world.run(until=43)

    assert said(world)[-1] == POLICY.keep_waiting
    assert not world.asked_for(do.WithdrawHandover)
    assert world.call.on_hold


def test_a_yes_that_answers_nothing_is_not_taken_for_a_wish(world: World) -> None:
    asks_for_a_person(world)
    world.caller_says("Yes okay", at=25.0)
    world.run(until=30)

    assert world.call.on_hold
    assert said(world)[1:] == [PLACE]


def test_who_does_not_want_to_wait_hears_how_to_be_called_back(world: World) -> None:
    asks_for_a_person(world)
    world.caller_says("I can't wait that long", at=25.0)
    world.caller_says("Yes", at=35.0)
    world.run(until=40)

    assert POLICY.callback_hint in said(world)
    assert is_called_back(world)


def test_never_mind_brings_the_assistant_back_and_takes_the_caller_out_of_the_line(world: World) -> None:
    asks_for_a_person(world)
    world.caller_says("Never mind, can I ask you something else?", at=25.0)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=38.0)
    world.caller_says("Now let me talk to a person", at=50.0)
    world.run(until=60)

    assert said(world)[2:4] == [POLICY.taken_out, "We open at nine."]
    assert len(world.asked_for(do.WithdrawHandover)) == 1
    assert len(world.asked_for(do.OfferHandover)) == 2, "and they may ask for a person again"
    assert world.call.on_hold


@pytest.mark.parametrize("question", ["How long will it take?", "Hello?", "Is anybody there?"])
def test_who_asks_how_it_stands_is_told(world: World, question: str) -> None:
    asks_for_a_person(world)
    world.caller_says(question, at=25.0)
    world.run(until=30)

    assert said(world)[2] == POLICY.waiting[1].replace("{position}", "1")
    assert next(at for at, text in world.said if text == said(world)[2]) < 28.0


def test_what_was_not_meant_for_us_is_passed_over_and_stays_out_of_the_record(world: World) -> None:
    asks_for_a_person(world)
    world.caller_says("Darling would you turn the oven off", at=18.0)
    world.caller_says("Goodbye, see you later", at=30.0)
    world.run(until=36)

    assert world.lines("caller") == ["Let me talk to a person"]
    assert world.heard[-1] == PLACE, "cut off, and said again"
    assert world.call.on_hold


def test_noise_and_a_card_number_are_passed_over_too(world: World) -> None:
    asks_for_a_person(world)
    world.caller_makes_noise(at=23.0, seconds=1.0)
    world.caller_says("My credit card number is 4111 1111", at=27.0)
    world.run(until=45)

    assert not set(said(world)) & {*POLICY.no_match, POLICY.card, POLICY.card_over}
    assert world.call.on_hold


@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_words_that_cannot_be_made_out_while_the_caller_waits_change_nothing(make_world: Callable[..., World], how: str) -> None:
    world = make_world()
    asks_for_a_person(world)
    world.run(until=23)
    world.broken["transcribe"] = how
    world.caller_says("Call me back please", at=24.0)
    world.run(until=60)

    assert not set(said(world)) & set(POLICY.failure)
    assert world.call.on_hold


def test_other_keys_make_no_second_transfer(world: World) -> None:
    asks_for_a_person(world)
    for number, key in enumerate("0259*#"):
        world.press(key, at=25.0 + number)
    world.run(until=32)

    assert len(world.asked_for(do.OfferHandover)) == 1
    assert world.call.on_hold


def test_a_person_who_comes_while_the_caller_speaks_gets_the_call(world: World) -> None:
    asks_for_a_person(world)
    world.caller_says("Call me back please and do it soon", at=25.0, seconds=4.0)
    world.happens(lambda now: ev.HandoverAccepted(at=now, agent="Alex"), at=27.0)
    world.run(until=40)

    assert world.asked_for(do.ConnectPerson)
    assert not world.asked_for(do.GatherDigits)


def test_words_still_being_transcribed_when_a_person_comes_change_nothing(make_world: Callable[..., World]) -> None:
    world = make_world(transcribe_takes=2.0)
    asks_for_a_person(world)
    end = world.caller_says("Call me back please", at=28.0)
    world.happens(lambda now: ev.HandoverAccepted(at=now, agent="Alex"), at=end + 1.0)
    world.run(until=40)

    assert world.asked_for(do.ConnectPerson)
    assert not world.asked_for(do.WithdrawHandover)


def test_comfort_is_due_exactly_while_the_caller_waits_and_does_not_speak(world: World) -> None:
    holds: list[bool] = []
    asks_for_a_person(world)
    world.caller_says("how much did you say", at=30.0)
    world.happens(lambda now: ev.HandoverAccepted(at=now, agent="Alex"), at=35.0)
    for until in (11.0, 15.0, 25.0, 31.0, 34.0, 36.0, 45.0):
        world.run(until=until)
        holds.append(world.call.on_hold)

    assert holds == [False, False, True, False, True, False, False]
