"""`voice-agent privacy`: the proof that personal data stays out, how long things are kept, and what a caller may ask for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from voice_agent.cli import group
from voice_agent.cli.lines import Config, settings_of, write
from voice_agent.cli.prove import prove
from voice_agent.errors import ConfigError, InputError
from voice_agent.settings import Settings

if TYPE_CHECKING:
    from voice_agent.app.keeping import Keeping

app = group("Personal data: the proof that it stays out, how long things are kept, what a caller may ask for.")
app.command()(prove)

Number = Annotated[str, typer.Option("--caller", metavar="NUMBER", help="With + and country code: +15550101234.", show_default=False)]


@app.command()
def retain(config: Config = None) -> None:
    """Remove what is older than privacy.yaml keeps it, as the server does every hour. Writes how many of each kind are gone."""

    async def job(keeping: "Keeping") -> None:
        write(asdict(await keeping.sweep()))

    _run(settings_of(config), job)


@app.command()
def export(caller: Number, config: Config = None) -> None:
    """Write everything that is kept of a caller's calls, one call a line, oldest first: record, handover with brief, journal."""
    settings = settings_of(config)
    known = _caller(settings, caller)

    async def job(keeping: "Keeping") -> None:
        for call in await keeping.export(known):
            write(call)

    _run(settings, job)


@app.command()
def erase(caller: Number, config: Config = None) -> None:
    """Remove everything that is kept of a caller's calls. Writes {"calls", "journals", "handovers", "under_way"}.

    Calls that are under way stay; erase again when they are over.
    """
    settings = settings_of(config)
    known = _caller(settings, caller)

    async def job(keeping: "Keeping") -> None:
        write(asdict(await keeping.erase(known)))

    _run(settings, job)


def _caller(settings: Settings, number: str) -> str:
    from voice_agent.server.callers import caller_of

    key = settings.secrets.caller_key
    if key is None:
        raise ConfigError(
            "environment: CALLER_KEY is not set, so no call is known to be anybody's. Set it to the value that the server had during the "
            "calls; calls that came in without one cannot be told apart.",
            code="no-caller-key",
        )
    caller = caller_of(key, number)
    if caller is None:
        raise InputError("--caller: is not a phone number of the form +15550101234; write it with + and country code.", code="bad-number")
    return caller


def _run(settings: Settings, job: Callable[["Keeping"], Awaitable[None]]) -> None:
    from voice_agent.app import parts

    database = parts.database(settings)

    async def run() -> None:
        await job(parts.keeping(settings, database))

    try:
        asyncio.run(run())
    finally:
        database.close()
