import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.telephone import Telephone
from tests.session.virtual_time import now
from voice_agent.errors import PortError
from voice_agent.session.leg import LIVE_AHEAD, LegWriter, Sound


@asynccontextmanager
async def writing(phone: Telephone) -> AsyncIterator[LegWriter]:
    writer = LegWriter(phone, monotonic=now)
    task = asyncio.create_task(writer.run())
    yield writer
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def sound(code: int, seconds: float, mark: str = "m") -> Sound:
    made = Sound(mark=mark)
    made.add(bytes([code]) * round(8000 * seconds))
    made.finish()
    return made


def media_ahead(phone: Telephone) -> list[float]:
    """For each media message: how much audio the carrier had in front of the ear once it was there."""
    ahead, free = [], 0.0
    for at, packets in phone.media():
        free = max(at, free) + len(packets) / 8000
        ahead.append(free - at)
    return ahead


async def test_audio_is_sent_ahead_of_the_ear_and_never_more_than_a_second_and_a_half() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        writer.add(sound(1, 10.0))
        writer.wake()
        await asyncio.sleep(12)

    assert max(media_ahead(phone)) == pytest.approx(1.5, abs=0.15)
    assert media_ahead(phone)[0] == pytest.approx(0.2)
    assert phone.heard() == [(1, 10.0)], "without a gap"


async def test_the_mark_follows_the_last_packet() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        writer.add(sound(1, 0.5, mark="first"))
        writer.add(sound(2, 0.5, mark="second"))
        writer.wake()
        await asyncio.sleep(0.01)

    sent = [message[1] for message in phone.sent if len(message) == 2]
    assert [what if isinstance(what, str) else what[:1] for what in sent] == [
        b"\x01",
        b"\x01",
        b"\x01",
        "first",
        b"\x02",
        b"\x02",
        b"\x02",
        "second",
    ]


async def test_the_last_packet_is_filled_up_with_silence() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        writer.add(sound(1, 0.03))
        writer.wake()
        await asyncio.sleep(1)

    assert phone.heard() == [(1, 0.03), (0xFF, 0.01)]


async def test_a_clear_overtakes_everything_that_waits() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        writer.add(sound(1, 10.0))
        writer.wake()
        await asyncio.sleep(3)
        writer.clear()
        await asyncio.sleep(3)

    assert phone.heard() == [(1, 3.0)]
    assert [message for _, message in phone.log][-1] == ("clear",)


async def test_a_clear_waits_for_one_message_at_most_when_the_peer_is_slow() -> None:
    phone = Telephone(monotonic=now, send_takes=0.05)
    async with writing(phone) as writer:
        writer.add(sound(1, 10.0))
        writer.wake()
        await asyncio.sleep(0.12)  # a message is on its way
        writer.clear()
        writer.add(sound(2, 1.0))
        await asyncio.sleep(2)

    clear = next(at for at, message in phone.log if message == ("clear",))
    assert clear == pytest.approx(0.2), "the message that was on its way, then the clear"
    assert all((packets[0] == 1) == (at < clear) for at, packets in phone.media())


async def test_what_is_added_behind_a_clear_is_played_at_once() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        writer.add(sound(1, 10.0))
        writer.wake()
        await asyncio.sleep(1)
        writer.clear()
        writer.add(sound(2, 1.0))
        await asyncio.sleep(2)

    assert phone.heard() == [(1, 1.0), (2, 1.0)]


async def test_audio_is_sent_while_it_is_still_being_made() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        growing = Sound(mark="m")
        writer.add(growing)
        for _ in range(10):
            growing.add(b"\x01" * 1000)
            writer.wake()
            await asyncio.sleep(0.1)
        assert len(phone.sent) >= 10
        assert ("mark", "m") not in phone.sent
        growing.finish()
        writer.wake()
        await asyncio.sleep(2)

    assert phone.sent[-1] == ("mark", "m")
    assert phone.heard()[0] == (1, 1.25)


async def test_live_audio_is_passed_on_at_once() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        for number in range(100):
            writer.relay(bytes([number]) * 160)
            await asyncio.sleep(0.02)
        await asyncio.sleep(1)

    assert [at for at, _ in phone.log] == pytest.approx([0.02 * n for n in range(100)])
    assert phone.heard() == [(n, 0.02) for n in range(100)]


async def test_a_burst_of_live_audio_delays_what_follows_by_a_third_of_a_second_at_most() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        for _ in range(200):  # four seconds that had piled up somewhere
            writer.relay(b"\x01" * 160)
        for _ in range(100):
            await asyncio.sleep(0.02)
            writer.relay(b"\x02" * 160)
        await asyncio.sleep(1)

    assert max(media_ahead(phone)) <= 0.32
    assert dict(phone.heard())[1] == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("code", ["leg-gone", "leg-slow"])
async def test_a_leg_that_takes_nothing_ends_the_writer(code: str) -> None:
    phone = Telephone(monotonic=now)
    phone.gone, phone.slow = code == "leg-gone", code == "leg-slow"
    writer = LegWriter(phone, monotonic=now)
    writer.add(sound(1, 1.0))

    with pytest.raises(PortError) as failure:
        await writer.run()
    assert failure.value.code == code


COMFORT = bytes([7]) * 800 + bytes([8]) * 800
"""0.2 s."""


async def test_comfort_is_heard_over_and_over_and_ends_within_a_third_of_a_second() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        writer.comfort(COMFORT)
        await asyncio.sleep(1.0)
        assert phone.heard() == [(7, 0.1), (8, 0.1)] * 5
        assert max(media_ahead(phone)) <= LIVE_AHEAD + 0.001
        writer.comfort(b"")
        await asyncio.sleep(1.0)

    assert sum(seconds for _, seconds in phone.heard()) <= 1.0 + LIVE_AHEAD + 0.001


async def test_a_sound_is_said_without_comfort_in_it_and_comfort_begins_anew_behind_it() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        writer.comfort(COMFORT)
        await asyncio.sleep(0.05)
        writer.add(sound(1, 2.0))
        writer.wake()
        await asyncio.sleep(3.0)

    heard = phone.heard()
    said = heard.index((1, 2.0))
    assert heard[said + 1] == (7, 0.1)
    assert sum(seconds for _, seconds in heard[:said]) <= LIVE_AHEAD + 0.001
    assert all(code != 1 for code, _ in heard[said + 1 :])


async def test_a_persons_voice_comes_before_comfort() -> None:
    phone = Telephone(monotonic=now)
    async with writing(phone) as writer:
        writer.comfort(COMFORT)
        await asyncio.sleep(1.0)
        writer.comfort(b"")
        await asyncio.sleep(0.3)
        writer.relay(bytes([5]) * 160)
        await asyncio.sleep(0.1)

    assert phone.heard()[-1] == (5, 0.02)
