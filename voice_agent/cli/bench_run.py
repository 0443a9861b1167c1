"""One run of the bench: a server, its callers, and what became of them."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from rich.console import Console

from voice_agent.bench.figures import Bench, Memory
from voice_agent.bench.measure import CallFigures, measure
from voice_agent.bench.script import FULL, QUICK, SHORT, Script, scripts
from voice_agent.bench.words import WordErrors
from voice_agent.cli.bench_caller import BenchCaller, clock_for
from voice_agent.cli.bench_server import BenchServer, bench_server
from voice_agent.cli.bench_speech import word_errors_of
from voice_agent.cli.caller import Caller
from voice_agent.core.words import Seconds
from voice_agent.settings import Settings

QUICK_ENDS: Seconds = 40.0
"""After the command was given: when the callers of a quick run begin no turn any more, so that it ends within 50 s."""
LEAST_CALL: Seconds = 15.0
"""Even when the server took long to start."""
FULL_CALLS = 4
"""A full run places at least this many, so that each kind of line is among them."""
WARMING = 0.1
"""Share of the calls of a soak before memory is looked at: buffers and caches fill up once."""
APART: Seconds = 0.35
"""Between the first packets of calls that run at once: people do not dial in step."""


class Run:
    def __init__(self, *, settings: Settings, together: int, seed: int, full: bool, begun: float, console: Console) -> None:
        """`together`: calls at once. `begun`: when the command was given, on the monotonic clock."""
        self._settings = settings
        self._together = together
        self._seed = seed
        self._full = full
        self._begun = begun
        self._console = console

    async def all(self, *, url: str | None, soak: int, speech: Path | None) -> Bench:
        """`url`: a running server instead of our own. `soak`: short calls, for the memory. `speech`: recordings, for the word errors.

        Raises:
            PortError: the server did not start, or broke.
            InputError: `speech` is no folder of recordings.
        """
        words = WordErrors(errors=0, words=0, recordings=0)
        async with self._server(url) as server:
            measured = await self._measure(server)
            load = os.getloadavg()[0]
            memory = await self._soak(server, soak) if soak else None
        if speech:
            with self._console.status("transcribing recordings"):
                words = await word_errors_of(speech, self._settings)
        return Bench(
            seed=self._seed,
            together=self._together,
            mode="full" if self._full else "quick",
            calls=tuple(measured),
            fillers=frozenset(self._settings.policy.fillers),
            seconds=time.monotonic() - self._begun,
            load=round(load, 1),
            cores=os.cpu_count() or 1,
            memory=memory,
            word_errors=words if speech else None,
        )

    @asynccontextmanager
    async def _server(self, url: str | None) -> AsyncGenerator[BenchServer, None]:
        if url:
            yield BenchServer(url=url, pid=None)
            return
        async with AsyncExitStack() as stack:
            with self._console.status("starting a server"):
                server = await stack.enter_async_context(bench_server(self._settings, self._together))
            yield server

    async def _measure(self, server: BenchServer) -> list[CallFigures]:
        number = max(self._together, FULL_CALLS) if self._full else self._together
        drawn = scripts(self._seed, number, FULL if self._full else QUICK)
        ends = None if self._full else max(time.monotonic() + LEAST_CALL, self._begun + QUICK_ENDS)
        measured: list[CallFigures] = []
        for first in range(0, number, self._together):
            some = drawn[first : first + self._together]
            with self._console.status(f"calling: {first + len(some)} of {number}"):
                measured += await _place_all(server, some, ends)
        return measured

    async def _soak(self, server: BenchServer, number: int) -> Memory:
        """Short calls, as many at once as asked for. The first of them only warm the server up."""
        drawn = iter(enumerate(scripts(self._seed, number, SHORT)))
        samples: list[float] = []
        with self._console.status("short calls") as status:

            async def keep_calling() -> None:
                for done, script in drawn:
                    await _place(server, script, None)
                    status.update(f"short calls: {done + 1} of {number}")
                    if done >= WARMING * number and (memory := server.memory()) is not None:
                        samples.append(memory)

            async with asyncio.TaskGroup() as group:
                for _ in range(self._together):
                    group.create_task(keep_calling())
        return Memory(calls=len(samples), samples=tuple(samples))


async def _place_all(server: BenchServer, drawn: Sequence[Script], ends: float | None) -> list[CallFigures]:
    async with asyncio.TaskGroup() as group:
        placed = [group.create_task(_call_to_the_end(server, script, ends, after=number * APART)) for number, script in enumerate(drawn)]
    return [call for calls in placed for call in calls.result()]


async def _call_to_the_end(server: BenchServer, script: Script, ends: float | None, *, after: Seconds) -> list[CallFigures]:
    """A caller who is handed over, or cut off, calls again with what they have not yet said."""
    await asyncio.sleep(after)
    calls = [await _place(server, script, ends)]
    while (left := calls[-1].timeline.unspoken) and left < len(script.turns) and calls[-1].timeline.ended in ("handed over", "server"):
        script = script.rest(left)
        calls.append(await _place(server, script, ends))
    return calls


async def _place(server: BenchServer, script: Script, ends: float | None) -> CallFigures:
    clock = clock_for(script)
    caller = BenchCaller(script, clock=clock.now, until=lambda: ends is not None and time.monotonic() >= ends)
    placed = await Caller(server.url).place(caller, lambda _: None, pace=clock.pace)
    return measure(caller.timeline(placed.call, placed.report))
