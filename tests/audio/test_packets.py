from hypothesis import given
from hypothesis import strategies as some

from voice_agent.audio.packets import PACKET_BYTES, PACKET_SECONDS, RATE, SILENCE, Packetizer


def test_a_packet_is_20_ms_of_one_byte_samples() -> None:
    assert PACKET_BYTES == RATE * PACKET_SECONDS == 160


@given(some.lists(some.binary(max_size=500)))
def test_whole_packets_come_out_and_nothing_is_lost_or_moved(pieces: list[bytes]) -> None:
    cut = Packetizer()
    out = [packet for piece in pieces for packet in cut.add(piece)]
    last = cut.finish()

    assert all(len(packet) == PACKET_BYTES for packet in out + last)
    assert len(last) <= 1
    audio, sent = b"".join(pieces), b"".join(out + last)
    assert sent[: len(audio)] == audio
    assert sent[len(audio) :] == SILENCE * (len(sent) - len(audio))
    assert len(sent) - len(audio) < PACKET_BYTES


def test_a_finished_packetizer_starts_afresh() -> None:
    cut = Packetizer()
    cut.add(b"\x01" * 10)
    cut.finish()

    assert cut.finish() == []
    assert cut.add(b"\x02" * PACKET_BYTES) == [b"\x02" * PACKET_BYTES]
