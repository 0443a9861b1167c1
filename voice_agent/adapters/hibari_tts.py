"""Text to speech by hibari (Apache-2.0, no espeak), on onnxruntime: a tenth of Piper's cost, one voice, in the package itself.

hibari fetches any other voice than "heart" from the internet by itself, so no other is offered here.
"""

import re
from collections.abc import AsyncIterator
from functools import partial

import numpy as np
from hibari import SAMPLE_RATE, Hibari
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidProtobuf, NoSuchFile, RuntimeException

from voice_agent.audio.edges import trim
from voice_agent.audio.pcm import Pcm
from voice_agent.core.pronounce import speech_ready
from voice_agent.errors import ModelFileError, PortError
from voice_agent.pool import WorkerPool

_VOICE = "heart"
_GAIN = 1.8
"""Left alone, the voice speaks at −26 dBFS with peaks of −6; this brings it to −21 with peaks below full scale."""
_SEED = 1
"""Of the noise in breath and consonants: the same text sounds the same every time."""
_LETTER_A = re.compile(r"(?<=\b[A-Z] )A\b|\bA(?= [A-Z]\b)|(?<=[a-z,] )A\b")


class HibariSpeaker:
    """A TextToSpeech. Loads its voice when made (half a second); one session serves all its threads."""

    def __init__(self, *, workers: int = 2, waiting: int = 32) -> None:
        """A worker makes one sentence at a time; `waiting` more may stand in line.

        Raises:
            ModelFileError: the package's own data cannot be loaded.
        """
        self._voice = _load()
        self._pool = WorkerPool("hibari", workers=workers, waiting=waiting)

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        """See TextToSpeech: a chunk a sentence, without the third of a second of silence that hibari begins with.

        Closing it ends the work after the sentence that is being made.

        Raises:
            PortError: code "busy", to be tried again, when the waiting line is full.
        """
        ready = speech_ready(text)
        if not ready:
            return
        sentences = self._voice.stream(as_hibari_reads(ready), seed=_SEED)
        while True:
            try:
                made = await self._pool.run(partial(next, sentences, None))
            except (RuntimeError, Fail, InvalidArgument, RuntimeException) as error:
                raise PortError(f"hibari could not speak: {error}", code="voice-failed", retry=True) from error
            if made is None:
                break
            chunk = trim(_pcm(made))
            if len(chunk.samples):
                yield chunk

    async def warm_up(self) -> None:
        """The first sentence allocates memory and is slower than the others: have it before a caller waits for it."""
        async for _ in self.speak("Hello, how can I help you today?"):
            pass

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.close()


def as_hibari_reads(text: str) -> str:
    """Spelt so that hibari's dictionaries read it right: the letter A they take for the article, and "nine A M" is heard as "9M"."""
    return _LETTER_A.sub("eigh", text)


def _pcm(made: NDArray[np.float32]) -> Pcm:
    return Pcm(samples=np.clip(made * (_GAIN * 32767.0), -32768, 32767).astype(np.int16), rate=SAMPLE_RATE)


def _load() -> Hibari:
    try:
        voice = Hibari(_VOICE)
        _ = voice.g2p  # its dictionaries, which it would load at the first sentence
    except (OSError, ValueError, KeyError, Fail, InvalidArgument, InvalidProtobuf, NoSuchFile) as error:
        raise ModelFileError(
            f"the voice in the hibari-tts package cannot be loaded: {error}. Install the packages anew: remove .venv, then scripts/setup.",
            code="model-unusable",
        ) from error
    return voice
