"""Serving: one port for pages, webhooks and media; models load behind a waiting room; a stop drains before it closes."""

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from types import FrameType

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from voice_agent.core.words import Seconds
from voice_agent.errors import ConfigError
from voice_agent.server.app import create_app
from voice_agent.server.house import House
from voice_agent.server.phone import forget_lost_callers
from voice_agent.server.race import first_to_end

MESSAGE_BYTES = 65_536
"""The longest websocket message (DESIGN.md, section 4); a longer one closes with 1009."""
LINGER = 3
"""Seconds for requests and streams that are still being answered when everything else has stopped."""


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn's own answer would cut off calls, and would end the process by the signal."""

    def __init__(self, config: uvicorn.Config, stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stop()


class WaitingRoom:
    """Answers until the house is ready: alive, but not yet of use."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    def open(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is not None:
            await self._app(scope, receive, send)
            return
        answer = PlainTextResponse("loading the models\n", 503, {"retry-after": "2", "refresh": "2"})
        if scope["path"] == "/healthz":
            answer = PlainTextResponse("ok\n")
        await answer(scope, receive, send)


async def serve(
    prepare: Callable[[], Awaitable[House]],
    *,
    host: str,
    port: int,
    started: Callable[[str], None],
    patience: Seconds = 30.0,
    handover: Seconds = 20.0,
) -> None:
    """Listen at once, load behind a waiting room, serve until SIGTERM or Ctrl-C, drain, and return.

    `prepare` loads everything; `started` is told the address when calls can come in. At a stop, calls under way have
    `patience` to finish and then `handover` to reach a person; a second signal ends them at once.

    Raises:
        ConfigError: code "port-taken" or "bad-address"; and whatever `prepare` raises.
    """
    listener = _listen(host, port)
    signals = _Signals()
    room = WaitingRoom()
    server = _Server(server_config(room), signals.note)
    failure: BaseException | None = None
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[listener]))
        try:
            house = await _unless(signals.first, prepare)
            if house is not None:
                room.open(create_app(house))
                await forget_lost_callers(house.equipment.queue)
                started(_url(listener))
                await first_to_end(_until_closed(house, signals, patience, handover), *(work() for work in house.upkeep))
                house.calls.closing.set()
        except Exception as error:  # noqa: BLE001  raised below, when the server has stopped
            failure = error
        server.should_exit = True
    if failure is not None:
        raise failure


async def _until_closed(house: House, signals: "_Signals", patience: Seconds, handover: Seconds) -> None:
    await signals.first.wait()
    await first_to_end(house.calls.drain(patience=patience, handover=handover), signals.second.wait())


class _Signals:
    """Counts what the process is sent. Signals arrive between any two instructions; events are set by the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.first = asyncio.Event()
        self.second = asyncio.Event()

    def note(self) -> None:
        self._loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        (self.second if self.first.is_set() else self.first).set()


async def _unless(stop: asyncio.Event, prepare: Callable[[], Awaitable[House]]) -> House | None:
    """What is prepared; None when the server is stopped before it is."""
    house: list[House] = []

    async def load() -> None:
        house.append(await prepare())

    try:
        await first_to_end(load(), stop.wait())
    except* Exception as errors:  # noqa: BLE001
        raise errors.exceptions[0] from None
    return house[0] if house else None


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except socket.gaierror as error:
        raise ConfigError(f"--host {host}: no address of this name is known here; 127.0.0.1 always works", code="bad-address") from error
    except OSError as error:
        raise _why_not(host, port, error) from error
    return listener


def _why_not(host: str, port: int, error: OSError) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        mend = "stop the other program, or choose another port with --port (0 takes any free one)"
        return ConfigError(f"port {port} on {host} is taken by another program: {mend}", code="port-taken")
    if error.errno == errno.EACCES:
        return ConfigError(f"port {port} needs an administrator: choose one above 1023 with --port", code="port-taken")
    return ConfigError(f"--host {host}: this machine has no such address; 127.0.0.1 always works", code="bad-address")


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_config(app: ASGIApp) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,  # a call's id is the key to its captions
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=LINGER,
    )
