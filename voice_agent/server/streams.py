"""Server-sent events."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from voice_agent.core.words import Seconds
from voice_agent.server.race import first_to_end

BEAT: Seconds = 15.0
"""Between two comments that keep idle connections open through proxies; the HTML standard suggests about this."""


def event(name: str, data: str) -> bytes:
    """One event on the wire (HTML standard, 9.2). Every line of `data` is a line of it."""
    lines = data.splitlines() or [""]
    return "".join((f"event: {name}\n", *(f"data: {line}\n" for line in lines), "\n")).encode()


def json_event(name: str, data: object) -> bytes:
    return event(name, json.dumps(data))


class EventStream(Response):
    """Sends what `source` yields, made with `event`, until it ends, the reader goes, or the server closes."""

    def __init__(self, source: AsyncGenerator[bytes, None], closing: asyncio.Event) -> None:
        super().__init__(media_type="text/event-stream", headers={"cache-control": "no-cache", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._source = source
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await first_to_end(self._pump(send), _beat(send), _gone(receive), self._closing.wait())
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pump(self, send: Send) -> None:
        async with aclosing(self._source) as source:
            async for chunk in source:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _beat(send: Send) -> None:
    while True:
        await asyncio.sleep(BEAT)
        await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
