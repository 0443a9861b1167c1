"""How a handover may end, and queues that take no calls: every path leads to a person, a call back, or back to the assistant."""

from collections.abc import Callable

import pytest

from tests.world import RULES, World, queue_state, rule
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.escalation import QueueState
from voice_agent.core.policy import Policy

POLICY = Policy()
ASKED = 12.0
CLOSED, FULL = queue_state(business_hours=False), queue_state(full=True)


def asks_for_a_person(world: World, at: float = ASKED) -> None:
    world.caller_says("Let me talk to a person", at=at)


def heard_since(world: World, at: float) -> list[str]:
    return [text for said, text in world.said if said >= at]


def leaves(*, joined: bool, completed: bool) -> Callable[[float], ev.Event]:
    return lambda now: ev.PersonLeft(at=now, joined=joined, completed=completed)


# ---------------------------------------------------------------- the person leaves


def test_a_person_who_completes_the_call_ends_it_with_a_goodbye(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=8.0)
    asks_for_a_person(world)
    world.happens(leaves(joined=True, completed=True), at=60.0)
    world.run(until=70)

    assert world.heard[-1] == POLICY.person_left
    assert world.commands[-2:] == [do.HangUp(), do.CloseCall(disposition="transferred")]


@pytest.mark.parametrize("joined", [True, False])
def test_a_caller_whose_persons_line_breaks_is_told_so_and_waits_again(make_world: Callable[..., World], joined: bool) -> None:
    world = make_world(person_takes_after=12.0)
    asks_for_a_person(world)
    world.happens(leaves(joined=joined, completed=False), at=45.0)
    world.run(until=53.0)

    first, again = world.asked_for(do.OfferHandover)
    assert first == again
    assert POLICY.person_lost in world.heard
    assert world.call.on_hold
    world.run(until=75)
    assert len(world.asked_for(do.ConnectPerson)) == 2


def test_a_caller_whose_persons_line_broke_may_choose_to_be_called_back(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=8.0)
    asks_for_a_person(world)
    world.run(until=40.0)
    world.person_takes_after = None
    world.happens(leaves(joined=True, completed=False), at=45.0)
    world.press("1", at=58.0)
    world.run(until=60.0)

    assert world.asked_for(do.GatherDigits)
    assert world.asked_for(do.WithdrawHandover)


def test_a_caller_who_hangs_up_after_the_persons_line_broke_withdraws_the_handover(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=8.0)
    asks_for_a_person(world)
    world.happens(leaves(joined=True, completed=False), at=45.0)
    world.hang_up(at=46.0)
    world.run(until=50.0)

    assert world.commands[-2:] == [do.WithdrawHandover(), do.CloseCall(disposition="abandoned")]


def test_nobody_who_comes_twice_is_connected_twice(make_world: Callable[..., World]) -> None:
    world = make_world(person_takes_after=8.0)
    asks_for_a_person(world)
    for at in (24.5, 30.0, 40.0):
        world.happens(lambda now: ev.HandoverAccepted(at=now, agent="Bo"), at=at)
    world.run(until=60)

    assert len(world.asked_for(do.ConnectPerson)) == 1


# ---------------------------------------------------------------- a queue that takes no calls


@pytest.mark.parametrize(("state", "phrases"), [(CLOSED, POLICY.closed), (FULL, POLICY.full)])
def test_a_queue_that_is_closed_is_said_to_be_and_a_call_back_is_offered(
    make_world: Callable[..., World], state: QueueState, phrases: tuple[str, ...]
) -> None:
    world = make_world(queues=(state,))
    asks_for_a_person(world)
    world.run(until=21)

    assert heard_since(world, ASKED) == [phrases[0]]
    assert not world.asked_for(do.OfferHandover)

    world.caller_says("Yes please", at=23.0)
    done = world.dials("3125550142#", at=34.0)
    world.caller_says("Yes.", at=done + 8.0)
    world.run(until=done + 20.0)

    (stored,) = world.asked_for(do.StoreCallback)
    assert isinstance(stored, do.StoreCallback)
    assert (stored.queue, stored.brief.rule) == ("support", "asked")
    assert world.commands[-1] == do.CloseCall(disposition="callback")


def test_the_key_one_takes_up_the_offer_of_a_call_back(make_world: Callable[..., World]) -> None:
    world = make_world(queues=(CLOSED,))
    asks_for_a_person(world)
    world.press("1", at=22.0)
    world.run(until=24)

    assert world.asked_for(do.GatherDigits)


def test_who_declines_the_call_back_goes_on_with_the_assistant_and_is_told_otherwise_the_second_time(
    make_world: Callable[..., World],
) -> None:
    world = make_world(queues=(CLOSED,))
    asks_for_a_person(world)
    world.caller_says("No thanks", at=23.0)
    world.agent_will_answer("We open at nine.")
    world.caller_says("When do you open?", at=28.0)
    asks_for_a_person(world, at=34.0)
    world.run(until=45)

    assert heard_since(world, ASKED) == [POLICY.closed[0], POLICY.offer_declined, "We open at nine.", POLICY.closed[1]]


def test_an_offer_of_a_person_by_a_queue_that_is_closed_is_an_offer_of_a_call_back(make_world: Callable[..., World]) -> None:
    world = make_world(queues=(CLOSED,))
    world.agent_knows_nothing(2)
    world.caller_says("Do you sell pianos?", at=ASKED)
    world.caller_says("Or maybe a violin?", at=24)
    world.run(until=34)

    assert world.heard[-1] == POLICY.closed[0]


def test_a_person_accepted_from_a_queue_that_has_closed_meanwhile_is_a_call_back_offered(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.agent_knows_nothing()
    world.caller_says("Do you sell pianos?", at=ASKED)
    world.happens(lambda now: ev.QueuesSeen(at=now, queues=(CLOSED,)), at=20.0)
    world.caller_says("yes please", at=24)
    world.run(until=33)

    assert world.heard[-1] == POLICY.closed[0]


def test_another_queue_that_is_closed_keeps_nobody_from_a_person(make_world: Callable[..., World]) -> None:
    world = make_world(queues=(queue_state("claims", business_hours=False), queue_state("support")))
    asks_for_a_person(world)
    world.run(until=20)

    assert world.asked_for(do.OfferHandover)


def test_a_caller_whom_the_assistant_cannot_serve_is_put_before_people_even_at_night(make_world: Callable[..., World]) -> None:
    world = make_world(queues=(CLOSED,), can_bridge=False)
    world.happens(lambda now: ev.ShutdownRequested(at=now), at=ASKED)
    world.run(until=20)

    assert world.asked_for(do.ReleaseLeg)


def test_a_number_that_could_not_be_taken_leads_to_people_even_at_night(make_world: Callable[..., World]) -> None:
    world = make_world(queues=(CLOSED,))
    asks_for_a_person(world)
    world.press("1", at=22.0)
    world.run(until=80)

    assert world.asked_for(do.OfferHandover)
    assert POLICY.nobody_free in world.heard, "and the caller knows that nobody is there"


def test_a_very_long_call_at_night_is_offered_a_call_back(make_world: Callable[..., World]) -> None:
    world = make_world(policy=Policy(longest_call=20.0), queues=(CLOSED,))
    world.run(until=35)

    assert POLICY.closed[0] in world.heard
    assert not world.asked_for(do.OfferHandover)


def test_a_silent_caller_at_night_is_offered_a_call_back_in_words_that_change(make_world: Callable[..., World]) -> None:
    world = make_world(queues=(CLOSED,))
    world.run(until=80)

    offered = [text for text in world.heard if text in POLICY.closed]
    assert offered[:2] == list(POLICY.closed)


# ---------------------------------------------------------------- the facts of queues


@pytest.mark.parametrize(
    ("fact", "state"),
    [
        ("business_hours", queue_state(business_hours=False)),
        ("queue_open", queue_state(full=True)),
        ("queue_open", queue_state(business_hours=False)),
        ("staffed", queue_state(staffed=False)),
    ],
)
def test_a_rule_may_ask_how_its_queue_is(make_world: Callable[..., World], fact: str, state: QueueState) -> None:
    closed = rule("nobody-there", then="callback", asks_for_person=True, **{fact: False})  # type: ignore[arg-type]
    as_told, otherwise = make_world(rules=(closed, *RULES), queues=(state,)), make_world(rules=(closed, *RULES))
    for world in (as_told, otherwise):
        asks_for_a_person(world)
        world.run(until=20)

    assert as_told.asked_for(do.GatherDigits)
    assert otherwise.asked_for(do.OfferHandover)


def test_a_rule_is_asked_about_its_own_queue_only(make_world: Callable[..., World]) -> None:
    closed = rule("nobody-there", then="callback", queue="claims", asks_for_person=True, queue_open=False)
    world = make_world(rules=(closed, *RULES), queues=(CLOSED, queue_state("claims")))
    asks_for_a_person(world)
    world.run(until=20)

    assert not world.asked_for(do.GatherDigits)
    assert heard_since(world, ASKED) == [POLICY.closed[0]]


def test_what_changes_during_the_call_counts(make_world: Callable[..., World]) -> None:
    world = make_world(queues=(CLOSED,))
    world.happens(lambda now: ev.QueuesSeen(at=now, queues=(queue_state(),)), at=10.0)
    asks_for_a_person(world)
    world.run(until=20)

    assert world.asked_for(do.OfferHandover)


# ---------------------------------------------------------------- time


def test_a_leg_that_cannot_bridge_is_released_the_moment_the_announcement_has_been_heard(make_world: Callable[..., World]) -> None:
    world = make_world(can_bridge=False)
    asks_for_a_person(world)
    world.run(until=30)

    heard = next(event.at for event, _ in world.log if isinstance(event, ev.SpeechPlayed) and world.heard[-1] == "Connecting you (asked).")
    released = next(event.at for event, commands in world.log if do.ReleaseLeg() in commands)
    last_heard = max(event.at for event, _ in world.log if isinstance(event, ev.SpeechPlayed))
    assert heard <= released == last_heard
