"""Understanding what was said, knowing, and answering."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from voice_agent.core.words import Citation, Line, Passage, RedactedText

if TYPE_CHECKING:
    import numpy as np  # not for doors that only read a database
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A piece of personal data found in a text."""

    type: str
    """NAME, PHONE, EMAIL, CARD, ACCOUNT, ADDRESS, POSTCODE, DATE_OF_BIRTH, NATIONAL_ID, IBAN …"""
    start: int
    """Offsets into the text given, in characters; end is exclusive."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    text: RedactedText
    """With a typed placeholder, such as <CARD>, for each entity."""
    entities: tuple[Entity, ...]
    """In order, not overlapping."""
    originals: tuple[str, ...] = field(repr=False)
    """Of each entity, in one form however it was said: "4111111111111111". For the call's vault, and nothing else."""


class Redactor(Protocol):
    async def redact(self, text: str, *, after: str = "") -> Redaction:
        """`after`: what the caller said just before, redacted: a number may go on in `text`.

        Fails closed: PortError when it cannot run; the text must then be dropped.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    asks_for_person: bool
    topic: str | None
    frustration: float
    """0 to 1."""
    language_not_spoken: bool = False
    """The words are in another language than the assistant's, or say that their speaker does not speak it."""


class IntentRecognizer(Protocol):
    async def recognize(self, text: RedactedText) -> Intent: ...


Vectors: TypeAlias = "NDArray[np.float32]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text as the model reads it: a vector for the whole and one for each word, coloured by the words around it."""

    vector: "NDArray[np.float32]"
    """Of the whole text, the same that `embed` gives; shape (d,)."""
    words: tuple[str, ...]
    """In lower case, as the model separates them, without punctuation; none beyond the longest text it can read."""
    begins: tuple[int, ...]
    """Where each word begins in the text, in characters."""
    known: tuple[bool, ...]
    """Whether the model knows the word whole; a rare or misheard one is put together from pieces."""
    vectors: Vectors
    """Unit vectors, shape (len(words), d)."""


class Embedder(Protocol):
    name: str
    """Changes whenever the vectors would: part of the key of every cache of them."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), d), in order."""
        ...

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        """The same with the words, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPassage:
    id: str
    """Unique in the index; stable for the same document and place."""
    source: str
    title: str
    heading: str
    text: RedactedText
    digest: str
    """Of the whole document's content: a document whose digest is in the index is up to date."""
    asked: tuple[str, ...] = ()
    """What callers ask that it answers: other ways to find it, never said and never a source."""


class PassageIndex(Protocol):
    """A vector index of passages. Survives a restart; safe against a crash between any two calls."""

    async def digests(self) -> Mapping[str, str]:
        """Of every document in the index: source → digest."""
        ...

    async def replace(self, source: str, passages: Sequence[IndexedPassage], vectors: Vectors) -> None:
        """Put a document in place of its older self. A search never sees it missing or twice.

        `vectors`: a row for each passage, then one for each question asked of them, passage by passage.
        """
        ...

    async def remove(self, source: str) -> None: ...

    async def search(self, vector: "NDArray[np.float32]", count: int) -> list[Passage]:
        """The nearest by cosine, best first; `score` is the cosine clipped to 0..1, of its text or of the nearest question asked of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a search says about a question."""

    passages: tuple[Passage, ...]
    """Best first."""
    confidence: float
    """That they answer it, 0 to 1, calibrated so that 0.5 is the line between answering and not."""
    clarify: RedactedText
    """A question to ask back; empty when the caller's question is clear."""
    reason: str


class KnowledgeBase(Protocol):
    async def find(self, query: RedactedText) -> Finding: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSentence:
    text: RedactedText
    citations: tuple[Citation, ...]
    model: str = ""
    """The language model that wrote it; empty for the documents' own words."""
    prompt: str = ""
    """The version of the instructions it was written by; empty without a model."""
    more: bool = False
    """Detail beyond what a listener keeps, behind all that is said at once: only for a caller who wants it."""


class AnswerWriter(Protocol):
    """Writes the answer from the passages, a sentence at a time. Nothing that they do not support."""

    def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceVerdict:
    text: str
    supported: bool
    why: str
    """What is missing or differs, in plain words; for a supported sentence, which passage carries it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    supported: bool
    """Every sentence is."""
    score: float
    """0 to 1, the least supported sentence's."""
    sentences: tuple[SentenceVerdict, ...]


class AnswerChecker(Protocol):
    def check(self, passages: Sequence[str], answer: str) -> Verdict: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: RedactedText


class LanguageModel(Protocol):
    name: str
    """As the configuration calls it; for the journal and the log."""

    def stream(self, messages: Sequence[Message]) -> AsyncIterator[str]:
        """Pieces of text as they come. PortError when it fails, is too slow, or ends without a token (code="empty-answer")."""
        ...
