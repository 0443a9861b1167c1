"""The promises of a Carrier, kept by the fake one and by Twilio's media stream."""

import asyncio
import base64
import json
from typing import Any, Protocol

import pytest

from tests.fakes.carrier import FakeCarrier, MemorySocket, Sent
from voice_agent.adapters.twilio.stream import TwilioStream
from voice_agent.errors import PortError, ProtocolError
from voice_agent.ports import Carrier, Digit, Inbound, MarkReturned, Media

PACKET = bytes(range(160))


class FarEnd(Protocol):
    """The carrier's side of a leg."""

    carrier: Carrier

    def does(self, *what: Inbound) -> None: ...

    def sends_nonsense(self) -> None: ...

    def hangs_up(self) -> None: ...

    def vanishes(self) -> None: ...

    def stops_reading(self) -> None: ...

    def received(self) -> list[Sent]: ...

    def close_code(self) -> int | None: ...


class FakeEnd:
    def __init__(self) -> None:
        self.carrier = FakeCarrier()

    def does(self, *what: Inbound) -> None:
        for inbound in what:
            self.carrier.caller.put_nowait(inbound)

    def sends_nonsense(self) -> None:
        self.carrier.caller.put_nowait(ProtocolError("nonsense", code="not-json", close_code=1007))

    def hangs_up(self) -> None:
        self.carrier.caller.put_nowait(None)

    def vanishes(self) -> None:
        self.carrier.gone = True
        self.carrier.caller.put_nowait(None)

    def stops_reading(self) -> None:
        self.carrier.slow = True

    def received(self) -> list[Sent]:
        return self.carrier.sent

    def close_code(self) -> int | None:
        return self.carrier.closed


class TwilioEnd:
    def __init__(self) -> None:
        self.socket = MemorySocket()
        self.carrier = TwilioStream(self.socket, "MZ1", send_within=0.01)

    def does(self, *what: Inbound) -> None:
        for inbound in what:
            match inbound:
                case Media(payload=payload):
                    self._put(event="media", media={"payload": base64.b64encode(payload).decode()})
                case MarkReturned(name=name):
                    self._put(event="mark", mark={"name": name})
                case Digit(key=key):
                    self._put(event="dtmf", dtmf={"digit": key})

    def _put(self, **message: Any) -> None:
        self.socket.incoming.put_nowait(json.dumps(message))

    def sends_nonsense(self) -> None:
        self.socket.incoming.put_nowait("{")

    def hangs_up(self) -> None:
        self._put(event="stop")

    def vanishes(self) -> None:
        self.socket.gone = True
        self.socket.incoming.put_nowait(None)

    def stops_reading(self) -> None:
        self.socket.slow = True

    def received(self) -> list[Sent]:
        return [_sent(json.loads(text)) for text in self.socket.outgoing]

    def close_code(self) -> int | None:
        return None if self.socket.closed is None else self.socket.closed[0]


def _sent(message: dict[str, Any]) -> Sent:
    match message["event"]:
        case "media":
            return ("media", base64.b64decode(message["media"]["payload"]))
        case "mark":
            return ("mark", message["mark"]["name"])
    return (message["event"],)


@pytest.fixture(params=[FakeEnd, TwilioEnd])
def far_end(request: pytest.FixtureRequest) -> FarEnd:
    end: FarEnd = request.param()
    return end


async def everything(carrier: Carrier) -> list[Inbound]:
    async with asyncio.timeout(10):
        return [inbound async for inbound in carrier.inbound()]


async def test_audio_marks_and_keys_arrive_in_order(far_end: FarEnd) -> None:
    did: list[Inbound] = [Media(payload=PACKET), Digit(key="#"), MarkReturned(name="speech 1"), Media(payload=PACKET[::-1])]
    far_end.does(*did)
    far_end.hangs_up()

    assert await everything(far_end.carrier) == did


@pytest.mark.parametrize("length", [0, 1, 159, 1600])
async def test_audio_of_any_length_is_taken(far_end: FarEnd, length: int) -> None:
    far_end.does(Media(payload=b"\xff" * length))
    far_end.hangs_up()

    assert await everything(far_end.carrier) == [Media(payload=b"\xff" * length)]


async def test_nothing_follows_a_hang_up(far_end: FarEnd) -> None:
    far_end.hangs_up()
    far_end.does(Media(payload=PACKET))

    assert await everything(far_end.carrier) == []


async def test_a_leg_that_vanishes_ends_quietly(far_end: FarEnd) -> None:
    far_end.does(Media(payload=PACKET))
    far_end.vanishes()

    assert await everything(far_end.carrier) == [Media(payload=PACKET)]


async def test_a_broken_message_raises_behind_what_was_right_and_closes_the_leg_with_its_code(far_end: FarEnd) -> None:
    far_end.does(Media(payload=PACKET))
    far_end.sends_nonsense()
    heard = far_end.carrier.inbound()

    assert await anext(heard) == Media(payload=PACKET)
    with pytest.raises(ProtocolError) as broken:
        await anext(heard)
    assert broken.value.close_code == far_end.close_code() == 1007


async def test_what_is_sent_arrives_in_order(far_end: FarEnd) -> None:
    await far_end.carrier.send_media(PACKET * 2)
    await far_end.carrier.send_mark('speech "1"')
    await far_end.carrier.send_clear()

    assert far_end.received() == [("media", PACKET * 2), ("mark", 'speech "1"'), ("clear",)]


async def test_half_a_packet_is_a_bug(far_end: FarEnd) -> None:
    with pytest.raises(ValueError, match="81 bytes"):
        await far_end.carrier.send_media(PACKET[:81])
    assert far_end.received() == []


async def test_sending_to_a_leg_that_has_vanished_says_so(far_end: FarEnd) -> None:
    far_end.vanishes()

    for sending in (far_end.carrier.send_media(PACKET), far_end.carrier.send_mark("1"), far_end.carrier.send_clear()):
        with pytest.raises(PortError) as failure:
            await sending
        assert failure.value.code == "leg-gone"


async def test_sending_to_a_peer_that_does_not_read_gives_up(far_end: FarEnd) -> None:
    far_end.stops_reading()

    with pytest.raises(PortError) as failure:
        await far_end.carrier.send_media(PACKET)
    assert failure.value.code == "leg-slow"


async def test_closing_twice_closes_once_and_ends_what_comes_in(far_end: FarEnd) -> None:
    await far_end.carrier.close()
    await far_end.carrier.close()

    assert far_end.close_code() == 1000
    assert await everything(far_end.carrier) == []
    with pytest.raises(PortError) as failure:
        await far_end.carrier.send_clear()
    assert failure.value.code == "leg-gone"


async def test_a_leg_that_has_vanished_can_be_closed(far_end: FarEnd) -> None:
    far_end.vanishes()

    await far_end.carrier.close()

    assert await everything(far_end.carrier) == []
