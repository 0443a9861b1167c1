"""The documents' words and their vectors, read once and kept on disk: reading costs 13 ms a passage, too much while a caller waits."""

import asyncio
import io
import json
import os
import zipfile
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice_agent.errors import PortError
from voice_agent.knowledge.documents import Document
from voice_agent.knowledge.matching import PassageWords, full_text, passage_words
from voice_agent.knowledge.vocabulary import stem
from voice_agent.ports import Embedder, Vectors

_LATEST = 512
"""Documents held in memory, of about 100 KB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWords:
    """Of one document, a row or an entry for each passage in order."""

    headings: Vectors
    """Of title and heading alone."""
    passages: tuple[PassageWords, ...]


class Shelf:
    """One file a document, named by its digest. A file that is missing or damaged is made again when it is asked for."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder
        self._latest: OrderedDict[str, DocumentWords] = OrderedDict()

    async def of(self, document: Document) -> DocumentWords:
        """The words of a document; at once when it has been read before."""
        found = self._latest.get(document.digest) or await asyncio.to_thread(self._load, document)
        if found is None:
            found = (await self.read(document))[0]
        self._latest[document.digest] = found
        self._latest.move_to_end(document.digest)
        while len(self._latest) > _LATEST:
            self._latest.popitem(last=False)
        return found

    async def read(self, document: Document) -> tuple[DocumentWords, Vectors]:
        """Read a document and put it on the shelf; with the vectors of its passages."""
        headings = await self._embedder.embed([f"{p.title}: {p.heading}" for p in document.passages])
        headings = headings.astype(np.float16).astype(np.float32)  # as it will be when it comes from the file
        passages, vectors = [], []
        for p in document.passages:
            (reading,) = await self._embedder.read([full_text(p.title, p.heading, p.text)])
            passages.append(passage_words(reading, p.title, p.heading, p.text))
            vectors.append(reading.vector)
        found = DocumentWords(headings=headings, passages=tuple(passages))
        await asyncio.to_thread(self._store, document, found)
        return found, np.stack(vectors)

    def keep_only(self, digests: Collection[str]) -> None:
        """Remove what belongs to no document any more."""
        for path in self._folder.glob("*.npz"):
            if path.stem not in digests:
                path.unlink(missing_ok=True)

    # ------------------------------------------------------------ files

    def _path(self, document: Document) -> Path:
        return self._folder / f"{document.digest}.npz"

    def _store(self, document: Document, found: DocumentWords) -> None:
        content = io.BytesIO()
        np.savez(
            content,
            headings=found.headings.astype(np.float16),
            counts=np.array([len(passage.words) for passage in found.passages]),
            words=np.frombuffer(json.dumps([passage.words for passage in found.passages]).encode(), np.uint8),
            sentences=np.concatenate([passage.sentences for passage in found.passages]),
            vectors=np.concatenate([passage.vectors for passage in found.passages]),
        )
        path = self._path(document)
        # A crash leaves the old file or the new one, never half of one.
        fresh = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(content.getvalue())
            fresh.replace(path)
        except OSError as error:
            raise PortError(f"{path}: cannot be written ({error.strerror}).", code="shelf-broken") from error

    def _load(self, document: Document) -> DocumentWords | None:
        try:
            with np.load(self._path(document), allow_pickle=False) as stored:
                cuts = np.cumsum(stored["counts"])[:-1]
                columns = zip(
                    json.loads(stored["words"].tobytes()),
                    np.split(stored["sentences"], cuts),
                    np.split(stored["vectors"], cuts),
                    strict=True,
                )
                passages = tuple(
                    PassageWords(words=tuple(words), stems=tuple(map(stem, words)), sentences=sentences, vectors=vectors)
                    for words, sentences, vectors in columns
                )
                headings = stored["headings"].astype(np.float32)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return DocumentWords(headings=headings, passages=passages) if len(passages) == len(document.passages) else None
