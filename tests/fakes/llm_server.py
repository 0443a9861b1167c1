"""A scripted server that speaks OpenAI's chat protocol on 127.0.0.1, over real sockets, and misbehaves on request."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from voice_agent.adapters.litellm_llm import Deployment, Limits, LiteLLMModel, LiteLLMRouter


@dataclass(kw_only=True)
class LlmServer:
    """Change the script between requests; `requests` are the bodies received, `seen` everything, headers too."""

    pieces: tuple[str, ...] = ("We open ", "at nine. ", "See you ", "soon.")
    status: int = 200
    finish: str | None = "stop"
    """The reason sent last; None ends the stream without one."""
    wait_before: asyncio.Event | None = None
    """Holds back the first piece until it is set."""
    wait_between: asyncio.Event | None = None
    """Holds back everything behind the first piece until it is set."""
    raw: bytes | None = None
    """Sent in place of the stream."""
    base: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    seen: bytes = b""
    closed_early: asyncio.Event = field(default_factory=asyncio.Event)
    """The client went away before the end."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.closed_early.set()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(lengths[0])
        self.seen += head + body
        self.requests.append(json.loads(body))
        if self.status != 200:
            error = json.dumps({"error": {"message": "scripted failure", "type": "scripted"}}).encode()
            writer.write(b"HTTP/1.1 %d Scripted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % (self.status, len(error)))
            writer.write(b"Connection: close\r\n\r\n" + error)
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        await self._stream(reader, writer)

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._held(self.wait_before, reader)
        if self.raw is not None:
            writer.write(self.raw)
            await writer.drain()
            return
        for number, piece in enumerate(self.pieces):
            writer.write(_event({"role": "assistant", "content": piece}, None))
            await writer.drain()
            if number == 0:
                await self._held(self.wait_between, reader)
        if self.finish is not None:
            writer.write(_event({}, self.finish) + b"data: [DONE]\n\n")
        await writer.drain()

    async def _held(self, until: asyncio.Event | None, reader: asyncio.StreamReader) -> None:
        """Wait for the script, or for the client to give up."""
        if until is None:
            return
        async with asyncio.TaskGroup() as group:
            gone = group.create_task(reader.read())
            go = group.create_task(until.wait())
            await asyncio.wait({gone, go}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                self.closed_early.set()
            gone.cancel()
            go.cancel()


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


@asynccontextmanager
async def llm_server() -> AsyncIterator[LlmServer]:
    script = LlmServer()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield script
    finally:
        server.close()
        await server.wait_closed()


def model_at(base: str, *, name: str = "scripted", api_key: str | None = None, limits: Limits | None = None) -> LiteLLMModel:
    """The model of a server, as litellm sees it. Patient unless told otherwise."""
    deployment = Deployment(model=f"openai/{name}", api_base=base, api_key=api_key)
    (model,) = LiteLLMRouter((deployment,), limits or Limits(connect=30, first_token=30, total=30)).models
    return model


@contextmanager
def nobody_opens() -> Iterator[str]:
    """An address where connecting takes for ever: a listener that accepts none, its queue full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
