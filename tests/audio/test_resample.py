import numpy as np
import pytest

from voice_agent.audio.level import level
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import Resampler, resample

DITHER = 2
"""Steps by which soxr's random rounding makes two runs differ."""


def tone(hertz: float, rate: int, seconds: float = 1.0) -> Pcm:
    time = np.arange(round(rate * seconds)) / rate
    return Pcm(samples=(10_000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), rate=rate)


@pytest.mark.parametrize(("from_rate", "to_rate"), [(22_050, 8_000), (8_000, 16_000), (48_000, 16_000), (24_000, 8_000)])
def test_a_tone_stays_the_same_tone(from_rate: int, to_rate: int) -> None:
    out = resample(tone(1000, from_rate), to_rate)

    assert out.rate == to_rate
    assert out.seconds == pytest.approx(1.0, abs=0.001)
    middle = slice(to_rate // 10, -to_rate // 10)
    assert np.abs(out.samples[middle].astype(int) - tone(1000, to_rate).samples[middle]).max() < 100


def test_what_the_lower_rate_cannot_carry_is_gone_and_not_folded_back() -> None:
    assert level(resample(tone(6_000, 22_050), 8_000).samples[400:-400]) < -70


def test_the_same_rate_changes_nothing() -> None:
    audio = tone(300, 8_000)

    assert resample(audio, 8_000) is audio


@pytest.mark.parametrize("chunk", [1, 160, 997, 22_050])
def test_chunks_give_what_the_whole_gives_tail_and_all(chunk: int) -> None:
    audio = tone(440, 22_050, seconds=0.5)
    stream = Resampler(22_050, 8_000)

    parts = [stream.add(Pcm(samples=audio.samples[at : at + chunk], rate=22_050)) for at in range(0, len(audio.samples), chunk)]
    joined = np.concatenate([part.samples for part in [*parts, stream.finish()]])

    whole = resample(audio, 8_000).samples
    assert len(joined) == len(whole)
    assert np.abs(joined.astype(int) - whole).max() <= DITHER


def test_a_finished_stream_can_be_used_again() -> None:
    stream = Resampler(22_050, 8_000)
    first = np.concatenate([stream.add(tone(440, 22_050)).samples, stream.finish().samples])
    second = np.concatenate([stream.add(tone(440, 22_050)).samples, stream.finish().samples])

    assert len(first) == len(second) == 8_000
    assert np.abs(first.astype(int) - second).max() <= DITHER


def test_a_stream_without_audio_has_no_tail() -> None:
    assert len(Resampler(22_050, 8_000).finish().samples) == 0


def test_a_chunk_of_another_rate_is_a_bug() -> None:
    with pytest.raises(ValueError, match="16000"):
        Resampler(22_050, 8_000).add(tone(440, 16_000))
