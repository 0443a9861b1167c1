"""Answers of language models over real sockets: a scripted server for every fault, and a real small model for everything else."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any, cast

import pytest

from tests.fakes.llm_server import LlmServer, llm_server, model_at, nobody_opens
from tests.fakes.small_model import small_model
from tests.fakes.text import CannedWriter
from voice_agent.adapters.litellm_llm import Limits
from voice_agent.app.writing import answer_writer
from voice_agent.core.sentences import split_sentences
from voice_agent.core.words import Passage, RedactedText
from voice_agent.knowledge.generated import GeneratedWriter
from voice_agent.knowledge.library import Library
from voice_agent.knowledge.line_up import LineUp
from voice_agent.knowledge.prompts import Prompt, read_prompt
from voice_agent.knowledge.support import SupportChecker
from voice_agent.models import ModelStore
from voice_agent.ports import AnswerSentence, AnswerWriter, LanguageModel, Message
from voice_agent.settings import SHIPPED, load_settings

QUESTION = RedactedText("How long does a refund take?")
OWN = "Kettlewick pays a refund within 5 working days."
PASSAGE = Passage(
    source="refunds",
    title="Refunds",
    heading="",
    text=RedactedText(f"{OWN} The delivery fee is not refunded if you change your mind."),
    score=0.8,
)
WRITTEN = "We pay a refund within five business days."


async def written(by: AnswerWriter, question: RedactedText = QUESTION) -> list[AnswerSentence]:
    async with aclosing(cast("Any", by.write(question, (PASSAGE,), ()))) as sentences:
        return [sentence async for sentence in sentences]


# ---------------------------------------------------------------- faults


def waits_before(server: LlmServer) -> None:
    server.wait_before = asyncio.Event()


def breaks_off(server: LlmServer) -> None:
    server.pieces, server.finish = ("We pay a ", "refund within "), None


def is_empty(server: LlmServer) -> None:
    server.pieces = ("", " ")


def takes_no_more(server: LlmServer) -> None:
    server.status = 429


def fails(server: LlmServer) -> None:
    server.status = 500


def is_garbled(server: LlmServer) -> None:
    server.raw = b"data: {not json\n\n"


def rambles(server: LlmServer) -> None:
    server.pieces, server.finish = ("Well, ", "let me see, "), "length"


FAULTS = [waits_before, breaks_off, is_empty, takes_no_more, fails, is_garbled, rambles]


async def configured(folder: Path, library: Library, *bases: str) -> Callable[[], AnswerWriter]:
    """As an operator sets it up: the first is the usual model, the others its fallbacks."""
    usual, *others = bases
    lines = [f"model: openai/usual\napi_base: {usual}\nfirst_token_s: 1\nconnect_s: 0.4\ntotal_s: 10\nwait_s: 5\n"]
    lines += ["fallbacks:\n", *(f"  - {{model: openai/other, api_base: '{base}'}}\n" for base in others)] if others else []
    folder.mkdir()  # noqa: ASYNC240 - a moment
    (folder / "llm.yaml").write_text("".join(lines))
    return await answer_writer(load_settings(folder, {}), library)


@pytest.mark.parametrize("fault", FAULTS)
async def test_when_a_server_fails_the_next_one_answers_and_without_one_the_documents(
    fault: Callable[[LlmServer], None], library: Library, tmp_path: Path
) -> None:
    async with llm_server() as bad, llm_server() as good:
        fault(bad)
        good.pieces = (f"{WRITTEN} ", "And 10 percent interest.")
        make = await configured(tmp_path / "two", library, bad.base, good.base)
        assert [(sentence.text, sentence.model) for sentence in await written(make())] == [(WRITTEN, "openai/other")]
        make = await configured(tmp_path / "one", library, bad.base)
        assert [(sentence.text, sentence.model) for sentence in await written(make())] == [(OWN, "")]
        assert len(bad.requests) == 2, "nobody tries again behind our back"


@pytest.mark.parametrize("there", [True, False], ids=["lets nobody in", "is not there"])
async def test_a_server_that_cannot_be_reached_is_passed_over(there: bool, library: Library, tmp_path: Path) -> None:
    with ExitStack() as stack:
        base = stack.enter_context(nobody_opens()) if there else closed_port()
        async with llm_server() as good:
            good.pieces = (WRITTEN,)
            make = await configured(tmp_path / "two", library, base, good.base)
            assert [sentence.model for sentence in await written(make())] == ["openai/other"]
        make = await configured(tmp_path / "one", library, base)
        assert [sentence.text for sentence in await written(make())] == [OWN]


def closed_port() -> str:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{port.getsockname()[1]}/v1"


async def test_what_was_written_names_its_model_and_its_prompt(library: Library, tmp_path: Path) -> None:
    async with llm_server() as server:
        server.pieces = (WRITTEN,)
        (tmp_path / "c" / "prompts").mkdir(parents=True)
        (tmp_path / "c" / "prompts" / "answer.md").write_text("Our own instructions.")
        (tmp_path / "c" / "llm.yaml").write_text(f"model: openai/usual\napi_base: {server.base}\n")
        make = await answer_writer(load_settings(tmp_path / "c", {}), library)
        (sentence,) = await written(make())
    assert server.requests[0]["messages"][0] == {"role": "system", "content": "Our own instructions."}
    assert (sentence.model, sentence.prompt) == ("openai/usual", "answer.md 5bfa0756")


# ---------------------------------------------------------------- a real model


class Overheard:
    """A LanguageModel that keeps what another one says."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self.pieces: list[str] = []
        self._model = model

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        self.pieces.clear()
        async with aclosing(cast("Any", self._model.stream(messages))) as pieces:
            async for piece in pieces:
                self.pieces.append(piece)
                yield piece


@pytest.fixture(scope="module")
def small(model_store: ModelStore) -> Iterator[Overheard]:
    with small_model(model_store.path("smollm2")) as base:
        yield Overheard(model_at(base, name="smollm2", limits=Limits(connect=30, first_token=60, total=120, max_tokens=48)))


def writer(model: LanguageModel, instructions: str) -> GeneratedWriter:
    return GeneratedWriter(
        line_up=LineUp(fast=(model,), strong=(model,), rest=0, monotonic=lambda: 0.0),
        checker=SupportChecker(),
        fallback=CannedWriter(OWN),
        prompt=Prompt(text=RedactedText(instructions), version="a test's"),
        patience=120,
        tokens=100_000,
    )


async def test_a_real_models_first_sentence_is_spoken_while_it_still_writes(small: Overheard) -> None:
    by = writer(small, read_prompt(SHIPPED / "prompts" / "answer.md").text)
    async with aclosing(by.write(RedactedText("Is the delivery fee refunded?"), (PASSAGE,), ())) as sentences:
        first = await anext(sentences)
        then = len(small.pieces)
        others = [sentence async for sentence in sentences]

    assert (first.model, first.citations[0].source) == ("openai/smollm2", "refunds")
    assert "delivery fee is not refunded" in first.text
    assert 3 < then < len(small.pieces), "the first sentence came in pieces, and was handed on before the last of them"
    assert [sentence.model for sentence in others] == ["openai/smollm2"] * len(others)


@pytest.mark.parametrize("question", ["Who invented the kettle?", "How long does a refund take?"])
async def test_what_a_real_model_invents_is_not_spoken(small: Overheard, question: str) -> None:
    spoken = await written(writer(small, "Answer in one sentence."), RedactedText(question))

    said = split_sentences("".join(small.pieces))
    check = SupportChecker().check((f"{PASSAGE.title}\n{PASSAGE.text}",), " ".join(said))
    invented = {each.text for each in check.sentences if not each.supported}
    assert invented, "it knows next to nothing, and yet it answers"
    assert invented.isdisjoint(sentence.text for sentence in spoken)
    assert all(SupportChecker().check((PASSAGE.text,), sentence.text).supported for sentence in spoken)
