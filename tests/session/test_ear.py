import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.session.stage import LOUD, QUIET, LoudnessDetector
from voice_agent.audio import mulaw
from voice_agent.audio.level import QUIETEST, level
from voice_agent.session.ear import Ear, Window

PACKET_OF_SPEECH = bytes([LOUD]) * 160
PACKET_OF_SILENCE = bytes([QUIET]) * 160
LEVEL = level(mulaw.decode(PACKET_OF_SPEECH))


@pytest.fixture
def ear() -> Ear:
    return Ear(LoudnessDetector(), speech_probability=0.5)


def test_a_quiet_line_is_told_five_times_a_second(ear: Ear) -> None:
    windows = ear.take(PACKET_OF_SILENCE * 50)

    assert windows == [Window(n / 5, 0.2, 0.0, QUIETEST) for n in range(5)]


def test_speech_is_told_packet_by_packet_and_at_once(ear: Ear) -> None:
    assert ear.take(PACKET_OF_SPEECH) == [Window(0.0, 0.02, 1.0, LEVEL)]
    assert ear.take(PACKET_OF_SPEECH) == [Window(0.02, 0.02, 1.0, LEVEL)]


def test_the_pause_behind_speech_is_told_packet_by_packet_for_three_seconds(ear: Ear) -> None:
    ear.take(PACKET_OF_SPEECH)
    windows = ear.take(PACKET_OF_SILENCE * 200)

    assert [w.duration for w in windows[:150]] == [0.02] * 150
    assert [w.duration for w in windows[150:]] == [0.2] * 5


def test_silence_not_yet_told_comes_before_the_speech_that_ends_it(ear: Ear) -> None:
    assert ear.take(PACKET_OF_SILENCE * 3) == []
    assert ear.take(PACKET_OF_SPEECH) == [Window(0.0, 0.06, 0.0, QUIETEST), Window(0.06, 0.02, 1.0, LEVEL)]


@given(
    packets=st.lists(st.sampled_from([PACKET_OF_SPEECH, PACKET_OF_SILENCE, PACKET_OF_SILENCE * 40]), max_size=20),
    cuts=st.lists(st.integers(1, 700), min_size=1, max_size=5),
)
def test_windows_follow_each_other_without_a_gap_however_the_audio_is_cut(packets: list[bytes], cuts: list[int]) -> None:
    ear, audio, windows = Ear(LoudnessDetector(), speech_probability=0.5), b"".join(packets), []
    at, turn = 0, 0
    while at < len(audio):
        cut = cuts[turn % len(cuts)]
        windows += ear.take(audio[at : at + cut])
        at, turn = at + cut, turn + 1

    ends = [0.0, *(w.begin + w.duration for w in windows)]
    assert [w.begin for w in windows] == pytest.approx(ends[:-1])
    assert len(audio) / 8000 - ends[-1] < 0.2, "no more than an untold window of silence is held back"
    spoken = sum(w.duration for w in windows if w.probability >= 0.5)
    assert spoken == pytest.approx(0.02 * packets.count(PACKET_OF_SPEECH)), "every packet of speech is told, and nothing else as speech"


def test_half_a_packet_waits_for_its_other_half(ear: Ear) -> None:
    assert ear.take(PACKET_OF_SPEECH[:80]) == []
    assert ear.take(PACKET_OF_SPEECH[:80]) == [Window(0.0, 0.02, 1.0, LEVEL)]


def numbered(seconds: float, first: int = 0) -> bytes:
    """A different value for every 20 ms, so that audio shows where it is from."""
    return b"".join(bytes([(first + n) % 251]) * 160 for n in range(round(seconds / 0.02)))


def test_a_span_is_the_audio_between_two_times(ear: Ear) -> None:
    audio = numbered(2.0)
    ear.take(audio)

    span = ear.span(0.5, 1.25)

    assert span.rate == 8000
    assert np.array_equal(span.samples, mulaw.decode(audio[4000:10000]))


@pytest.mark.parametrize(("begin", "end", "seconds"), [(-1.0, 0.5, 0.5), (1.5, 9.0, 0.5), (5.0, 6.0, 0.0), (1.0, 0.5, 0.0)])
def test_a_span_holds_only_what_was_received(ear: Ear, begin: float, end: float, seconds: float) -> None:
    ear.take(numbered(2.0))

    assert ear.span(begin, end).seconds == seconds


def test_the_last_ninety_seconds_are_kept_and_nothing_older(ear: Ear) -> None:
    audio = numbered(200.0)
    ear.take(audio)

    assert np.array_equal(ear.span(110.0, 200.0).samples, mulaw.decode(audio[110 * 8000 :]))
    assert ear.span(0.0, 110.0).seconds == 0.0
    assert ear.span(100.0, 111.0).seconds == pytest.approx(1.0)


def test_a_span_across_the_end_of_the_ring_is_in_order(ear: Ear) -> None:
    audio = numbered(100.0)
    ear.take(audio)

    assert np.array_equal(ear.span(85.0, 95.0).samples, mulaw.decode(audio[85 * 8000 : 95 * 8000]))
