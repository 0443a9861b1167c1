"""A server on a real port, in the test's own loop, around a house without models."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from tests.fakes.house import Stage
from tests.server.peer import Peer, dialled
from voice_agent.server.app import create_app
from voice_agent.server.house import House
from voice_agent.server.run import server_config


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(journals=tmp_path / "journals")


@dataclass(kw_only=True)
class Server:
    stage: Stage
    house: House
    url: str
    http: httpx.AsyncClient

    async def book(self) -> dict[str, str]:
        answer = await self.http.post("/phone/calls")
        assert answer.status_code == 200, answer.text
        booked: dict[str, str] = answer.json()
        return booked

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[Peer]:
        """A caller on the phone page whose call has begun."""
        booked = await self.book()
        async with dialled(self.url, booked["media"], booked["call"]) as peer:
            await peer.start(booked["token"])
            await peer.hears()
            yield peer

    def dial(self, path: str, call: str = "c", **how: str) -> contextlib.AbstractAsyncContextManager[Peer]:
        return dialled(self.url, path, call, **how)


def visiting(stage: Stage) -> httpx.AsyncClient:
    """Maya's browser, without a network: for pages and refusals, not for streams and sockets."""
    transport = httpx.ASGITransport(app=create_app(stage.house()))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies=stage.cookie())


Serving = Callable[[Stage], contextlib.AbstractAsyncContextManager[Server]]


@asynccontextmanager
async def _serving(stage: Stage) -> AsyncIterator[Server]:
    house = stage.house()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(server_config(create_app(house)))
        server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]  # Ctrl-C belongs to pytest
        async with asyncio.TaskGroup() as group, httpx.AsyncClient(base_url=url, trust_env=False, cookies=stage.cookie()) as http:
            group.create_task(server.serve(sockets=[listener]))
            yield Server(stage=stage, house=house, url=url, http=http)
            house.calls.closing.set()
            server.should_exit = True


@pytest.fixture
async def http(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(stage) as client:
        yield client


@pytest.fixture
def serving() -> Serving:
    return _serving


@pytest.fixture
async def server(stage: Stage) -> AsyncIterator[Server]:
    async with _serving(stage) as running:
        yield running
