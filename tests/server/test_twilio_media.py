"""The media socket on a real port: who gets in, and what becomes of a peer that breaks the protocol. Other calls never notice."""

import asyncio
import json
import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.fakes.twilio_line import Line, World, media, serving, start, still_answers
from voice_agent.errors import PortError, RefusedError

PACKET = bytes(range(160))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def line(world: World) -> AsyncIterator[Line]:
    async with serving(world.gate()) as line:
        yield line


@pytest.fixture
async def neighbour(line: Line) -> AsyncIterator[ClientConnection]:
    """Another call, in progress all the while."""
    async with line.call("CA-neighbour") as call:
        assert await still_answers(call)
        yield call
        assert await still_answers(call)


async def closed(websocket: ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(10):
        await websocket.wait_closed()
    assert websocket.close_code is not None
    return websocket.close_code, websocket.close_reason or ""


async def ends(world: World, call_sid: str) -> None:
    async with asyncio.timeout(10):
        assert await world.ended.get() == call_sid


async def test_a_call_is_heard_and_answered_until_the_caller_hangs_up(world: World, line: Line) -> None:
    async with line.call() as call:
        await call.send(media(PACKET))
        answer = json.loads(await call.recv())
        await call.send(json.dumps({"event": "stop"}))

        assert answer == {"event": "media", "streamSid": "MZ-CA1", "media": {"payload": b64encode(PACKET).decode()}}
        assert await closed(call) == (1000, "")
    assert world.opened == ["CA1"]


@pytest.mark.parametrize("signature", [None, "", "nonsense"])
async def test_an_upgrade_without_a_signature_that_holds_is_refused_before_it_is_accepted(
    line: Line, neighbour: ClientConnection, signature: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with line.media(signature=signature):
            pass

    assert refusal.value.response.status_code == 403
    assert "X-Twilio-Signature" in caplog.text


@pytest.mark.parametrize("whose", ["nobody's", "none", "another call's", "used", "late"])
async def test_a_stream_without_a_token_that_holds_is_refused(
    world: World, line: Line, neighbour: ClientConnection, whose: str, caplog: pytest.LogCaptureFixture
) -> None:
    token: str | None = "made up"
    if whose == "none":
        token = None
    if whose == "another call's":
        token = await line.token("CA2")
    if whose == "used":
        token = await line.token("CA1")
        assert await world.store.redeem_token(token, "CA1", world.now)
    if whose == "late":
        token = await line.token("CA1")
        world.now += 60

    async with line.media() as websocket:
        await websocket.send(start("CA1", token))

        assert await closed(websocket) == (1008, "the token does not hold")
    assert world.opened == ["CA-neighbour"]
    assert "the media stream of call CA1 has no token that holds" in caplog.text


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ('{"event":', 1007),
        (b'{"event":"connected"}', 1003),
        (media(PACKET), 1008),
        ('{"event":"mark","mark":{"name":"1"}}', 1008),
        ("[]", 1008),
    ],
    ids=["malformed JSON", "binary", "media before start", "mark before start", "no object"],
)
async def test_a_stream_that_begins_wrong_is_closed_with_the_right_code_and_a_log_line(
    world: World, line: Line, neighbour: ClientConnection, message: str | bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with line.media() as websocket:
        await websocket.send(message)

        assert (await closed(websocket))[0] == code
    assert f"closing a media stream with {code}" in caplog.text
    assert world.opened == ["CA-neighbour"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("nonsense", 1007),
        (b"\x00" * 160, 1003),
        ('{"event":"media","media":{"payload":"AAA"}}', 1007),
        ('{"event":"media","media":{"payload":5}}', 1008),
        ('{"event":"media"}', 1008),
        (start("CA1", "again"), 1008),
    ],
    ids=["malformed JSON", "binary", "odd base64", "no base64", "no media", "a second start"],
)
async def test_a_call_that_breaks_the_protocol_is_closed_with_the_right_code_and_a_log_line(
    world: World, line: Line, neighbour: ClientConnection, message: str | bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with line.call() as call:
        assert await still_answers(call)
        await call.send(message)

        assert (await closed(call))[0] == code
    await ends(world, "CA1")
    assert f"closing a media stream with {code}" in caplog.text


@pytest.mark.parametrize("begun", [False, True])
async def test_a_message_of_a_megabyte_is_not_taken(
    line: Line, neighbour: ClientConnection, begun: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with line.call() if begun else line.media() as websocket:
        with suppress(ConnectionClosed):  # it may be closed before it is sent
            await websocket.send("x" * 1_000_000)

        assert (await closed(websocket))[0] == 1009
    assert await still_answers(neighbour)
    assert "closed with 1009" in caplog.text
    assert "Exception" not in caplog.text


async def test_fifty_streams_that_say_nothing_are_closed_and_leave_nothing_behind(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(world.gate(start_within=0.5)) as line, line.call("CA-neighbour") as neighbour, AsyncExitStack() as stack:
        assert await still_answers(neighbour)
        silent = [await stack.enter_async_context(line.media()) for _ in range(50)]
        assert await still_answers(neighbour)
        codes = [await closed(websocket) for websocket in silent]

        assert codes == [(1008, "no start within 0.5 s")] * 50
        assert caplog.text.count("closing a media stream with 1008: no start within 0.5 s") == 50
        assert await still_answers(neighbour)
        assert len(line.server.server_state.tasks) == 1


async def test_a_stream_that_greets_and_then_says_nothing_is_closed(world: World) -> None:
    async with serving(world.gate(start_within=0.05)) as line, line.media() as websocket:
        await websocket.send('{"event":"connected"}')

        assert await closed(websocket) == (1008, "no start within 0.05 s")


async def test_a_socket_that_dies_mid_word_ends_its_call_and_no_other(world: World, line: Line, neighbour: ClientConnection) -> None:
    async with line.call() as call:
        assert await still_answers(call)
        whole = media(PACKET).encode()
        call.transport.write(bytes([0x81, 0x80 | 126, *len(whole).to_bytes(2, "big"), 1, 2, 3, 4]) + whole[:50])
        call.transport.abort()

        await ends(world, "CA1")


async def test_a_socket_that_dies_before_it_starts_is_no_news(world: World, line: Line, neighbour: ClientConnection) -> None:
    async with line.media() as websocket:
        websocket.transport.abort()

    assert await still_answers(neighbour)
    assert world.opened == ["CA-neighbour"]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (PortError("the queue is broken", code="store-failed"), 1013),
        (RefusedError("all lines are busy", code="full"), 1013),
        (RuntimeError("a bug"), 1011),
    ],
)
async def test_a_call_that_cannot_be_served_is_closed_so_that_the_carrier_goes_on_to_a_person(
    world: World, line: Line, neighbour: ClientConnection, trouble: Exception, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    world.trouble = trouble
    async with line.call() as call:
        assert (await closed(call))[0] == code
    next_verbs = await line.asks("/twilio/after-stream")

    assert str(trouble) in caplog.text
    assert [verb.tag for verb in next_verbs] == ["Say", "Enqueue"]


async def test_a_store_that_is_down_lets_nobody_in_without_a_token(world: World, line: Line) -> None:
    async with line.media() as websocket:
        world.store.broken = PortError("the disk is full", code="store-failed")
        await websocket.send(start("CA1", "any"))

        assert (await closed(websocket))[0] == 1013
    assert world.opened == []


async def test_a_stream_is_opened_under_the_public_url_whatever_the_host_header_says(line: Line) -> None:
    here = line.validator.compute_signature(f"ws://127.0.0.1:{line.port}/twilio/media", {})

    with pytest.raises(InvalidStatus):
        async with line.media(signature=here):
            pass


async def test_nothing_personal_is_logged(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="voice_agent")
    token = await line.token()
    async with line.media() as websocket:
        await websocket.send(start("CA1", token))
        assert await still_answers(websocket)

    assert token not in caplog.text
    assert "5005550009" not in caplog.text
