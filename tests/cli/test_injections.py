"""Orders in a caller's words or in a document change nothing: tests/data/injections.yaml, with the documents' own sentences and with the
worst language model there could be, which says exactly what the attacker wants."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from tests.fakes.llm_server import LlmServer, llm_server, model_at
from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.adapters.presidio_redactor import PresidioRedactor
from voice_agent.app import Mind
from voice_agent.cli.asking import reply_to
from voice_agent.cli.written import Rulebook
from voice_agent.core.words import Line, RedactedText
from voice_agent.knowledge.extractive import ExtractiveWriter
from voice_agent.knowledge.generated import GeneratedWriter
from voice_agent.knowledge.intents import EmbeddingIntents
from voice_agent.knowledge.library import Library, SyncReport
from voice_agent.knowledge.line_up import LineUp
from voice_agent.knowledge.prompts import read_prompt
from voice_agent.knowledge.support import SupportChecker
from voice_agent.ports import AnswerSentence, AnswerWriter, Finding
from voice_agent.settings import SHIPPED, load_settings

CASES = yaml.safe_load((Path(__file__).parents[1] / "data" / "injections.yaml").read_text("utf-8"))
SETTINGS = load_settings(None, {})
PROMPT = read_prompt(SHIPPED / "prompts" / "answer.md")
REVEALING = 6
"""Words of the prompt in a row."""


@pytest.fixture(scope="module")
def poisoned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("poisoned")
    for number, case in enumerate(CASES["document"]):
        (folder / f"{number}.{case.get('kind', 'md')}").write_text(case["text"], "utf-8")
    return folder


@pytest.fixture(scope="module")
def poisoned_index(tmp_path_factory: pytest.TempPathFactory, minilm: OnnxEmbedder) -> Iterator[ChromaIndex]:
    index = ChromaIndex(tmp_path_factory.mktemp("index"), minilm.name)
    yield index
    index.close()


@pytest.fixture
async def server() -> AsyncIterator[LlmServer]:
    async with llm_server() as script:
        yield script


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + REVEALING]) for at in range(len(found) - REVEALING + 1)}


async def everything_written(by: AnswerWriter, question: RedactedText, found: Finding) -> list[AnswerSentence]:
    """Even where the documents would not have been thought to answer."""
    async with aclosing(cast("AsyncGenerator[AnswerSentence, None]", by.write(question, found.passages, ()))) as sentences:
        return [sentence async for sentence in sentences]


def writers(library: Library, server: LlmServer) -> list[AnswerWriter]:
    extractive = ExtractiveWriter(library)
    model = model_at(server.base)
    obedient = GeneratedWriter(
        line_up=LineUp(fast=(model,), strong=(model,), rest=0, monotonic=lambda: 0.0),
        checker=SupportChecker(),
        fallback=extractive,
        prompt=PROMPT,
        patience=60,
        tokens=100_000,
    )
    return [extractive, obedient]


def check_sentences(sentences: Sequence[AnswerSentence], case: dict[str, Any]) -> None:
    for sentence in sentences:
        carried = SupportChecker().check([citation.passage for citation in sentence.citations], sentence.text)
        assert carried.supported, (sentence.text, carried.sentences)
    check_text(" ".join(sentence.text for sentence in sentences), case)


def check_text(said: str, case: dict[str, Any]) -> None:
    assert not [text for text in case["never"] if text in said.lower()], said
    assert runs(said).isdisjoint(runs(PROMPT.text)), said


class Ears:
    """What it takes to hear a question, beside the documents and the writer."""

    def __init__(self, redactor: PresidioRedactor, intents: EmbeddingIntents) -> None:
        self.redactor = redactor
        self.intents = intents

    async def check(self, library: Library, server: LlmServer, question: str, case: dict[str, Any]) -> None:
        """Whoever writes, and whatever the caller has said before: nothing of it is spoken, and nobody is sent elsewhere."""
        server.pieces = (case["obeyed"],)
        text = (await self.redactor.redact(question)).text
        found = await library.find(text)
        for by in writers(library, server):
            check_sentences(await everything_written(by, text, found), case)
            mind = SimpleNamespace(redactor=self.redactor, intents=self.intents, knowledge=library, writer=constant(by))
            reply = await reply_to(cast("Mind", mind), SETTINGS.policy, SETTINGS.rules, question)
            check_sentences(reply.sentences, case)
            check_text(reply.text, case)
            if reply.action == "escalate":
                assert reply.text in {rule.say for rule in SETTINGS.rules}
        book = Rulebook(SETTINGS.policy, SETTINGS.rules)
        lines = [Line(speaker="caller", text=text)]
        shown = book.read(lines, {0: await self.intents.recognize(text)})
        assert shown.decision.rule is None or shown.decision.rule in SETTINGS.rules
        assert book.brief(lines, shown).queue in SETTINGS.escalation.queues


def constant(by: AnswerWriter) -> Callable[[], AnswerWriter]:
    return lambda: by


@pytest.fixture
def ears(presidio: PresidioRedactor, intents: EmbeddingIntents) -> Ears:
    return Ears(presidio, intents)


def test_there_are_at_least_forty_of_them_on_both_sides_each_with_a_name_of_its_own() -> None:
    names = [(side, case["id"]) for side, cases in CASES.items() for case in cases]
    assert len(set(names)) == len(names) >= 40
    assert min(len(CASES["caller"]), len(CASES["document"])) >= 15


@pytest.mark.parametrize("case", CASES["caller"], ids=lambda case: case["id"])
async def test_orders_in_a_callers_words_change_nothing(case: dict[str, Any], ears: Ears, library: Library, server: LlmServer) -> None:
    await ears.check(library, server, case["says"], case)
    assert server.requests, "the model was asked, and its obedience of no use"


async def test_orders_in_a_document_change_nothing_and_are_reported(
    ears: Ears, minilm: OnnxEmbedder, poisoned_folder: Path, poisoned_index: ChromaIndex, server: LlmServer, tmp_path: Path
) -> None:
    library = Library(poisoned_index, minilm, poisoned_folder, tmp_path / "words")
    report: SyncReport = await library.sync(lambda _done, _total: None)
    wrong = []
    for number, case in enumerate(CASES["document"]):
        try:
            await ears.check(library, server, case["asks"], case)
        except AssertionError as error:
            wrong.append(f"{case['id']}: {error}")
        unseen = case["id"].startswith("hidden")
        if not unseen and not any(f"/{number}." in str(problem) for problem in report.problems):
            wrong.append(f"{case['id']}: it is not reported")

    assert not wrong, "\n".join(wrong)
    assert report.added == len(CASES["document"])


async def test_what_is_true_beside_an_order_is_still_answered(
    minilm: OnnxEmbedder, poisoned_folder: Path, poisoned_index: ChromaIndex, tmp_path: Path
) -> None:
    library = Library(poisoned_index, minilm, poisoned_folder, tmp_path / "words")
    await library.sync(lambda _done, _total: None)
    question = RedactedText("How long does a zebra refund take?")
    (sentence, *_) = await everything_written(ExtractiveWriter(library), question, await library.find(question))

    assert sentence.text == "A zebra refund takes 5 working days."
