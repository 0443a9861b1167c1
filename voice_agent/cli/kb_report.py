"""`voice-agent kb report`: what the documents lack or get wrong, for the people who own them."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from voice_agent.cli.lines import Config, Kb, settings_of, write
from voice_agent.errors import InputError
from voice_agent.settings import Settings

if TYPE_CHECKING:
    from voice_agent.review.review import Review
    from voice_agent.session.journal import Recording

Journals = Annotated[Path | None, typer.Option("--journals", metavar="DIR", help="Another folder of journals than the configured one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write everything to stdout, as one JSON object.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE.html", help="Write it as a page.")]


def report(journals: Journals = None, as_json: AsJson = False, out: Out = None, kb: Kb = None, config: Config = None) -> None:
    """Say what the documents lack or get wrong.

    Questions that were asked and not answered, passages that contradict or repeat each other, documents that are stale or never used.
    Shows the counts on stderr.
    """
    settings = settings_of(config, kb)
    if out and not out.resolve().parent.is_dir():
        raise InputError(f"{out}: its folder does not exist", code="no-folder")
    if journals and not journals.is_dir():
        raise InputError(f"{journals}: there is no such folder of journals", code="no-folder")
    made = asyncio.run(_review(settings, journals or settings.data_dir / "journals"))
    _show(made, Console(stderr=True))
    if out:
        from voice_agent.review.page import page

        out.write_text(page(made), "utf-8")
        print(f"voice_agent: the report is in {out}", file=sys.stderr)
    if as_json:
        write(_plain(asdict(made)))


async def _review(settings: Settings, journals: Path) -> "Review":
    from voice_agent.app.parts import document_folder, embedder
    from voice_agent.cli.progress import StepBars
    from voice_agent.review.review import review

    folder = document_folder(settings).read()
    reading = embedder(settings)
    try:
        with StepBars(Console(stderr=True)) as bars:
            return await review(
                folder,
                _recordings(journals),
                reading,
                where=settings.knowledge.folder.resolve(),
                today=datetime.now(UTC).date(),
                stale_after_days=settings.knowledge.stale_after_days,
                progress=bars.step,
            )
    finally:
        reading.close()


def _recordings(journals: Path) -> Iterator["Recording"]:
    """One that cannot be read is told and left out."""
    from voice_agent.session.journal import read_journal

    for path in sorted(journals.rglob("*.jsonl")):
        try:
            yield read_journal(path)
        except InputError as error:
            print(f"voice-agent: left out: {error}", file=sys.stderr)


def _show(made: "Review", console: Console) -> None:
    asked = made.asked
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("questions", f"{asked.answered} answered, {asked.asked_back} asked back, {asked.not_answered} not answered")
    for name, count in (
        ("unanswered, in groups", len(made.unanswered)),
        ("contradictions", len(made.contradictions)),
        ("near-duplicates", len(made.duplicates)),
        (f"older than {made.stale_after_days} days", len(made.stale)),
        ("never used", len(made.unused) if asked.answered else "unknown: no answers yet"),
        ("files to mend", len(made.problems)),
    ):
        table.add_row(name, str(count))
    console.print(table)
    if made.unanswered:
        console.print("A document answers one of the unanswered? List it under `asked:` there. Is it to stay so? In not_answered.yaml.")


def _plain(value: Any) -> Any:
    """With dates as JSON writes them."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
