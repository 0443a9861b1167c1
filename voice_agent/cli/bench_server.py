"""A server for a bench: a process of this program, with the configuration given and its data in a temporary folder."""

import asyncio
import re
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.settings import Settings

READY = re.compile(rb"is ready: call it at (\S+)/phone")
CACHES = ("knowledge", "voice")
"""What is made once from documents and sentences, and is found again by content: shared with the configured data folder."""
STOP_WITHIN: Seconds = 15.0
_PAGE = 1024.0
"""KiB in a MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchServer:
    url: str
    pid: int | None
    """None for a server that is not ours."""

    def memory(self) -> float | None:
        """Resident memory in MiB; None where the system does not say."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        except OSError:
            return None
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / _PAGE if found else None


@asynccontextmanager
async def bench_server(settings: Settings, calls: int) -> AsyncGenerator[BenchServer, None]:
    """Ready to take `calls` at once; stopped at the end.

    Raises:
        PortError: code "server-broken", with what the server said last.
    """
    with tempfile.TemporaryDirectory(prefix="voice-agent-bench-") as folder:
        config = _prepared(settings, Path(folder), calls)
        command = ["serve", "--port", "0", "--config", str(config), "--kb", str(settings.knowledge.folder), "--log-level", "warning"]
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "voice_agent", *command, stderr=asyncio.subprocess.PIPE)
        try:
            lines = _Lines(process)
            url = await lines.url()
            async with asyncio.TaskGroup() as group:
                draining = group.create_task(lines.drain())
                yield BenchServer(url=url, pid=process.pid)
                await _stop(process)
                draining.cancel()
        finally:
            if process.returncode is None:
                await _stop(process)


def _prepared(settings: Settings, home: Path, calls: int) -> Path:
    """The configuration as it is, but for where data lies and how many calls may come."""
    config = home / "config"
    shutil.copytree(settings.config_dir, config)
    changed = {"data_dir": str(home / "var"), "max_calls": max(calls, settings.server.max_calls), "host": "127.0.0.1"}
    server = config / "server.yaml"
    kept = yaml.safe_load(server.read_text("utf-8")) if server.exists() else None
    server.write_text(yaml.safe_dump({**(kept or {}), **changed}), "utf-8")
    (home / "var").mkdir()
    for cache in CACHES:
        made = settings.data_dir / cache
        made.mkdir(parents=True, exist_ok=True)
        (home / "var" / cache).symlink_to(made, target_is_directory=True)
    return config


class _Lines:
    """What the server says on stderr. It has to be read to the end, or the server would wait for us."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._last: deque[bytes] = deque(maxlen=20)

    async def url(self) -> str:
        async for line in self._lines():
            if found := READY.search(line):
                return found[1].decode()
        said = b"".join(self._last).decode(errors="replace").strip()
        raise PortError(f"the server for the bench did not start; it said:\n{said}", code="server-broken")

    async def drain(self) -> None:
        async for line in self._lines():
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()

    async def _lines(self) -> AsyncGenerator[bytes, None]:
        assert self._process.stderr is not None  # noqa: S101  asked for above
        while line := await self._process.stderr.readline():
            self._last.append(line)
            yield line


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
