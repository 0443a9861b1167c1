"""Thirty and more scripted calls through the real core: their briefs tell what is needed, and nothing that was not said."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.briefs import Graded, grade, play, read_calls
from tests.world import T, World, rule
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.words import RedactedText
from voice_agent.settings import load_settings

RULES = load_settings(None, {}).rules
CALLS = read_calls()


def graded(call: Mapping[str, Any]) -> Graded:
    brief, world = play(call, RULES)
    assert brief is not None, "nobody was asked"
    assert world.replayed() == [commands for _, commands in world.log]
    return grade(call, brief, world)


def test_nineteen_of_twenty_required_slots_are_told_and_nothing_without_support() -> None:
    found = [graded(call) for call in CALLS]
    required, missed = sum(each.required for each in found), [slot for each in found for slot in each.missed]

    assert len(found) >= 30
    assert 1 - len(missed) / required >= 0.95, missed
    assert [each.unsupported for each in found if each.unsupported] == []


def test_whoever_has_called_before_is_told_to_the_person(world: World) -> None:
    world.happens(lambda now: ev.CallerRecognised(at=now, calls_before=2, calls_this_week=1), at=1.0)
    world.happens(lambda now: ev.QueuesSeen(at=now, queues=()), at=2.0)
    world.press("0", at=9.0)
    world.run(until=12.0)

    (offer,) = world.asked_for(do.OfferHandover)
    assert isinstance(offer, do.OfferHandover)
    assert offer.brief.caller == "Unknown caller, not verified; has called 2 times before from this number"


def test_the_steps_of_a_rule_go_on_to_whoever_calls_back(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("broken", topic="complaint", next_steps=(T("Ask for a picture."),)),), broken={"queue": "fails"})
    world.topics["broken"] = "complaint"
    world.caller_says("The lid came broken.", at=9.0)
    world.caller_says("Yes, please.", at=35.0)
    done = world.dials("3125550142#", at=50.0)
    world.caller_says("Yes.", at=done + 10.0)
    world.run(until=done + 25.0)

    (stored,) = world.asked_for(do.StoreCallback)
    assert isinstance(stored, do.StoreCallback)
    assert stored.brief.next_steps == ("Ask for a picture.", "Answer what is still open: “The lid came broken.”")


@pytest.mark.parametrize("call", CALLS[:1], ids=lambda call: call["name"])
def test_a_slot_that_is_not_told_and_a_word_that_nobody_said_are_found(call: Mapping[str, Any]) -> None:
    brief, world = play(call, RULES)
    assert brief is not None
    worse = grade(call, replace(brief, headline=RedactedText("Wants a refund")), world)

    assert [slot.partition(":")[0] for slot in worse.missed] == ["headline"]
    assert worse.unsupported == ("'Wants a refund': wants, refund",)
