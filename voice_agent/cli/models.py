"""`voice-agent models`: the model files."""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from voice_agent.cli import group
from voice_agent.models import FetchProgress, ModelStore, default_cache, lock_of

app = group("The model files, pinned by hash in config/models.lock.yaml. They lie in a cache that all your clones share.")
Names = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Models of the lock.")]
Config = Annotated[Path | None, typer.Option("--config", metavar="DIR", help="A configuration with a models.lock.yaml of its own.")]


@app.command()
def fetch(names: Names = None, config: Config = None) -> None:
    """Bring models into the cache.

    Those named, else the default ones. Says nothing when all are there.
    """
    console = Console(stderr=True)
    bars = Bars(console) if console.is_terminal else Lines()
    try:
        _store(config).fetch(names or (), bars)
    finally:
        bars.close()


@app.command(name="list")
def list_(names: Names = None, config: Config = None) -> None:
    """Say what each model is, and where.

    One JSON object a line: purpose, licence, state (ready, missing or damaged), size in bytes, folder.
    """
    for report in _store(config).list(names or ()):
        _write(
            {
                "model": report.name,
                "state": report.state,
                "default": report.model.default,
                "purpose": report.model.purpose,
                "license": report.model.license,
                "notes": report.model.notes,
                "bytes": report.model.size,
                "path": str(report.path),
            }
        )


@app.command()
def verify(names: Names = None, config: Config = None) -> None:
    """Hash every file again.

    One JSON object a model: those named, else the default ones and any other that is there. Exit code 1 when a file is missing or wrong.
    """
    broken = []
    for report in _store(config).verify(names or ()):
        wrong = [{"path": each.path, "problem": each.problem, "expected": each.expected, "found": each.found} for each in report.wrong]
        _write({"model": report.name, "ok": not wrong, "files": len(report.model.files), "wrong": wrong, "path": str(report.path)})
        broken += [report.name] if wrong else []
    if broken:
        print(f"voice-agent: not as locked: {', '.join(broken)}. Run: scripts/voice-agent models fetch {' '.join(broken)}", file=sys.stderr)
        raise typer.Exit(1)


def _store(config: Path | None) -> ModelStore:
    return ModelStore(lock_of(config), default_cache())


def _write(result: object) -> None:
    print(json.dumps(result, ensure_ascii=False), flush=True)


class Bars(FetchProgress):
    """A bar for each model, for a person at a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<16}"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=console, refresh_per_second=8
        )
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, source: str, total: int) -> None:
        with self._lock:
            self._progress.start()
            if name in self._tasks:
                self._progress.reset(self._tasks[name], total=total)
            else:
                self._tasks[name] = self._progress.add_task(name, total=total)

    def moved(self, name: str, count: int) -> None:
        if name in self._tasks:
            self._progress.advance(self._tasks[name], count)

    def note(self, name: str, message: str) -> None:
        self._progress.console.print(f"{name}: {message}", markup=False, highlight=False)

    def done(self, name: str, size: int) -> None:
        if name in self._tasks:
            self._progress.update(self._tasks[name], total=size, completed=size)

    def close(self) -> None:
        """Leave the bars as they are and give the terminal back."""
        self._progress.stop()


class Lines(FetchProgress):
    """A line for each step, for a log."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def begin(self, name: str, source: str, total: int) -> None:
        self._began.setdefault(name, time.monotonic())
        self.note(name, f"asking {source}")

    def moved(self, name: str, count: int) -> None:
        """A log has no use for it."""

    def note(self, name: str, message: str) -> None:
        print(f"{name}: {message}", file=sys.stderr, flush=True)

    def done(self, name: str, size: int) -> None:
        seconds = f" in {time.monotonic() - self._began[name]:.1f} s" if name in self._began else ""
        self.note(name, f"{size / 1e6:.0f} MB in place{seconds}")

    def close(self) -> None:
        """Nothing is left open."""
