import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.session.virtual_time import now
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.session.records import Records


class Book:
    """What was written, and when it was done."""

    def __init__(self) -> None:
        self.entries: list[tuple[float, str]] = []

    def entry(self, name: str, takes: float = 0.0) -> tuple[str, Callable[[], Awaitable[None]]]:
        async def write() -> None:
            await asyncio.sleep(takes)
            self.entries.append((now(), name))

        return name, write


async def test_entries_are_written_one_after_the_other_however_long_they_take() -> None:
    records, book = Records(call=CallId("c"), within=5.0), Book()
    running = asyncio.create_task(records.run())
    records.add(*book.entry("first", takes=3.0))
    records.add(*book.entry("second", takes=1.0))
    await asyncio.sleep(10)
    records.add(*book.entry("third"))
    await asyncio.sleep(1)
    running.cancel()

    assert book.entries == [(3.0, "first"), (4.0, "second"), (10.0, "third")]


async def test_finishing_waits_for_what_is_being_written_and_writes_nothing_twice() -> None:
    records, book = Records(call=CallId("c"), within=5.0), Book()
    running = asyncio.create_task(records.run())
    records.add(*book.entry("first", takes=3.0))
    await asyncio.sleep(1)
    records.add(*book.entry("last", takes=1.0))
    await records.finish(10.0)
    running.cancel()

    assert book.entries == [(3.0, "first"), (4.0, "last")]


async def test_what_was_interrupted_is_written_again_at_the_end() -> None:
    records, book = Records(call=CallId("c"), within=5.0), Book()
    running = asyncio.create_task(records.run())
    records.add(*book.entry("first", takes=3.0))
    await asyncio.sleep(1)
    running.cancel()
    await records.finish(10.0)

    assert book.entries == [(4.0, "first")]


@pytest.mark.parametrize("trouble", ["fails", "hangs"])
async def test_an_entry_that_cannot_be_written_keeps_nothing_behind_it_waiting(trouble: str, caplog: pytest.LogCaptureFixture) -> None:
    async def write() -> None:
        if trouble == "fails":
            raise PortError("disk full", code="store-failed")
        await asyncio.Event().wait()

    records, book = Records(call=CallId("c"), within=5.0), Book()
    records.add("broken", write)
    records.add(*book.entry("next"))
    await records.finish(10.0)

    assert book.entries == [(0.0 if trouble == "fails" else 5.0, "next")]
    assert "'broken' could not be written" in caplog.text


async def test_the_end_of_a_call_does_not_wait_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    records, book = Records(call=CallId("c"), within=5.0), Book()
    for name in ("one", "two", "three"):
        records.add(*book.entry(name, takes=4.0))
    await records.finish(10.0)

    assert [name for _, name in book.entries] == ["one", "two"]
    assert "records unwritten: 1, the first is 'three'" in caplog.text
