"""Which calls are let in, and how they end when the server goes away."""

import asyncio

import pytest

from tests.fakes.carrier import FakeCarrier
from tests.fakes.house import Stage
from tests.server.waiting import handover
from voice_agent.core.words import CallId
from voice_agent.errors import RefusedError
from voice_agent.ports import Media
from voice_agent.server.calls import LiveCalls, new_call_id
from voice_agent.server.phone import forget_lost_callers

A, B = CallId("aaaaaaaa"), CallId("bbbbbbbb")


@pytest.fixture
def calls(stage: Stage) -> LiveCalls:
    stage.max_calls = 2
    return stage.house().calls


class Ongoing:
    """Calls under way, each with a leg of its own."""

    def __init__(self, calls: LiveCalls, group: asyncio.TaskGroup) -> None:
        self._calls = calls
        self._group = group

    async def begin(self, call: CallId) -> tuple[FakeCarrier, "asyncio.Task[None]"]:
        leg = FakeCarrier()
        running = self._calls.run(call=call, carrier_name="phone", carrier_call="", can_bridge=True, carrier=leg)
        task = self._group.create_task(running)
        await asyncio.sleep(0)  # a task begins when its maker next waits
        assert self._calls.session(call) is not None
        return leg, task


async def test_calls_beyond_the_limit_are_refused_until_one_ends(calls: LiveCalls) -> None:
    async with asyncio.TaskGroup() as group:
        ongoing = Ongoing(calls, group)
        first, task = await ongoing.begin(A)
        second, _ = await ongoing.begin(B)
        assert not calls.accepting
        with pytest.raises(RefusedError, match="busy") as refused:
            await calls.run(call=new_call_id(), carrier_name="phone", carrier_call="", can_bridge=True, carrier=FakeCarrier())
        assert (refused.value.code, refused.value.retry) == ("full", True)

        first.caller.put_nowait(None)
        await task
        assert calls.accepting
        second.caller.put_nowait(None)


async def test_a_booked_line_is_kept_for_its_caller_and_no_other(calls: LiveCalls) -> None:
    calls.book(A, hold=60)
    calls.book(B, hold=60)
    with pytest.raises(RefusedError):
        calls.book(new_call_id(), hold=60)

    async with asyncio.TaskGroup() as group:
        leg, _ = await Ongoing(calls, group).begin(A)
        assert len(calls) == 1
        assert not calls.accepting, "the other booking still counts"
        leg.caller.put_nowait(None)


async def test_a_booking_that_nobody_uses_is_given_up(calls: LiveCalls) -> None:
    calls.book(A, hold=0)
    calls.book(B, hold=0)

    assert calls.accepting
    assert calls.captions(A) is None


async def test_captions_can_be_read_from_the_booking_on_and_are_gone_with_the_call(calls: LiveCalls) -> None:
    calls.book(A, hold=60)
    booked = calls.captions(A)
    async with asyncio.TaskGroup() as group:
        leg, task = await Ongoing(calls, group).begin(A)
        assert calls.captions(A) is booked
        leg.caller.put_nowait(None)
        await task
    assert calls.captions(A) is None
    assert calls.session(A) is None


async def test_a_twilio_call_gets_an_id_of_our_own_and_keeps_twilios(stage: Stage) -> None:
    calls = stage.house().calls
    leg = FakeCarrier()
    leg.caller.put_nowait(Media(payload=b"\xff" * 160))
    leg.caller.put_nowait(None)

    await calls.answer_twilio(leg, "CA1")

    [record] = stage.store.records.values()
    assert (record.carrier, record.carrier_call) == ("twilio", "CA1")
    assert record.call != "CA1"


async def test_a_booked_caller_who_comes_when_the_server_is_already_draining_is_refused(calls: LiveCalls) -> None:
    calls.book(A, hold=60)
    calls.draining = True

    with pytest.raises(RefusedError, match="restarting"):
        await calls.run(call=A, carrier_name="phone", carrier_call="", can_bridge=True, carrier=FakeCarrier())


def test_call_ids_cannot_be_guessed() -> None:
    assert len({new_call_id() for _ in range(1000)}) == 1000
    assert all(len(new_call_id()) == 32 for _ in range(10))


async def test_draining_with_no_calls_is_over_at_once(calls: LiveCalls) -> None:
    await calls.drain(patience=60, handover=60)

    assert calls.closing.is_set()
    with pytest.raises(RefusedError, match="restarting") as refused:
        calls.book(A, hold=1)
    assert refused.value.code == "draining"


async def test_a_call_that_ends_in_time_is_left_alone_by_draining(calls: LiveCalls) -> None:
    async with asyncio.TaskGroup() as group:
        leg, task = await Ongoing(calls, group).begin(A)
        draining = group.create_task(calls.drain(patience=60, handover=60))
        await asyncio.sleep(0)
        assert calls.draining
        assert not task.done()
        leg.caller.put_nowait(None)
        await draining


async def test_a_call_that_outlasts_the_patience_is_offered_to_people_and_cut_off_only_then(stage: Stage) -> None:
    calls = stage.house().calls
    changes = stage.queue.changes()
    async with asyncio.TaskGroup() as group:
        leg, task = await Ongoing(calls, group).begin(A)
        draining = group.create_task(calls.drain(patience=0.05, handover=0.5))
        assert (await anext(changes)).kind == "waiting"
        assert not calls.closing.is_set()
        [offered] = await stage.queue.waiting()
        assert offered.brief.rule == "shutting_down"
        await draining
        await task
    assert leg.closed is None, "the one who brought the leg closes it, with the code for going away"
    assert await stage.queue.waiting() == [], "the caller is gone with this process"


async def test_callers_that_a_killed_process_left_in_the_queue_are_taken_out_and_those_on_the_telephone_stay(stage: Stage) -> None:
    await stage.queue.offer(handover(A, carrier="phone"))
    await stage.queue.offer(handover(B, carrier="twilio"))

    await forget_lost_callers(stage.queue)

    assert [waiting.call for waiting in await stage.queue.waiting()] == [B]
