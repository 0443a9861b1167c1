import pytest

from tests.session.live import CALL, live
from tests.session.stage import BRIEF, BYE, OFFER, ScriptedBrain, Stage
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.errors import PortError
from voice_agent.ports import Outcome

WALL = 1_750_000_000.0
STORE = do.StoreCallback(queue="claims", priority=3, brief=BRIEF)


def outcome(*, ended: float, disposition: do.Disposition, **rest: object) -> Outcome:
    return Outcome(call=CALL, started=WALL, ended=WALL + ended, disposition=disposition, **rest)  # type: ignore[arg-type]


async def test_a_call_that_nobody_else_took_ends_with_its_disposition_and_its_times(stage: Stage, brain: ScriptedBrain) -> None:
    async with live(stage, brain) as call:
        await call.until(7)

    assert await stage.outcomes.find(CALL) == outcome(ended=7.0, disposition="abandoned")


async def test_a_call_that_a_person_took_tells_who_and_how_long_the_caller_waited(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.KeyPressed, OFFER)
    brain.on(ev.HandoverAccepted, do.ConnectPerson())
    async with live(stage, brain) as call:
        await call.until(3)
        call.phone.presses("0")
        await call.until(8)
        await stage.queue.accept(CALL, "Alex")
        await call.until(20)

    assert await stage.outcomes.find(CALL) == outcome(
        ended=20.0, disposition="abandoned", queue="billing", rule="refund", agent="Alex", time_to_escalation_s=3.0, waiting_s=5.0
    )


async def test_an_offer_that_is_made_again_is_the_same_wait_and_leaving_ends_it(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.KeyPressed, OFFER)
    brain.on(ev.KeyPressed, OFFER)
    async with live(stage, brain) as call:
        for second in (2, 4):
            await call.until(second)
            call.phone.presses("0")
        await call.until(10)

    found = await stage.outcomes.find(CALL)
    assert found is not None
    assert (found.time_to_escalation_s, found.waiting_s) == (2.0, 8.0)


async def test_a_caller_who_was_given_back_and_offered_again_has_waited_twice(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.KeyPressed, OFFER)
    brain.on(ev.KeyPressed, do.WithdrawHandover())
    brain.on(ev.KeyPressed, OFFER)
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.presses("0")
        await call.until(4)
        call.phone.presses("1")
        await call.until(10)
        call.phone.presses("0")
        await call.until(12)

    found = await stage.outcomes.find(CALL)
    assert found is not None
    assert (found.time_to_escalation_s, found.waiting_s) == (1.0, 5.0)


async def test_of_a_caller_who_waits_on_at_the_carrier_the_wait_is_not_known_yet(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.KeyPressed, OFFER)
    brain.on(ev.HandoverQueued, do.ReleaseLeg(), do.CloseCall(disposition="transferred"))
    async with live(stage, brain, can_bridge=False) as call:
        await call.until(3)
        call.phone.presses("0")
        await call.until(4)

    assert await stage.outcomes.find(CALL) == outcome(
        ended=3.0, disposition="transferred", queue="billing", rule="refund", time_to_escalation_s=3.0
    )


async def test_a_number_asked_for_is_an_escalation_even_when_the_caller_leaves_without_one(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.KeyPressed, do.GatherDigits(queue="support", rule="callback"), do.GatherDigits())
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.presses("0")
        await call.until(5)

    assert await stage.outcomes.find(CALL) == outcome(
        ended=5.0, disposition="abandoned", queue="support", rule="callback", time_to_escalation_s=2.0
    )


async def test_a_call_back_that_is_stored_counts_from_when_it_was_decided(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.KeyPressed, do.GatherDigits(queue="support", rule="callback"))
    brain.on(ev.DigitGiven, STORE)
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.presses("0")
        await call.until(4)
        call.phone.presses("5")
        await call.until(5)

    found = await stage.outcomes.find(CALL)
    assert found is not None
    assert (found.queue, found.rule, found.time_to_escalation_s) == ("claims", "refund", 2.0)


async def test_a_call_that_ended_by_a_bug_ends_as_failed(stage: Stage, brain: ScriptedBrain) -> None:
    brain.breaks_on(ev.KeyPressed, "a bug")
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.presses("0")

    assert await stage.outcomes.find(CALL) == outcome(ended=2.0, disposition="failed")


async def test_a_store_that_fails_loses_neither_the_caller_nor_the_other_records(
    stage: Stage, brain: ScriptedBrain, caplog: pytest.LogCaptureFixture
) -> None:
    stage.outcomes.broken = PortError("no", code="store-failed")
    brain.on(ev.KeyPressed, BYE)
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.presses("0")

    assert stage.store.records[CALL].disposition == "contained"
    assert "'outcome' could not be written: store-failed" in caplog.text
