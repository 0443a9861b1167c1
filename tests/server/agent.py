"""An agent at the desk, without a browser."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from tests.fakes.house import DANIEL, MAYA
from tests.server.conftest import Server
from tests.server.peer import Peer, sse
from voice_agent.core.words import CallId

CALLER = 0x21
PERSON_SAYS = 0x41
"""μ-law values by which the two are told apart."""


PARTS = ("queue", "ring", "duty", "beat")


@dataclass(kw_only=True)
class Desk:
    """An agent's page."""

    server: Server
    agent: str = "Maya"
    told: dict[str, asyncio.Queue[str]] = field(
        default_factory=lambda: {name: asyncio.Queue() for name in ("queue", "ring", "duty", "beat")}
    )
    """By the part of the page."""

    async def read(self) -> None:
        async with self.server.http.stream("GET", "/desk/events", timeout=None, headers=self._signed_in) as answer:
            async for name, data in sse(answer):
                self.told[name].put_nowait(data)

    async def sees(self, text: str, part: str = "queue") -> str:
        """That part of the page as soon as the text is in it."""
        while text not in (shown := await self.told[part].get()):
            pass
        return shown

    async def stops_ringing(self) -> None:
        while await self.told["ring"].get():
            pass

    async def is_now(self, status: str) -> None:
        answer = await self.act("duty", status=status)
        assert answer.status_code == 200, answer.text

    async def post(self, call: str, verb: str, **form: str) -> httpx.Response:
        return await self.server.http.post(f"/desk/calls/{call}/{verb}", data=form, headers=self._signed_in)

    async def act(self, path: str, **form: str) -> httpx.Response:
        return await self.server.http.post(f"/desk/{path}", data=form, headers=self._signed_in)

    async def get(self, what: str) -> httpx.Response:
        return await self.server.http.get(f"/desk/calls/{what}", headers=self._signed_in)

    @property
    def _signed_in(self) -> dict[str, str]:
        (cookie,) = self.server.stage.cookie({"Maya": MAYA, "Daniel": DANIEL}[self.agent]).items()
        return {"cookie": "=".join(cookie)}

    @asynccontextmanager
    async def talking(self, call: str, panel: str) -> AsyncGenerator[Peer, None]:
        """The audio of a call that was accepted with this answer."""
        async with self.server.dial(f"/desk/audio/{call}", call) as peer:
            await peer.start(token_in(panel))
            yield peer


def token_in(panel: str) -> str:
    found = re.search(r'data-token="([^"]+)"', panel)
    assert found, panel
    return found[1]


@asynccontextmanager
async def at_the_desk(server: Server, agent: str = "Maya") -> AsyncGenerator[Desk, None]:
    desk = Desk(server=server, agent=agent)
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(desk.read())
        yield desk
        reading.cancel()


async def only_call(server: Server) -> CallId:
    [waiting] = await server.stage.queue.waiting()
    return waiting.call


async def talk_until_heard(speaker: Peer, value: int, listener: Peer) -> None:
    async def talk() -> None:
        while True:
            await speaker.say(value)
            await asyncio.sleep(0.02)

    talking = asyncio.ensure_future(talk())
    await listener.hears(value)
    talking.cancel()
