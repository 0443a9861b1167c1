"""`voice-agent bench`: callers of our own, over real websockets in real time, measured at their ear."""

import asyncio
import signal
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voice_agent.bench.figures import Bench, figures
from voice_agent.bench.page import page
from voice_agent.cli.bench_run import Run
from voice_agent.cli.bench_table import show
from voice_agent.cli.lines import Config, Kb, settings_of, write
from voice_agent.errors import InputError

Calls = Annotated[int, typer.Option("--calls", min=1, max=1000, metavar="N", help="Calls at once.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The same seed, the same calls.")]
Full = Annotated[bool, typer.Option("--full/--quick", help="Long calls, on quiet, noisy and poor lines; quick ends within 50 s.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write the figures to stdout, as one JSON object on the last line.")]
Report = Annotated[Path | None, typer.Option("--report", metavar="FILE.html", help="Write a page with everything that was measured.")]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="A running server, instead of one of its own.")]
Speech = Annotated[
    Path | None, typer.Option("--speech", metavar="DIR", help="Also word errors over recordings with transcripts (manifest.jsonl).")
]
Soak = Annotated[int, typer.Option("--soak", min=0, metavar="N", help="Also N short calls, and how the server's memory grows.")]


def bench(  # noqa: PLR0913, PLR0917  options of a command
    calls: Calls = 1,
    seed: Seed = 1,
    full: Full = False,
    as_json: AsJson = False,
    report: Report = None,
    url: Url = None,
    speech: Speech = None,
    soak: Soak = 0,
    config: Config = None,
    kb: Kb = None,
) -> None:
    """Call a server with callers of its own and measure at their ear.

    Starts a server with the given configuration, its data in a temporary folder. Shows a table on stderr.
    """
    begun = time.monotonic()
    settings = settings_of(config, kb)
    if report and not report.resolve().parent.is_dir():
        raise InputError(f"{report}: its folder does not exist", code="no-folder")
    if soak and url:
        raise InputError("--soak looks into the server's own process: leave out --url", code="no-process")
    console = Console(stderr=True)
    run = Run(settings=settings, together=calls, seed=seed, full=full, begun=begun, console=console)
    made = asyncio.run(_unless_stopped(run.all(url=url, soak=soak, speech=speech)))
    show(made, console)
    if report:
        report.write_text(page(made), "utf-8")
        console.print(f"report: {report}")
    if as_json:
        write(figures(made))


async def _unless_stopped(work: Coroutine[None, None, Bench]) -> Bench:
    """A bench that is told to stop takes its server with it, as it does at Ctrl-C."""
    own, told_to_stop = asyncio.current_task(), asyncio.Event()

    def stop() -> None:
        told_to_stop.set()
        if own:
            own.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        return await work
    except asyncio.CancelledError:
        if not told_to_stop.is_set():
            raise
        raise typer.Exit(128 + signal.SIGTERM) from None
