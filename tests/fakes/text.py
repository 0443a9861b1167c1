"""Judges and writers of text that do what a test tells them, with the promises of the real ones."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

from voice_agent.core.sentences import split_sentences
from voice_agent.core.words import Line, Passage, RedactedText
from voice_agent.errors import PortError
from voice_agent.ports import AnswerSentence, Entity, Intent, Message, Redaction, SentenceVerdict, Verdict


class ScriptedRedactor:
    """Knows the personal data by heart: the words, and the type of each."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)
        self.broken = False
        """While set, it cannot run."""

    async def redact(self, text: str, *, after: str = "") -> Redaction:
        if self.broken:
            raise PortError("The redactor could not run on this text, so the text was dropped.", code="redactor-failed")
        if not self._known:
            return Redaction(text=RedactedText(text), entities=(), originals=())
        longest_first = sorted(self._known, key=len, reverse=True)
        pattern = re.compile("|".join(re.escape(words) for words in longest_first))
        entities = tuple(Entity(type=self._known[m.group()], start=m.start(), end=m.end()) for m in pattern.finditer(text))
        redacted = pattern.sub(lambda m: f"<{self._known[m.group()]}>", text)
        originals = tuple(text[e.start : e.end].replace(" ", "") for e in entities)
        return Redaction(text=RedactedText(redacted), entities=entities, originals=originals)


class ScriptedIntents:
    """Understands exactly the texts it is told about; anything else is an ordinary, calm remark."""

    def __init__(self, known: Mapping[str, Intent]) -> None:
        self._known = dict(known)

    async def recognize(self, text: RedactedText) -> Intent:
        return self._known.get(text, Intent(asks_for_person=False, topic=None, frustration=0.0))


class VerbatimChecker:
    """Supports a sentence that a passage holds word for word."""

    def check(self, passages: Sequence[str], answer: str) -> Verdict:
        sentences = tuple(self._verdict(passages, sentence) for sentence in split_sentences(answer))
        supported = bool(sentences) and all(s.supported for s in sentences)
        return Verdict(supported=supported, score=1.0 if supported else 0.0, sentences=sentences)

    def _verdict(self, passages: Sequence[str], sentence: str) -> SentenceVerdict:
        for number, passage in enumerate(passages, 1):
            if sentence in passage:
                return SentenceVerdict(text=sentence, supported=True, why=f"Supported by passage {number}.")
        return SentenceVerdict(text=sentence, supported=False, why="No passage holds these words.")


class ScriptedModel:
    """Streams its pieces, then raises `failure` if there is one, or `hangs`. Remembers what it was asked and whether it was let go."""

    def __init__(self, *pieces: str, failure: PortError | None = None, name: str = "scripted", hangs: bool = False) -> None:
        self.name = name
        self._pieces = pieces
        self._failure = failure
        self._hangs = hangs
        self.asked: list[tuple[Message, ...]] = []
        self.handed_out = 0
        self.closed = False

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        self.asked.append(tuple(messages))
        try:
            for piece in self._pieces:
                self.handed_out += 1
                yield piece
            if self._hangs:
                await asyncio.Event().wait()
            if self._failure is not None:
                raise self._failure
            if not "".join(self._pieces).strip():
                raise PortError("The language model answered without a word.", code="empty-answer", retry=True)
        finally:
            self.closed = True


class CannedWriter:
    """Always answers the same, from the first passage."""

    def __init__(self, answer: str) -> None:
        self._answer = RedactedText(answer)

    async def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]:
        first = passages[0]
        citation = first.cited()
        yield AnswerSentence(text=self._answer, citations=(citation,))
