"""A whole server process without models: `python -m tests.fakes.serve --port 8081 --says "When do you open?"`."""

import argparse
import asyncio
import logging
import tempfile
from pathlib import Path

import uvloop

from tests.fakes.house import Stage
from voice_agent.server.house import House
from voice_agent.server.run import serve


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--says", action="append", default=None)
    parser.add_argument("--max-calls", type=int, default=5)
    parser.add_argument("--private", action="store_true")
    parser.add_argument("--patience", type=float, default=5.0)
    parser.add_argument("--handover", type=float, default=5.0)
    parser.add_argument("--loading", type=float, default=0.0)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    with tempfile.TemporaryDirectory() as journals:
        stage = Stage(
            journals=Path(journals),
            says=given.says or ("I would like to talk to a person.",),
            max_calls=given.max_calls,
            demo=not given.private,
        )

        async def prepare() -> House:
            await asyncio.sleep(given.loading)
            return stage.house()

        ready = lambda url: print(url, flush=True)  # noqa: E731, T201
        uvloop.run(serve(prepare, host="127.0.0.1", port=given.port, started=ready, patience=given.patience, handover=given.handover))


if __name__ == "__main__":
    main()
