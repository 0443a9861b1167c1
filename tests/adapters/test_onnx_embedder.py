"""The embedder's files, its name, and what the model really knows."""

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest

from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.errors import ModelFileError, PortError
from voice_agent.models import ModelStore


@pytest.fixture
def folder(model_store: ModelStore) -> Path:
    return model_store.path("minilm")


async def test_texts_of_one_meaning_are_nearer_than_texts_of_another(minilm: OnnxEmbedder) -> None:
    asked, same, other = await minilm.embed(["When do I get my money back?", "Refunds take 5 days.", "The store has an elevator."])

    assert asked @ same > 0.4 > asked @ other + 0.2


async def test_a_words_vector_depends_on_the_words_around_it(minilm: OnnxEmbedder) -> None:
    river, money, cash = await minilm.read(["the bank of the river", "the bank gave me a loan", "the bank lent me cash"])
    banks = [reading.vectors[reading.words.index("bank")] for reading in (river, money, cash)]

    assert banks[1] @ banks[2] > banks[1] @ banks[0]


async def test_a_rare_word_is_whole_but_not_known(minilm: OnnxEmbedder) -> None:
    (reading,) = await minilm.read(["the warrantee on my Brewster 700"])

    assert dict(zip(reading.words, reading.known, strict=True)) == {
        "the": True,
        "warrantee": False,
        "on": True,
        "my": True,
        "brewster": True,
        "700": True,
    }


async def test_a_text_is_not_padded_so_its_neighbours_do_not_change_it(folder: Path) -> None:
    text = "How long is the warranty?"
    fresh = OnnxEmbedder(folder, remembered=0)

    alone = await fresh.embed([text])
    among = await fresh.embed(["a much longer neighbour " * 20, text, "x"])

    assert among[1] == pytest.approx(alone[0], abs=1e-6)
    fresh.close()


def test_the_name_changes_with_the_files(folder: Path, tmp_path: Path) -> None:
    same = shutil.copytree(folder, tmp_path / "a" / folder.name)
    other = shutil.copytree(folder, tmp_path / "b" / folder.name)
    (other / "tokenizer.json").write_text((other / "tokenizer.json").read_text() + "\n")

    names = [OnnxEmbedder(path).name for path in (folder, same, other)]

    assert names[0] == names[1] != names[2]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"model\.onnx.*Fetch"):
        OnnxEmbedder(tmp_path)


def test_a_file_that_is_no_model_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    shutil.copy(folder / "tokenizer.json", tmp_path)

    with pytest.raises(ModelFileError, match="not an embedding model") as caught:
        OnnxEmbedder(tmp_path)

    assert caught.value.code == "model-broken"


async def test_a_full_waiting_line_is_said_to_be_full(folder: Path) -> None:
    embedder = OnnxEmbedder(folder, waiting=0)

    results = await asyncio.gather(*(embedder.embed([f"text {n}"]) for n in range(8)), return_exceptions=True)

    codes = {result.code for result in results if isinstance(result, PortError)}
    assert codes == {"busy"}
    assert any(isinstance(result, np.ndarray) for result in results)
    embedder.close()
