"""Prism (npm, `scripts/prism`): a server made of an OpenAPI description, which checks every request against it."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import playwright
import pytest

ROOT = Path(__file__).parents[2]
DESCRIPTION = ROOT / "tests" / "data" / "twilio" / "api.json"
NODE = Path(playwright.__file__).parent / "driver" / "node"
"""Playwright brings its own, newer than the ones of most systems."""
CLI = ROOT / "var" / "prism" / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"

_LONGEST_START = 60.0
"""Seconds; it takes one. Only a hung process ever waits for it."""


@pytest.fixture(scope="session")
def prism() -> Iterator[str]:
    """The URL of a server of Twilio's description."""
    if not CLI.exists():
        missing = "Prism is not installed. Run scripts/prism; it needs npm (on Debian and Ubuntu: sudo apt-get install npm)."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with serving(DESCRIPTION) as url:
        yield url


@contextmanager
def serving(description: Path) -> Iterator[str]:
    command = [str(NODE), str(CLI), "mock", "--host", "127.0.0.1", "--port", "0", "--errors", str(description)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        hung = threading.Timer(_LONGEST_START, process.kill)
        hung.start()
        said = ""
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if found := re.search(r"listening on (http://127\.0\.0\.1:\d+)", line):
                    hung.cancel()
                    threading.Thread(target=process.stdout.read, daemon=True).start()  # a full pipe would stop it
                    yield found[1]
                    return
            pytest.fail(f"Prism ended before it listened:\n{said}")
        finally:
            hung.cancel()
            process.kill()
