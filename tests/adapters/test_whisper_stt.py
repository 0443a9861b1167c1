"""Whisper beyond the promises of the port: the reduced window, noise, mistakes."""

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.recordings import NOISES, by_telephone, transcripts, word_errors, words
from voice_agent.adapters.whisper_stt import WhisperRecognizer, reduced_window
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.core.turn import FOREIGN
from voice_agent.errors import ModelFileError, PortError
from voice_agent.pool import WorkerPool

BANDS = 80
SECOND = 100
"""Columns."""


def waveform(audio: Pcm) -> NDArray[np.float32]:
    return resample(audio, 16_000).samples.astype(np.float32) / np.float32(32768)


@pytest.mark.parametrize(("seconds", "window"), [(0.5, 15), (2, 15), (5, 15), (8, 18), (12, 22), (20, 30), (25, 30), (30, 30), (30.01, 30)])
def test_the_window_is_15_seconds_or_10_beyond_the_words_and_never_beyond_30(seconds: float, window: int) -> None:
    features = np.full((BANDS, round(seconds * SECOND)), 1.0, np.float32)

    padded = reduced_window(features)

    assert padded.shape == (BANDS, window * SECOND)
    assert padded.dtype == np.float32
    columns = min(features.shape[1], 30 * SECOND)
    assert (padded[:, :columns] == 1.0).all()
    assert (padded[:, columns:] == -1.0).all()


def test_the_padding_is_what_whisper_s_own_features_of_silence_are(whisper: WhisperRecognizer) -> None:
    """Pins faster-whisper: its feature extractor, its scale, and 100 columns a second."""
    audio = waveform(by_telephone("aws_demo_agent2_007"))
    extract = whisper._model.feature_extractor
    silence_behind = np.concatenate([audio, np.zeros(15 * 16_000 - len(audio), np.float32)])

    ours, theirs = reduced_window(extract(audio)), extract(silence_behind)[:, : 15 * SECOND]

    end = round(len(audio) / 16_000 * SECOND)
    assert ours.shape == theirs.shape
    assert np.abs(ours[:, : end - 2] - theirs[:, : end - 2]).max() < 1e-4
    assert np.abs(ours[:, end + 2 :] - theirs[:, end + 2 :]).max() < 1e-4


def test_the_encoder_gets_half_of_its_usual_window_for_a_short_utterance(whisper: WhisperRecognizer) -> None:
    """Pins faster-whisper and CTranslate2: they take a window shorter than 30 s and leave it as short."""
    features = whisper._model.feature_extractor(waveform(by_telephone("aws_demo_agent2_016")))

    assert whisper._model.encode(reduced_window(features)).shape[:2] == [1, 750]


async def test_recordings_are_understood_through_the_telephone(whisper: WhisperRecognizer) -> None:
    names = ["aws_demo_agent2_007", "aws_demo_agent2_013", "aws_demo_agent2_016", "az_weather", "sb_spk1_snt2", "vosk_zip_digits"]
    said = {name: transcripts()[name] for name in names}
    heard = {name: (await whisper.transcribe(by_telephone(name))).text for name in names}

    wrong = {name: word_errors(said[name].replace(" oh", " zero"), heard[name]) for name in names}
    assert sum(wrong.values()) <= 0.08 * sum(len(words(text)) for text in said.values()), heard


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize(("begin", "seconds"), [(0, 1.5), (2, 4)])
async def test_noise_is_not_transcribed_as_thank_you(whisper: WhisperRecognizer, noise: str, begin: float, seconds: float) -> None:
    audio = by_telephone(noise)
    clip = Pcm(samples=audio.samples[int(begin * audio.rate) :][: int(seconds * audio.rate)], rate=audio.rate)

    assert (await whisper.transcribe(clip)).text == ""


async def test_hiss_is_not_transcribed_as_thank_you(whisper: WhisperRecognizer) -> None:
    hiss = np.random.default_rng(1).standard_normal(3 * 8000) * 0.001 * 32768

    assert (await whisper.transcribe(Pcm(samples=hiss.astype(np.int16), rate=8000))).text == ""


async def test_warming_up_needs_no_audio(whisper: WhisperRecognizer) -> None:
    await whisper.warm_up()


async def test_a_decode_that_nobody_waits_for_any_more_stops_halfway(whisper: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    encoding, may_go_on, generated = threading.Event(), threading.Event(), list[object]()
    model, encode = whisper._model, whisper._model.encode

    def slow(features: NDArray[np.float32]) -> object:
        encoding.set()
        assert may_go_on.wait(10)
        return encode(features)

    class Whisper:
        def generate(self, encoded: object, *_: object, **__: object) -> None:
            generated.append(encoded)

    monkeypatch.setattr(model, "encode", slow)
    monkeypatch.setattr(model, "model", Whisper())
    monkeypatch.setattr(whisper, "_pool", pool := WorkerPool("test", workers=1, waiting=1))
    caller = asyncio.ensure_future(whisper.transcribe(by_telephone("aws_demo_agent2_016")))
    assert await asyncio.to_thread(encoding.wait, 10)
    caller.cancel()
    await asyncio.wait([caller])
    may_go_on.set()

    assert await pool.run(lambda: "free again") == "free again"
    assert generated == []
    pool.close()


class BrokenModel:
    def feature_extractor(self, waveform: object) -> object:
        raise RuntimeError("out of memory")


async def test_an_engine_that_fails_is_a_port_error_worth_another_try(whisper: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper, "_model", BrokenModel())

    with pytest.raises(PortError, match="out of memory") as failure:
        await whisper.transcribe(by_telephone("aws_demo_agent2_016"))
    assert (failure.value.code, failure.value.retry) == ("recognizer-failed", True)


@pytest.mark.parametrize("content", [None, b"", b"no model"])
def test_a_folder_without_a_model_is_named_with_the_mend(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "model.bin").write_bytes(content)

    with pytest.raises(ModelFileError, match="models fetch") as failure:
        WhisperRecognizer(tmp_path)
    assert str(tmp_path) in str(failure.value)
    assert failure.value.code == "model-unusable"


async def test_a_sentence_in_another_language_sounds_foreign_and_english_ones_do_not(whisper: WhisperRecognizer) -> None:
    """Pins CTranslate2: languages come likeliest first, with their probabilities."""
    english = [await whisper.transcribe(by_telephone(name)) for name in ("aws_demo_agent2_007", "aws_demo_agent2_016", "vosk_zip_digits")]

    assert (await whisper.transcribe(by_telephone("spanish"))).foreign >= FOREIGN
    assert max(each.foreign for each in english) < FOREIGN
