"""The company's documents, kept in step with their folder and searched for answers."""

import asyncio
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from voice_agent.core.words import Passage, RedactedText
from voice_agent.errors import InputError
from voice_agent.knowledge.answering import judged
from voice_agent.knowledge.candidates import Candidate, ranked
from voice_agent.knowledge.documents import Document
from voice_agent.knowledge.folder import DocumentFolder
from voice_agent.knowledge.lexical import Lexicon
from voice_agent.knowledge.matching import PassageWords, Question, full_text, passage_words, question
from voice_agent.knowledge.not_answered import NotAnswered
from voice_agent.knowledge.shelf import Shelf
from voice_agent.ports import Embedder, Finding, PassageIndex, Vectors

_CANDIDATES = 32
"""Passages taken from the index to be looked at word by word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync did, in documents."""

    added: int
    changed: int
    removed: int
    unchanged: int
    for_agents: int
    """In the folder, and not indexed: callers may not hear them."""
    problems: tuple[InputError, ...]
    """Files that cannot be read, so that an older version stays in force or none, and documents of which a part is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    """The documents in force, and where each passage stands."""

    documents: dict[str, Document]
    places: dict[tuple[str, str], tuple[Document, int]]
    """(source, text) → its document, and the passage's number there."""
    lexicon: Lexicon


class Library:
    """A knowledge base over one folder. It knows nothing before the first `sync`."""

    def __init__(self, index: PassageIndex, embedder: Embedder, folder: Path, words: Path) -> None:
        """`index` and the folder `words`, where what was read is kept, belong to this folder of documents and this embedder alone."""
        self._index = index
        self._embedder = embedder
        self._documents = DocumentFolder(folder, words / "documents")
        self._shelf = Shelf(words, embedder)
        self._not_answered = NotAnswered(folder, embedder, words / "documents" / "not_answered.npz")
        self._syncing = asyncio.Lock()
        self._stock = _stock(())

    async def sync(self, progress: Callable[[int, int], None], interrupted: Callable[[], bool] = lambda: False) -> SyncReport:
        """Bring the index in step with the folder; only what changed is read anew. Safe to stop at any point and to repeat.

        What was removed is out of force first, then short documents are read before long ones, and those that replace an older self
        take its place together at the end. `progress` is told how many passages of how many are done; never called when there is
        nothing to do. When something is `interrupted`, which is asked between documents, the rest is left to the next sync.

        Raises:
            InputError: the folder is not there.
            PortError: the index or the embedder failed, or the disk.
        """
        async with self._syncing:
            folder = await asyncio.to_thread(self._documents.read)
            problem = await self._not_answered.read()
            before = await self._index.digests()
            there = {document.source: document for document in folder.documents}
            gone = before.keys() - there.keys()
            await self._take_out(gone)
            fresh = [document for document in folder.documents if before.get(document.source) != document.digest]
            left, waiting = await self._take_in(fresh, progress, interrupted)
            later = {document.source: self._stock.documents.get(document.source) for document in left}
            in_force = {source: document for source, document in {**there, **later}.items() if document}
            if waiting or in_force != self._stock.documents:  # their words are counted anew, in 0.1 ms a passage
                await self._switch(await asyncio.to_thread(_stock, list(in_force.values())), waiting)
            kept = {document.digest for document in (*folder.documents, *self._stock.documents.values())}
            await asyncio.to_thread(self._shelf.keep_only, kept)
        done = [document for document in fresh if document not in left]
        changed = sum(document.source in before for document in done)
        return SyncReport(
            added=len(done) - changed,
            changed=changed,
            removed=len(gone),
            unchanged=len(folder.documents) - len(fresh),
            for_agents=len(folder.for_agents),
            problems=(*folder.problems, *([problem] if problem else [])),
        )

    async def _take_out(self, sources: AbstractSet[str]) -> None:
        in_force = [document for source, document in self._stock.documents.items() if source not in sources]
        if len(in_force) < len(self._stock.documents):
            self._stock = await asyncio.to_thread(_stock, in_force)
        for source in sorted(sources):
            await self._index.remove(source)

    async def _take_in(
        self, fresh: Sequence[Document], progress: Callable[[int, int], None], interrupted: Callable[[], bool]
    ) -> tuple[list[Document], list[tuple[Document, Vectors]]]:
        """Read documents, and put those into the index that replace nothing.

        Gives back what is left when something interrupts, and what is to replace an older self.
        """
        total, done = sum(len(document.passages) for document in fresh), 0
        waiting: list[tuple[Document, Vectors]] = []
        left = sorted(fresh, key=lambda document: len(document.passages))
        while left and not (done and interrupted()):
            document = left.pop(0)
            _, vectors = await self._shelf.read(document)
            if document.source in self._stock.documents:
                waiting.append((document, vectors))
            else:
                await self._index.replace(document.source, document.passages, vectors)
            done += len(document.passages)
            progress(done, total)
        return left, waiting

    async def _switch(self, stock: _Stock, waiting: Sequence[tuple[Document, Vectors]]) -> None:
        """Put documents in place of their older selves. A question asked meanwhile finds the old or the new, never neither."""
        self._stock = replace(stock, places={**self._stock.places, **stock.places})
        for document, vectors in waiting:
            await self._index.replace(document.source, document.passages, vectors)
        self._stock = stock

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
        if place := stock.places.get((passage.source, passage.text)):
            document, number = place
            (found,) = await self._shelf.of([document])
            return found.passages[number]
        (reading,) = await self._embedder.read([full_text(passage.title, passage.heading, passage.text)])
        return passage_words(reading, passage.title, passage.heading, passage.text)

    async def _asked(self, query: str, lexicon: Lexicon) -> Question:
        (reading,) = await self._embedder.read([query])
        common = {word for word, known in zip(reading.words, reading.known, strict=True) if known}
        text = lexicon.corrected(query, common)
        if text != query:
            (reading,) = await self._embedder.read([text])
        return question(reading, query, lexicon, self._not_answered.nearness(reading.vector))

    async def _at_hand(self, hits: Sequence[Passage], stock: _Stock) -> list[Candidate]:
        placed = [(hit, stock.places.get((hit.source, hit.text))) for hit in hits]
        known = [(hit, *place) for hit, place in placed if place]  # without place: the index is ahead of us, a sync is under way
        shelved = await self._shelf.of([document for _, document, _ in known])
        return [
            Candidate(
                passage=replace(hit, updated=document.updated.isoformat()),
                words=words.passages[number],
                heading=words.headings[number],
                whole=hit.score,
            )
            for (hit, document, number), words in zip(known, shelved, strict=True)
        ]


def _stock(documents: Sequence[Document]) -> _Stock:
    return _Stock(
        documents={document.source: document for document in documents},
        places={(p.source, p.text): (document, number) for document in documents for number, p in enumerate(document.passages)},
        lexicon=lexicon_of(documents),
    )


def lexicon_of(documents: Sequence[Document]) -> Lexicon:
    """The words of some documents."""
    texts = {d.title: [full_text(p.title, p.heading, p.text) for p in d.passages] for d in documents}
    return Lexicon([text for part in texts.values() for text in part], {title: "\n".join(part) for title, part in texts.items()})
