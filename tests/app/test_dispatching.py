"""The task that rings the agents on duty."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.stores import MemoryChanges, MemoryHumanQueue
from tests.ports.test_human_queue import ONE, handover, take
from voice_agent.app.dispatching import Dispatching
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import QueueChange

NEVER: Seconds = 3600.0


class WatchedQueue(MemoryHumanQueue):
    def __init__(self) -> None:
        super().__init__()
        self.followed = asyncio.Event()
        self.asked: asyncio.Queue[None] = asyncio.Queue()
        """One for each time that it was told to dispatch."""

    def changes(self) -> MemoryChanges:
        self.followed.set()
        return super().changes()

    async def dispatch(self, ring_for: Seconds) -> None:
        self.asked.put_nowait(None)
        await super().dispatch(ring_for)


async def asked(queue: WatchedQueue, times: int) -> None:
    """So often, from now on."""
    async with asyncio.timeout(10):
        for _ in range(times):
            await queue.asked.get()


@asynccontextmanager
async def running(queue: WatchedQueue, *, every: Seconds) -> AsyncGenerator[None, None]:
    queue.followed.clear()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Dispatching(queue, ring_for=lambda: 20.0, every=every).run())
        await queue.followed.wait()
        yield
        task.cancel()


async def until(changes: AsyncIterator[QueueChange], kind: str) -> QueueChange:
    async with asyncio.timeout(10):
        async for change in changes:
            if change.kind == kind:
                return change
    raise AssertionError


async def test_a_call_rings_as_soon_as_it_is_offered() -> None:
    queue = WatchedQueue()
    await queue.roster.set_status("Ada", "available", ("claims",))
    changes = queue.changes()

    async with running(queue, every=NEVER):
        await queue.offer(handover())
        told = await take(changes, 2)

    assert told == [("one", "waiting", ""), ("one", "ringing", "Ada")]
    found = await queue.find(ONE)
    assert found is not None
    assert found.ring_until == queue.wall() + 20.0


async def test_the_next_agent_is_rung_as_soon_as_one_declines() -> None:
    queue = WatchedQueue()
    await queue.roster.set_status("Ada", "available", None)
    await queue.roster.set_status("Grace", "available", None)
    changes = queue.changes()

    async with running(queue, every=NEVER):
        await queue.offer(handover())
        await until(changes, "ringing")
        await queue.decline(ONE, "Ada")
        rung = await until(changes, "ringing")

    assert rung.agent == "Grace"


async def test_who_comes_on_duty_is_rung_though_no_call_has_changed() -> None:
    queue = WatchedQueue()
    await queue.offer(handover())
    changes = queue.changes()

    async with running(queue, every=0.001):
        await queue.roster.set_status("Ada", "available", None)
        rung = await until(changes, "ringing")

    assert rung.agent == "Ada"


@pytest.mark.parametrize("trouble", [PortError("locked", code="store-failed", retry=True), RuntimeError("a bug")])
async def test_it_goes_on_when_the_queue_works_again(trouble: Exception, caplog: pytest.LogCaptureFixture) -> None:
    queue = WatchedQueue()
    await queue.offer(handover())
    await queue.roster.set_status("Ada", "available", None)
    changes = queue.changes()
    queue.broken = trouble

    async with running(queue, every=0.001):
        await asked(queue, 2)
        assert "nobody" in caplog.text
        queue.broken = None
        rung = await until(changes, "ringing")

    assert rung.agent == "Ada"


async def test_a_queue_that_fails_for_long_is_told_once_and_when_it_works_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    queue = WatchedQueue()
    queue.broken = PortError("locked", code="store-failed", retry=True)

    async with running(queue, every=0.001):
        await asked(queue, 20)
        queue.broken = None
        await asked(queue, 2)

    assert [record.message for record in caplog.records] == [
        "dispatch: nobody is rung until the database works: store-failed",
        "dispatch: the database works again",
    ]
