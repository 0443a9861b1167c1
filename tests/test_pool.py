import asyncio
import threading
from functools import partial

import pytest

from voice_agent.errors import PortError
from voice_agent.pool import WorkerPool


class Gate:
    """A job that runs until it is let go, as one that ignores cancellation does."""

    def __init__(self) -> None:
        self.runs = threading.Event()
        self.may_end = threading.Event()

    def __call__(self) -> str:
        self.runs.set()
        assert self.may_end.wait(10)
        return "done"


async def begun(gate: Gate) -> None:
    assert await asyncio.to_thread(gate.runs.wait, 10)


async def refusal(pool: WorkerPool) -> PortError:
    with pytest.raises(PortError) as refused:
        await pool.run(lambda: "let in")
    return refused.value


async def test_a_job_s_result_and_its_error_come_back() -> None:
    pool = WorkerPool("test", workers=1, waiting=0)

    assert await pool.run(lambda: 6 * 7) == 42
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0)
    assert await pool.run(lambda: "still here") == "still here"
    pool.close()


async def test_beyond_those_that_run_and_wait_nobody_is_let_in() -> None:
    pool, gate = WorkerPool("test", workers=1, waiting=1), Gate()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(pool.run(gate))
        waiting = tasks.create_task(pool.run(lambda: "waited"))
        await begun(gate)
        error = await refusal(pool)
        gate.may_end.set()

    assert (error.code, error.retry) == ("busy", True)
    assert (running.result(), waiting.result()) == ("done", "waited")
    assert await pool.run(lambda: "let in") == "let in"
    pool.close()


async def test_a_caller_who_leaves_the_line_makes_room_and_their_job_is_never_run() -> None:
    pool, gate, ran = WorkerPool("test", workers=1, waiting=1), Gate(), list[str]()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pool.run(gate))
        leaves = tasks.create_task(pool.run(lambda: ran.append("left")))
        await begun(gate)
        leaves.cancel()
        await asyncio.wait([leaves])
        stays = tasks.create_task(pool.run(lambda: ran.append("stayed")))
        await asyncio.sleep(0)
        gate.may_end.set()

    assert stays.done()
    assert ran == ["stayed"]
    pool.close()


async def test_of_those_that_wait_what_is_due_first_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice_agent.pool.time.monotonic", lambda: 100.0)
    pool, gate, ran = WorkerPool("test", workers=1, waiting=5), Gate(), list[str]()
    wanted = {"in 3 s": 103.0, "now, asked first": 0.0, "in 1 s": 101.0, "now, asked second": 99.0}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pool.run(gate))
        await begun(gate)
        for name, due in wanted.items():
            tasks.create_task(pool.run(partial(ran.append, name), due=due))
        await asyncio.sleep(0)
        gate.may_end.set()

    assert ran == ["now, asked first", "now, asked second", "in 1 s", "in 3 s"]
    pool.close()


async def test_a_job_that_runs_keeps_its_place_after_its_caller_is_gone() -> None:
    pool, gate = WorkerPool("test", workers=1, waiting=0), Gate()
    caller = asyncio.ensure_future(pool.run(gate))
    await begun(gate)
    caller.cancel()
    await asyncio.wait([caller])

    assert (await refusal(pool)).code == "busy"
    gate.may_end.set()
    assert await asyncio.to_thread(pool._places.acquire, timeout=10)
    pool._places.release()
    assert await pool.run(lambda: "let in") == "let in"
    pool.close()


async def test_closing_drops_the_jobs_that_wait() -> None:
    pool, gate = WorkerPool("test", workers=1, waiting=1), Gate()
    running, waiting = asyncio.ensure_future(pool.run(gate)), asyncio.ensure_future(pool.run(lambda: "never"))
    await begun(gate)
    pool.close()
    gate.may_end.set()

    assert await running == "done"
    with pytest.raises(asyncio.CancelledError):
        await waiting
