"""The carrier's side of our webhooks and media socket, and a server of ours to talk to, on a real port."""

import asyncio
import contextlib
import json
import socket
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection, connect

from tests.fakes.house import AUTH_TOKEN, BASE
from tests.fakes.outcomes import MemoryOutcomeStore
from tests.fakes.stores import MemoryCallbackStore, MemoryCallStore, MemoryHumanQueue
from voice_agent.adapters.twilio.stream import TwilioStream
from voice_agent.ports import Media
from voice_agent.server.twilio import TwilioGate, routes

NOON = 1_750_000_000.0


@dataclass
class World:
    """What our routes are given; the test decides what is in it."""

    store: MemoryCallStore = field(default_factory=MemoryCallStore)
    queue: MemoryHumanQueue = field(init=False)
    callbacks: MemoryCallbackStore = field(default_factory=MemoryCallbackStore)
    outcomes: MemoryOutcomeStore = field(default_factory=MemoryOutcomeStore)
    now: float = NOON
    room: bool = True
    pauses: list[float] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    """CallSids of the calls that began."""
    ended: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """CallSids of the calls that are over."""
    trouble: Exception | None = None
    """Raised by the next call when it begins."""

    def __post_init__(self) -> None:
        self.queue = MemoryHumanQueue(wall=lambda: self.now)

    async def open_call(self, stream: TwilioStream, call_sid: str) -> None:
        """An assistant that says back what it hears."""
        self.opened.append(call_sid)
        if self.trouble:
            raise self.trouble
        try:
            async for inbound in stream.inbound():
                if isinstance(inbound, Media):
                    await stream.send_media(inbound.payload)
        finally:
            self.ended.put_nowait(call_sid)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def gate(self, **changed: Any) -> TwilioGate:
        given: dict[str, Any] = {
            "account_sid": "AC1",
            "auth_token": AUTH_TOKEN,
            "public_base_url": BASE,
            "store": self.store,
            "queue": self.queue,
            "callbacks": self.callbacks,
            "outcomes": self.outcomes,
            "open_call": self.open_call,
            "accepting": lambda: self.room,
            "wall": lambda: self.now,
            "sleep": self.sleep,
        }
        return TwilioGate(**{**given, **changed})


@dataclass
class Line:
    """Speaks to our server as Twilio does: signs what it sends with the public URL, and connects to 127.0.0.1."""

    port: int
    http: httpx.AsyncClient
    server: uvicorn.Server
    validator: RequestValidator = field(default_factory=lambda: RequestValidator(AUTH_TOKEN))

    async def post(
        self, path: str, *, signature: str | None = "right", headers: dict[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        """Without a `signature` when it is None; with the one given, unless "right"."""
        form = {"CallSid": "CA1", "AccountSid": "AC1", "From": "+15005550009", "CallStatus": "in-progress", **fields}
        form = {name: value for name, value in form.items() if value != "-"}
        sent = dict(headers or {})
        if signature is not None:
            sent["X-Twilio-Signature"] = self.validator.compute_signature(BASE + path, form) if signature == "right" else signature
        return await self.http.post(f"http://127.0.0.1:{self.port}{path}", data=form, headers=sent)

    async def tells(self, path: str, **fields: str) -> httpx.Response:
        return await self.post(path, signature="right", headers=None, **fields)

    async def asks(self, path: str, **fields: str) -> list[ET.Element]:
        """The verbs of the answer."""
        answer = await self.tells(path, **fields)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/xml"
        return list(ET.fromstring(answer.text))  # noqa: S314  our own text

    async def token(self, call_sid: str = "CA1") -> str:
        """From the answer to a new call."""
        connect_verb, *_ = await self.asks("/twilio/voice", CallSid=call_sid)
        return connect_verb[0][0].attrib["value"]

    @contextlib.asynccontextmanager
    async def media(self, *, signature: str | None = "right") -> AsyncIterator[ClientConnection]:
        headers = {}
        if signature is not None:
            right = self.validator.compute_signature("wss://voice.example.com/twilio/media", {})
            headers["X-Twilio-Signature"] = right if signature == "right" else signature
        url = f"ws://127.0.0.1:{self.port}/twilio/media"
        async with connect(url, additional_headers=headers, compression=None, proxy=None, ping_interval=None, close_timeout=5) as websocket:
            yield websocket

    @contextlib.asynccontextmanager
    async def call(self, call_sid: str = "CA1") -> AsyncIterator[ClientConnection]:
        """A call whose media stream has started."""
        token = await self.token(call_sid)
        async with self.media() as websocket:
            await websocket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            await websocket.send(start(call_sid, token))
            yield websocket


def start(call_sid: str, token: str | None) -> str:
    described = {
        "streamSid": f"MZ-{call_sid}",
        "accountSid": "AC1",
        "callSid": call_sid,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {} if token is None else {"token": token},
    }
    return json.dumps({"event": "start", "sequenceNumber": "1", "start": described, "streamSid": f"MZ-{call_sid}"})


def media(packet: bytes) -> str:
    return json.dumps({"event": "media", "media": {"track": "inbound", "payload": b64encode(packet).decode()}, "streamSid": "MZ"})


async def still_answers(call: ClientConnection, packet: bytes = b"\x55" * 160) -> bool:
    """A call in progress hears and speaks."""
    await call.send(media(packet))
    async with asyncio.timeout(10):
        answer = json.loads(await call.recv())
    return bool(answer["media"]["payload"] == b64encode(packet).decode())


@contextlib.asynccontextmanager
async def serving(gate: TwilioGate) -> AsyncIterator[Line]:
    app = FastAPI()
    app.include_router(routes(gate))
    # As DESIGN.md, section 4, has it.
    config = uvicorn.Config(app, ws="websockets-sansio", ws_max_size=65_536, ws_per_message_deflate=False, log_config=None, lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await server.startup([listening])
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
                yield Line(port=listening.getsockname()[1], http=http, server=server)
        finally:
            await server.shutdown([listening])
