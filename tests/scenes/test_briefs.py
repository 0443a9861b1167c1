"""Thirty scripted calls through the real core: their briefs tell what is needed, and nothing that was not said."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.briefs import Graded, grade, play, read_calls
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


@pytest.mark.parametrize("call", CALLS[:1], ids=lambda call: call["name"])
def test_a_slot_that_is_not_told_and_a_word_that_nobody_said_are_found(call: Mapping[str, Any]) -> None:
    brief, world = play(call, RULES)
    assert brief is not None
    worse = grade(call, replace(brief, headline=RedactedText("Wants a refund")), world)

    assert [slot.partition(":")[0] for slot in worse.missed] == ["headline"]
    assert worse.unsupported == ("'Wants a refund': wants, refund",)
