import asyncio
from dataclasses import replace

import pytest

from tests.fakes.stores import MemoryChanges
from tests.session.live import CALL, live
from tests.session.stage import BRIEF, BYE, OFFER, ScriptedBrain, Stage
from tests.session.virtual_time import now
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.dispatch import Estimate
from voice_agent.core.escalation import QueueState
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import Handover, QueueChange

KEY = ev.KeyPressed
DOWN = PortError("no", code="queue-down")


class Silent(MemoryChanges):
    """Tells nothing, as when every change was missed."""

    async def __anext__(self) -> QueueChange:
        await asyncio.Event().wait()
        raise StopAsyncIteration


def about_people(brain: ScriptedBrain) -> list[ev.Event]:
    kinds = (
        ev.HandoverQueued
        | ev.HandoverMoved
        | ev.HandoverRang
        | ev.HandoverExhausted
        | ev.HandoverAccepted
        | ev.HandoverFailed
        | ev.PersonLeft
    )
    return [event for event in brain.told if isinstance(event, kinds)]


async def test_an_offer_is_stored_with_its_brief_and_its_place_is_told(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, OFFER)
    async with live(stage, brain, can_bridge=False) as call:
        await call.until(2)
        call.phone.presses("0")
        await call.until(3)
        assert await stage.queue.find(CALL) == Handover(
            call=CALL,
            carrier="twilio",
            carrier_call="CA1",
            queue="billing",
            priority=2,
            brief=BRIEF,
            state="waiting",
            since=1_750_000_002.0,
            agent="",
        )

    assert about_people(brain) == [ev.HandoverQueued(at=2.0, position=1)]


async def test_the_person_who_accepts_is_told_by_name(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await call.until(5)
        await stage.queue.accept(CALL, "Alex")
        await call.until(6)

    assert about_people(brain)[1:] == [ev.HandoverAccepted(at=5.0, agent="Alex")]


async def test_a_desk_that_rings_and_all_having_been_tried_are_told_and_one_refusal_is_not(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await stage.queue.roster.set_status("Alex", "available", None)
        await call.until(1)
        await stage.queue.dispatch(20.0)
        await call.until(2)
        await stage.queue.decline(CALL, "Alex")
        await call.until(3)
        await stage.queue.dispatch(20.0)
        await call.until(4)

    assert about_people(brain)[1:] == [ev.HandoverRang(at=1.0), ev.HandoverExhausted(at=3.0)]


async def test_who_moves_up_is_told_within_a_second(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, OFFER)
    async with live(stage, brain) as call:
        first = Handover(call=CallId("first"), carrier="phone", carrier_call="", queue="billing", priority=1, brief=BRIEF, since=1.0)
        await stage.queue.offer(first)
        call.phone.presses("0")
        await call.until(5)
        await stage.queue.withdraw(CallId("first"))
        await call.until(20)

    assert about_people(brain) == [ev.HandoverQueued(at=0.0, position=2), ev.HandoverMoved(at=6.0, position=1, wait=None)]


async def test_what_the_queue_expects_the_wait_to_be_is_told(stage: Stage, brain: ScriptedBrain) -> None:
    async def about(_: CallId) -> Estimate:
        return Estimate(position=3, wait=90.0)

    stage.queue.estimate = about  # type: ignore[method-assign, assignment]
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await call.until(20)

    assert about_people(brain) == [ev.HandoverQueued(at=0.0, position=3, wait=90.0)]


async def test_what_happens_to_other_calls_is_not_told(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await call.until(5)
        mine = await stage.queue.find(CALL)
        assert mine is not None
        await stage.queue.offer(replace(mine, call=CallId("other")))
        await stage.queue.accept(CallId("other"), "Alex")
        await call.until(6)

    assert about_people(brain) == [ev.HandoverQueued(at=0.0, position=1)]


async def test_an_acceptance_in_the_very_moment_of_the_offer_is_not_missed(stage: Stage, brain: ScriptedBrain) -> None:
    offer = stage.queue.offer

    async def offer_and_accept(handover: Handover) -> int:
        await offer(handover)
        await stage.queue.accept(CALL, "Alex")
        return 0

    stage.queue.offer = offer_and_accept  # type: ignore[method-assign]
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await call.until(1)

    assert sorted(about_people(brain), key=repr) == [
        ev.HandoverAccepted(at=0.0, agent="Alex"),
        ev.HandoverQueued(at=0.0, position=1),
    ]


async def test_a_queue_that_fails_is_told_with_its_code(stage: Stage, brain: ScriptedBrain) -> None:
    stage.queue.broken = DOWN
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await call.until(1)

    assert about_people(brain) == [ev.HandoverFailed(at=0.0, code="queue-down")]


async def test_a_queue_that_cannot_be_followed_is_looked_at_so_that_nobody_who_comes_is_missed(stage: Stage, brain: ScriptedBrain) -> None:
    class Deaf(MemoryChanges):
        async def __anext__(self) -> QueueChange:
            raise DOWN

    stage.queue.changes = Deaf  # type: ignore[method-assign]
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await call.until(7)
        await stage.queue.accept(CALL, "Alex")
        await call.until(40)

    assert about_people(brain)[1:] == [ev.HandoverAccepted(at=12.0, agent="Alex")]


async def test_a_queue_that_cannot_be_looked_at_for_a_while_is_looked_at_again(stage: Stage, brain: ScriptedBrain) -> None:
    stage.queue.changes = Silent  # type: ignore[method-assign]
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await call.until(1)
        stage.queue.broken = DOWN
        await call.until(10)
        stage.queue.broken = None
        await stage.queue.accept(CALL, "Alex")
        await call.until(30)

    assert [type(event) for event in about_people(brain)] == [ev.HandoverQueued, ev.HandoverAccepted]


async def test_a_desk_that_rings_is_seen_too_when_the_place_has_changed(stage: Stage, brain: ScriptedBrain) -> None:
    stage.queue.changes = Silent  # type: ignore[method-assign]
    brain.on(KEY, OFFER)
    async with live(stage, brain) as call:
        first = Handover(call=CallId("first"), carrier="phone", carrier_call="", queue="billing", priority=1, brief=BRIEF, since=1.0)
        await stage.queue.offer(first)
        call.phone.presses("0")
        await call.until(1)
        await stage.queue.withdraw(CallId("first"))
        await stage.queue.roster.set_status("Alex", "available", None)
        await stage.queue.dispatch(20.0)
        await call.until(10)

    assert [type(event) for event in about_people(brain)] == [ev.HandoverQueued, ev.HandoverMoved, ev.HandoverRang]


async def test_a_queue_that_hangs_is_given_up_and_the_call_goes_on(stage: Stage, brain: ScriptedBrain) -> None:
    async def hang(_: Handover) -> int:
        await asyncio.Event().wait()
        return 1

    stage.queue.offer = hang  # type: ignore[method-assign, assignment]
    brain.on(ev.CallStarted, OFFER)
    async with live(stage, brain) as call:
        await call.until(20)
        assert not call.running.done()

    assert about_people(brain) == [ev.HandoverFailed(at=5.0, code="timeout")]


async def test_an_offer_repeated_after_a_failure_is_the_same_offer(stage: Stage, brain: ScriptedBrain) -> None:
    offer, since = stage.queue.offer, []

    async def stored_and_then_failed(handover: Handover) -> int:
        since.append(handover.since)
        await offer(handover)
        await asyncio.sleep(1)
        raise DOWN

    stage.queue.offer = stored_and_then_failed  # type: ignore[method-assign]
    brain.on(ev.CallStarted, OFFER)
    brain.on(ev.HandoverFailed, OFFER)
    async with live(stage, brain) as call:
        await call.until(3)

    assert len(since) == 2
    assert since[0] == since[1], "so that the queue does not offer it to a second person"


async def test_a_new_offer_to_another_person_is_a_new_one(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, OFFER)
    brain.on(KEY, OFFER)
    async with live(stage, brain) as call:
        await call.until(5)
        await stage.queue.accept(CALL, "Alex")
        await call.until(20)
        call.phone.presses("1")
        await call.until(21)
        found = await stage.queue.find(CALL)
        assert found is not None
        assert (found.state, found.since) == ("waiting", 1_750_000_020.0)


async def test_an_offer_that_seemed_to_fail_and_was_accepted_is_followed_by_a_new_one(stage: Stage, brain: ScriptedBrain) -> None:
    offer = stage.queue.offer

    async def stored_and_then_failed(handover: Handover) -> int:
        stage.queue.offer = offer  # type: ignore[method-assign]
        await offer(handover)
        raise DOWN

    stage.queue.offer = stored_and_then_failed  # type: ignore[method-assign]
    brain.on(ev.CallStarted, OFFER)
    brain.on(KEY, OFFER)
    async with live(stage, brain) as call:
        await call.until(5)
        await stage.queue.accept(CALL, "Alex")
        await call.until(20)
        call.phone.presses("1")
        await call.until(21)
        found = await stage.queue.find(CALL)

    assert found is not None
    assert found.since == 1_750_000_020.0


async def test_a_caller_who_gets_the_assistant_back_waits_no_longer(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, OFFER)
    brain.on(KEY, do.WithdrawHandover())
    async with live(stage, brain) as call:
        await call.until(5)
        call.phone.presses("1")
        await call.until(6)
        assert await stage.queue.waiting() == []
        with pytest.raises(PortError):
            await stage.queue.accept(CALL, "Alex")


async def test_a_withdrawal_never_overtakes_its_offer(stage: Stage, brain: ScriptedBrain) -> None:
    offer = stage.queue.offer

    async def slow(handover: Handover) -> int:
        await asyncio.sleep(3)
        return await offer(handover)

    stage.queue.offer = slow  # type: ignore[method-assign]
    brain.on(ev.CallStarted, OFFER)
    brain.on(ev.CallerHungUp, do.WithdrawHandover(), do.CloseCall(disposition="abandoned"))
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.hangs_up()
        await call.running

    found = await stage.queue.find(CALL)
    assert found is not None
    assert found.state == "withdrawn"


async def test_the_leg_is_released_only_after_the_state_is_stored(stage: Stage, brain: ScriptedBrain) -> None:
    set_state, states = stage.store.set_state, []

    async def slow(call: CallId, state: str) -> None:
        await asyncio.sleep(2)
        states.append((state, live_call.phone.closed))
        await set_state(call, "handed-over")

    stage.store.set_state = slow  # type: ignore[method-assign]
    brain.on(KEY, OFFER)
    brain.on(ev.HandoverQueued, do.ReleaseLeg(), do.CloseCall(disposition="transferred"))
    async with live(stage, brain, can_bridge=False) as live_call:
        live_call.phone.presses("0")
        await live_call.running
        assert now() == pytest.approx(2)

    assert states == [("handed-over", None)]
    assert live_call.phone.closed == 1000
    record = stage.store.records[CALL]
    assert (record.state, record.disposition) == ("handed-over", "transferred")
    found = await stage.queue.find(CALL)
    assert found is not None
    assert found.state == "waiting"


async def test_the_leg_is_released_even_when_the_state_cannot_be_stored(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, do.ReleaseLeg(), do.CloseCall(disposition="transferred"))
    async with live(stage, brain, can_bridge=False) as call:
        await call.until(1)
        stage.store.broken = PortError("disk full", code="store-failed")
        call.phone.presses("0")
        await call.running

    assert call.phone.closed == 1000


@pytest.mark.parametrize(("can_bridge", "state"), [(True, "withdrawn"), (False, "waiting")])
async def test_after_a_bug_only_callers_whom_the_carrier_still_holds_wait_on(
    stage: Stage, brain: ScriptedBrain, can_bridge: bool, state: str
) -> None:
    brain.on(ev.CallStarted, OFFER)
    brain.breaks_on(KEY, "bug")
    async with live(stage, brain, can_bridge=can_bridge) as call:
        await call.until(1)
        call.phone.presses("1")
        await call.running

    found = await stage.queue.find(CALL)
    assert found is not None
    assert found.state == state


async def test_a_call_that_never_asks_for_a_person_does_not_follow_the_queue(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, BYE)
    async with live(stage, brain) as call:
        await call.until(1)
        assert stage.queue._readers == []
        call.phone.presses("1")


async def test_how_the_queues_are_is_told_at_the_start_and_when_it_changes(stage: Stage, brain: ScriptedBrain) -> None:
    states = [QueueState(queue="support")]
    stage.queues = lambda: tuple(states)
    async with live(stage, brain) as call:
        await call.until(5)
        states[0] = QueueState(queue="support", staffed=False)
        await call.until(20)

    first, then = brain.told_of(ev.QueuesSeen)
    assert (first.at, first.queues) == (0.0, (QueueState(queue="support"),))
    assert then.at == pytest.approx(5.0, abs=1.0)
    assert then.queues == (QueueState(queue="support", staffed=False),)
