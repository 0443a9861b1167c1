"""A whole server process without models: `python -m tests.fakes.serve --port 8081 --says "When do you open?"`."""

import argparse
import asyncio
import logging
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvloop

from tests.fakes.house import QUICK, Stage
from voice_agent.adapters.sql.call_store import SqlCallStore
from voice_agent.adapters.sql.callback_store import SqlCallbackStore
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.adapters.sql.outcome_store import SqlOutcomeStore
from voice_agent.adapters.sql.roster import SqlRoster
from voice_agent.adapters.sql.sealed import Seal
from voice_agent.server.house import House
from voice_agent.server.run import serve


def stored(folder: Path) -> dict[str, Any]:
    database = open_database(f"sqlite:///{folder / 'calls.db'}", busy_timeout=0.3)
    callbacks = SqlCallbackStore(database, Seal(b"a secret"))
    return {
        "queue": SqlHumanQueue(database),
        "roster": SqlRoster(database),
        "store": SqlCallStore(database),
        "callbacks": callbacks,
        "outcomes": SqlOutcomeStore(database),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--says", action="append", default=None)
    parser.add_argument("--max-calls", type=int, default=5)
    parser.add_argument("--private", action="store_true")
    parser.add_argument("--patience", type=float, default=5.0)
    parser.add_argument("--handover", type=float, default=5.0)
    parser.add_argument("--loading", type=float, default=0.0)
    parser.add_argument("--ring-for", type=float, default=QUICK.ring_for)
    parser.add_argument("--data", type=Path, help="keeps what it stores there, as the real server does; else in memory")
    parser.add_argument("--twilio", action="store_true", help="its routes are open to whoever signs with tests.fakes.house.AUTH_TOKEN")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    with tempfile.TemporaryDirectory() as nowhere:
        stage = Stage(
            journals=(given.data or Path(nowhere)) / "journals",
            says=given.says or ("I would like to talk to a person.",),
            policy=replace(QUICK, ring_for=given.ring_for),
            max_calls=given.max_calls,
            demo=not given.private,
            twilio=given.twilio,
            **(stored(given.data) if given.data else {}),
        )

        async def prepare() -> House:
            await asyncio.sleep(given.loading)
            return stage.house()

        ready = lambda url: print(url, flush=True)  # noqa: E731, T201
        uvloop.run(serve(prepare, host="127.0.0.1", port=given.port, started=ready, patience=given.patience, handover=given.handover))


if __name__ == "__main__":
    main()
