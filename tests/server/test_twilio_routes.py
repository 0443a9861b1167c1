"""What Twilio is told, webhook by webhook. Whatever fails, a caller is led to a person."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.fakes.house import BASE
from tests.fakes.stores import MemoryCallStore
from tests.fakes.twilio_line import NOON, Line, World, serving
from tests.server.twilio_calls import CALL, a_call, check_apology, check_enqueue, handover, on_desk, record, tags
from voice_agent.adapters.sql.call_store import SqlCallStore
from voice_agent.adapters.sql.callback_store import SqlCallbackStore
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.adapters.sql.sealed import Seal
from voice_agent.adapters.twilio.stream import TwilioStream
from voice_agent.core.commands import Disposition
from voice_agent.errors import PortError
from voice_agent.ports import CallRecord
from voice_agent.server import twilio_gate

BROKEN = PortError("the disk is full", code="store-failed")
WEBHOOKS = [
    "/twilio/voice",
    "/twilio/after-stream",
    "/twilio/wait",
    "/twilio/wait-key",
    "/twilio/queue-left",
    "/twilio/agent-answered?call=CA1",
]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def line(world: World) -> AsyncIterator[Line]:
    async with serving(world.gate()) as line:
        yield line


# ---------------------------------------------------------------- who may ask


@pytest.mark.parametrize("path", WEBHOOKS)
@pytest.mark.parametrize("signature", [None, "", "nonsense"])
async def test_only_twilio_is_answered(
    world: World, line: Line, path: str, signature: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await line.post(path, signature=signature, QueueResult="bridged", Digits="1")

    assert (answer.status_code, answer.text) == (403, "The signature does not hold.\n")
    assert "refused:" in caplog.text
    assert world.store.records == {}
    assert await world.queue.waiting() == []


async def test_a_signature_for_another_question_does_not_hold(line: Line) -> None:
    signed_for_wait = line.validator.compute_signature(f"{BASE}/twilio/wait", {"CallSid": "CA1"})
    here = line.validator.compute_signature(f"http://127.0.0.1:{line.port}/twilio/voice", {"CallSid": "CA1"})

    for signature in (signed_for_wait, here):
        form = {"CallSid": "CA1"}
        answer = await line.http.post(
            f"http://127.0.0.1:{line.port}/twilio/voice",
            data=form,
            headers={"X-Twilio-Signature": signature, "X-Forwarded-Host": "voice.example.com"},
        )
        assert answer.status_code == 403


async def test_a_signed_question_about_no_call_is_a_bad_request(line: Line) -> None:
    answer = await line.post("/twilio/voice", CallSid="-")

    assert (answer.status_code, answer.text) == (400, "the field CallSid is missing\n")


async def test_a_body_beyond_64_kib_is_not_read(line: Line) -> None:
    answer = await line.post("/twilio/voice", Extra="x" * 70_000)

    assert (answer.status_code, answer.text) == (400, "the body is longer than 65536 bytes\n")


@pytest.mark.parametrize(
    ("unset", "names"),
    [
        ({"auth_token": None}, "TWILIO_AUTH_TOKEN"),
        ({"account_sid": "", "public_base_url": None}, "TWILIO_ACCOUNT_SID, PUBLIC_BASE_URL"),
    ],
)
async def test_without_its_settings_every_route_says_which_are_missing(world: World, unset: dict[str, str | None], names: str) -> None:
    reason = f"Twilio is not set up here. Missing in the environment: {names}\n"
    async with serving(world.gate(**unset)) as line:
        for path in WEBHOOKS:
            answer = await line.post(path)
            assert (answer.status_code, answer.text) == (503, reason)
        with pytest.raises(InvalidStatus) as refusal:
            async with line.media():
                pass

    assert refusal.value.response.status_code == 503
    assert refusal.value.response.body == reason.encode()


def test_a_gate_does_not_show_its_token(world: World) -> None:
    assert "auth token" not in repr(world.gate())


# ---------------------------------------------------------------- a new call


async def test_a_new_call_is_connected_to_the_media_stream_with_a_fallback_to_a_person(line: Line) -> None:
    connect, *fallback = await line.asks("/twilio/voice")

    assert connect.attrib["action"] == f"{BASE}/twilio/after-stream"
    assert connect[0].attrib["url"] == "wss://voice.example.com/twilio/media"
    check_apology(fallback)


async def test_its_token_is_good_for_this_call_for_a_minute(world: World, line: Line) -> None:
    early, late = await line.token("CA1"), await line.token("CA1")

    assert not await world.store.redeem_token(early, "CA2", NOON)
    assert await world.store.redeem_token(early, "CA1", NOON + 59)
    assert not await world.store.redeem_token(late, "CA1", NOON + 60)


async def test_a_repeated_question_gets_a_token_that_works_and_is_noted(world: World, line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="voice_agent")
    answers = [await line.post("/twilio/voice", headers={"I-Twilio-Idempotency-Token": "id-1"}) for _ in range(2)]
    tokens = [next(ET.fromstring(answer.text).iter("Parameter")).attrib["value"] for answer in answers]  # noqa: S314  our own text

    assert [await world.store.redeem_token(token, "CA1", NOON) for token in tokens] == [True, True]
    assert caplog.text.count("asks again what to do with call CA1") == 1


async def test_without_room_a_caller_goes_to_a_person_at_once_and_is_on_the_desk(world: World, line: Line) -> None:
    world.room = False

    check_apology(await line.asks("/twilio/voice"))
    assert await on_desk(world) == [("CA1", "waiting", "assistant unavailable")]
    assert (await record(world)).state == "handed-over"


# ---------------------------------------------------------------- after the stream


async def test_a_call_that_was_handed_over_is_enqueued_without_another_word(world: World, line: Line) -> None:
    await a_call(world, handed_over=True, ended="transferred")

    (enqueue,) = await line.asks("/twilio/after-stream")

    check_enqueue(enqueue)
    assert await world.queue.waiting() == [handover()]


@pytest.mark.parametrize("how", ["contained", "abandoned"])
async def test_a_call_that_ended_as_it_should_is_hung_up(world: World, line: Line, how: Disposition) -> None:
    await a_call(world, ended=how)

    assert tags(await line.asks("/twilio/after-stream")) == ["Hangup"]
    assert await world.queue.waiting() == []


async def test_a_call_whose_assistant_crashed_goes_to_a_person_with_an_apology(world: World, line: Line) -> None:
    await a_call(world)

    check_apology(await line.asks("/twilio/after-stream"))
    assert await on_desk(world) == [("CA1", "waiting", "assistant unavailable")]
    assert (await record(world)).state == "handed-over"
    assert sum(world.pauses) == pytest.approx(1.0)


async def test_a_call_that_nobody_knows_goes_to_a_person_with_an_apology(world: World, line: Line) -> None:
    check_apology(await line.asks("/twilio/after-stream"))

    assert await on_desk(world) == [("CA1", "waiting", "assistant unavailable")]
    assert (await record(world)).state == "handed-over"


@pytest.mark.parametrize("how", ["failed", "transferred"])
async def test_a_call_that_failed_or_was_to_be_transferred_and_is_not_waiting_goes_to_a_person(
    world: World, line: Line, how: Disposition
) -> None:
    await a_call(world, ended=how)

    check_apology(await line.asks("/twilio/after-stream"))
    assert await on_desk(world) == [("CA1", "waiting", "assistant unavailable")]


async def test_a_call_that_ended_but_still_has_a_handover_waiting_is_not_hung_up(world: World, line: Line) -> None:
    await world.queue.offer(handover())
    await a_call(world, ended="contained")

    assert tags(await line.asks("/twilio/after-stream"))[-1] == "Enqueue"
    assert await world.queue.waiting() == [handover()]


async def test_a_call_gets_a_moment_to_store_how_it_ended(world: World) -> None:
    await a_call(world)

    async def sleep(seconds: float) -> None:
        world.pauses.append(seconds)
        if len(world.pauses) == 3:
            await world.store.finish(CALL, "contained", NOON)

    async with serving(world.gate(sleep=sleep)) as line:
        assert tags(await line.asks("/twilio/after-stream")) == ["Hangup"]
    assert len(world.pauses) == 3


async def test_a_caller_who_hung_up_owes_nobody_an_answer(world: World, line: Line) -> None:
    await a_call(world)

    assert tags(await line.asks("/twilio/after-stream", CallStatus="completed")) == ["Hangup"]
    assert await world.queue.waiting() == []
    assert ((await record(world)).state, (await record(world)).disposition) == ("ended", "abandoned")


async def test_a_caller_who_hung_up_on_the_way_to_the_queue_no_longer_waits(world: World, line: Line) -> None:
    await a_call(world, handed_over=True, ended="transferred")
    await line.asks("/twilio/after-stream", CallStatus="completed")

    assert await world.queue.waiting() == []
    assert ((await record(world)).state, (await record(world)).disposition) == ("ended", "abandoned")


async def test_how_a_call_ended_is_not_changed_by_a_late_webhook(world: World, line: Line) -> None:
    await a_call(world, ended="contained")
    await line.asks("/twilio/after-stream", CallStatus="completed")

    assert ((await record(world)).disposition, (await record(world)).ended) == ("contained", NOON + 60)


async def test_asking_again_changes_nothing(world: World, line: Line) -> None:
    first = await line.asks("/twilio/after-stream")
    waiting = await world.queue.waiting()
    world.now += 30
    again = await line.asks("/twilio/after-stream")

    check_enqueue(first[-1])
    check_enqueue(again[-1])
    assert await world.queue.waiting() == waiting
    assert len(world.store.records) == 1


async def test_two_processes_asked_at_once_put_a_lost_caller_on_the_desk_once(world: World, line: Line) -> None:
    class Forgetful(MemoryCallStore):
        async def find_by_carrier(self, carrier: str, carrier_call: str) -> CallRecord | None:
            return None

    store = Forgetful()
    async with serving(world.gate(store=store)) as one, serving(world.gate(store=store)) as other:
        await one.asks("/twilio/after-stream")
        await other.asks("/twilio/after-stream")

    assert await on_desk(world) == [("CA1", "waiting", "assistant unavailable")]


# ---------------------------------------------------------------- out of the queue


@pytest.mark.parametrize("result", ["bridged", "bridging-in-process", "redirected-from-bridged"])
async def test_who_has_spoken_with_a_person_is_done(world: World, line: Line, result: str) -> None:
    await a_call(world, handed_over=True, ended="transferred")
    await world.queue.accept(CALL, "Ada")
    world.now += 300

    assert tags(await line.asks("/twilio/queue-left", QueueResult=result)) == ["Say", "Hangup"]
    found = await world.queue.find(CALL)
    assert found is not None
    assert found.state == "completed"
    ended = await record(world)
    assert (ended.state, ended.disposition, ended.ended) == ("ended", "transferred", NOON + 300)


@pytest.mark.parametrize(
    ("result", "status"),
    [("hangup", "completed"), ("leave", "in-progress"), ("redirected", "in-progress"), ("system-error", "completed"), ("", "canceled")],
)
async def test_who_has_left_the_queue_no_longer_waits(world: World, line: Line, result: str, status: str) -> None:
    await a_call(world, handed_over=True, ended="transferred")
    await line.asks("/twilio/queue-left", QueueResult=result, CallStatus=status)

    found = await world.queue.find(CALL)
    assert found is not None
    assert found.state == "withdrawn"
    assert ((await record(world)).state, (await record(world)).disposition) == ("ended", "abandoned")


@pytest.mark.parametrize("result", ["error", "queue-full", "system-error", "", "something new"])
async def test_a_caller_whom_the_queue_did_not_take_is_enqueued_again_after_a_pause(world: World, line: Line, result: str) -> None:
    await a_call(world, handed_over=True)

    verbs = await line.asks("/twilio/queue-left", QueueResult=result)

    assert verbs[0].tag == "Pause"
    check_apology(verbs)
    assert await world.queue.waiting() == [handover()]


# ---------------------------------------------------------------- when something of ours fails


def broken_store(world: World) -> None:
    world.store.broken = BROKEN


def broken_queue(world: World) -> None:
    world.room = False
    world.queue.broken = BROKEN


def a_bug(world: World) -> None:
    world.store.broken = RuntimeError("a bug")


@pytest.mark.parametrize("breaks", [broken_store, broken_queue, a_bug])
@pytest.mark.parametrize(
    ("path", "fields", "verbs"),
    [
        ("/twilio/voice", {}, ["Say", "Enqueue"]),
        ("/twilio/after-stream", {}, ["Say", "Enqueue"]),
        ("/twilio/wait", {}, ["Play"]),
        ("/twilio/wait-key", {"Digits": "1"}, ["Say", "Play"]),
        ("/twilio/queue-left", {"QueueResult": "bridged"}, ["Say", "Hangup"]),
        ("/twilio/queue-left", {"QueueResult": "error"}, ["Pause", "Say", "Enqueue"]),
        ("/twilio/agent-answered?call=CA1", {"Digits": "1"}, ["Dial"]),
        ("/twilio/agent-answered?call=CA1", {"Digits": "2"}, ["Hangup"]),
    ],
)
async def test_a_failure_of_ours_never_leaves_a_caller_without_a_next_step(
    world: World,
    line: Line,
    breaks: Callable[[World], None],
    path: str,
    fields: dict[str, str],
    verbs: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await a_call(world)
    breaks(world)

    assert tags(await line.asks(path, **fields)) == verbs
    assert "answering without the store" in caplog.text


async def test_a_store_that_does_not_answer_is_not_waited_for(world: World, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio_gate, "ANSWER_WITHIN", 0.01)

    async def never(seconds: float) -> None:
        await asyncio.Event().wait()

    await a_call(world)
    async with serving(world.gate(sleep=never)) as stuck:
        check_apology(await stuck.asks("/twilio/after-stream"))


async def test_nothing_personal_is_logged(world: World, line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await line.asks("/twilio/voice")
    await line.post("/twilio/voice", signature="nonsense")
    a_bug(world)
    await line.asks("/twilio/voice")
    ours = [record for record in caplog.records if record.name.startswith("voice_agent")]

    assert ours
    assert not any("5005550009" in f"{record.getMessage()}{record.exc_text}" for record in ours)


# ---------------------------------------------------------------- the whole way, on the real database


async def test_a_call_its_transfer_and_its_end_leave_a_true_record_in_the_database(world: World, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    store, queue, callbacks = SqlCallStore(database), SqlHumanQueue(database), SqlCallbackStore(database, Seal(b"a secret"))

    async def transfer(stream: TwilioStream, call_sid: str) -> None:
        await store.begin(CALL, "twilio", call_sid, world.now)
        await queue.offer(handover())
        await store.set_state(CALL, "handed-over")
        await stream.close()
        await store.finish(CALL, "transferred", world.now + 60)

    async with serving(world.gate(store=store, queue=queue, callbacks=callbacks, open_call=transfer)) as line:
        async with line.call() as call:
            await call.wait_closed()
        assert tags(await line.asks("/twilio/after-stream")) == ["Enqueue"]
        assert tags(await line.asks("/twilio/wait")) == ["Gather"]
        await queue.accept(CALL, "Ada")
        assert tags(await line.asks("/twilio/queue-left", QueueResult="bridged", CallStatus="completed")) == ["Say", "Hangup"]

    found, ended = await queue.find(CALL), await store.find_by_carrier("twilio", "CA1")
    database.close()
    assert found is not None
    assert ended is not None
    assert (found.state, found.agent, ended.state, ended.disposition) == ("completed", "Ada", "ended", "transferred")
