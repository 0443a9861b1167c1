"""A whole server process: how it starts, and how it stops."""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.fakes.house import Stage
from tests.server.peer import Captions, Peer, dialled
from voice_agent.errors import ConfigError, ModelFileError
from voice_agent.server import run
from voice_agent.server.house import House
from voice_agent.server.run import serve

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def process(*arguments: str) -> AsyncGenerator[Process, None]:
    running = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.fakes.serve", *arguments, cwd=ROOT, stdout=PIPE)
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def url_of(running: Process) -> str:
    assert running.stdout is not None
    url = (await running.stdout.readline()).decode().strip()
    assert url.startswith("http://127.0.0.1:")
    return url


async def answers(http: httpx.AsyncClient, path: str) -> httpx.Response:
    """As soon as it listens."""
    while True:
        with contextlib.suppress(httpx.ConnectError):
            return await http.get(path)
        await asyncio.sleep(0.02)


@asynccontextmanager
async def on_the_phone(http: httpx.AsyncClient, url: str) -> AsyncGenerator[tuple[Peer, Captions], None]:
    booked = (await http.post("/phone/calls")).json()
    captions = Captions()
    async with asyncio.TaskGroup() as group, dialled(url, booked["media"], booked["call"]) as caller:
        group.create_task(captions.read(http, booked["captions"]))
        await caller.start(booked["token"])
        await captions.until_said("How can I help")
        yield caller, captions


async def test_while_the_models_load_it_lives_but_is_not_ready_and_then_it_is() -> None:
    port = free_port()
    async with process("--port", str(port), "--loading", "1.5") as running, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await answers(http, "/healthz")).status_code == 200
        for path in ("/readyz", "/phone", "/desk"):
            early = await http.get(path)
            assert early.status_code == 503
            assert early.text == "loading the models\n"
        await url_of(running)
        assert (await http.get("/readyz")).status_code == 200
        assert (await http.get("/phone")).status_code == 200


async def test_it_can_be_stopped_while_the_models_load() -> None:
    port = free_port()
    async with process("--port", str(port), "--loading", "3600") as running, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        await answers(http, "/healthz")
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_lets_the_call_finish_takes_no_new_one_and_ends_cleanly(how: signal.Signals) -> None:
    async with process("--patience", "60") as running:
        url = await url_of(running)
        page = httpx.AsyncClient(base_url=url)
        async with page as http, http.stream("GET", "/desk/events") as desk, on_the_phone(http, url) as (caller, _):
            running.send_signal(how)
            while (ready := await http.get("/readyz")).status_code == 200:
                pass
            assert ready.text == "shutting down\n"
            refused = await http.post("/phone/calls")
            assert refused.status_code == 503
            assert "restarting" in refused.json()["detail"]

            await caller.press("0")
            await caller.hears()
            await caller.hang_up()
            assert await caller.closed() == 1000
            async for _ in desk.aiter_bytes():
                pass  # the desk's stream ends with the server
        assert await running.wait() == 0


async def test_a_call_that_will_not_end_is_offered_to_people_and_then_closed_as_going_away() -> None:
    async with process("--patience", "0.1", "--handover", "2.5") as running:
        url = await url_of(running)
        async with httpx.AsyncClient(base_url=url) as http, on_the_phone(http, url) as (caller, captions):
            running.send_signal(signal.SIGTERM)
            await captions.until_said("number 1 in the line")
            assert await caller.closed() == 1001
        assert await running.wait() == 0


async def test_a_second_signal_ends_everything_at_once() -> None:
    async with process("--patience", "3600", "--handover", "3600") as running:
        url = await url_of(running)
        async with httpx.AsyncClient(base_url=url) as http, on_the_phone(http, url) as (caller, _):
            running.send_signal(signal.SIGINT)
            while (await http.get("/readyz")).status_code == 200:
                pass
            running.send_signal(signal.SIGINT)
            assert await caller.closed() == 1001
        assert await running.wait() == 0


async def nothing() -> House:
    raise AssertionError("nothing is loaded when the address cannot be used")


async def test_a_port_that_is_taken_is_said_before_anything_is_loaded() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} on 127.0.0.1 is taken .* --port") as error:
            await serve(nothing, host="127.0.0.1", port=port, started=print)
    assert error.value.code == "port-taken"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
async def test_an_address_that_is_not_this_machines_is_said_to_be_so(host: str) -> None:
    with pytest.raises(ConfigError, match=f"--host {host}") as error:
        await serve(nothing, host=host, port=0, started=print)
    assert error.value.code == "bad-address"


def test_a_port_for_administrators_is_said_to_be_one() -> None:
    error = run._why_not("127.0.0.1", 80, PermissionError(errno.EACCES, "Permission denied"))

    assert "needs an administrator" in str(error)
    assert "--port" in str(error)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("0.0.0.0", "http://127.0.0.1:"),  # noqa: S104  for a moment, to see what is shown
        ("::1", "http://[::1]:"),
        ("::", "http://127.0.0.1:"),
    ],
)
def test_the_address_that_is_shown_can_be_clicked(host: str, shown: str) -> None:
    with run._listen(host, 0) as listener:
        assert run._url(listener).startswith(shown)


async def test_what_goes_wrong_while_loading_stops_the_server_and_is_told_as_it_is() -> None:
    async def broken() -> House:
        raise ModelFileError("whisper-base: model.bin has a wrong hash", code="wrong-hash")

    with pytest.raises(ModelFileError, match="wrong hash"):
        await serve(broken, host="127.0.0.1", port=0, started=print)


async def test_a_house_whose_queue_is_broken_does_not_open(stage: Stage) -> None:
    stage.queue.broken = ConfigError("the database cannot be opened", code="database")

    async def prepare() -> House:
        return stage.house()

    with pytest.raises(ConfigError, match="database"):
        await serve(prepare, host="127.0.0.1", port=0, started=print)
