"""An embedder, an index and a knowledge base without a model, with the promises of the real ones."""

import re
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from voice_agent.core.words import Passage, RedactedText
from voice_agent.ports import Finding, IndexedPassage, Reading, Vectors

_SIZE = 64
_WORD = re.compile(r"[^\W_]+")


class BagEmbedder:
    """A text is the sum of its words, and each word a direction of its own."""

    name = "bag"

    def __init__(self) -> None:
        self.read_texts: list[str] = []
        self.broken_after: int | None = None
        """So many more texts can be read, then none."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._reading(text).vector for text in texts]) if texts else np.zeros((0, _SIZE), np.float32)

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        for text in texts:
            if self.broken_after is not None:
                if self.broken_after == 0:
                    raise ConnectionAbortedError("the power went off")
                self.broken_after -= 1
            self.read_texts.append(text)
        return [self._reading(text) for text in texts]

    def _reading(self, text: str) -> Reading:
        found = list(_WORD.finditer(text))
        words = tuple(match.group().lower() for match in found)
        vectors = np.stack([_direction(word) for word in words]) if words else np.zeros((0, _SIZE), np.float32)
        total = vectors.sum(axis=0) if words else _direction("")
        return Reading(
            vector=np.asarray(total / np.linalg.norm(total), np.float32),
            words=words,
            begins=tuple(match.start() for match in found),
            known=tuple(True for _ in words),
            vectors=vectors,
        )


def _direction(word: str) -> NDArray[np.float32]:
    vector = np.random.default_rng(zlib.crc32(word.encode())).normal(size=_SIZE)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


class MemoryIndex:
    """Passages in a dictionary."""

    def __init__(self) -> None:
        self._documents: dict[str, tuple[Sequence[IndexedPassage], Vectors]] = {}

    async def digests(self) -> Mapping[str, str]:
        return {source: passages[0].digest for source, (passages, _) in self._documents.items()}

    async def replace(self, source: str, passages: Sequence[IndexedPassage], vectors: Vectors) -> None:
        if passages:
            self._documents[source] = (tuple(passages), vectors)
        else:
            self._documents.pop(source, None)

    async def remove(self, source: str) -> None:
        self._documents.pop(source, None)

    async def search(self, vector: NDArray[np.float32], count: int) -> list[Passage]:
        nearest: dict[str, Passage] = {}
        for passages, vectors in self._documents.values():
            entries = [*passages, *(p for p in passages for _ in p.asked)]
            for p, own in zip(entries, vectors, strict=True):
                score = min(1.0, max(0.0, float(vector @ own)))
                if p.id not in nearest or score > nearest[p.id].score:
                    nearest[p.id] = Passage(source=p.source, title=p.title, heading=p.heading, text=p.text, score=score)
        return sorted(nearest.values(), key=lambda passage: -passage.score)[:count]


class OverlapKnowledge:
    """Knows an answer when a passage shares half of the question's longer words."""

    def __init__(self, *passages: Passage) -> None:
        self._passages = passages

    async def find(self, query: RedactedText) -> Finding:
        asked = {word for word in _WORD.findall(query.lower()) if len(word) > 3}
        scored = [(len(asked & set(_WORD.findall(p.text.lower()))) / len(asked), p) for p in self._passages] if asked else []
        best_first = sorted(scored, key=lambda found: -found[0])
        passages = tuple(
            Passage(source=p.source, title=p.title, heading=p.heading, text=p.text, score=share) for share, p in best_first if share
        )
        confidence = passages[0].score if passages else 0.0
        return Finding(passages=passages, confidence=confidence, clarify=RedactedText(""), reason=f"{confidence:.0%} of the words.")
