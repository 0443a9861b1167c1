"""The company's documents, kept in step with their folder and searched for answers."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_agent.core.words import Passage, RedactedText
from voice_agent.errors import InputError
from voice_agent.knowledge.answering import Candidate, judged, ranked
from voice_agent.knowledge.documents import Document, document_paths, load_document
from voice_agent.knowledge.lexical import Lexicon
from voice_agent.knowledge.matching import PassageWords, Question, full_text, passage_words, question
from voice_agent.knowledge.shelf import Shelf
from voice_agent.ports import Embedder, Finding, PassageIndex

_CANDIDATES = 32
"""Passages taken from the index to be looked at word by word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync did, in documents."""

    added: int
    changed: int
    removed: int
    unchanged: int
    problems: tuple[InputError, ...]
    """Documents that cannot be answered from: left out until they are mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    """The documents in force, and where each passage stands."""

    documents: dict[str, Document]
    places: dict[tuple[str, str], int]
    """(source, text) → number of the passage in its document."""
    lexicon: Lexicon


class Library:
    """A knowledge base over one folder. It knows nothing before the first `sync`."""

    def __init__(self, index: PassageIndex, embedder: Embedder, folder: Path, words: Path) -> None:
        """`index` and the folder `words`, where what was read is kept, belong to this folder of documents and this embedder alone."""
        self._index = index
        self._embedder = embedder
        self._folder = folder
        self._shelf = Shelf(words, embedder)
        self._syncing = asyncio.Lock()
        self._stock = _stock(())

    async def sync(self, progress: Callable[[int, int], None]) -> SyncReport:
        """Bring the index in step with the folder; only what changed is read anew. Safe to stop at any point and to repeat.

        `progress` is told how many passages of how many are done; never called when there is nothing to do.

        Raises:
            InputError: the folder is not there.
            PortError: the index or the embedder failed.
        """
        async with self._syncing:
            documents, problems = await asyncio.to_thread(_load, self._folder)
            before = await self._index.digests()
            fresh = [document for document in documents if before.get(document.source) != document.digest]
            gone = before.keys() - {document.source for document in documents}
            total, done = sum(len(document.passages) for document in fresh), 0
            for document in fresh:
                _, vectors = await self._shelf.read(document)
                await self._index.replace(document.source, document.passages, vectors)
                done += len(document.passages)
                progress(done, total)
            for source in sorted(gone):
                await self._index.remove(source)
            self._stock = await asyncio.to_thread(_stock, documents)
            await asyncio.to_thread(self._shelf.keep_only, {document.digest for document in documents})
        changed = sum(document.source in before for document in fresh)
        return SyncReport(
            added=len(fresh) - changed,
            changed=changed,
            removed=len(gone),
            unchanged=len(documents) - len(fresh),
            problems=tuple(problems),
        )

    async def find(self, query: RedactedText) -> Finding:
        """The passages nearest to a caller's question, and how surely they answer it."""
        return judged(*await self.candidates(query))

    async def candidates(self, query: RedactedText) -> tuple[Question, list[Candidate], Lexicon]:
        """The question as it is searched for, what was found for it, best first, and the words of the documents it was found in."""
        stock = self._stock
        asked = await self._asked(query, stock.lexicon)
        hits = await self._index.search(asked.vector, _CANDIDATES) if stock.documents and asked.words else []
        return asked, ranked(asked, await self._at_hand(hits, stock)), stock.lexicon

    async def question(self, query: RedactedText) -> Question:
        """A question's words, misheard ones put right."""
        return await self._asked(query, self._stock.lexicon)

    async def words_of(self, passage: Passage) -> PassageWords:
        """The words of a passage; of one that is no longer in force as well."""
        stock = self._stock
        number = stock.places.get((passage.source, passage.text))
        if number is not None:
            return (await self._shelf.of(stock.documents[passage.source])).passages[number]
        (reading,) = await self._embedder.read([full_text(passage.title, passage.heading, passage.text)])
        return passage_words(reading, passage.title, passage.heading, passage.text)

    async def _asked(self, query: str, lexicon: Lexicon) -> Question:
        (reading,) = await self._embedder.read([query])
        common = {word for word, known in zip(reading.words, reading.known, strict=True) if known}
        text = lexicon.corrected(query, common)
        if text != query:
            (reading,) = await self._embedder.read([text])
        return question(reading, query, lexicon)

    async def _at_hand(self, hits: Sequence[Passage], stock: _Stock) -> list[Candidate]:
        found = []
        for hit in hits:
            number = stock.places.get((hit.source, hit.text))
            if number is None:  # the index is ahead of us: a sync is under way
                continue
            words = await self._shelf.of(stock.documents[hit.source])
            found.append(Candidate(passage=hit, words=words.passages[number], heading=words.headings[number], whole=hit.score))
        return found


def _load(folder: Path) -> tuple[list[Document], list[InputError]]:
    documents: dict[str, Document] = {}
    problems: list[InputError] = []
    for path in document_paths(folder):
        try:
            document = load_document(path, folder)
        except InputError as error:
            problems.append(error)
            continue
        if other := documents.get(document.source):
            message = f"{path}: has the source {document.source!r} of {other.path}. Give each document a source of its own."
            problems.append(InputError(message, code="bad-document"))
        else:
            documents[document.source] = document
    return list(documents.values()), problems


def _stock(documents: Sequence[Document]) -> _Stock:
    return _Stock(
        documents={document.source: document for document in documents},
        places={(p.source, p.text): number for document in documents for number, p in enumerate(document.passages)},
        lexicon=lexicon_of(documents),
    )


def lexicon_of(documents: Sequence[Document]) -> Lexicon:
    """The words of some documents."""
    texts = {d.title: [full_text(p.title, p.heading, p.text) for p in d.passages] for d in documents}
    return Lexicon([text for part in texts.values() for text in part], {title: "\n".join(part) for title, part in texts.items()})
