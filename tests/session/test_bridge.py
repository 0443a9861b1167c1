import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.telephone import Telephone
from tests.session.live import CALL, Live, live
from tests.session.stage import BYE, LOUD, OFFER, ScriptedBrain, Stage, speak
from tests.session.virtual_time import now
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.errors import PortError, ProtocolError, RefusedError

CONNECT = do.ConnectPerson()
KEY = ev.KeyPressed
PERSON, CALLER = 0x31, LOUD


@asynccontextmanager
async def accepted(stage: Stage, brain: ScriptedBrain) -> AsyncIterator[Live]:
    """A call that Alex has just taken, 1 s after it began; pressing a key connects."""
    brain.on(ev.CallStarted, OFFER)
    brain.on(KEY, CONNECT)
    async with live(stage, brain) as call:
        await call.until(1)
        await stage.queue.accept(CALL, "Alex")
        yield call


def person() -> Telephone:
    return Telephone(monotonic=now)


async def test_caller_and_person_hear_each_other(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await asyncio.sleep(0.1)
        await asyncio.gather(leg.talks(PERSON, 5.0), call.phone.talks(CALLER, 5.0))
        await asyncio.sleep(0.1)
        assert call.phone.heard() == [(PERSON, 5.0)]
        assert leg.heard() == [(CALLER, 5.0)]
        late = [at % 0.02 for at, _ in leg.log + call.phone.log]
        assert max(min(gap, 0.02 - gap) for gap in late) < 1e-6, "each packet the moment it came"
        leg.hangs_up()
        await joined


async def test_while_they_talk_nobody_listens(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await asyncio.sleep(0.1)
        await call.phone.talks(CALLER, 5.0)
        assert stage.detector.packets == 0
        assert brain.told_of(ev.VoiceActivity) == []
        leg.hangs_up()
        await joined
        call.phone.says(CALLER, 1.0)
        await asyncio.sleep(0.1)
        assert stage.detector.packets == 50, "afterwards the ear is back"


@pytest.mark.parametrize("leg_first", [True, False])
async def test_the_leg_may_come_before_the_call_asks_for_it_or_after(stage: Stage, brain: ScriptedBrain, leg_first: bool) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        if not leg_first:
            call.phone.presses("1")
            await asyncio.sleep(14)
        joined = asyncio.create_task(call.session.join_person(leg))
        await asyncio.sleep(1)
        if leg_first:
            leg.says(PERSON, 1.0)
            await asyncio.sleep(1)
            assert call.phone.heard() == [], "not before the call says so"
            call.phone.presses("1")
        await asyncio.sleep(0.1)
        await leg.talks(PERSON, 1.0)
        await asyncio.sleep(20)
        assert call.phone.heard() == [(PERSON, 1.0)]
        assert brain.told_of(ev.PersonLeft) == []
        leg.hangs_up()
        await joined


async def test_a_person_whose_audio_never_comes_is_told_after_fifteen_seconds(stage: Stage, brain: ScriptedBrain) -> None:
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        await call.until(60)

    assert brain.told_of(ev.PersonLeft) == [ev.PersonLeft(at=16.0, joined=False, completed=False)]


async def test_a_person_may_join_at_a_second_asking(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    brain.on(KEY, CONNECT)
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        await call.until(30)
        call.phone.presses("2")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(60)
        assert len(brain.told_of(ev.PersonLeft)) == 1
        leg.hangs_up()
        await joined


async def test_a_person_whose_line_breaks_is_lost_and_the_caller_waits_again_before_others(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        await call.until(2)
        tasks = len(asyncio.all_tasks())
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(9)
        assert await state_of(stage) == "bridged"
        await call.until(10)
        leg.hangs_up()
        await joined
        assert now() == pytest.approx(10.0)
        await call.until(11)
        assert len(asyncio.all_tasks()) == tasks, "nothing is left of their leg"
        found = await stage.queue.find(CALL)
        assert found is not None
        assert (found.state, found.priority) == ("waiting", 1)

    assert brain.told_of(ev.PersonLeft) == [ev.PersonLeft(at=10.0, joined=True, completed=False)]


async def test_a_person_who_completes_the_call_at_the_desk_has_left_and_their_leg_is_given_back(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(10)
        await stage.queue.complete(CALL)
        await joined
        assert now() == pytest.approx(10.0)
        leg.hangs_up()
        await call.until(12)
        assert await state_of(stage) == "completed"

    assert brain.told_of(ev.PersonLeft) == [ev.PersonLeft(at=10.0, joined=True, completed=True)]


async def test_a_completed_call_whose_change_was_missed_is_known_when_the_leg_ends(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(10)
        stage.queue._readers.clear()
        await stage.queue.complete(CALL)
        await call.until(12)
        leg.hangs_up()
        await joined
        await call.until(13)

    assert brain.told_of(ev.PersonLeft) == [ev.PersonLeft(at=12.0, joined=True, completed=True)]


async def test_a_call_taken_back_from_a_person_before_they_were_connected_is_told_and_their_leg_is_given_back(
    stage: Stage, brain: ScriptedBrain
) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(2)
        await stage.queue.decline(CALL, "Alex")
        await joined
        await call.until(3)

    assert brain.told_of(ev.PersonLeft) == [ev.PersonLeft(at=2.0, joined=False, completed=False)]


async def test_a_person_whom_the_call_was_taken_from_unnoticed_is_not_left_with_the_caller(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        await call.until(2)
        stage.queue._readers.clear()
        await stage.queue.decline(CALL, "Alex")
        call.phone.presses("1")
        await asyncio.wait_for(call.session.join_person(leg), 1)
        await call.until(4)

    assert brain.told_of(ev.PersonLeft) == [ev.PersonLeft(at=2.0, joined=True, completed=False)]


async def state_of(stage: Stage) -> str:
    found = await stage.queue.find(CALL)
    assert found is not None
    return found.state


async def test_a_person_who_leaves_before_they_are_connected_is_waited_for(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(2)
        leg.hangs_up()
        await joined
        call.phone.presses("1")
        await call.until(30)

    assert brain.told_of(ev.PersonLeft) == [ev.PersonLeft(at=17.0, joined=False, completed=False)]


@pytest.mark.parametrize("how", ["dies", "slow", "nonsense"])
async def test_a_persons_leg_that_breaks_has_left(stage: Stage, brain: ScriptedBrain, how: str) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(10)
        if how == "dies":
            leg.dies()
        elif how == "slow":
            leg.slow = True
        else:
            leg.caller.put_nowait(ProtocolError("nonsense", code="not-json"))
        await call.phone.talks(CALLER, 0.5)
        await joined

    assert [event.joined for event in brain.told_of(ev.PersonLeft)] == [True]


async def test_a_caller_who_hangs_up_sets_the_person_free_and_the_handover_is_complete(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(10)
        call.phone.hangs_up()
        await joined
        await call.running
        assert now() == pytest.approx(10.0)

    found = await stage.queue.find(CALL)
    assert found is not None
    assert found.state == "completed"
    assert brain.told_of(ev.PersonLeft) == []


async def test_a_goodbye_is_heard_after_the_person_has_left(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    brain.on(ev.PersonLeft, speak(1, "A"))
    brain.on(ev.SpeechPlayed, do.HangUp(), BYE)
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(10)
        leg.hangs_up()
        await joined
        await call.running

    assert call.phone.heard() == [(ord("A"), 1.0)]


async def test_one_person_at_a_time(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(2)
        with pytest.raises(RefusedError) as refusal:
            await call.session.join_person(person())
        assert refusal.value.code == "already-joined"
        leg.hangs_up()
        await joined


async def test_nobody_joins_a_call_that_is_over(stage: Stage, brain: ScriptedBrain) -> None:
    async with accepted(stage, brain) as call:
        call.phone.hangs_up()
        await call.running
        with pytest.raises(RefusedError) as refusal:
            await call.session.join_person(person())

    assert refusal.value.code == "call-over"


async def test_audio_that_piled_up_does_not_delay_the_conversation(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await asyncio.sleep(0.1)
        leg.says(PERSON, 10.0)  # at once, as after a stall of the network
        await asyncio.sleep(0.1)
        assert call.phone.falls_silent_at - now() < 0.35
        leg.hangs_up()
        await joined


async def test_payloads_of_any_length_arrive_as_whole_packets(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await asyncio.sleep(0.1)
        leg.says(PERSON, 0.2, piece=33)
        call.phone.says(CALLER, 0.2, piece=1000)
        await asyncio.sleep(1)
        assert call.phone.heard() == [(PERSON, 0.2)]
        assert leg.heard() == [(CALLER, 0.2)]
        leg.hangs_up()
        await joined


async def test_keys_pressed_while_they_talk_reach_the_call(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(5)
        call.phone.presses("7")
        leg.presses("8")
        await call.until(6)
        leg.hangs_up()
        await joined

    assert [event.key for event in brain.told_of(KEY)] == ["1", "7"]


async def test_a_bug_while_they_talk_sets_both_free(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        brain.breaks_on(ev.ShutdownRequested, "bug")
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(5)
        call.session.post(ev.ShutdownRequested)
        await joined
        await call.running
        assert now() == pytest.approx(5)

    assert call.phone.closed == 1000


async def test_a_queue_that_fails_at_the_end_harms_nobody(stage: Stage, brain: ScriptedBrain) -> None:
    leg = person()
    async with accepted(stage, brain) as call:
        call.phone.presses("1")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(5)
        stage.queue.broken = PortError("no", code="queue-down")
        leg.hangs_up()
        await joined
        await call.until(6)
        assert not call.running.done()

    assert len(brain.told_of(ev.PersonLeft)) == 1
