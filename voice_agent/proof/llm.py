"""A language model's server on 127.0.0.1 that keeps all it is sent, repeats what it was asked, and fails now and then."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from voice_agent.core.words import Seconds

HANGS: Seconds = 3.0
"""Longer than the proof's configuration waits for a model."""


@dataclass(slots=True, kw_only=True)
class RecordingServer:
    base: str = ""
    received: list[str] = field(default_factory=list)
    """Head and body of each request, as they came."""
    answers: Counter[str] = field(default_factory=Counter)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            body = await reader.readexactly(length)
            self.received.append((head + body).decode("utf-8", "replace"))
            await self._answer(json.loads(body), writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.answers["broken off"] += 1
        except asyncio.CancelledError:
            self.answers["cut off at the end"] += 1
        finally:
            writer.close()

    async def _answer(self, body: dict[str, list[dict[str, str]]], writer: asyncio.StreamWriter) -> None:
        kind = ("answered", "answered", "failed", "answered", "hung")[len(self.received) % 5]
        self.answers[kind] += 1
        if kind == "failed":
            error = json.dumps({"error": {"message": f"cannot answer {body['messages'][-1]['content'][-200:]}", "type": "server"}}).encode()
            writer.write(b"HTTP/1.1 500 Broken\r\nContent-Type: application/json\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(error), error))
        else:
            if kind == "hung":
                await asyncio.sleep(HANGS)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            writer.write(_chunk(_reply(body["messages"][-1]["content"]), None) + _chunk("", "stop") + b"data: [DONE]\n\n")
        await writer.drain()


def _reply(asked: str) -> str:
    """The first sentence of the documents, and then all that the caller said."""
    passages = asked.partition("<passages>\n")[2].partition("\n</passages>")[0]
    _, _, first = passages.partition("\n")
    return f"{first.partition('. ')[0]}. {asked.partition('<conversation>')[2][:400]}"


def _chunk(text: str, finish: str | None) -> bytes:
    delta = {"role": "assistant", "content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "proof", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


@asynccontextmanager
async def recording_server() -> AsyncIterator[RecordingServer]:
    recording = RecordingServer()
    server = await asyncio.start_server(recording.serve, "127.0.0.1", 0)
    recording.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield recording
    finally:
        server.close()
