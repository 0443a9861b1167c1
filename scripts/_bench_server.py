"""Silent calls at once on the real server, over real websockets: CPU of a call, and how late its audio comes. Prints one JSON object.

The callers run in this process and send hiss in real time. A packet is late by how long the caller's loudspeaker had to wait
for it in the middle of a sentence. CPU is the server process's own (/proc), after the greeting has been spoken, so it is what a
call costs besides the models.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from base64 import b64decode, b64encode
from pathlib import Path

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from tests.e2e.real import real_server
from voice_agent.audio import mulaw
from voice_agent.audio.packets import PACKET_BYTES, PACKET_SECONDS, RATE

TICKS = os.sysconf("SC_CLK_TCK")
GREETING = 12.0
"""Seconds until the greeting has been spoken to everybody."""


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def hiss() -> list[str]:
    """Five seconds of a quiet line at −60 dBFS, a payload each."""
    audio = mulaw.encode(np.random.default_rng(7).normal(0, 32, 5 * RATE).astype(np.int16))
    return [b64encode(audio[at : at + PACKET_BYTES]).decode() for at in range(0, len(audio), PACKET_BYTES)]


class Ear:
    """A loudspeaker that notes how long it waited for each message of a sentence."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._free = 0.0
        self._inside = False

    async def listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            now = time.monotonic()
            if message["event"] == "media":
                if self._inside:
                    self.late.append(max(0.0, now - self._free))
                self._free = max(self._free, now) + len(b64decode(message["media"]["payload"])) / RATE
                self._inside = True
            elif message["event"] == "mark":
                self._inside = False
                mark = {"event": "mark", "streamSid": message["streamSid"], "mark": message["mark"]}
                await asyncio.sleep(max(0.0, self._free - now))
                await socket.send(json.dumps(mark))


async def call(url: str, number: int, of: int, seconds: float, ear: Ear) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        booked = (await http.post(f"{url}/phone/calls")).raise_for_status().json()
    async with (
        connect(f"{url.replace('http', 'ws')}{booked['media']}", compression=None, proxy=None) as socket,
        asyncio.TaskGroup() as group,
    ):
        start = {"streamSid": f"s{number}", "callSid": booked["call"], "customParameters": {"token": booked["token"]}}
        start["mediaFormat"] = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        await socket.send('{"event": "connected"}')
        await socket.send(json.dumps({"event": "start", "streamSid": f"s{number}", "start": start}))
        listening = group.create_task(ear.listen(socket))
        line, began = hiss(), time.monotonic() + number * PACKET_SECONDS / of
        for packet in range(round(seconds / PACKET_SECONDS)):
            await asyncio.sleep(max(0.0, began + packet * PACKET_SECONDS - time.monotonic()))
            await socket.send(f'{{"event":"media","streamSid":"s{number}","media":{{"payload":"{line[packet % len(line)]}"}}}}')
        listening.cancel()


async def bench(url: str, process: int, calls: int, seconds: float) -> dict[str, object]:
    ears = [Ear() for _ in range(calls)]
    async with asyncio.TaskGroup() as group:
        for number, ear in enumerate(ears):
            group.create_task(call(url, number, calls, GREETING + seconds, ear))
        await asyncio.sleep(GREETING)
        cpu, wall = cpu_seconds(process), time.monotonic()
        await asyncio.sleep(seconds)
        cpu, wall = cpu_seconds(process) - cpu, time.monotonic() - wall
    late = sorted(1000 * value for ear in ears for value in ear.late)
    p50, p99, worst = (round(late[int(part * (len(late) - 1))], 2) for part in (0.5, 0.99, 1.0))
    return {
        "calls": calls,
        "cpu_percent_a_call": round(100 * cpu / wall / calls, 3),
        "cpu_percent_in_all": round(100 * cpu / wall, 1),
        "late_ms": {"p50": p50, "p99": p99, "worst": worst, "messages": len(late)},
        "goals": {"cpu_percent_a_call": 3.0, "late_ms_p99": 20.0},
        "load_before": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        server = f"max_calls: {given.calls + 1}\n"
        with real_server(Path(home), server=server) as (url, process):
            print(json.dumps(asyncio.run(bench(url, process.pid, given.calls, given.seconds))))


if __name__ == "__main__":
    main()
