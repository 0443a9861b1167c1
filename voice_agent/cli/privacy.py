"""`voice-agent privacy`: the proof that personal data stays out, how long things are kept, and what a caller may ask for."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_agent.cli import group
from voice_agent.cli.lines import Config, settings_of, write
from voice_agent.cli.prove import prove
from voice_agent.errors import ConfigError, InputError
from voice_agent.settings import Settings
from voice_agent.settings.escalation import TIER, TIER_FORM

if TYPE_CHECKING:
    from voice_agent.app.keeping import Keeping

app = group("Personal data: the proof that it stays out, how long things are kept, what a caller may ask for.")
app.command()(prove)

Number = Annotated[str, typer.Option("--caller", metavar="NUMBER", help="With + and country code: +15550101234.", show_default=False)]
Tier = Annotated[str | None, typer.Argument(metavar="NAME", help="As the rules ask for it: gold. Not with --none.", show_default=False)]
Numbers = Annotated[Path | None, typer.Argument(metavar="FILE", help="Phone numbers, one a line; else from stdin.", show_default=False)]
NoTier = Annotated[bool, typer.Option("--none", help="Take the tier of these callers away.")]


@app.command()
def retain(config: Config = None) -> None:
    """Remove what is older than privacy.yaml keeps it, as the server does every hour. Writes how many of each kind are gone."""

    async def job(keeping: "Keeping") -> None:
        write(asdict(await keeping.sweep()))

    _run(settings_of(config), job)


@app.command()
def export(caller: Number, config: Config = None) -> None:
    """Write everything that is kept of a caller's calls, one call a line, oldest first: record, handover with brief, journal.

    Before them {"tier"}, if the caller has one.
    """
    settings = settings_of(config)
    known = _caller(settings, caller)

    async def job(keeping: "Keeping") -> None:
        for call in await keeping.export(known):
            write(call)

    _run(settings, job)


@app.command()
def erase(caller: Number, config: Config = None) -> None:
    """Remove everything that is kept of a caller's calls, and their tier. Writes {"calls", "journals", "handovers", "under_way"}.

    Calls that are under way stay; erase again when they are over.
    """
    settings = settings_of(config)
    known = _caller(settings, caller)

    async def job(keeping: "Keeping") -> None:
        write(asdict(await keeping.erase(known)))

    _run(settings, job)


@app.command()
def tier(name: Tier = None, numbers: Numbers = None, none: NoTier = False, config: Config = None) -> None:
    """Give callers a tier, for rules that ask for the fact `tier`. Of each number only its hash is stored. Writes {"tier", "callers"}.

    The form for those who are to have none any more: tier --none [FILE]. Lines without a phone number are named, and the others stored.
    """
    settings = settings_of(config)
    if none:
        if numbers is not None:
            raise InputError("--none takes the place of the NAME; give one of them.", code="bad-tier")
        numbers = Path(name) if name else None
        name = None
    elif name is None or not TIER.fullmatch(name):
        raise InputError(f"NAME: is not a name of a tier; write {TIER_FORM}, or --none in its place.", code="bad-tier")
    where = "stdin" if numbers is None else "FILE"
    try:
        with nullcontext(sys.stdin.buffer) if numbers is None else numbers.open("rb") as lines:
            callers, bad = _callers(_key(settings), lines)
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror}); name a file of phone numbers.", code="no-file") from None

    async def job(keeping: "Keeping") -> None:
        await keeping.set_tier(callers, name)
        write({"tier": name, "callers": len(callers)})

    _run(settings, job)
    if bad:
        which = ", ".join(map(str, bad))
        raise InputError(f"{where}: no phone number of the form +15550101234 in line {which}; mend and give them again.", code="bad-number")


def _callers(key: str, lines: Iterable[bytes]) -> tuple[set[str], list[int]]:
    """The hashes, and which lines hold no number, from 1; blank ones are passed over."""
    from voice_agent.server.callers import caller_of

    found = {at: caller_of(key, line.decode("utf-8-sig", "replace")) for at, line in enumerate(lines, 1) if line.strip()}
    return {caller for caller in found.values() if caller}, [at for at, caller in found.items() if not caller]


def _caller(settings: Settings, number: str) -> str:
    from voice_agent.server.callers import caller_of

    caller = caller_of(_key(settings), number)
    if caller is None:
        raise InputError("--caller: is not a phone number of the form +15550101234; write it with + and country code.", code="bad-number")
    return caller


def _key(settings: Settings) -> str:
    key = settings.secrets.caller_key
    if key is None:
        raise ConfigError(
            "environment: CALLER_KEY is not set, so no call is known to be anybody's. Set it to the value that the server had during the "
            "calls; calls that came in without one cannot be told apart.",
            code="no-caller-key",
        )
    return key


def _run(settings: Settings, job: Callable[["Keeping"], Awaitable[None]]) -> None:
    from voice_agent.app import parts

    database = parts.database(settings)

    async def run() -> None:
        await job(parts.keeping(settings, database))

    try:
        asyncio.run(run())
    finally:
        database.close()
