"""The other end of a media websocket: what a carrier or one of the pages does."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PACKET = 160
SILENCE = b"\xff" * PACKET


class Peer:
    """Plays what it hears at once: every mark goes straight back."""

    def __init__(self, socket: ClientConnection, call: str) -> None:
        self.socket = socket
        self.heard = bytearray()
        """μ-law, since the beginning."""
        self._call = call
        self._news = asyncio.Event()
        self._over = False

    async def start(self, token: str | None) -> None:
        described = {
            "streamSid": "S1",
            "accountSid": "test",
            "callSid": self._call,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        parameters = {} if token is None else {"token": token}
        await self._send(event="connected", protocol="Call", version="1.0.0")
        await self._send(event="start", start={**described, "customParameters": parameters})

    async def say(self, value: int, packets: int = 1) -> None:
        """μ-law of one value, faster than real time."""
        for _ in range(packets):
            await self._send(event="media", media={"track": "inbound", "payload": b64encode(bytes([value]) * PACKET).decode()})

    async def press(self, key: str) -> None:
        await self._send(event="dtmf", dtmf={"track": "inbound_track", "digit": key})

    async def hang_up(self) -> None:
        await self._send(event="stop", stop={"accountSid": "test", "callSid": self._call})

    async def hears(self, value: int | None = None) -> None:
        """Until it has heard this value, or anything; from now on."""
        self.heard.clear()
        while not (self.heard if value is None else bytes([value]) in self.heard):
            self._news.clear()
            assert not self._over, "the line is closed"
            await self._news.wait()

    async def closed(self) -> int | None:
        """Until the other side has closed; the close code."""
        await self.socket.wait_closed()
        return self.socket.close_code

    async def listen(self) -> None:
        try:
            async for text in self.socket:
                await self._take(json.loads(text))
                self._news.set()
        except ConnectionClosed:
            pass
        self._over = True
        self._news.set()

    async def _take(self, message: dict[str, Any]) -> None:
        match message["event"]:
            case "media":
                self.heard += b64decode(message["media"]["payload"])
            case "mark":
                await self._send(event="mark", mark=message["mark"])

    async def _send(self, **message: object) -> None:
        await self.socket.send(json.dumps({"streamSid": "S1", **message}))


@asynccontextmanager
async def dialled(url: str, path: str, call: str, *, name: str = "127.0.0.1", origin: str | None = None) -> AsyncGenerator[Peer, None]:
    """A websocket on which nothing has been said yet. `name`: the host name that the other side is asked under."""
    where = urlsplit(url)
    address = f"ws://{name}:{where.port}{path}"
    there: Any = {"host": where.hostname, "port": where.port, "origin": origin}
    async with connect(address, compression=None, proxy=None, **there) as socket:
        peer = Peer(socket, call)
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(peer.listen())
            yield peer
            await socket.close()
            listening.cancel()


async def sse(answer: httpx.Response) -> AsyncGenerator[tuple[str, str], None]:
    """Names and data of server-sent events."""
    name, data = "", []
    async for line in answer.aiter_lines():
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            data.append(value)
        elif not line and name:
            yield name, "\n".join(data)
            name, data = "", []


class Captions:
    """Reads a call's captions along."""

    def __init__(self) -> None:
        self.all: list[tuple[str, dict[str, Any]]] = []
        self._news = asyncio.Event()

    async def read(self, http: httpx.AsyncClient, path: str) -> None:
        """Until they end."""
        async with http.stream("GET", path, timeout=None) as answer, aclosing(sse(answer)) as events:
            async for name, data in events:
                self.all.append((name, json.loads(data)))
                self._news.set()

    def of(self, name: str) -> list[dict[str, Any]]:
        return [caption for kind, caption in self.all if kind == name]

    async def until_said(self, text: str) -> None:
        while not any(text in line["text"] for line in self.of("said")):
            self._news.clear()
            await self._news.wait()
