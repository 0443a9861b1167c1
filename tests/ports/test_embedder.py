"""The promises of an Embedder, kept by the bag of words and by the ONNX model."""

import asyncio

import numpy as np
import pytest

from tests.fakes.knowledge import BagEmbedder
from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.ports import Embedder

SHIPPING = "How long does shipping take?"
COFFEE = "The Brewster 700 doesn't grind beans, says E3!"


@pytest.fixture(params=["bag", "onnx"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "bag":
        return BagEmbedder()
    real: OnnxEmbedder = request.getfixturevalue("minilm")
    return real


async def test_each_text_gets_a_unit_vector_in_order(embedder: Embedder) -> None:
    together = await embedder.embed([SHIPPING, COFFEE, SHIPPING])

    alone = await embedder.embed([COFFEE])
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1, 1], abs=1e-4)
    assert together[1] == pytest.approx(alone[0], abs=1e-4)
    assert together[0] == pytest.approx(together[2])
    assert float(together[0] @ together[1]) < 0.9


async def test_no_texts_give_no_vectors_of_the_same_size(embedder: Embedder) -> None:
    assert (await embedder.embed([])).shape == (0, (await embedder.embed([COFFEE])).shape[1])
    assert await embedder.read([]) == []


async def test_a_reading_has_the_words_and_where_each_begins(embedder: Embedder) -> None:
    (reading,) = await embedder.read([COFFEE])

    assert {"brewster", "700", "grind", "beans", "e3"} <= set(reading.words)
    for word, begin in zip(reading.words, reading.begins, strict=True):
        assert COFFEE[begin : begin + len(word)].lower() == word
    assert reading.vectors.shape == (len(reading.words), len(reading.vector))
    assert np.linalg.norm(reading.vectors, axis=1) == pytest.approx(np.ones(len(reading.words)), abs=1e-4)
    assert len(reading.known) == len(reading.words)


async def test_a_reading_has_the_vector_that_embedding_gives(embedder: Embedder) -> None:
    (reading,) = await embedder.read([SHIPPING])

    assert reading.vector == pytest.approx((await embedder.embed([SHIPPING]))[0], abs=1e-4)


@pytest.mark.parametrize("text", ["", "?!", "  ", "naïve café ☕", "word " * 2000])
async def test_any_text_can_be_read(embedder: Embedder, text: str) -> None:
    (reading,) = await embedder.read([text])

    assert np.isfinite(reading.vector).all()
    assert len(reading.words) == len(reading.begins) == len(reading.vectors)
    assert (reading.words == ()) == (not any(c.isalnum() for c in text))


async def test_many_can_ask_at_once(embedder: Embedder) -> None:
    texts = [f"{SHIPPING} {number}" for number in range(40)]

    one_by_one = await asyncio.gather(*(embedder.embed([text]) for text in texts))

    assert np.concatenate(one_by_one) == pytest.approx(await embedder.embed(texts), abs=1e-4)
