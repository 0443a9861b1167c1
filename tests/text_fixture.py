"""The judges of text with their real models, loaded once for all tests."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.adapters.presidio_redactor import PresidioRedactor, company_words
from voice_agent.knowledge.intents import EmbeddingIntents, IntentPhrases
from voice_agent.knowledge.library import Library
from voice_agent.models import ModelStore

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def presidio(model_store: ModelStore) -> Iterator[PresidioRedactor]:
    """As the server has it, with the sample company's documents."""
    keep = company_words(file.read_text() for file in sorted((ROOT / "kb").glob("*.md")))
    redactor = PresidioRedactor(model_store.path("spacy-en-md"), keep=keep)
    yield redactor
    redactor.close()


@pytest.fixture(scope="session")
def minilm(model_store: ModelStore) -> Iterator[OnnxEmbedder]:
    embedder = OnnxEmbedder(model_store.path("minilm"))
    yield embedder
    embedder.close()


@pytest.fixture(scope="session")
def shipped_phrases() -> IntentPhrases:
    """Of config/escalation.yaml."""
    read = yaml.safe_load((ROOT / "config" / "escalation.yaml").read_text())
    return IntentPhrases(
        asks=tuple(read["asks_for_person"]["phrases"]),
        asks_not=tuple(read["asks_for_person"]["not"]),
        topics={name: tuple(topic["phrases"]) for name, topic in read["topics"].items()},
        ordinary=tuple(read["ordinary"]),
    )


@pytest.fixture(scope="session")
def intents(minilm: OnnxEmbedder, shipped_phrases: IntentPhrases, tmp_path_factory: pytest.TempPathFactory) -> EmbeddingIntents:
    kept = tmp_path_factory.mktemp("intents") / "phrases.npz"
    # On a thread of its own, because a test's event loop may be there already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, EmbeddingIntents.build(minilm, shipped_phrases, kept)).result()


@pytest.fixture(scope="session")
def library(minilm: OnnxEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The sample company's documents, indexed."""
    home = tmp_path_factory.mktemp("library")
    index = ChromaIndex(home / "index", minilm.name)
    library = Library(index, minilm, ROOT / "kb", home / "words")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, library.sync(lambda _done, _total: None)).result()
    yield library
    index.close()
