"""A Piper voice, made to sound while it is still being made.

Piper's network makes a whole sentence at once: 0.35 s of one core for 4.3 s of speech, of which 0.11 s are for what is to be
said, and the rest for turning that into sound. The second part looks only 10 columns to either side, so here it works in
pieces, and the first sound costs 0.14 s; the pieces together are the same samples (`tests/adapters/test_piper_tts.py`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf
from piper import PiperVoice
from piper.config import PiperConfig

from voice_agent.adapters.piper_tts.halves import halves
from voice_agent.audio.edges import trim
from voice_agent.audio.pcm import Pcm
from voice_agent.errors import ModelFileError

_LOUDNESS = 1.5
"""Left alone, the voice speaks at −25 dBFS with peaks of −4; this brings it to −21 with peaks at full scale. Piper's own
normalising scales every sentence by its peak, so that short ones shout."""
_SECOND_HALF = "dec.conv_pre.weight"
"""The first weights of the part that makes sound, and its width, in every voice of medium quality."""
_WIDTH = 192
_REACH = 10
"""Columns to either side that change a column's sound: with 10 the pieces differ from the whole by 1e-6, with 8 by 1e-3."""
_FIRST, _MOST = 52, 208
"""Columns of a piece (86 a second): the first is small, each other twice as long as the one before it, up to 2.4 s."""

Columns = NDArray[np.float32]
"""What is to be said, shape (1, _WIDTH, columns)."""


class Voice:
    """Loads when made. Safe to use from several threads."""

    def __init__(self, model_dir: Path) -> None:
        """`model_dir` holds one voice: NAME.onnx and NAME.onnx.json.

        Raises:
            ModelFileError: the voice cannot be loaded.
        """
        try:
            (file,) = model_dir.glob("*.onnx")
            config = PiperConfig.from_dict(json.loads(file.with_name(f"{file.name}.json").read_text("utf-8")))
            first, second = halves(file.read_bytes(), _SECOND_HALF, _WIDTH)
            self._plan, self._sound = _session(first), _session(second)
        except (OSError, ValueError, KeyError, Fail, InvalidArgument, InvalidGraph, InvalidProtobuf) as error:
            raise ModelFileError(
                f"{model_dir}: no Piper voice could be loaded from here: {error}. Fetch it with `scripts/voice-agent models fetch`.",
                code="model-unusable",
            ) from error
        self._piper = PiperVoice(config=config, session=self._plan)
        self._rate = config.sample_rate
        self._scales = np.array([config.noise_scale, config.length_scale, config.noise_w_scale], np.float32)
        self._column = self._sound.get_inputs()[0].name

    def pieces(self, text: str) -> Iterator[Pcm]:
        """The sound of a text, sentence by sentence and each in pieces, without the silence at its ends. Works as it is asked."""
        for phonemes in self._piper.phonemize(text):
            if phonemes:
                yield from self._sentence(self._planned(self._piper.phonemes_to_ids(phonemes)))

    def _planned(self, ids: list[int]) -> Columns:
        given = {"input": np.array([ids], np.int64), "input_lengths": np.array([len(ids)], np.int64), "scales": self._scales}
        planned: Columns = self._plan.run(None, given)[0]
        return planned

    def _sentence(self, columns: Columns) -> Iterator[Pcm]:
        """What is quiet at the end of a piece waits for the next one with speech, and is left out when none comes."""
        quiet: list[NDArray[np.int16]] = []
        begun = False
        for begin, end in spans(columns.shape[2]):
            sound = self._sounding(columns, begin, end)
            heard = trim(sound, before=not begun, behind=False)
            if not len(heard.samples):
                quiet.append(sound.samples)
                continue
            spoken = len(trim(heard, before=False).samples)
            yield Pcm(samples=np.concatenate([*(quiet if begun else ()), heard.samples[:spoken]]), rate=self._rate)
            begun, quiet = True, [heard.samples[spoken:]]

    def _sounding(self, columns: Columns, begin: int, end: int) -> Pcm:
        since, until = max(0, begin - _REACH), min(columns.shape[2], end + _REACH)
        made = self._sound.run(None, {self._column: columns[:, :, since:until]})[0].reshape(-1)
        each = len(made) // (until - since)
        kept = made[(begin - since) * each : (end - since) * each]
        return Pcm(samples=np.clip(kept * (_LOUDNESS * 32767.0), -32767, 32767).astype(np.int16), rate=self._rate)


def spans(columns: int) -> Iterator[tuple[int, int]]:
    """The pieces of so many columns, each as (begin, end); none so short that it is not worth its edges."""
    begin, size = 0, _FIRST
    while begin < columns:
        end = begin + size if columns - begin - size >= _FIRST else columns
        yield begin, end
        begin, size = end, min(2 * size, _MOST)


def _session(network: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    # All cores, the default, is 2 to 8 times slower as soon as two sentences are made at once (MODELS.md).
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
