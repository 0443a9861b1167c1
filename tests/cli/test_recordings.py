"""Recordings of any length, cut for a recogniser that hears 30 s."""

import numpy as np
import pytest

from tests.fakes.speech import FakeDetector, FakeRecognizer
from voice_agent.audio.pcm import Pcm
from voice_agent.cli.recordings import pieces, transcribe_recording, voice_in
from voice_agent.core.policy import Policy

POLICY = Policy()


def loud(seconds: float) -> Pcm:
    noise = np.random.default_rng(1).normal(0, 6000, round(seconds * 8000))
    return Pcm(samples=noise.astype(np.int16), rate=8000)


def joined(*parts: Pcm) -> Pcm:
    return Pcm(samples=np.concatenate([part.samples for part in parts]), rate=8000)


def silence(seconds: float) -> Pcm:
    return Pcm(samples=np.zeros(round(seconds * 8000), np.int16), rate=8000)


def test_a_short_recording_is_one_piece() -> None:
    (piece,) = pieces(loud(5.0), 28.0)
    assert piece.seconds == 5.0


def test_a_long_one_is_cut_where_it_is_quiet_and_nothing_is_lost() -> None:
    audio = joined(loud(22.0), silence(1.0), loud(20.0))
    first, second = pieces(audio, 28.0)
    assert 22.0 <= first.seconds <= 23.0
    assert first.seconds + second.seconds == pytest.approx(43.0)


def test_without_a_pause_no_piece_is_longer_than_can_be_heard() -> None:
    lengths = [piece.seconds for piece in pieces(loud(100.0), 28.0)]
    assert max(lengths) <= 28.0
    assert sum(lengths) == pytest.approx(100.0)


async def test_the_words_of_all_pieces_are_one_text() -> None:
    recognizer = FakeRecognizer()
    recognizer.will_hear("one")
    recognizer.will_hear("two")
    assert await transcribe_recording(recognizer, FakeDetector(), POLICY, joined(loud(22.0), silence(1.0), loud(20.0))) == "one two"


async def test_silence_is_not_even_listened_to() -> None:
    recognizer = FakeRecognizer()
    recognizer.will_hear("Thank you.")
    assert await transcribe_recording(recognizer, FakeDetector(), POLICY, silence(5.0)) == ""
    assert recognizer.given == []


@pytest.mark.parametrize(("text", "no_speech"), [("Thank you.", 0.1), ("we ship in two days", 0.9)])
async def test_what_whisper_makes_up_for_a_noise_is_left_out(text: str, no_speech: float) -> None:
    recognizer = FakeRecognizer()
    recognizer.will_hear(text, no_speech=no_speech)
    assert await transcribe_recording(recognizer, FakeDetector(), POLICY, joined(silence(1.0), loud(0.2), silence(1.0))) == ""


def test_voice_is_measured_in_seconds() -> None:
    assert voice_in(joined(silence(1.0), loud(2.0), silence(1.0)), FakeDetector(), 0.5) == pytest.approx(2.0, abs=0.05)
