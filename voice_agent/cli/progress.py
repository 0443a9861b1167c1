"""Bars for steps that take long, on stderr."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

_PATIENCE = 1.0
"""Seconds that a step may take without a word."""


class StepBars:
    """A bar a step for a person at a terminal, a line a step for a log; neither for steps that are quick."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            refresh_per_second=8,
        )
        self._began: dict[str, float] = {}
        self._shown: dict[str, TaskID | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def step(self, what: str, done: int, total: int) -> None:
        """`done` of `total` of a step is done."""
        began = self._began.setdefault(what, time.monotonic())
        if what not in self._shown and done < total and time.monotonic() - began > _PATIENCE:
            self._shown[what] = self._show(what, total)
        task = self._shown.get(what)
        if task is not None:
            self._bars.update(task, completed=done)

    def close(self) -> None:
        """Leave the bars as they are and give the terminal back."""
        if self._bars.live.is_started:  # rich prints an empty line otherwise
            self._bars.stop()

    def _show(self, what: str, total: int) -> TaskID | None:
        if not self._console.is_terminal:
            self._console.print(f"voice_agent: {what}, {total} in all", markup=False, highlight=False)
            return None
        self._bars.start()
        return self._bars.add_task(what, total=total)
