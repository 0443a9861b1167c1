"""Piper as a TextToSpeech.

A sentence begins to sound while it is still being made (`voice`), and the first clause of a long one is made on its own.
Texts are written out as they are to be said (`core.pronounce`) before they reach the voice.
"""

import re
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException

from voice_agent.adapters.piper_tts.voice import Voice
from voice_agent.audio.pcm import Pcm
from voice_agent.core.pronounce import speech_ready
from voice_agent.errors import PortError
from voice_agent.pool import WorkerPool

_LEAST_CLAUSE = 4
"""Words before and behind a comma that is worth a breath."""
_BREATH = re.compile(r"[,;:](?=\s)")
_TEEN = re.compile(r"\b(thir|four|fif|six|seven|eigh|nine)teen", re.IGNORECASE)
_TENS = re.compile(r"\b(twen|thir|for|fif|six|seven|eigh|nine)ty-", re.IGNORECASE)
_LETTER_A = re.compile(r"(?<=\b[A-Z] )A\b|\bA(?= [A-Z]\b)|(?<=[a-z,] )A\b")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_SPELLED = frozenset(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


class PiperSpeaker:
    """A TextToSpeech. Loads its voice when made; it serves all the threads."""

    def __init__(self, model_dir: Path, *, workers: int = 2, waiting: int = 32) -> None:
        """`model_dir` holds one voice: NAME.onnx and NAME.onnx.json.

        A worker makes one piece of a sentence at a time; `waiting` more may stand in line.

        Raises:
            ModelFileError: the voice cannot be loaded.
        """
        self._voice = Voice(model_dir)
        self._pool = WorkerPool("piper", workers=workers, waiting=waiting)

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        """See TextToSpeech. Closing it ends the work after the piece that is being made.

        Raises:
            PortError: code "busy", to be tried again, when the waiting line is full.
        """
        ready = speech_ready(text)
        if not ready:
            return
        sounds_until = 0.0
        for clause in split_first_clause(as_espeak_reads(ready)):
            pieces = self._voice.pieces(clause)
            while True:
                try:
                    # Whose listener has heard all that was made is served before those who still have something to hear.
                    piece = await self._pool.run(partial(next, pieces, None), due=sounds_until)
                except (RuntimeError, Fail, InvalidArgument, RuntimeException) as error:
                    raise PortError(f"piper could not speak: {error}", code="voice-failed", retry=True) from error
                if piece is None:
                    break
                sounds_until = max(sounds_until, time.monotonic()) + piece.seconds
                yield piece

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
