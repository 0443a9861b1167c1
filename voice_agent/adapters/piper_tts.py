"""Text to speech by Piper, on onnxruntime. piper-tts is GPL-3.0-or-later: it is imported here and nowhere else.

Piper makes a sentence at a time, so a long first sentence would keep the caller waiting for all of it: its first clause
is made on its own. Texts are written out as they are to be said (`core.pronounce`) before they reach the voice.
"""

import json
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidProtobuf, NoSuchFile, RuntimeException
from piper import PiperVoice
from piper.config import PiperConfig, SynthesisConfig

from voice_agent.audio.edges import trim
from voice_agent.audio.pcm import Pcm
from voice_agent.core.pronounce import speech_ready
from voice_agent.errors import ModelFileError, PortError
from voice_agent.pool import WorkerPool

_LOUDNESS = SynthesisConfig(normalize_audio=False, volume=1.5)
"""Left alone, the voice speaks at −25 dBFS with peaks of −4; this brings it to −21 with peaks at full scale. Piper's own
normalising scales every sentence by its peak, so that short ones shout."""
_LEAST_CLAUSE = 4
"""Words before and behind a comma that is worth a breath."""
_BREATH = re.compile(r"[,;:](?=\s)")
_TEEN = re.compile(r"\b(thir|four|fif|six|seven|eigh|nine)teen", re.IGNORECASE)
_TENS = re.compile(r"\b(twen|thir|for|fif|six|seven|eigh|nine)ty-", re.IGNORECASE)
_LETTER_A = re.compile(r"(?<=\b[A-Z] )A\b|\bA(?= [A-Z]\b)|(?<=[a-z,] )A\b")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_SPELLED = frozenset(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


class PiperSpeaker:
    """A TextToSpeech. Loads its voice when made; one session serves all its threads."""

    def __init__(self, model_dir: Path, *, workers: int = 2, waiting: int = 64) -> None:
        """`model_dir` holds one voice: NAME.onnx and NAME.onnx.json.

        A worker makes one sentence at a time; `waiting` more may stand in line.

        Raises:
            ModelFileError: the voice cannot be loaded.
        """
        self._voice = _load(model_dir)
        self._pool = WorkerPool("piper", workers=workers, waiting=waiting)

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        """See TextToSpeech. Closing it ends the work after the sentence that is being made.

        Raises:
            PortError: code "busy", to be tried again, when the waiting line is full.
        """
        ready = speech_ready(text)
        if not ready:
            return
        for piece in split_first_clause(as_espeak_reads(ready)):
            chunks = iter(self._voice.synthesize(piece, _LOUDNESS))
            while True:
                try:
                    chunk = await self._pool.run(partial(next, chunks, None))
                except (RuntimeError, Fail, InvalidArgument, RuntimeException) as error:
                    raise PortError(f"piper could not speak: {error}", code="voice-failed", retry=True) from error
                if chunk is None:
                    break
                sound = trim(Pcm(samples=chunk.audio_int16_array, rate=chunk.sample_rate))
                if len(sound.samples):
                    yield sound

    async def warm_up(self) -> None:
        """The first sentence allocates memory and is slower than the others: have it before a caller waits for it."""
        async for _ in self.speak("Hello, how can I help you today?"):
            pass

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.close()


def as_espeak_reads(text: str) -> str:
    """Spelt so that espeak, Piper's phonemizer, reads it right.

    It swallows the end of "fourteen days", which Whisper then hears as "forty" or "working" in 3 of 4 sentences; with the stress
    that a hyphen gives to "-teen", in none of 80. It runs "seventy-five" together: 4 of 108 prices were heard as "$721" and the like,
    none without the hyphen. A letter A it takes for the article, except before a comma; "eigh" is the letter.
    """
    return _LETTER_A.sub("eigh", _TENS.sub(r"\1ty ", _TEEN.sub(r"\1-teen", text)))


def split_first_clause(text: str) -> list[str]:
    """The text, with the first clause of a long first sentence on its own; never inside something that is spelled out."""
    end = _SENTENCE_END.search(text)
    sentence = text[: end.end()] if end else text
    for breath in _BREATH.finditer(sentence):
        before, behind = sentence[: breath.start()].split(), sentence[breath.end() :].split()
        spelled = behind and (len(behind[0].strip(",.;")) == 1 or behind[0].strip(",.;") in _SPELLED)
        if len(before) >= _LEAST_CLAUSE and len(behind) >= _LEAST_CLAUSE and not spelled:
            return [f"{' '.join(before)},", text[breath.end() :].strip()]
    return [text]


def _load(model_dir: Path) -> PiperVoice:
    options = onnxruntime.SessionOptions()
    # All cores, the default, is 2 to 8 times slower as soon as two sentences are made at once (MODELS.md).
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        (voice,) = model_dir.glob("*.onnx")
        config = PiperConfig.from_dict(json.loads(voice.with_name(f"{voice.name}.json").read_text("utf-8")))
        session = onnxruntime.InferenceSession(str(voice), sess_options=options, providers=["CPUExecutionProvider"])
    except (OSError, ValueError, KeyError, Fail, InvalidArgument, InvalidProtobuf, NoSuchFile) as error:
        raise ModelFileError(
            f"{model_dir}: no Piper voice could be loaded from here: {error}. Fetch it with `scripts/voice-agent models fetch`.",
            code="model-unusable",
        ) from error
    return PiperVoice(config=config, session=session)
