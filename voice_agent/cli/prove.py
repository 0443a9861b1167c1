"""`voice-agent privacy prove`: made-up people give their data away in whole calls; all that is kept, sent or shown is searched for it."""

import asyncio
import json
import secrets
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from voice_agent.cli.lines import Config, Kb, settings_of, write
from voice_agent.errors import InputError
from voice_agent.settings import Settings

if TYPE_CHECKING:
    from voice_agent.proof.proof import Proof

Seed = Annotated[int | None, typer.Option("--seed", min=0, metavar="N", help="The people of an earlier proof again. Else they are new.")]
Identities = Annotated[int, typer.Option("--identities", min=1, max=5000, metavar="N", help="How many people call.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the report: a page (.html), or everything as JSON (.json).")]


def prove(seed: Seed = None, identities: Identities = 200, out: Out = None, kb: Kb = None, config: Config = None) -> None:
    """Prove that personal data stays out.

    Made-up people say and type theirs in whole calls: answered, handed over, called back, broken off, and with parts that fail. Then the
    database, the journals, the index, the log, the prompts to a language model and the pages are searched for it. Writes
    {"seed", "identities", "calls", "said", "leaked", "finds", "holds"}; the exit code is 1 when anything was found.
    """
    settings = settings_of(config, kb)
    if out and (out.suffix not in (".html", ".json") or not out.resolve().parent.is_dir()):
        raise InputError(f"{out}: name a file that ends in .html or .json, in a folder that exists", code="bad-out")
    chosen = secrets.randbelow(10**9) if seed is None else seed
    print(f"voice_agent: seed {chosen}", file=sys.stderr, flush=True)
    proof = asyncio.run(_prove(settings, chosen, identities))
    _show(proof, Console(stderr=True))
    if out:
        from voice_agent.proof.page import page

        out.write_text(page(proof) if out.suffix == ".html" else json.dumps(asdict(proof), indent=1) + "\n", "utf-8")
        print(f"voice_agent: the report is in {out}", file=sys.stderr)
    write(
        {
            "seed": proof.seed,
            "identities": proof.identities,
            "calls": sum(proof.calls.values()),
            "said": sum(proof.said.values()),
            "leaked": proof.leaked,
            "finds": len(proof.finds),
            "holds": proof.holds,
        }
    )
    if not proof.holds:
        raise typer.Exit(1)


async def _prove(settings: Settings, seed: int, identities: int) -> "Proof":
    from voice_agent.app.proving import open_proof
    from voice_agent.cli.progress import StepBars
    from voice_agent.proof.calls import logged
    from voice_agent.proof.llm import recording_server
    from voice_agent.proof.proof import prove as run

    known = [*settings.knowledge.folder.rglob("*"), *settings.config_dir.rglob("*.yaml"), *settings.config_dir.rglob("*.md")]
    with tempfile.TemporaryDirectory(prefix="voice-agent-proof-") as place, StepBars(Console(file=sys.stderr)) as bars:
        folder = Path(place)
        with logged(folder / "server.log"):
            async with recording_server() as recording, open_proof(settings, folder, recording.base, bars.step) as house:
                return await run(
                    house,
                    recording,
                    seed=seed,
                    identities=identities,
                    day=datetime.now(UTC).date().isoformat(),
                    folder=folder,
                    known=[path for path in known if path.is_file()],
                    progress=bars.step,
                )


def _show(proof: "Proof", console: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("searched", "parts", "MB", "finds"):
        table.add_column(column, justify="left" if column == "searched" else "right")
    for sink in proof.sinks:
        table.add_row(sink.name, str(sink.parts), f"{sink.size / 1e6:.2f}", str(sink.finds))
    console.print(table)
    for find in proof.finds:
        console.print(f"found: {find.kind} {find.value} in {find.sink} ({find.path}): …{find.around}…; said: {find.said}", markup=False)
    for trouble in proof.trouble:
        console.print(f"not whole: {trouble}", markup=False)
