"""Legs without a network: a Carrier made of queues, and a websocket made of queues for the real ones."""

import asyncio
from collections.abc import AsyncGenerator

from voice_agent.errors import PortError, ProtocolError
from voice_agent.ports import Inbound

Sent = tuple[str] | tuple[str, str] | tuple[str, bytes]
"""("media", packets), ("mark", name) or ("clear",)."""


class FakeCarrier:
    """A Carrier whose caller is the test: it puts what the caller does into `caller` and reads what was `sent`."""

    def __init__(self) -> None:
        self.caller: asyncio.Queue[Inbound | ProtocolError | None] = asyncio.Queue()
        """None: the caller hangs up, or the line breaks."""
        self.sent: list[Sent] = []
        self.gone = False
        """Sending fails, as when the socket went away."""
        self.slow = False
        """The peer takes no message."""
        self.closed: int | None = None
        """The close code, once closed."""

    async def inbound(self) -> AsyncGenerator[Inbound, None]:
        while (heard := await self.caller.get()) is not None:
            if isinstance(heard, ProtocolError):
                self._end(heard.close_code)
                raise heard
            yield heard

    async def send_media(self, packets: bytes) -> None:
        if len(packets) % 160:
            raise ValueError(f"{len(packets)} bytes are not whole packets of 160")
        self._send(("media", packets))

    async def send_mark(self, name: str) -> None:
        self._send(("mark", name))

    async def send_clear(self) -> None:
        self._send(("clear",))

    async def close(self) -> None:
        self._end(1000)

    def _send(self, message: Sent) -> None:
        if self.gone or self.closed is not None:
            raise PortError("the leg is gone", code="leg-gone")
        if self.slow:
            raise PortError("the leg is slow", code="leg-slow")
        self.sent.append(message)

    def _end(self, code: int) -> None:
        if self.closed is None:
            self.closed = code
            self.caller.put_nowait(None)


class MemorySocket:
    """A websocket whose peer is the test."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        """None: the peer is gone."""
        self.outgoing: list[str] = []
        self.gone = False
        self.slow = False
        """The peer does not read, so a message is never on its way."""
        self.closed: tuple[int, str] | None = None

    async def receive(self) -> str | bytes | None:
        return None if self.closed else await self.incoming.get()

    async def send(self, text: str) -> None:
        self._check()
        if self.slow:
            await asyncio.Event().wait()
        self.outgoing.append(text)

    async def close(self, code: int, reason: str) -> None:
        self._check()
        self.closed = (code, reason)
        self.incoming.put_nowait(None)

    def _check(self) -> None:
        if self.gone or self.closed is not None:
            raise ConnectionError("the socket is closed")
