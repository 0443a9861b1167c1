"""Sentence embeddings by a local ONNX model (all-MiniLM-L6-v2 and its kin), on the processor."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from voice_agent.errors import ModelFileError
from voice_agent.pool import WorkerPool
from voice_agent.ports import Reading, Vectors

LONGEST_TEXT = 256
"""Tokens; the rest of a longer text is not looked at. What all-MiniLM-L6-v2 was made for (its sentence_bert_config.json)."""
_AT_ONCE = 8
"""Texts in one job: a question asked while documents are indexed waits about 0.1 s at most."""
_READINGS = 256
"""Readings remembered, of about 100 KB each."""

T = TypeVar("T")


class OnnxEmbedder:
    """Mean of the token vectors, of unit length.

    Texts go through the model one at a time. On a processor a batch is no quicker (322 passages: 4.3 s one at a time,
    5.2 s in batches of 8, 6.5 s of 32), and without neighbours nothing is padded.
    """

    def __init__(self, model_dir: Path, *, threads: int = 1, remembered: int = 8192, waiting: int = 256) -> None:
        """`model_dir` holds model.onnx and tokenizer.json; `remembered` texts keep their vectors (1.5 KB each).

        Raises:
            ModelFileError: a file is missing or is not what its name says.
        """
        try:
            model, words = ((model_dir / name).read_bytes() for name in ("model.onnx", "tokenizer.json"))
            self._tokenizer: Any = Tokenizer.from_str(words.decode())
            self._session: Any = _session(model, threads)
        except OSError as error:
            raise ModelFileError(f"{error.filename}: {error.strerror}. Fetch the model files again.", code="model-missing") from None
        except Exception as error:  # noqa: BLE001 - both libraries raise bare exceptions of their own
            message = f"{model_dir}: not an embedding model ({error}). Fetch the model files again."
            raise ModelFileError(message, code="model-broken") from None
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST_TEXT)
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self._size = int(self._session.get_outputs()[0].shape[-1])
        self.name = f"{model_dir.name}-{hashlib.sha256(model + words).hexdigest()[:12]}"
        self._pool = WorkerPool("embedder", workers=1, waiting=waiting)
        self._vectors: _Latest[NDArray[np.float32]] = _Latest(remembered)
        self._readings: _Latest[Reading] = _Latest(_READINGS)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), d), in order."""
        found = self._vectors.known(texts)
        for part in _parts(text for text in texts if text not in found):
            found.update(await self._pool.run(partial(self._all_vectors, part)))
        self._vectors.note(found)
        return np.stack([found[text] for text in texts]) if texts else np.zeros((0, self._size), np.float32)

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        """The same with the words, in order."""
        found = self._readings.known(texts)
        for part in _parts(text for text in texts if text not in found):
            found.update(await self._pool.run(partial(self._all_readings, part)))
        self._readings.note(found)
        return [found[text] for text in texts]

    def close(self) -> None:
        """Let go of the thread."""
        self._pool.close()

    # ------------------------------------------------------------ on the embedder's own thread

    def _all_vectors(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        return {text: _unit(self._tokens(self._tokenizer.encode(text)).mean(axis=0)) for text in texts}

    def _all_readings(self, texts: Sequence[str]) -> dict[str, Reading]:
        return {text: self._reading(text) for text in texts}

    def _reading(self, text: str) -> Reading:
        encoding = self._tokenizer.encode(text)
        tokens = self._tokens(encoding)
        places = [list(at) for word, at in groupby(range(len(encoding.word_ids)), encoding.word_ids.__getitem__) if word is not None]
        spans = [(encoding.offsets[at[0]][0], encoding.offsets[at[-1]][1]) for at in places]
        kept = [(at, span) for at, span in zip(places, spans, strict=True) if any(c.isalnum() for c in text[slice(*span)])]
        vectors = [_unit(tokens[at].mean(axis=0)) for at, _ in kept]
        return Reading(
            vector=_unit(tokens.mean(axis=0)),
            words=tuple(text[slice(*span)].lower() for _, span in kept),
            begins=tuple(span[0] for _, span in kept),
            known=tuple(len(at) == 1 for at, _ in kept),
            vectors=np.stack(vectors) if vectors else np.zeros((0, self._size), np.float32),
        )

    def _tokens(self, encoding: Any) -> Vectors:
        ids = np.array([encoding.ids], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return np.asarray(self._session.run(None, {name: given[name] for name in self._inputs})[0][0], np.float32)


class _Latest(Generic[T]):
    """What was found for the latest texts, so many and no more."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[str, T] = OrderedDict()

    def known(self, texts: Iterable[str]) -> dict[str, T]:
        return {text: self._held[text] for text in texts if text in self._held}

    def note(self, found: dict[str, T]) -> None:
        for text, value in found.items():
            self._held[text] = value
            self._held.move_to_end(text)
        while len(self._held) > self._limit:
            self._held.popitem(last=False)


def _parts(texts: Iterable[str]) -> Iterable[Sequence[str]]:
    once = list(dict.fromkeys(texts))
    return (once[at : at + _AT_ONCE] for at in range(0, len(once), _AT_ONCE))


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a waiting thread must not cost a core
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
