"""Documents that change while the server runs: a real watch over a real folder."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.knowledge import BagEmbedder, MemoryIndex
from tests.pdf import Words, pdf
from voice_agent.app.watching import DocumentWatch
from voice_agent.core.words import RedactedText
from voice_agent.knowledge.library import Library

SOON = 5.0
"""Seconds in which an edit must be answered from."""


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.02)


class Shop:
    def __init__(self, place: Path) -> None:
        self.kb = place / "kb"
        self.kb.mkdir()
        self.write("hours.md", "The Austin shop opens at nine.")
        self.index = MemoryIndex()
        self.library = Library(self.index, BagEmbedder(), self.kb, place / "words")

    def write(self, name: str, text: str) -> None:
        (self.kb / name).write_text(text)

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None, None]:
        """From the first sync on."""
        await self.library.sync(lambda _done, _total: None)
        watch = DocumentWatch(self.library, self.kb, again_after=0.1)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch.run())
            yield
            watching.cancel()

    async def found(self) -> set[str]:
        return {passage.text for passage in (await self.library.find(RedactedText("When does the shop open?"))).passages}

    async def until_found(self, *texts: str) -> None:
        async with asyncio.timeout(SOON):
            while True:
                if await self.found() == set(texts):
                    return
                await asyncio.sleep(0.02)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


async def test_an_edit_is_answered_from_and_what_is_deleted_is_not(shop: Shop) -> None:
    async with shop.watched():
        shop.write("hours.md", "The Austin shop opens at ten.")
        await shop.until_found("The Austin shop opens at ten.")

        (shop.kb / "boston").mkdir()
        (shop.kb / "boston" / "hours.pdf").write_bytes(pdf([Words(text="The Boston shop opens at eight.", top=50)]))
        await shop.until_found("The Austin shop opens at ten.", "The Boston shop opens at eight.")

        (shop.kb / "hours.md").unlink()
        await shop.until_found("The Boston shop opens at eight.")

        shutil.rmtree(shop.kb / "boston")
        await shop.until_found()
        assert await shop.index.digests() == {}


async def test_an_editor_that_writes_anew_and_renames_is_followed(shop: Shop) -> None:
    async with shop.watched():
        shop.write(".hours.md.swp", "The Austin shop opens at ten.")
        (shop.kb / ".hours.md.swp").rename(shop.kb / "hours.md")
        await shop.until_found("The Austin shop opens at ten.")


async def test_a_broken_edit_is_told_once_and_the_version_before_it_answers(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    async with shop.watched():
        shop.write("hours.md", "---\ntitle: Hours\nThe Austin shop opens at ten.")
        await until(lambda: "hours.md:1: the front matter is never closed" in caplog.text)
        shop.write("other.md", "The Boston shop opens at eight.")
        await shop.until_found("The Austin shop opens at nine.", "The Boston shop opens at eight.")

        assert caplog.text.count("never closed") == 1


async def test_a_folder_that_goes_away_and_comes_back_is_found_again(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    async with shop.watched():
        shop.kb.rename(shop.kb.with_name("elsewhere"))
        await until(lambda: "no such folder of documents" in caplog.text)
        assert await shop.found() == {"The Austin shop opens at nine."}

        shop.kb.mkdir()
        shop.write("hours.md", "The Austin shop opens at ten.")
        await shop.until_found("The Austin shop opens at ten.")
        shop.write("hours.md", "The Austin shop opens at eleven.")
        await shop.until_found("The Austin shop opens at eleven.")


async def test_what_fails_is_tried_again_and_the_watch_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([PermissionError("the disk"), ZeroDivisionError("a bug")])
    real = shop.library.sync

    async with shop.watched():

        async def sync(*given: object) -> object:
            for failure in failures:
                raise failure
            return await real(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(shop.library, "sync", sync)
        for name in ("b.md", "c.md"):
            logged = len(caplog.records)
            shop.write(name, "The Boston shop opens at eight.")
            await until(lambda: len(caplog.records) > logged)  # noqa: B023 - awaited before it changes
        shop.write("c.md", "The Chicago shop opens at seven.")
        await shop.until_found("The Austin shop opens at nine.", "The Boston shop opens at eight.", "The Chicago shop opens at seven.")
