"""Speech to text by Whisper, on CTranslate2 through faster-whisper 1.2: int8 on the CPU, float16 on a GPU.

Whisper always encodes 30 s, most of it silence, and that is four fifths of the cost of a short utterance. Here the
encoder gets `max(15 s, audio + 10 s)` (MODELS.md; with less room behind the words it begins to repeat itself).
faster-whisper pads to 30 s inside its `transcribe`, so this adapter takes its feature extractor, encoder and tokenizer
one by one; `tests/adapters/test_whisper_stt.py` fails when a new version changes one of them.
"""

import logging
import math
import os
import threading
from functools import partial
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray

from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.errors import ModelFileError, PortError
from voice_agent.pool import WorkerPool
from voice_agent.ports import Transcript

_log = logging.getLogger(__name__)

_RATE = 16_000
"""Hz, what Whisper hears."""
_LONGEST = 30.0
"""Seconds, Whisper's own window."""
_COLUMNS = 100
"""Feature columns a second of audio."""
_LEAST_WINDOW = 15 * _COLUMNS
_ROOM = 10 * _COLUMNS
_SILENCE = 2.0
"""Digital silence lies this far below the loudest feature: Whisper cuts 8 powers of ten under it, and divides by 4."""
_SPARE_TOKENS = 20
_TOKENS_PER_SECOND = 8
"""Spelled digits with commas, the densest speech, take about 5."""

_NOISE_NO_SPEECH = 0.5
_NOISE_CONFIDENCE = 0.6
"""Both together tell noise; either alone loses spelled digits or keeps noise. Of 84 clips of silence, hiss, kitchen, café, crowd
and machine, on which Whisper base says "Thank you." or "you", all lie on the noise side (no_speech ≥ 0.55, confidence ≤ 0.53); of
159 of speech, single digits and "yes" among them and down to 5 dB over noise, none. `scripts/bench-hearing` repeats most of it."""

_NOTHING = Transcript(text="", no_speech=1.0, confidence=0.0)

Features = NDArray[np.float32]
"""Log-mel, shape (bands, columns of 10 ms)."""


class WhisperRecognizer:
    """A SpeechToText. Loads its model when made (about a second), shares it between its threads."""

    def __init__(self, model_dir: Path, *, workers: int = 2, waiting: int = 16, language: str = "en", beam: int = 5) -> None:
        """`model_dir` holds a CTranslate2 conversion; `language` as ISO 639-1.

        A worker decodes one utterance at a time; there are never more workers than cores. `waiting` more may stand in line.

        Raises:
            ModelFileError: the model cannot be loaded.
        """
        self._beam = beam
        workers = min(workers, os.cpu_count() or 1)
        self._model = _load(model_dir, workers)
        self._tokenizer = Tokenizer(self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language=language)
        self._prompt = [*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]
        self._own = f"<|{language}|>"
        self._suppressed = list(get_suppressed_tokens(self._tokenizer, [-1]))
        self._pool = WorkerPool("whisper", workers=workers, waiting=waiting)

    async def transcribe(self, audio: Pcm) -> Transcript:
        """See SpeechToText. Audio beyond 30 s is a ValueError (a bug)."""
        if audio.seconds > _LONGEST:
            msg = f"{audio.seconds:.1f} s of audio came to a recognizer of {_LONGEST:.0f} s"
            raise ValueError(msg)
        if not len(audio.samples):
            return _NOTHING
        unwanted = threading.Event()
        try:
            return await self._pool.run(partial(self._decode, audio, unwanted))
        except RuntimeError as error:
            raise PortError(f"whisper could not decode: {error}", code="recognizer-failed", retry=True) from error
        finally:
            unwanted.set()  # the caller went on, perhaps, and nobody waits for the words any more

    async def warm_up(self) -> None:
        """The first decode allocates memory and is slower than the others: have it before a caller waits for it."""
        await self.transcribe(Pcm(samples=np.zeros(_RATE, np.int16), rate=_RATE))

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.close()

    def _decode(self, audio: Pcm, unwanted: threading.Event) -> Transcript:
        """A decode that has become `unwanted` ends between its two halves, so that it does not hold up the next."""
        features = self._model.feature_extractor(resample(audio, _RATE).samples.astype(np.float32) / 32768.0)
        encoded = self._model.encode(reduced_window(features))
        if unwanted.is_set():
            return _NOTHING
        tokens = _SPARE_TOKENS + math.ceil(audio.seconds * _TOKENS_PER_SECOND)
        (result,) = self._model.model.generate(
            encoded,
            [self._prompt],
            beam_size=self._beam,
            max_length=min(self._model.max_length, len(self._prompt) + tokens),
            suppress_tokens=self._suppressed,
            return_scores=True,
            return_no_speech_prob=True,
        )
        said = result.sequences_ids[0]
        # The score is the mean over the words' tokens; Whisper's own measure counts the final token too.
        confidence = math.exp(result.scores[0] * len(said) / (len(said) + 1))
        noise = result.no_speech_prob >= _NOISE_NO_SPEECH and confidence < _NOISE_CONFIDENCE
        text = "" if noise else self._tokenizer.decode(said).strip()
        foreign = 0.0 if noise else self._foreign(encoded)
        return Transcript(text=text, no_speech=result.no_speech_prob, confidence=confidence, foreign=foreign)

    def _foreign(self, encoded: ctranslate2.StorageView) -> float:
        """One more step of the decoder, 25 ms: what the words are written in says nothing, for they are forced into our language."""
        if not self._model.model.is_multilingual:
            return 0.0
        (languages,) = self._model.model.detect_language(encoded)
        likeliest, _ = languages[0]
        return 0.0 if likeliest == self._own else 1.0 - float(dict(languages)[self._own])


def reduced_window(features: Features) -> Features:
    """The features followed by silence, up to the window that is worth encoding."""
    columns = min(features.shape[1], int(_LONGEST * _COLUMNS))
    window = min(int(_LONGEST * _COLUMNS), max(_LEAST_WINDOW, columns + _ROOM))
    padded = np.full((features.shape[0], window), features.max() - _SILENCE, np.float32)
    padded[:, :columns] = features[:, :columns]
    return padded


def _load(model_dir: Path, workers: int) -> WhisperModel:
    """On the GPU when there is one that works: a driver without its libraries shows only at the first decode."""
    try:
        if ctranslate2.get_cuda_device_count():
            try:
                model = WhisperModel(str(model_dir), device="cuda", compute_type="float16", num_workers=workers)
                model.encode(np.zeros((model.model.n_mels, _LEAST_WINDOW), np.float32))
            except RuntimeError as error:
                _log.warning("whisper runs on the CPU, because the GPU cannot be used: %s", error)
            else:
                return model
        return WhisperModel(str(model_dir), device="cpu", compute_type="int8", cpu_threads=1, num_workers=workers)
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelFileError(
            f"{model_dir}: no Whisper model could be loaded from here: {error}. Fetch it with `scripts/voice-agent models fetch`.",
            code="model-unusable",
        ) from error
