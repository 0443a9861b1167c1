"""What only an index on disk can get wrong: crashes, restarts, other processes, other embedders, damage."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.core.words import RedactedText
from voice_agent.errors import PortError
from voice_agent.ports import IndexedPassage

NORTH = np.array([1, 0, 0], np.float32)


class PowerCutError(Exception):
    pass


class Dying:
    """A Chroma collection in a process that dies before its next write once `writes_left` are done."""

    def __init__(self, collection: Any, life: dict[str, int]) -> None:
        self._collection = collection
        self._life = life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._collection, name)

        def call(*arguments: Any, **named: Any) -> Any:
            if name in {"upsert", "delete"}:
                if self._life["writes_left"] == 0:
                    raise PowerCutError
                self._life["writes_left"] -= 1
            return method(*arguments, **named)

        return call


@contextmanager
def opened(path: Path, embedder: str = "toy", writes: int | None = None) -> Iterator[ChromaIndex]:
    index = ChromaIndex(path, embedder)
    if writes is not None:
        life = {"writes_left": writes}
        index._passages, index._documents = Dying(index._passages, life), Dying(index._documents, life)
    yield index
    index.close()


def document(version: str, count: int) -> tuple[list[IndexedPassage], np.ndarray[Any, np.dtype[np.float32]]]:
    texts = [RedactedText(f"{version} {n}") for n in range(count)]
    passages = [
        IndexedPassage(id=f"returns#{n}", source="returns", title="Returns", heading="", text=text, digest=version)
        for n, text in enumerate(texts)
    ]
    return passages, np.stack([NORTH] * count)


async def seen(index: ChromaIndex) -> list[str]:
    return sorted(passage.text for passage in await index.search(NORTH, 20))


OLD, NEW = ["v1 0", "v1 1", "v1 2"], ["v2 0", "v2 1"]


async def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as index:
        await index.replace("returns", *document("v1", 3))
    with opened(tmp_path) as index:
        assert await seen(index) == OLD
        assert dict(await index.digests()) == {"returns": "v1"}


@pytest.mark.parametrize("writes", [0, 1, 2])
async def test_a_crash_at_any_point_of_a_replacement_leaves_the_old_or_the_new_document_whole(tmp_path: Path, writes: int) -> None:
    with opened(tmp_path) as index:
        await index.replace("returns", *document("v1", 3))
    with opened(tmp_path, writes=writes) as index:
        with pytest.raises(PowerCutError):
            await index.replace("returns", *document("v2", 2))
        assert await seen(index) in (OLD, NEW)

    with opened(tmp_path) as index:
        assert await seen(index) == (OLD if writes < 2 else NEW)
        assert dict(await index.digests()) == {"returns": "v1" if writes < 2 else "v2"}
        await index.replace("returns", *document("v2", 2))
        assert await seen(index) == NEW


@pytest.mark.parametrize("writes", [0, 1])
async def test_a_crash_while_removing_leaves_the_whole_document_or_none_of_it(tmp_path: Path, writes: int) -> None:
    with opened(tmp_path) as index:
        await index.replace("returns", *document("v1", 3))
    with opened(tmp_path, writes=writes) as index:
        with pytest.raises(PowerCutError):
            await index.remove("returns")
        assert await seen(index) == (OLD if writes == 0 else [])


async def test_what_a_crash_left_behind_is_swept_when_the_digests_are_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path, writes=1) as index, pytest.raises(PowerCutError):
        await index.replace("returns", *document("v1", 3))
    with opened(tmp_path) as index:
        assert index._passages.count() == 3
        assert dict(await index.digests()) == {}
        assert index._passages.count() == 0


async def test_leftovers_do_not_crowd_out_what_counts(tmp_path: Path) -> None:
    with opened(tmp_path, writes=1) as index, pytest.raises(PowerCutError):
        await index.replace("returns", *document("v1", 50))
    with opened(tmp_path) as index:
        far = IndexedPassage(id="h#0", source="hours", title="Hours", heading="", text=RedactedText("open"), digest="h1")
        await index.replace("hours", [far], np.array([[0, 1, 0]], np.float32))
        assert [passage.text for passage in await index.search(NORTH, 1)] == ["open"]


async def test_vectors_of_another_embedder_are_forgotten(tmp_path: Path) -> None:
    with opened(tmp_path, embedder="old") as index:
        await index.replace("returns", *document("v1", 3))
    with opened(tmp_path, embedder="new") as index:
        assert dict(await index.digests()) == {}
        assert await seen(index) == []


async def test_another_process_sees_a_replacement_at_once(tmp_path: Path) -> None:
    reader = f"""
import asyncio, sys
import numpy as np
from pathlib import Path
from voice_agent.adapters.chroma_index import ChromaIndex

async def main():
    index = ChromaIndex(Path({str(tmp_path)!r}), "toy")
    for _ in sys.stdin:
        found = await index.search(np.array([1, 0, 0], np.float32), 20)
        print(sorted(passage.text for passage in found), flush=True)

asyncio.run(main())
"""
    with opened(tmp_path) as index:
        await index.replace("returns", *document("v1", 3))
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", reader, stdin=PIPE, stdout=PIPE)
        assert other.stdin
        assert other.stdout
        other.stdin.write(b"\n")
        assert await other.stdout.readline() == f"{OLD}\n".encode()
        await index.replace("returns", *document("v2", 2))
        other.stdin.write(b"\n")
        assert await other.stdout.readline() == f"{NEW}\n".encode()
        other.stdin.close()
    assert await other.wait() == 0


def test_a_damaged_index_says_which_folder_to_remove(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"no database, but long enough to be taken for one" * 100)

    with pytest.raises(PortError, match=f"{tmp_path}.*Remove the folder") as caught:
        ChromaIndex(tmp_path, "toy")

    assert caught.value.code == "index-broken"


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(PortError, match="file/index"):
        ChromaIndex(tmp_path / "file" / "index", "toy")


async def test_asking_for_digests_disturbs_no_other_process(tmp_path: Path) -> None:
    with opened(tmp_path) as index:
        await index.replace("returns", *document("v1", 3))
        before = index._changes()
        await index.digests()
        assert index._changes() == before
