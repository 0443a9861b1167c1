"""The silence around speech is cut to what is natural, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.audio.edges import FLOOR, LEAD, TAIL, WINDOW, speech_span, trim
from voice_agent.audio.pcm import Pcm

RATE = 8000


def silence(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.zeros(round(seconds * RATE), np.int16)


def tone(seconds: float, dbfs: float = -20.0) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """A square wave: its level is its height."""
    height = 32768 * 10 ** (dbfs / 20)
    return (height * np.where(np.arange(round(seconds * RATE)) % 16 < 8, 1, -1)).astype(np.int16)


def pcm(*parts: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Pcm:
    return Pcm(samples=np.concatenate(parts), rate=RATE)


def test_long_silence_is_cut_before_and_behind_speech() -> None:
    cut = trim(pcm(silence(0.3), tone(0.5), silence(0.5)))

    assert cut.seconds == pytest.approx(LEAD + 0.5 + TAIL, abs=WINDOW)
    assert np.array_equal(cut.samples[round(LEAD * RATE) : round((LEAD + 0.5) * RATE)], tone(0.5))


def test_short_silence_stays_as_it_is_and_none_is_added() -> None:
    for whole in (pcm(silence(0.01), tone(0.5), silence(0.1)), pcm(tone(0.5))):
        assert np.array_equal(trim(whole).samples, whole.samples)


def test_a_pause_between_words_is_kept() -> None:
    assert trim(pcm(tone(0.2), silence(0.4), tone(0.2))).seconds == pytest.approx(0.8)


def test_what_is_silent_throughout_or_empty_becomes_nothing() -> None:
    for nothing in (silence(0), silence(1.0), tone(1.0, FLOOR - 3)):
        cut = trim(pcm(nothing))
        assert (len(cut.samples), cut.rate) == (0, RATE)


def test_a_click_shorter_than_a_window_is_sound() -> None:
    assert len(trim(pcm(tone(0.002))).samples) == round(0.002 * RATE)


def test_a_soft_sound_above_the_floor_counts_as_speech() -> None:
    assert speech_span(pcm(silence(0.1), tone(0.1, FLOOR + 3), silence(0.1))) == (800, 1600)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4000)), max_size=6), st.sampled_from([8000, 22_050, 24_000]))
def test_trimming_takes_nothing_above_the_floor_and_does_nothing_the_second_time(parts: list[tuple[bool, int]], rate: int) -> None:
    whole = Pcm(samples=np.concatenate([np.zeros(0, np.int16), *(np.full(size, 9000 * loud, np.int16) for loud, size in parts)]), rate=rate)
    once = trim(whole)

    assert np.count_nonzero(once.samples) == np.count_nonzero(whole.samples)
    assert len(once.samples) <= len(whole.samples)
    assert np.count_nonzero(trim(once).samples) == np.count_nonzero(whole.samples)
    assert abs(len(trim(once).samples) - len(once.samples)) <= 2 * WINDOW * rate
