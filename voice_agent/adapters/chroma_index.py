"""A passage index in Chroma, on disk.

Chroma has no transactions, so a second collection says which version (digest) of each document counts, and one write there
switches a document over. Passages of any other version are never shown; what a crash left of them is swept by `digests`.
"""

import fcntl
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

from voice_agent.core.words import Passage, RedactedText
from voice_agent.errors import PortError
from voice_agent.pool import WorkerPool
from voice_agent.ports import IndexedPassage, Vectors

_COSINE: Any = {"hnsw": {"space": "cosine"}}
_MARK = [1.0]
"""Chroma wants a vector with every record; those of the second collection mean nothing."""


class ChromaIndex:
    """One folder, one embedder, any number of documents. Other processes may read, and write one call at a time."""

    def __init__(self, path: Path, embedder_name: str, *, waiting: int = 256) -> None:
        """Opens or makes the index. One made with another embedder is emptied, since its vectors mean something else.

        Raises:
            PortError: code "index-broken": the folder cannot be used.
        """
        self._path = path
        self._embedder_name = embedder_name
        self._pool = WorkerPool("passage index", workers=1, waiting=waiting)
        self._records_each = 1
        """How many of the nearest records were last needed for each passage found: those with questions have several."""
        with self._failing():
            path.mkdir(parents=True, exist_ok=True)
            self._open()

    async def digests(self) -> Mapping[str, str]:
        """Each document's digest, by its source."""
        return await self._pool.run(self._digests)

    async def replace(self, source: str, passages: Sequence[IndexedPassage], vectors: Vectors) -> None:
        """Put a document, all of one digest, in place of its older self; no passages at all removes it.

        Each question asked of a passage is a record of its own, with the passage's text.
        """
        if passages:
            await self._pool.run(lambda: self._replace(source, passages, vectors))
        else:
            await self.remove(source)

    async def remove(self, source: str) -> None:
        """Take a document out. Safe when it is not there."""
        await self._pool.run(lambda: self._remove(source))

    async def search(self, vector: NDArray[np.float32], count: int) -> list[Passage]:
        """The nearest by cosine, best first."""
        return await self._pool.run(lambda: self._search(vector, count))

    def close(self) -> None:
        """Let go of the files and the thread."""
        self._pool.close()
        self._client.close()

    # ------------------------------------------------------------ on the index's own thread

    def _open(self) -> None:
        self._client: Any = chromadb.PersistentClient(path=str(self._path), settings=Settings(anonymized_telemetry=False))
        with self._lock():
            self._seen = self._changes()
            if self._is_of_another_embedder():
                self._forget()
            self._passages = self._collection("passages", {"embedder": self._embedder_name})
            self._documents = self._collection("documents", None)

    def _refresh(self) -> None:
        """Chroma keeps its graph of vectors in memory and does not notice what another process writes: open it again then."""
        if self._changes() != self._seen:
            self._client.close()
            self._open()

    def _digests(self) -> dict[str, str]:
        with self._failing():
            self._refresh()
            current = self._current(None)
            if self._stale(current):
                with self._writing():
                    # Looked up again under the lock: it may have been a document half-written by another process.
                    current = self._current(None)
                    self._delete(self._stale(current))
            return current

    def _stale(self, current: Mapping[str, str]) -> list[str]:
        stored = self._passages.get(include=["metadatas"])
        return [id_ for id_, about in zip(stored["ids"], stored["metadatas"], strict=True) if not _counts(about, current)]

    def _replace(self, source: str, passages: Sequence[IndexedPassage], vectors: Vectors) -> None:
        digest = passages[0].digest
        entries = [(f"{digest}/{p.id}", p) for p in passages]
        entries += [(f"{digest}/{p.id}?{number}", p) for p in passages for number in range(len(p.asked))]
        ids = [id_ for id_, _ in entries]
        about = [{"source": p.source, "title": p.title, "heading": p.heading, "digest": p.digest, "of": p.id} for _, p in entries]
        texts = [p.text for _, p in entries]
        step = self._client.get_max_batch_size()
        with self._failing(), self._writing():
            for at in range(0, len(ids), step):
                part = slice(at, at + step)
                self._passages.upsert(ids=ids[part], embeddings=vectors[part], metadatas=about[part], documents=texts[part])
            self._documents.upsert(ids=[source], embeddings=[_MARK], metadatas=[{"digest": digest}])
            keep = set(ids)
            self._delete([id_ for id_ in self._passages.get(where={"source": source}, include=[])["ids"] if id_ not in keep])

    def _remove(self, source: str) -> None:
        with self._failing(), self._writing():
            self._documents.delete(ids=[source])
            self._delete(self._passages.get(where={"source": source}, include=[])["ids"])

    def _search(self, vector: NDArray[np.float32], count: int) -> list[Passage]:
        with self._failing():
            self._refresh()
            while True:
                asked = count * self._records_each
                found = self._passages.query(query_embeddings=[vector], n_results=asked, include=["metadatas", "documents", "distances"])
                columns = zip(found["metadatas"][0], found["documents"][0], found["distances"][0], strict=True)
                hits = [hit for hit in columns if hit[0]]  # another process may have removed one already
                current = self._current(sorted({about["source"] for about, _, _ in hits})) if hits else {}
                live = _each_once(hit for hit in hits if _counts(hit[0], current))
                if len(live) >= count:
                    return live[:count]
                if asked >= self._passages.count():  # counting reads every row, so only where it matters
                    return self._exactly(vector, count)
                self._records_each *= 2

    def _exactly(self, vector: NDArray[np.float32], count: int) -> list[Passage]:
        """By looking at every vector: the graph is approximate, and may not lead to all that counts (equal vectors are its worst case)."""
        current = self._current(None)
        if not current:
            return []
        whose = {"digest": {"$in": sorted(set(current.values()))}}
        stored = self._passages.get(where=whose, include=["metadatas", "documents", "embeddings"])
        vectors = np.asarray(stored["embeddings"], np.float32).reshape(len(stored["ids"]), -1)
        near = vectors @ vector / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector))
        rows = [row for row in np.argsort(-near, kind="stable") if _counts(stored["metadatas"][row], current)]
        return _each_once((stored["metadatas"][row], stored["documents"][row], 1.0 - float(near[row])) for row in rows)[:count]

    def _current(self, sources: list[str] | None) -> dict[str, str]:
        found = self._documents.get(ids=sources, include=["metadatas"])
        return {source: about["digest"] for source, about in zip(found["ids"], found["metadatas"], strict=True)}

    def _delete(self, ids: list[str]) -> None:
        step = self._client.get_max_batch_size()
        for at in range(0, len(ids), step):
            self._passages.delete(ids=ids[at : at + step])

    def _collection(self, name: str, metadata: dict[str, Any] | None) -> Any:
        return self._client.get_or_create_collection(name, configuration=_COSINE, metadata=metadata, embedding_function=None)

    def _is_of_another_embedder(self) -> bool:
        known = {collection.name: collection for collection in self._client.list_collections()}
        return "passages" in known and (known["passages"].metadata or {}).get("embedder") != self._embedder_name

    def _forget(self) -> None:
        # The documents go first: a crash between the two leaves nothing that counts.
        for name in sorted({"documents", "passages"} & {collection.name for collection in self._client.list_collections()}):
            self._client.delete_collection(name)
        self._tell_others()

    # ------------------------------------------------------------ beside other processes

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, in any process: a sweep must not meet a half-written document of somebody else."""
        self._refresh()
        with self._lock():
            try:
                yield
            finally:
                self._tell_others()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self._path / "writing.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _changes(self) -> str:
        """Differs from what it was before somebody wrote."""
        try:
            return (self._path / "changes").read_text()
        except FileNotFoundError:
            return ""

    def _tell_others(self) -> None:
        self._records_each = 1  # what made more of them necessary may be gone
        self._seen = secrets.token_hex(8)
        (self._path / "changes").write_text(self._seen)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (ChromaError, OSError, ValueError) as error:
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> PortError:
        return PortError(f"{self._path}: the passage index failed: {error}. Remove the folder to have it made anew.", code="index-broken")


def _counts(about: Mapping[str, Any], current: Mapping[str, str]) -> bool:
    return bool(current.get(about["source"]) == about["digest"])


def _each_once(hits: Iterable[tuple[Mapping[str, Any], str, float]]) -> list[Passage]:
    """The passages of some records, nearest first, each by the nearest of its own."""
    nearest: dict[str, Passage] = {}
    for about, text, distance in hits:
        if about["of"] not in nearest:
            nearest[about["of"]] = _passage(about, text, distance)
    return list(nearest.values())


def _passage(about: Mapping[str, Any], text: str, distance: float) -> Passage:
    return Passage(
        source=about["source"],
        title=about["title"],
        heading=about["heading"],
        text=RedactedText(text),
        score=min(1.0, max(0.0, 1.0 - distance)),
    )
