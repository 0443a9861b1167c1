"""The documents' words and their vectors, read once and kept on disk: reading costs 13 ms a passage, too much while a caller waits."""

import asyncio
import json
import os
import zlib
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice_agent.errors import PortError
from voice_agent.knowledge.documents import Document
from voice_agent.knowledge.matching import PassageWords, full_text, passage_words
from voice_agent.knowledge.vocabulary import stem
from voice_agent.ports import Embedder, Vectors

_SUFFIX = ".words"
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

    async def of(self, documents: Sequence[Document]) -> list[DocumentWords]:
        """The words of some documents, in order; at once when they have been asked for before."""
        found = {document.digest: self._latest[document.digest] for document in documents if document.digest in self._latest}
        missing = {document.digest: document for document in documents if document.digest not in found}
        if missing:
            found |= await asyncio.to_thread(self._load_all, missing.values())
        for digest in missing.keys() - found.keys():
            found[digest] = (await self.read(missing[digest]))[0]
        self._note(found)
        return [found[document.digest] for document in documents]

    def _note(self, found: Mapping[str, DocumentWords]) -> None:
        for digest, words in found.items():
            self._latest[digest] = words
            self._latest.move_to_end(digest)
        while len(self._latest) > _LATEST:
            self._latest.popitem(last=False)

    async def read(self, document: Document) -> tuple[DocumentWords, Vectors]:
        """Read a document and put it on the shelf; with the vectors of its passages, and then of what is asked of each."""
        headings = await self._embedder.embed([f"{p.title}: {p.heading}" for p in document.passages])
        headings = headings.astype(np.float16).astype(np.float32)  # as it will be when it comes from the file
        passages, vectors, asked = [], [], []
        for p in document.passages:
            reading, *questions = await self._embedder.read([full_text(p.title, p.heading, p.text), *p.asked])
            passages.append(passage_words(reading, p.title, p.heading, p.text, questions))
            vectors.append(reading.vector)
            asked += [question.vector for question in questions]
        found = DocumentWords(headings=headings, passages=tuple(passages))
        await asyncio.to_thread(self._store, document, found)
        return found, np.stack([*vectors, *asked])

    def keep_only(self, digests: Collection[str]) -> None:
        """Remove what belongs to no document any more."""
        for path in self._folder.glob("*"):
            if path.is_file() and path.suffix != ".part" and not (path.suffix == _SUFFIX and path.stem in digests):
                path.unlink(missing_ok=True)

    # ------------------------------------------------------------ files

    def _path(self, document: Document) -> Path:
        return self._folder / f"{document.digest}{_SUFFIX}"

    def _store(self, document: Document, found: DocumentWords) -> None:
        told = [[passage.words, passage.sentences.tolist()] for passage in found.passages]
        body = found.headings.astype(np.float16).tobytes() + b"".join(passage.vectors.tobytes() for passage in found.passages)
        content = b"\n".join((json.dumps([zlib.crc32(body), found.headings.shape[1], told]).encode(), body))
        path = self._path(document)
        # A crash leaves the old file or the new one, never half of one.
        fresh = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(content)
            fresh.replace(path)
        except OSError as error:
            raise PortError(f"{path}: cannot be written ({error.strerror}).", code="shelf-broken") from error

    def _load_all(self, documents: Collection[Document]) -> dict[str, DocumentWords]:
        loaded = ((document.digest, self._load(document)) for document in documents)
        return {digest: found for digest, found in loaded if found}

    def _load(self, document: Document) -> DocumentWords | None:
        try:
            found = _parsed(self._path(document).read_bytes())
        except (OSError, ValueError, TypeError):
            return None
        return found if len(found.passages) == len(document.passages) else None


def _parsed(content: bytes) -> DocumentWords:
    """One line of JSON with the checksum of what follows, then the vectors: a hundredth of a second for 32 documents, which .npz is not.

    Raises:
        ValueError, TypeError: it is damaged.
    """
    head, body = content.split(b"\n", 1)
    checksum, width, told = json.loads(head)
    if zlib.crc32(body) != checksum:
        raise ValueError("damaged")
    headings = np.frombuffer(body, np.float16, len(told) * width).reshape(len(told), width)
    vectors = np.frombuffer(body, np.int8, offset=headings.nbytes).reshape(-1, width)
    cuts = np.cumsum([len(words) for words, _ in told])[:-1]
    passages = [
        PassageWords(words=tuple(words), stems=tuple(map(stem, words)), sentences=np.array(sentences, np.int16), vectors=own)
        for (words, sentences), own in zip(told, np.split(vectors, cuts), strict=True)
    ]
    return DocumentWords(headings=headings.astype(np.float32), passages=tuple(passages))
