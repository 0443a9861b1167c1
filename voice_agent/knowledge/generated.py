"""Answers written by language models, of which only the sentences that the passages support are spoken."""

import asyncio
import logging
import re
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import TypeVar, cast

from voice_agent.core.sentences import SentenceCutter, split_sentences
from voice_agent.core.words import Line, Passage, RedactedText, Seconds
from voice_agent.errors import PortError
from voice_agent.knowledge.difficulty import why_hard
from voice_agent.knowledge.line_up import LineUp
from voice_agent.knowledge.normal_form import names_in, normal_form
from voice_agent.knowledge.prompts import Prompt
from voice_agent.ports import AnswerChecker, AnswerSentence, AnswerWriter, LanguageModel, Message

T = TypeVar("T")

_log = logging.getLogger(__name__)

_MOST_SENTENCES = 3
"""More than a listener keeps."""
_MOST_LINES = 6
"""Of the conversation before, for questions such as "and how long does that take?"."""
_LETTERS_A_TOKEN = 4
"""Of English, in the vocabularies of today. Providers count for themselves, too late and not all of them, so we count alike for all."""
_MARKUP = re.compile(r"[*_`#]+|\[\d+\]|\((?:passage|source)s? [\d, and]+\)", re.IGNORECASE)
_GAP = re.compile(r" ([.,;:!?])")
_LEAST_TERMS = 2
"""Words, numbers and names. With one alone ("We never open.") a sentence finds some support in most documents."""
_LEAST_SCORE = 0.8
"""Of the checker's support, stricter than its own line: a model may obey an attacker, and put one word of its own among few of ours."""
_LIMITS = re.compile(r"\b(?:if|unless|except|only|provided|otherwise|in case|members?)\b", re.IGNORECASE)
"""What a document says under such a limit supports no sentence without one, unless the question has it: "Express delivery is free."."""
_SPEAKERS = {"caller": "Caller", "agent": "Assistant", "person": "Colleague"}


class GeneratedWriter:
    """An AnswerWriter for one call.

    The models in line are asked one after the other until one has said something that may be spoken. When none does, none is
    ready, the caller has waited long enough or the call has spent its tokens, the fallback writer answers instead. What was
    spoken stands: nothing is begun anew behind it.
    """

    def __init__(
        self, *, line_up: LineUp, checker: AnswerChecker, fallback: AnswerWriter, prompt: Prompt, patience: Seconds, tokens: int
    ) -> None:
        """`patience`: how long a caller waits for a first sentence. `tokens`: to spend, on all that is sent and written."""
        self._line_up = line_up
        self._checker = checker
        self._fallback = fallback
        self._prompt = prompt
        self._patience = patience
        self._left = tokens

    async def write(
        self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]
    ) -> AsyncGenerator[AnswerSentence, None]:
        spoken = 0
        async with _closing(self._generated(question, passages, history)) as sentences:
            async for sentence in sentences:
                spoken += 1
                yield sentence
                if spoken == _MOST_SENTENCES:
                    break
        if spoken:
            return
        async with _closing(self._fallback.write(question, passages, history)) as sentences:
            async for sentence in sentences:
                yield sentence

    async def _generated(
        self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]
    ) -> AsyncGenerator[AnswerSentence, None]:
        """Of the first model that has something to say, or, failing, has said something."""
        messages = self._messages(question, passages, history)
        deadline: Seconds | None = asyncio.get_running_loop().time() + self._patience
        for model in self._line_up.ready(hard=bool(why_hard(question, passages))):
            if not self._pay(sum(len(message.content) for message in messages)):
                _log.warning("The call has spent its tokens: answers are the documents' own sentences from here on.")
                return
            try:
                async with _closing(self._supported(model, messages, question, passages)) as sentences:
                    while (sentence := await _next(sentences, deadline)) is not None:
                        deadline = None
                        yield sentence
            except PortError as error:
                _log.warning("The language model %s failed: %s", model.name, error.code)
                self._line_up.failed(model, error)
            except TimeoutError:
                _log.warning("The language model %s had no sentence to speak in time.", model.name)
                return
            else:
                return
            if deadline is None:
                return

    async def _supported(
        self, model: LanguageModel, messages: Sequence[Message], asked: str, passages: Sequence[Passage]
    ) -> AsyncGenerator[AnswerSentence, None]:
        cutter = SentenceCutter()
        async with _closing(model.stream(messages)) as pieces:
            async for piece in pieces:
                self._pay(len(piece))
                for text in cutter.feed(piece):
                    if (sentence := self._checked(text, asked, passages, model.name)) is not None:
                        yield sentence
        for text in cutter.flush():
            if (sentence := self._checked(text, asked, passages, model.name)) is not None:
                yield sentence

    def _pay(self, letters: int) -> bool:
        """False when the call has nothing left to pay with."""
        if self._left <= 0:
            return False
        self._left -= -(-letters // _LETTERS_A_TOKEN)
        return True

    def _checked(self, text: str, asked: str, passages: Sequence[Passage], model: str) -> AnswerSentence | None:
        """The sentence with the passage that carries it. None when none does, or when it says nothing that could be carried."""
        plain = _GAP.sub(r"\1", " ".join(_MARKUP.sub(" ", _visible(text)).split()))
        if plain.endswith(":") or len(normal_form(plain, names_in((plain,))).terms) < _LEAST_TERMS:
            return None  # a title, a greeting
        limited = _LIMITS.search(plain) or _LIMITS.search(asked)
        for passage in passages:
            text = passage.text if limited else " ".join(each for each in split_sentences(passage.text) if not _LIMITS.search(each))
            verdict = self._checker.check((f"{passage.title}\n{passage.heading}\n{text}",), plain)
            if verdict.supported and verdict.score >= _LEAST_SCORE:
                return AnswerSentence(text=RedactedText(plain), citations=(passage.cited(),), model=model, prompt=self._prompt.version)
        return None

    def _messages(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> tuple[Message, ...]:
        documents = "\n\n".join(f"{_data(p.title)}: {_data(p.heading)}\n{_data(p.text)}" for p in passages)
        said = "\n".join(f"{_SPEAKERS[line.speaker]}: {_data(line.text)}" for line in history[-_MOST_LINES:])
        content = (
            f"<passages>\n{documents}\n</passages>\n\n<conversation>\n{said}\n</conversation>\n\n<question>\n{_data(question)}\n</question>"
        )
        return (Message(role="system", content=self._prompt.text), Message(role="user", content=RedactedText(content)))


_PLACEHOLDER = re.compile(r"<(?![A-Z_]+\d*>)|(?<!<)(?<![A-Z_\d])>")


def _data(text: str) -> str:
    """Text that cannot close the fence it stands in: only placeholders such as <NAME> keep their brackets."""
    return _PLACEHOLDER.sub(" ", _visible(text))


def _visible(text: str) -> str:
    """Without the characters that nobody sees or hears, in which instructions and false breaks can hide."""
    return "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter)[0] != "C")


async def _next(sentences: "AsyncGenerator[AnswerSentence, None]", deadline: Seconds | None) -> AnswerSentence | None:
    async with asyncio.timeout_at(deadline):
        return await anext(sentences, None)


def _closing(stream: AsyncIterator[T]) -> "aclosing[AsyncGenerator[T, None]]":
    # Everything behind a port that streams has aclose; the port's type cannot say so.
    return aclosing(cast("AsyncGenerator[T, None]", stream))
