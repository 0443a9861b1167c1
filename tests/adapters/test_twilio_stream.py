"""How a media stream begins, and what the peer is told when it goes wrong."""

import asyncio
import json
import logging
from contextlib import aclosing
from typing import Any

import pytest

from tests.adapters.test_twilio_messages import CONNECTED, MEDIA, START
from tests.fakes.carrier import MemorySocket
from voice_agent.adapters.twilio.messages import Start
from voice_agent.adapters.twilio.stream import TwilioStream, close_socket, open_stream
from voice_agent.errors import PortError, ProtocolError
from voice_agent.ports import Digit, Inbound


def socket_with(*messages: Any) -> MemorySocket:
    socket = MemorySocket()
    for message in messages:
        socket.incoming.put_nowait(message if isinstance(message, str | bytes | None) else json.dumps(message))
    return socket


async def test_a_stream_opens_with_its_start_and_goes_on_behind_it() -> None:
    socket = socket_with(CONNECTED, {"event": "later-protocol"}, START, {"event": "dtmf", "dtmf": {"digit": "1"}}, None)

    start, stream = await open_stream(socket)
    heard: list[Inbound] = [inbound async for inbound in stream.inbound()]
    await stream.send_clear()

    assert start == Start(stream_sid="MZ1", call_sid="CA1", parameters=START["start"]["customParameters"])
    assert heard == [Digit(key="1")]
    assert socket.outgoing == ['{"event":"clear","streamSid":"MZ1"}']


@pytest.mark.parametrize(
    ("messages", "code", "close_code"),
    [
        ([CONNECTED, MEDIA], "before-start", 1008),
        ([{"event": "mark", "mark": {"name": "1"}}], "before-start", 1008),
        ([{"event": "dtmf", "dtmf": {"digit": "1"}}], "before-start", 1008),
        ([CONNECTED, "{"], "not-json", 1007),
        ([CONNECTED, b"{}"], "binary", 1003),
        (['{"event":"' + "x" * 1_000_000 + '"}'], "too-big", 1009),
        ([{"event": "start"}], "wrong-shape", 1008),
    ],
)
async def test_a_stream_that_begins_wrong_is_closed_with_the_reason_and_logged(
    messages: list[Any], code: str, close_code: int, caplog: pytest.LogCaptureFixture
) -> None:
    socket = socket_with(*messages)

    with pytest.raises(ProtocolError) as refusal:
        await open_stream(socket)

    assert refusal.value.code == code
    assert socket.closed == (close_code, str(refusal.value))
    assert caplog.messages == [f"closing a media stream with {close_code}: {refusal.value}"]


@pytest.mark.parametrize("messages", [[], [CONNECTED], [{"event": "later-protocol"}]])
async def test_a_stream_that_does_not_start_in_time_is_closed(messages: list[Any]) -> None:
    socket = socket_with(*messages)

    with pytest.raises(ProtocolError) as refusal:
        await open_stream(socket, start_within=0.01)

    assert refusal.value.code == "no-start"
    assert socket.closed == (1008, "no start within 0.01 s")


@pytest.mark.parametrize("messages", [[None], [CONNECTED, None], [CONNECTED, {"event": "stop"}]])
async def test_a_caller_who_is_gone_before_the_start_is_no_fault_of_the_peer(messages: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(PortError) as gone:
        await open_stream(socket_with(*messages))

    assert gone.value.code == "leg-gone"
    assert caplog.messages == []


async def test_a_second_start_ends_the_stream() -> None:
    socket = socket_with(START, START)
    _, stream = await open_stream(socket)

    with pytest.raises(ProtocolError) as refusal:
        await anext(stream.inbound())

    assert refusal.value.code == "second-start"
    assert socket.closed == (1008, "a second start")


async def test_messages_of_unknown_kinds_are_counted_and_their_number_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    socket = socket_with(*[{"event": "news"}] * 3, {"event": "stop"})

    async with aclosing(TwilioStream(socket, "MZ1").inbound()) as heard:
        assert [inbound async for inbound in heard] == []

    assert caplog.messages == ["3 messages of a media stream were of unknown kinds and were ignored"]


async def test_the_reason_of_a_close_is_cut_to_what_a_close_frame_holds() -> None:
    socket = MemorySocket()

    await close_socket(socket, 1008, "ä" * 100)

    assert socket.closed == (1008, "ä" * 60)


async def test_a_peer_that_never_finishes_its_close_is_left_behind() -> None:
    class Stuck(MemorySocket):
        async def close(self, code: int, reason: str) -> None:
            await asyncio.Event().wait()

    async with asyncio.timeout(10):
        await close_socket(Stuck(), 1000, "", within=0.01)
