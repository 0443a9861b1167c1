import numpy as np
import pytest

from voice_agent.audio import mulaw

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)
EVERY_CODE = bytes(range(256))


@pytest.mark.parametrize(
    ("code", "sample"),
    [
        # The ends of the chords in G.711, table 2a, in 16-bit steps.
        (0x80, 32124),
        (0x8F, 16764),
        (0x9F, 8316),
        (0xAF, 4092),
        (0xBF, 1980),
        (0xCF, 924),
        (0xDF, 396),
        (0xEF, 132),
        (0xFE, 8),
        (0xFF, 0),
        (0x00, -32124),
        (0x6F, -132),
        (0x7E, -8),
        (0x7F, 0),
    ],
)
def test_the_codes_stand_for_the_samples_of_g_711(code: int, sample: int) -> None:
    assert mulaw.decode(bytes([code])).tolist() == [sample]


def test_a_decoded_code_is_encoded_as_itself_but_for_negative_zero() -> None:
    again = mulaw.encode(mulaw.decode(EVERY_CODE))

    assert again == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_the_error_is_at_most_half_a_step_of_the_chord() -> None:
    inside = EVERY_SAMPLE[np.abs(EVERY_SAMPLE.astype(int)) <= 32635].astype(int)
    error = np.abs(mulaw.decode(mulaw.encode(inside.astype(np.int16))) - inside)
    step = 8 * 2.0 ** np.floor(np.log2((np.abs(inside) + 132) / 128))

    assert (error <= step / 2).all()


def test_louder_samples_never_get_quieter_and_the_loudest_are_clipped() -> None:
    heard = mulaw.decode(mulaw.encode(EVERY_SAMPLE)).astype(int)

    assert (np.diff(heard) >= 0).all()
    assert (heard[0], heard[-1]) == (-32124, 32124)


def test_positive_and_negative_are_mirrored() -> None:
    up = np.arange(1, 32768).astype(np.int16)

    assert (mulaw.decode(mulaw.encode(up)) == -mulaw.decode(mulaw.encode(-up))).all()


def test_nothing_is_nothing() -> None:
    assert mulaw.encode(np.empty(0, np.int16)) == b""
    assert len(mulaw.decode(b"")) == 0


def test_every_other_sample_of_a_recording_can_be_encoded() -> None:
    stereo = np.arange(20, dtype=np.int16).reshape(-1, 2)

    assert mulaw.encode(stereo[:, 0]) == mulaw.encode(stereo[:, 0].copy())
