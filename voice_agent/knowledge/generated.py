"""Answers written by a language model, of which only the sentences that the passages support are spoken."""

import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar, cast

from voice_agent.core.sentences import SentenceCutter
from voice_agent.core.words import Citation, Line, Passage, RedactedText
from voice_agent.errors import ConfigError, PortError
from voice_agent.ports import AnswerChecker, AnswerSentence, AnswerWriter, LanguageModel, Message

T = TypeVar("T")

_log = logging.getLogger(__name__)

_MOST_SENTENCES = 3
"""More than a listener keeps."""
_MOST_LINES = 6
"""Of the conversation before, for questions such as "and how long does that take?"."""
_MARKUP = re.compile(r"[*_`#]+|\[\d+\]|\((?:passage|source)s? [\d, and]+\)", re.IGNORECASE)
_GAP = re.compile(r" ([.,;:!?])")
_SPEAKERS = {"caller": "Caller", "agent": "Assistant", "person": "Colleague"}


def read_prompt(file: Path) -> RedactedText:
    """The instructions of a file such as config/prompts/answer.md."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: the prompt cannot be read ({error}).", code="prompt-unreadable") from None
    if not text:
        raise ConfigError(f"{file}: the prompt is empty. Write instructions into it, or restore the file that came.", code="prompt-empty")
    return RedactedText(text)


class GeneratedWriter:
    """An AnswerWriter. While nothing has been spoken, whatever goes wrong is mended by the fallback writer."""

    def __init__(self, model: LanguageModel, checker: AnswerChecker, fallback: AnswerWriter, instructions: RedactedText) -> None:
        self._model = model
        self._checker = checker
        self._fallback = fallback
        self._instructions = instructions

    async def write(
        self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]
    ) -> AsyncGenerator[AnswerSentence, None]:
        spoken = 0
        try:
            async with _closing(self._supported(question, passages, history)) as sentences:
                async for sentence in sentences:
                    spoken += 1
                    yield sentence
                    if spoken == _MOST_SENTENCES:
                        break
        except PortError as error:
            _log.warning("The language model failed after %d sentences: %s", spoken, error.code)
        if spoken:
            return
        async with _closing(self._fallback.write(question, passages, history)) as sentences:
            async for sentence in sentences:
                yield sentence

    async def _supported(
        self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]
    ) -> AsyncGenerator[AnswerSentence, None]:
        cutter = SentenceCutter()
        async with _closing(self._model.stream(self._messages(question, passages, history))) as pieces:
            async for piece in pieces:
                for text in cutter.feed(piece):
                    if (sentence := self._checked(text, passages)) is not None:
                        yield sentence
        for text in cutter.flush():
            if (sentence := self._checked(text, passages)) is not None:
                yield sentence

    def _checked(self, text: str, passages: Sequence[Passage]) -> AnswerSentence | None:
        """The sentence with the passage that carries it. None when none does, or when it says nothing that could be carried."""
        plain = _GAP.sub(r"\1", " ".join(_MARKUP.sub(" ", text).split()))
        if not plain or self._checker.check((), plain).supported:
            return None
        for passage in passages:
            if self._checker.check((f"{passage.title}\n{passage.heading}\n{passage.text}",), plain).supported:
                citation = Citation(source=passage.source, title=passage.title, passage=passage.text)
                return AnswerSentence(text=RedactedText(plain), citations=(citation,))
        return None

    def _messages(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> tuple[Message, ...]:
        documents = "\n\n".join(f"{_data(p.title)}: {_data(p.heading)}\n{_data(p.text)}" for p in passages)
        said = "\n".join(f"{_SPEAKERS[line.speaker]}: {_data(line.text)}" for line in history[-_MOST_LINES:])
        content = (
            f"<passages>\n{documents}\n</passages>\n\n<conversation>\n{said}\n</conversation>\n\n<question>\n{_data(question)}\n</question>"
        )
        return (Message(role="system", content=self._instructions), Message(role="user", content=RedactedText(content)))


_PLACEHOLDER = re.compile(r"<(?![A-Z_]+\d*>)|(?<!<)(?<![A-Z_\d])>")


def _data(text: str) -> str:
    """Text that cannot close the fence it stands in: only placeholders such as <NAME> keep their brackets."""
    return _PLACEHOLDER.sub(" ", text)


def _closing(stream: AsyncIterator[T]) -> "aclosing[AsyncGenerator[T, None]]":
    # Everything behind a port that streams has aclose; the port's type cannot say so.
    return aclosing(cast("AsyncGenerator[T, None]", stream))
