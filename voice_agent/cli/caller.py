"""Places a call as the carrier would: over HTTP and the media websocket, in real time, with captions to read along."""

import asyncio
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from voice_agent.audio.packets import PACKET_SECONDS
from voice_agent.core.words import Seconds
from voice_agent.errors import InputError, PortError, RefusedError, VoiceAgentError

ANSWER_WITHIN: Seconds = 10.0
"""For each request, and for the websocket to open."""
SETTLE_WITHIN: Seconds = 15.0
"""After the call, for the server to store what it has to and to end the captions."""

Caption = Mapping[str, Any]
"""See server/captions.py."""
Turn = Mapping[str, Any]
"""See TurnReport in session/report.py."""
Pace = Callable[[int], Awaitable[None]]
"""Waits until the packet of this number, from 0, is due."""


class Side(Protocol):
    """The caller's side of a call: speaks packet by packet, and hears."""

    def next_packet(self) -> bytes | None:
        """What to send for the next 20 ms of μ-law; nothing for a packet that is lost on its way; None to hang up."""

    def marks_reached(self) -> list[str]:
        """Marks to send back now."""

    def hear(self, audio: bytes) -> None: ...

    def mark(self, name: str) -> None: ...

    def clear(self) -> None: ...

    def told(self, name: str, caption: Caption) -> None:
        """A caption came."""


S = TypeVar("S", bound=Side)


@dataclass(slots=True, kw_only=True)
class PlacedCall(Generic[S]):
    """What became of a call."""

    call: str
    dialogue: S
    states: list[Caption] = field(default_factory=list)
    """Every state that the server told, in order."""
    close_code: int | None = None
    """Of the websocket; None while it is open."""
    hung_up: bool = False
    """We ended the call; otherwise the other side did."""
    report: Mapping[str, Any] = field(default_factory=dict)
    """The server's own account of the call; see CallReport in session/report.py."""
    told: int = 0
    """Turns of the report that have been told."""


class Caller:
    """Calls one server."""

    def __init__(self, url: str) -> None:
        """`url`: of the server, such as http://127.0.0.1:8080.

        Raises:
            InputError: the URL is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(f"{url}: is not the address of a server; write for example http://127.0.0.1:8080", code="bad-url")
        self._url = url.rstrip("/") + "/"

    async def place(self, dialogue: S, tell: Callable[[Turn], None], *, pace: Pace | None = None) -> PlacedCall[S]:
        """One call, from dialling to its end. `tell` gets every turn of either side, once it stands.

        Raises:
            PortError: code "server-unreachable", "server-busy" or "server-broken".
            RefusedError: the server asks callers to sign in, or does not serve this address.
        """
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN, trust_env=False) as http:
            booked = await self._book(http)
            placed = PlacedCall(call=booked["call"], dialogue=dialogue)
            try:
                async with asyncio.TaskGroup() as group:
                    reading = group.create_task(self._read_captions(http, booked["captions"], placed, tell))
                    await self._talk(booked, placed, pace or real_time(), reading)
            except* VoiceAgentError as errors:
                raise errors.exceptions[0] from None
            await self._tell_turns(http, placed, tell, settled=True)
            return placed

    async def _talk(self, booked: Mapping[str, str], placed: PlacedCall[Any], pace: Pace, reading: "asyncio.Task[None]") -> None:
        try:
            async with self._socket(booked["media"]) as socket:
                await _Leg(socket, placed, booked["token"], pace).run()
            async with asyncio.timeout(SETTLE_WITHIN):
                await reading
        except TimeoutError:
            raise PortError(f"{self._url}: the call is over, and the server did not say so", code="server-broken") from None
        finally:
            reading.cancel()

    async def _book(self, http: httpx.AsyncClient) -> Mapping[str, str]:
        answer = await self._ask(http.post(urljoin(self._url, "phone/calls")))
        booked: Mapping[str, str] = answer.json()
        return booked

    async def _tell_turns(self, http: httpx.AsyncClient, placed: PlacedCall[Any], tell: Callable[[Turn], None], *, settled: bool) -> None:
        """The turns that have not been told. The caller's last, and what follows it, may still change, unless all is settled."""
        answer = await self._ask(http.get(urljoin(self._url, f"phone/calls/{placed.call}/report")))
        placed.report = _rounded(answer.json())
        turns = placed.report["turns"]
        last = max((place for place, turn in enumerate(turns) if turn["speaker"] == "caller"), default=0)
        until = len(turns) if settled else last
        for turn in turns[placed.told : until]:
            tell(turn)
        placed.told = max(placed.told, until)

    async def _ask(self, request: Awaitable[httpx.Response]) -> httpx.Response:
        try:
            answer = await request
        except httpx.TransportError:
            raise self._unreachable() from None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise RefusedError(
                f"{self._url}: its phone page asks callers to sign in; `demo: everybody` in its config/server.yaml opens it", code="sign-in"
            )
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise RefusedError(f"{self._url}: {' '.join(answer.text.split())}", code="forbidden")
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise PortError(f"{self._url}: takes no call just now: {_reason(answer)}", code="server-busy", retry=True)
        if answer.status_code != httpx.codes.OK:
            raise PortError(f"{self._url}: answered {answer.status_code}; is it a voice_agent server?", code="server-broken")
        return answer

    def _unreachable(self) -> VoiceAgentError:
        mend = "Start it with scripts/serve, or name another with --url"
        return PortError(f"{self._url}: no server answers there. {mend}", code="server-unreachable", retry=True)

    @asynccontextmanager
    async def _socket(self, path: str) -> AsyncIterator[ClientConnection]:
        url = urljoin(self._url, path).replace("http", "ws", 1)
        try:
            async with connect(url, compression=None, proxy=None, open_timeout=ANSWER_WITHIN, max_size=1 << 20) as socket:
                yield socket
        except (InvalidHandshake, OSError, TimeoutError) as error:
            raise PortError(f"{url}: the media socket does not open: {type(error).__name__}", code="server-broken") from None

    async def _read_captions(self, http: httpx.AsyncClient, path: str, placed: PlacedCall[Any], tell: Callable[[Turn], None]) -> None:
        timeout = httpx.Timeout(ANSWER_WITHIN, read=None)
        try:
            async with http.stream("GET", urljoin(self._url, path), timeout=timeout) as answer:
                name = ""
                async for line in answer.aiter_lines():
                    key, _, value = line.partition(": ")
                    if key == "event":
                        name = value
                    elif key == "data":
                        caption: Caption = json.loads(value)
                        placed.dialogue.told(name, caption)
                        if name == "state":
                            placed.states.append(caption)
                        elif name == "said" and caption["speaker"] == "caller":
                            await self._tell_turns(http, placed, tell, settled=False)
        except httpx.TransportError:
            return  # the server went away; the websocket says so too


class _Leg:
    """The websocket of a call, from its `connected` to its `stop`."""

    def __init__(self, socket: ClientConnection, placed: PlacedCall[Any], token: str, pace: Pace) -> None:
        self._socket = socket
        self._placed = placed
        self._dialogue = placed.dialogue
        self._token = token
        self._pace = pace
        self._stream = f"CL{secrets.token_hex(16)}"
        self._sequence = 0

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen())
            try:
                await self._introduce()
                await self._speak()
                self._placed.hung_up = True
                await self._send("stop", stop={"callSid": self._placed.call, "accountSid": "command-line"})
                await self._socket.close()
            except ConnectionClosed:
                pass
            await listening
        self._placed.close_code = self._socket.close_code

    async def _introduce(self) -> None:
        await self._socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {
            "streamSid": self._stream,
            "accountSid": "command-line",
            "callSid": self._placed.call,
            "tracks": ["inbound"],
            "customParameters": {"token": self._token},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        await self._send("start", start=start)

    async def _speak(self) -> None:
        number = 0
        while (packet := self._dialogue.next_packet()) is not None:
            await self._pace(number)
            number += 1
            if not packet:
                continue
            media = {
                "track": "inbound",
                "chunk": str(number),
                "timestamp": str(round((number - 1) * PACKET_SECONDS * 1000)),
                "payload": b64encode(packet).decode(),
            }
            await self._send("media", media=media)
            for name in self._dialogue.marks_reached():
                await self._send("mark", mark={"name": name})

    async def _listen(self) -> None:
        try:
            async for text in self._socket:
                message = json.loads(text)
                match message["event"]:
                    case "media":
                        self._dialogue.hear(b64decode(message["media"]["payload"]))
                    case "mark":
                        self._dialogue.mark(message["mark"]["name"])
                    case "clear":
                        self._dialogue.clear()
        except ConnectionClosed:
            return

    async def _send(self, event: str, **body: object) -> None:
        self._sequence += 1
        await self._socket.send(json.dumps({"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._stream, **body}))


def real_time() -> Pace:
    """20 ms a packet, from the first call on. A late packet does not delay those behind it."""
    loop = asyncio.get_running_loop()
    begin: list[float] = []

    async def wait(number: int) -> None:
        if not begin:
            begin.append(loop.time())
        await asyncio.sleep(max(0.0, begin[0] + number * PACKET_SECONDS - loop.time()))

    return wait


def _rounded(value: Any) -> Any:
    """To milliseconds."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return " ".join(answer.text.split())
