"""Vectors of phrases in a file: what is embedded, what the file makes of damage, and what it holds."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.knowledge import BagEmbedder
from voice_agent.knowledge.kept_vectors import kept_vectors
from voice_agent.ports import Vectors

PHRASES = ["get me a person", "where is my order", "get me a person"]


class Counting(BagEmbedder):
    """Tells what it embedded."""

    def __init__(self, name: str = "bag") -> None:
        super().__init__()
        self.name = name
        self.embedded: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return await super().embed(texts)


def flipped(whole: bytes) -> bytes:
    """One byte of a vector is another."""
    at = whole.index(b"vectors.npy") + 200
    return whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]


async def test_a_second_start_embeds_only_the_new_phrase(tmp_path: Path) -> None:
    file = tmp_path / "new" / "phrases.npz"
    await kept_vectors(Counting(), PHRASES, file)
    second = Counting()

    vectors = await kept_vectors(second, [*PHRASES, "hello"], file)

    assert second.embedded == ["hello"]
    assert np.array_equal(vectors, await BagEmbedder().embed([*PHRASES, "hello"]))


async def test_another_embedder_makes_its_own(tmp_path: Path) -> None:
    await kept_vectors(Counting(), PHRASES, tmp_path / "phrases.npz")
    other = Counting("another")

    await kept_vectors(other, PHRASES, tmp_path / "phrases.npz")

    assert other.embedded == PHRASES[:2]


@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda _: b"", lambda _: b"no vectors", flipped])
async def test_a_damaged_file_is_made_anew(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "phrases.npz"
    first = await kept_vectors(Counting(), PHRASES, file)
    whole = file.read_bytes()
    file.write_bytes(spoil(whole))

    assert np.array_equal(await kept_vectors(Counting(), PHRASES, file), first)
    assert file.read_bytes() == whole


async def test_the_file_forgets_phrases_that_are_gone_and_holds_no_text(tmp_path: Path) -> None:
    file = tmp_path / "phrases.npz"
    await kept_vectors(Counting(), PHRASES, file)
    await kept_vectors(Counting(), PHRASES[:1], file)
    third = Counting()
    await kept_vectors(third, PHRASES, file)

    assert third.embedded == PHRASES[1:2]
    assert b"person" not in file.read_bytes()
    assert b"where is" not in file.read_bytes()


async def test_a_folder_that_cannot_be_written_does_not_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    assert len(await kept_vectors(Counting(), PHRASES, tmp_path / "data" / "phrases.npz")) == 3
