"""What a caller of Twilio's hears while they wait for a person, and how they end the wait."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.twilio_line import NOON, Line, World, serving
from tests.server.twilio_calls import CALL, SCRIPT, a_call, handover, on_desk, record, tags
from voice_agent.audio.comfort import comfort_sound
from voice_agent.audio.wav import read_wav
from voice_agent.core.escalation import QueueState
from voice_agent.core.words import CallId
from voice_agent.errors import PortError


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def line(world: World) -> AsyncIterator[Line]:
    async with serving(world.gate()) as line:
        yield line


async def heard(line: Line, path: str = "/twilio/wait", **fields: str) -> list[str]:
    return [say.text or "" for verb in await line.asks(path, **fields) for say in verb.iter("Say")]


async def test_who_waits_hears_their_place_among_those_still_waiting_for_the_same_people(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await world.queue.offer(handover(CallId("urgent"), priority=1))
    await world.queue.offer(handover(CallId("taken"), priority=1))
    await world.queue.accept(CallId("taken"), "Ada")

    assert await heard(line, QueuePosition="1") == [SCRIPT.wait, "You are number 2 in the line.", SCRIPT.offer_callback]


async def test_how_long_it_will_take_is_said_once_there_is_something_to_go_by(world: World, line: Line) -> None:
    for name in ("one", "two", "three"):
        call = CallId(name)
        await world.queue.offer(handover(call))
        await world.queue.accept(call, "Ada")
        await world.queue.joined(call, "Ada")
        world.now += 180
        await world.queue.complete(call)
    await a_call(world, handed_over=True)

    before = await heard(line)
    await world.queue.roster.set_status("Ada", "available", None)
    after = await heard(line)

    assert "It should take about three minutes." not in before
    assert "It should take about three minutes." in after


async def test_who_is_rung_for_keeps_their_place(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await world.queue.roster.set_status("Ada", "available", None)
    await world.queue.dispatch(20)

    assert (await heard(line))[1] == "You are number 1 in the line."


async def test_when_everybody_was_asked_in_vain_the_caller_is_told(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await world.queue.decline(CALL, "Ada")
    await world.queue.dispatch(20)

    assert await heard(line) == [SCRIPT.busy, "You are number 1 in the line.", SCRIPT.offer_callback]


async def test_outside_the_hours_of_their_people_a_caller_is_told_and_offered_a_call_back(world: World) -> None:
    await a_call(world, handed_over=True)
    async with serving(world.gate(queues=lambda: (QueueState(queue="support"), QueueState(queue="claims", business_hours=False)))) as line:
        assert await heard(line) == [SCRIPT.closed, SCRIPT.offer_callback]


async def test_the_sound_to_wait_by_is_a_wav_that_anybody_may_have(line: Line, tmp_path: Path) -> None:
    answer = await line.http.get(f"http://127.0.0.1:{line.port}/twilio/hold.wav")
    (tmp_path / "hold.wav").write_bytes(answer.content)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert read_wav(tmp_path / "hold.wav").rate == 8000
    assert np.array_equal(read_wav(tmp_path / "hold.wav").samples, comfort_sound().samples)


async def test_who_is_about_to_be_joined_is_told_no_place_and_asked_about_again_soon(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await world.queue.accept(CALL, "Ada")

    (play,) = await line.asks("/twilio/wait")
    assert (play.tag, play.attrib) == ("Play", {"loop": "1"})
    assert await on_desk(world) == [("CA1", "accepted", "compensation")]


async def test_a_caller_who_came_to_the_queue_past_a_crash_is_put_on_the_desk(world: World, line: Line) -> None:
    assert (await heard(line))[1] == "You are number 1 in the line."
    assert await on_desk(world) == [("CA1", "waiting", "assistant unavailable")]


@pytest.mark.parametrize("lost", ["completed", "withdrawn"])
async def test_a_caller_in_the_queue_whom_the_desk_has_lost_comes_back_with_their_brief(world: World, line: Line, lost: str) -> None:
    await a_call(world, handed_over=True)
    if lost == "completed":
        await world.queue.complete(CALL)
    else:
        await world.queue.withdraw(CALL)
    world.now += 20

    await line.asks("/twilio/wait")

    assert await world.queue.waiting() == [handover(since=NOON + 20)]


async def test_a_wait_that_arrives_after_the_caller_left_brings_nobody_back(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await line.asks("/twilio/queue-left", QueueResult="hangup", CallStatus="completed")
    world.now += 1
    await line.asks("/twilio/wait")

    assert await world.queue.waiting() == []


async def test_a_caller_whose_person_never_came_through_waits_again_before_others(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await world.queue.accept(CALL, "Ada")
    await world.queue.joined(CALL, "Ada")

    world.now += 14
    await line.asks("/twilio/wait")
    assert await on_desk(world) == [("CA1", "bridged", "compensation")]

    world.now += 1
    assert (await heard(line))[1] == "You are number 1 in the line."
    (again,) = await world.queue.waiting()
    assert (again.state, again.priority, again.since) == ("waiting", 1, NOON)


# ---------------------------------------------------------------- a call back


async def test_a_caller_may_be_called_back_on_the_number_they_are_calling_from(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    world.now += 90

    say, hangup = await line.asks("/twilio/wait-key", Digits="1", From="+15005550009")

    assert (say.text, hangup.tag) == (SCRIPT.called_back.format(digits="0 9"), "Hangup")
    assert await world.queue.waiting() == []
    (promised,) = await world.callbacks.open()
    assert (promised.call, promised.queue, promised.priority, promised.brief) == (CALL, "claims", 3, handover().brief)
    assert await world.callbacks.number(CALL) == "15005550009"
    ended = await record(world)
    assert (ended.state, ended.disposition, ended.ended) == ("ended", "callback", NOON + 90)


async def test_leaving_the_queue_afterwards_changes_nothing(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await line.asks("/twilio/wait-key", Digits="1")
    world.now += 5
    await line.asks("/twilio/queue-left", QueueResult="hangup", CallStatus="completed")
    await line.asks("/twilio/wait")

    assert (await record(world)).disposition == "callback"
    assert await world.queue.waiting() == []
    assert len(await world.callbacks.open()) == 1


async def test_a_key_that_twilio_tells_twice_is_one_promise(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    first, again = [tags(await line.asks("/twilio/wait-key", Digits="1")) for _ in range(2)]

    assert first == again == ["Say", "Hangup"]
    assert len(await world.callbacks.open()) == 1


@pytest.mark.parametrize("key", ["2", "0", "#", ""])
async def test_any_other_key_means_nothing(world: World, line: Line, key: str) -> None:
    await a_call(world, handed_over=True)

    assert (await heard(line, "/twilio/wait-key", Digits=key))[0] == SCRIPT.wait
    assert await on_desk(world) == [("CA1", "waiting", "compensation")]
    assert await world.callbacks.open() == []


@pytest.mark.parametrize("number", ["anonymous", "", "+266696687", "+86282452253", "sip:caller@example.com"])
async def test_who_calls_from_a_withheld_number_is_offered_no_call_back_and_gets_none(world: World, line: Line, number: str) -> None:
    await a_call(world, handed_over=True)

    assert SCRIPT.offer_callback not in await heard(line, From=number)
    assert "Hangup" not in tags(await line.asks("/twilio/wait-key", Digits="1", From=number))
    assert await on_desk(world) == [("CA1", "waiting", "compensation")]
    assert await world.callbacks.open() == []


@pytest.mark.parametrize("joined", [False, True])
async def test_who_presses_the_key_as_somebody_takes_the_call_gets_that_person(world: World, line: Line, joined: bool) -> None:
    await a_call(world, handed_over=True)
    await world.queue.accept(CALL, "Ada")
    if joined:
        await world.queue.joined(CALL, "Ada")

    assert tags(await line.asks("/twilio/wait-key", Digits="1")) == ["Play"]
    assert await world.callbacks.open() == []


async def test_a_promise_that_cannot_be_stored_is_not_made(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    world.callbacks.broken = PortError("the disk is full", code="store-failed")

    assert await heard(line, "/twilio/wait-key", Digits="1") == [SCRIPT.no_callback]
    assert await on_desk(world) == [("CA1", "waiting", "compensation")]


async def test_who_was_promised_a_call_back_and_then_got_a_person_all_the_same_is_not_called_back(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await line.asks("/twilio/wait-key", Digits="1")
    await line.asks("/twilio/queue-left", QueueResult="bridged")

    assert (await record(world)).disposition == "transferred"
    assert await world.callbacks.open() == []


async def test_neither_number_nor_key_is_logged(world: World, line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="voice_agent")
    await a_call(world, handed_over=True)
    world.callbacks.broken = PortError("the disk is full", code="store-failed")
    await line.asks("/twilio/wait-key", Digits="1")
    world.callbacks.broken = None
    await line.asks("/twilio/wait-key", Digits="1")

    assert caplog.records
    assert "5005550009" not in caplog.text


async def test_a_promise_whose_answer_twilio_never_got_is_said_again_when_it_asks_what_to_play(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await line.asks("/twilio/wait-key", Digits="1")

    assert tags(await line.asks("/twilio/wait")) == ["Say", "Hangup"]
    assert tags(await line.asks("/twilio/queue-left", QueueResult="error")) == ["Say", "Hangup"]
    assert await world.queue.waiting() == []
