"""One caller's leg: Twilio's media stream over a websocket, as the call sees it."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Protocol, assert_never

from voice_agent.adapters.twilio.messages import (
    POLICY,
    Connected,
    Dtmf,
    Encoder,
    MarkMessage,
    MediaMessage,
    Start,
    Stop,
    Unknown,
    parse,
)
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError, ProtocolError
from voice_agent.ports import Digit, Inbound, MarkReturned, Media

log = logging.getLogger(__name__)

PACKET = 160
"""Bytes of 20 ms of μ-law at 8 kHz."""


class Socket(Protocol):
    """An accepted websocket, of whatever library."""

    async def receive(self) -> str | bytes | None:
        """The next message; None once the socket is closed, by whichever side."""
        ...

    async def send(self, text: str) -> None:
        """Returns when the message is on its way. ConnectionError when the socket is closed."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """ConnectionError when it is closed already."""
        ...


async def open_stream(socket: Socket, *, start_within: Seconds = 5.0) -> "tuple[Start, TwilioStream]":
    """Wait for the stream to start. Whoever does not get that far finds the socket closed.

    Raises:
        ProtocolError: what `parse` raises; code "no-start" or "before-start", when something else comes first.
        PortError: code "leg-gone", when the socket went away before it began.
    """
    try:
        async with asyncio.timeout(start_within):
            start = await _start(socket)
    except TimeoutError:
        late = ProtocolError(f"no start within {start_within:g} s", code="no-start", close_code=POLICY)
        await _refuse(socket, late)
        raise late from None
    except ProtocolError as error:
        await _refuse(socket, error)
        raise
    except PortError:
        await close_socket(socket, 1000, "")
        raise
    return start, TwilioStream(socket, start.stream_sid)


async def _start(socket: Socket) -> Start:
    while (text := await socket.receive()) is not None:
        match parse(text):
            case Start() as start:
                return start
            case MediaMessage() | Dtmf() | MarkMessage() as early:
                kind = type(early).__name__.removesuffix("Message").lower()
                raise ProtocolError(f"{kind} before start", code="before-start", close_code=POLICY)
            case Stop():
                break
            case Connected() | Unknown():
                continue
    raise PortError("the stream ended before it started", code="leg-gone")


async def _refuse(socket: Socket, error: ProtocolError) -> None:
    log.warning("closing a media stream with %d: %s", error.close_code, error)
    await close_socket(socket, error.close_code, str(error))


async def close_socket(socket: Socket, code: int, reason: str, *, within: Seconds = 5.0) -> None:
    """Close, and do not mind when the peer is gone or does not answer."""
    try:
        async with asyncio.timeout(within):
            # A close frame holds 125 bytes: two of the code and the rest of UTF-8 (RFC 6455, 5.5).
            await socket.close(code, reason.encode()[:120].decode(errors="ignore"))
    except (ConnectionError, TimeoutError):
        log.debug("a media stream was gone before it could be closed with %d", code)


class TwilioStream:
    """A Carrier. One task may read it and one may write to it."""

    def __init__(self, socket: Socket, stream_sid: str, *, send_within: Seconds = 5.0) -> None:
        """`send_within`: how long the peer may take to accept one message."""
        self._socket = socket
        self._encode = Encoder(stream_sid)
        self._send_within = send_within
        self._closed = False
        self._ignored = 0

    async def inbound(self) -> AsyncGenerator[Inbound, None]:
        """A broken message closes the stream with its close code before it raises."""
        try:
            while (text := await self._socket.receive()) is not None:
                message = parse(text)
                if isinstance(message, Stop):
                    break
                heard = self._heard(message)
                if heard is not None:
                    yield heard
        except ProtocolError as error:
            log.warning("closing a media stream with %d: %s", error.close_code, error)
            await self.end(error.close_code, str(error))
            raise
        finally:
            if self._ignored:
                log.info("%d messages of a media stream were of unknown kinds and were ignored", self._ignored)

    def _heard(self, message: MediaMessage | MarkMessage | Dtmf | Start | Connected | Unknown) -> Inbound | None:
        match message:
            case MediaMessage():
                return Media(payload=message.payload)
            case MarkMessage():
                return MarkReturned(name=message.name)
            case Dtmf():
                return Digit(key=message.key)
            case Start():
                raise ProtocolError("a second start", code="second-start", close_code=POLICY)
            case Connected() | Unknown():
                self._ignored += isinstance(message, Unknown)
                return None
            case _:
                assert_never(message)

    async def send_media(self, packets: bytes) -> None:
        if len(packets) % PACKET:
            raise ValueError(f"{len(packets)} bytes are not whole packets of {PACKET}")
        await self._send(self._encode.media(packets))

    async def send_mark(self, name: str) -> None:
        await self._send(self._encode.mark(name))

    async def send_clear(self) -> None:
        await self._send(self._encode.clear)

    async def close(self) -> None:
        await self.end(1000, "")

    async def end(self, code: int, reason: str) -> None:
        """Close with another code than 1000, when something went wrong. The first close counts."""
        if not self._closed:
            self._closed = True
            await close_socket(self._socket, code, reason)

    async def _send(self, text: str) -> None:
        if self._closed:
            raise PortError("the stream is closed", code="leg-gone")
        try:
            async with asyncio.timeout(self._send_within):
                await self._socket.send(text)
        except TimeoutError:
            raise PortError(f"the carrier took no message for {self._send_within:g} s", code="leg-slow") from None
        except ConnectionError:
            raise PortError("the carrier's socket is gone", code="leg-gone") from None
