"""`voice-agent serve`: the phone page, the desk and the carrier's webhooks, answered until somebody stops it."""

import logging
import sys
from contextlib import AsyncExitStack
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from voice_agent import app
from voice_agent.cli.lines import Config, Kb, settings_of
from voice_agent.cli.models import Bars, Lines
from voice_agent.cli.progress import StepBars
from voice_agent.errors import ConfigError
from voice_agent.server.house import House
from voice_agent.server.run import serve as run_server
from voice_agent.settings import Settings

LEVELS = ("debug", "info", "warning", "error")

Host = Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="Listen on another address than the configured one.")]
Port = Annotated[int | None, typer.Option("--port", metavar="PORT", min=0, max=65535, help="Another port than the configured one; 0: any.")]
LogLevel = Annotated[str, typer.Option("--log-level", metavar="|".join(LEVELS), help="How much to log, on stderr.")]


def serve(host: Host = None, port: Port = None, config: Config = None, kb: Kb = None, log_level: LogLevel = "info") -> None:
    """Answer calls: phone page, desk, carrier webhooks.

    Fetches missing models and indexes changed documents first. Stops on Ctrl-C or SIGTERM when the calls under way have ended.
    """
    if log_level not in LEVELS:
        raise typer.BadParameter(f"{log_level} is not one of {', '.join(LEVELS)}", param_hint="--log-level")
    settings = settings_of(config, kb).with_options(host=host, port=port)
    start_log(log_level)
    fetch_missing(settings)
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    console = Console(stderr=True)
    async with AsyncExitStack() as stack:
        bars = stack.enter_context(StepBars(console))

        link = ""

        async def prepare() -> House:
            nonlocal link
            house = await stack.enter_async_context(app.open_house(settings, bars.step))
            link = house.first_link
            bars.close()
            return house

        def started(url: str) -> None:
            if link:
                print(f"There is no account yet. Make the first, an admin's, at {url}{link}", file=sys.stderr)
            print(f"voice_agent is ready: call it at {url}/phone · desk at {url}/desk", file=sys.stderr, flush=True)

        server = settings.server
        await run_server(prepare, host=server.host, port=server.port, started=started, patience=server.drain_grace_s)


def fetch_missing(settings: Settings) -> None:
    """Bring the models that the configuration names into the cache. Says nothing when all are there.

    Raises:
        ConfigError: the configuration names a model that the lock does not know.
        ModelFileError: no source has it.
    """
    store = app.model_store(settings)
    wanted = app.model_names(settings)
    known = {report.name for report in store.list()}
    for name, key in wanted.items():
        if name not in known:
            raise ConfigError(
                f"{settings.config_dir}/{key}: there is no model {name!r}; known are: {', '.join(sorted(known))}", code="config"
            )
    console = Console(stderr=True)
    bars = Bars(console) if console.is_terminal else Lines()
    try:
        store.fetch(tuple(wanted), bars)
    finally:
        bars.close()


def start_log(level: str) -> None:
    """Ours at `level`, other people's libraries only when something is wrong; on stderr."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("voice_agent").setLevel(level.upper())
