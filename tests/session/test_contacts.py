import asyncio

import pytest

from tests.session.live import live
from tests.session.stage import ScriptedBrain, Stage
from voice_agent.core import events as ev
from voice_agent.errors import PortError

STARTED = 1_750_000_000.0
DAY = 24 * 3600.0


async def test_a_caller_who_called_before_is_recognised_by_their_number(stage: Stage, brain: ScriptedBrain) -> None:
    for days, carrier_call in ((30, "CA-a"), (8, "CA-b"), (6, "CA-c"), (0, "CA1")):
        await stage.store.note_caller("twilio", carrier_call, "ada", STARTED - days * DAY)
    await stage.store.note_caller("twilio", "CA-d", "grace", STARTED - DAY)
    async with live(stage, brain, can_bridge=False) as call:
        await call.until(1)

    assert brain.told_of(ev.CallerRecognised) == [ev.CallerRecognised(at=0.0, calls_before=3, calls_this_week=2)]


async def test_a_caller_whose_number_nobody_noted_is_not_recognised(stage: Stage, brain: ScriptedBrain) -> None:
    async with live(stage, brain, can_bridge=False) as call:
        await call.until(1)

    assert brain.told_of(ev.CallerRecognised) == []


async def test_a_callers_tier_is_known_from_their_first_call(stage: Stage, brain: ScriptedBrain) -> None:
    await stage.store.set_tier(["ada"], "gold")
    await stage.store.note_caller("twilio", "CA1", "ada", STARTED)
    async with live(stage, brain, can_bridge=False) as call:
        await call.until(1)

    assert brain.told_of(ev.CallerRecognised) == [ev.CallerRecognised(at=0.0, calls_before=0, calls_this_week=1, tier="gold")]


@pytest.mark.parametrize("how", ["fails", "hangs"])
async def test_a_store_that_cannot_tell_who_calls_costs_the_caller_nothing(
    stage: Stage, brain: ScriptedBrain, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    async def contacts(carrier: str, carrier_call: str) -> tuple[float, ...]:
        if how == "fails":
            raise PortError("no", code="store-down")
        await asyncio.sleep(1000)
        return (STARTED,)

    monkeypatch.setattr(stage.store, "contacts", contacts)
    async with live(stage, brain, can_bridge=False) as call:
        await call.until(10)
        call.phone.presses("5")
        await call.until(11)

    assert brain.told_of(ev.CallerRecognised) == []
    assert len(brain.told_of(ev.KeyPressed)) == 1
    assert "could not be looked up" in caplog.text
