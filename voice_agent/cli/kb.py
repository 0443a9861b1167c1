"""`voice-agent kb`: the documents that answers come from."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voice_agent.cli import group
from voice_agent.cli.kb_report import report
from voice_agent.cli.lines import Config, Kb, settings_of, write
from voice_agent.settings import Settings

app = group("The documents that answers come from. Every door that needs them brings the index up to date by itself.")
Folder = Annotated[Path | None, typer.Argument(metavar="DIR", help="Another folder of documents than the configured one.")]


@app.command()
def sync(folder: Folder = None, kb: Kb = None, config: Config = None) -> None:
    """Bring the index in step with the folder.

    Writes {"folder", "added", "changed", "removed", "unchanged", "for_agents", "problems", "seconds"}. `for_agents` are not indexed: no
    caller may hear them. Exit code 1 when a document cannot be read.
    """
    settings = settings_of(config, folder or kb)
    problems = asyncio.run(_sync(settings))
    for problem in problems:
        print(f"voice-agent: {problem}", file=sys.stderr)
    if problems:
        raise typer.Exit(1)


async def _sync(settings: Settings) -> list[str]:
    from voice_agent import app as root
    from voice_agent.app.parts import embedder
    from voice_agent.cli.progress import StepBars

    began = time.perf_counter()
    reading = embedder(settings)
    try:
        with StepBars(Console(stderr=True)) as bars:
            async with root.open_library(settings, reading) as library:
                report = await library.sync(lambda done, total: bars.step("reading the documents", done, total))
    finally:
        reading.close()
    problems = [str(problem) for problem in report.problems]
    write(
        {
            "folder": str(settings.knowledge.folder),
            "added": report.added,
            "changed": report.changed,
            "removed": report.removed,
            "unchanged": report.unchanged,
            "for_agents": report.for_agents,
            "problems": problems,
            "seconds": round(time.perf_counter() - began, 3),
        }
    )
    return problems


app.command()(report)


@app.command(name="list")
def list_(folder: Folder = None, kb: Kb = None, config: Config = None) -> None:
    """List the documents.

    One JSON object a document: source, title, updated, audience, path, passages, problem (why it, or a part of it, cannot be used).
    """
    from voice_agent.errors import InputError
    from voice_agent.knowledge.documents import document_paths, load_document

    where = settings_of(config, folder or kb).knowledge.folder
    for path in document_paths(where):
        try:
            document = load_document(path, where)
        except InputError as error:
            unknown = dict.fromkeys(("source", "title", "updated", "audience"))
            write({**unknown, "path": str(path), "passages": 0, "problem": str(error)})
        else:
            write(
                {
                    "source": document.source,
                    "title": document.title,
                    "updated": document.updated.isoformat(),
                    "audience": document.audience,
                    "path": str(path),
                    "passages": len(document.passages),
                    "problem": str(document.warning) if document.warning else None,
                }
            )
