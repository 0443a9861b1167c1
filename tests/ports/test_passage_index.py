"""The promises of a PassageIndex, kept by the one in memory and by Chroma."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.knowledge import MemoryIndex
from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.core.words import RedactedText
from voice_agent.ports import IndexedPassage, PassageIndex, Vectors

NORTH = np.array([1, 0, 0], np.float32)
EAST = np.array([0, 1, 0], np.float32)
NORTH_EAST = np.array([0.8, 0.6, 0], np.float32)


@pytest.fixture(params=["memory", "chroma"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PassageIndex]:
    if request.param == "memory":
        yield MemoryIndex()
        return
    chroma = ChromaIndex(tmp_path / "index", "toy")
    yield chroma
    chroma.close()


def passages(source: str, version: str, count: int = 1) -> list[IndexedPassage]:
    return [
        IndexedPassage(
            id=f"{source}#{n}",
            source=source,
            title=source.title(),
            heading="A > B",
            text=RedactedText(f"{source} {version} {n}"),
            digest=version,
        )
        for n in range(count)
    ]


def rows(*vectors: NDArray[np.float32]) -> Vectors:
    return np.stack(vectors)


async def texts(index: PassageIndex, vector: NDArray[np.float32] = NORTH, count: int = 10) -> list[str]:
    return [passage.text for passage in await index.search(vector, count)]


async def test_the_nearest_passages_are_found_best_first_with_their_cosine(index: PassageIndex) -> None:
    await index.replace("delivery", passages("delivery", "v1", 2), rows(EAST, NORTH_EAST))
    await index.replace("returns", passages("returns", "v1"), rows(NORTH))

    found = await index.search(NORTH, 2)

    assert [(p.source, p.title, p.heading, p.text) for p in found] == [
        ("returns", "Returns", "A > B", "returns v1 0"),
        ("delivery", "Delivery", "A > B", "delivery v1 1"),
    ]
    assert [p.score for p in found] == pytest.approx([1.0, 0.8], abs=1e-3)


async def test_a_score_is_never_below_zero(index: PassageIndex) -> None:
    await index.replace("returns", passages("returns", "v1"), rows(-NORTH))

    (found,) = await index.search(NORTH, 1)

    assert found.score == 0.0


async def test_an_empty_index_finds_nothing(index: PassageIndex) -> None:
    assert await index.search(NORTH, 5) == []
    assert dict(await index.digests()) == {}


async def test_a_document_takes_the_place_of_its_older_self(index: PassageIndex) -> None:
    await index.replace("returns", passages("returns", "v1", 3), rows(NORTH, NORTH, NORTH))
    await index.replace("returns", passages("returns", "v2", 2), rows(NORTH, EAST))

    assert await texts(index) == ["returns v2 0", "returns v2 1"]
    assert dict(await index.digests()) == {"returns": "v2"}


async def test_the_same_document_again_changes_nothing(index: PassageIndex) -> None:
    for _ in range(2):
        await index.replace("returns", passages("returns", "v1", 2), rows(NORTH, EAST))

    assert await texts(index) == ["returns v1 0", "returns v1 1"]


async def test_a_removed_document_is_never_found_again(index: PassageIndex) -> None:
    await index.replace("returns", passages("returns", "v1"), rows(NORTH))
    await index.replace("delivery", passages("delivery", "v1"), rows(EAST))

    await index.remove("returns")

    assert await texts(index) == ["delivery v1 0"]
    assert dict(await index.digests()) == {"delivery": "v1"}


async def test_a_document_without_passages_is_as_good_as_removed(index: PassageIndex) -> None:
    await index.replace("returns", passages("returns", "v1"), rows(NORTH))
    await index.replace("returns", [], np.zeros((0, 3), np.float32))

    assert dict(await index.digests()) == {}
    assert await texts(index) == []


async def test_removing_what_is_not_there_is_no_error(index: PassageIndex) -> None:
    await index.remove("returns")

    assert dict(await index.digests()) == {}


async def test_a_source_may_have_any_name(index: PassageIndex) -> None:
    for source in ("how to/return ä.md", "a'b\"c;--", "returns#0"):
        await index.replace(source, passages(source, "v1"), rows(NORTH))

    assert set(await index.digests()) == {"how to/return ä.md", "a'b\"c;--", "returns#0"}


async def test_a_passage_is_found_by_a_question_asked_of_it_and_only_once(index: PassageIndex) -> None:
    plain, asked = passages("returns", "v1", 2)
    await index.replace("returns", [plain, replace(asked, asked=("late?", "too late?"))], rows(NORTH_EAST, -NORTH, EAST, NORTH))

    found = await index.search(NORTH, 2)

    assert [p.text for p in found] == ["returns v1 1", "returns v1 0"]
    assert [p.score for p in found] == pytest.approx([1.0, 0.8], abs=1e-3)


async def test_a_question_goes_with_its_passage(index: PassageIndex) -> None:
    (asked,) = passages("returns", "v1")
    await index.replace("returns", [replace(asked, asked=("late?",))], rows(EAST, NORTH))
    await index.replace("returns", passages("returns", "v2"), rows(EAST))

    (found,) = await index.search(NORTH, 5)

    assert found.text == "returns v2 0"
    assert found.score == pytest.approx(0.0, abs=1e-3)


async def test_many_questions_of_one_passage_do_not_hide_the_others(index: PassageIndex) -> None:
    (asked,) = passages("returns", "v1")
    await index.replace("returns", [replace(asked, asked=tuple(f"{n}?" for n in range(30)))], rows(*[NORTH] * 31))
    await index.replace("delivery", passages("delivery", "v1", 2), rows(NORTH_EAST, EAST))

    for _ in range(2):
        assert await texts(index, NORTH, 3) == ["returns v1 0", "delivery v1 0", "delivery v1 1"]
