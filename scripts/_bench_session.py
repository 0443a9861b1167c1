"""Silent calls at once in one process: what each costs of a core, and how late its packets are. Prints one JSON object.

Real: the sessions, the core, the journals on disk, the WebRTC voice detector, resampling and pacing. Pretended: the network, the
voice's synthesis and the stores, which have benches of their own. The callers' packets come in real time from this process too,
so the cost is, if anything, too high.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import numpy as np
import uvloop

from tests.fakes.telephone import Telephone
from tests.session.stage import Stage, Voice
from voice_agent.adapters.webrtc_vad import WebrtcVoiceDetector
from voice_agent.audio import mulaw
from voice_agent.audio.packets import PACKET_SECONDS, RATE
from voice_agent.audio.pcm import Pcm
from voice_agent.core.call import Call
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId
from voice_agent.ports import Media
from voice_agent.session.captions import Captions
from voice_agent.session.leg import AHEAD
from voice_agent.session.session import Session

CPU_GOAL = 3.0
"""Percent of a core for each call."""
LATE_GOAL = 20.0
"""Milliseconds, for 99 of 100 packets."""


class SpokenVoice(Voice):
    """As long as a person would take, at Piper's rate, at no cost."""

    async def speak(self, text: str) -> AsyncGenerator[Pcm, None]:
        samples = np.full(round(0.065 * len(text) * 22050), 1000, np.int16)
        yield Pcm(samples=samples, rate=22050)


def hiss(seconds: float) -> list[bytes]:
    """A quiet line, at −60 dBFS, as payloads of one packet."""
    noise = np.random.default_rng(7).normal(0, 32, round(seconds * RATE)).astype(np.int16)
    audio = mulaw.encode(noise)
    return [audio[at : at + 160] for at in range(0, len(audio), 160)]


async def feed(phones: list[Telephone], seconds: float) -> None:
    """Every caller's packets, 20 ms apart, the callers spread over the 20 ms."""
    loop, line = asyncio.get_running_loop(), hiss(5.0)
    began = loop.time()
    steps = [(number * PACKET_SECONDS / len(phones), phone) for number, phone in enumerate(phones)]
    for packet in range(round(seconds / PACKET_SECONDS)):
        payload = Media(payload=line[packet % len(line)])
        for group in range(10):  # a timer for each call would measure the timers
            due = began + packet * PACKET_SECONDS + group * PACKET_SECONDS / 10
            await asyncio.sleep(max(0.0, due - loop.time()))
            for offset, phone in steps:
                if group * PACKET_SECONDS / 10 <= offset < (group + 1) * PACKET_SECONDS / 10:
                    phone.caller.put_nowait(payload)


def lateness(phone: Telephone) -> tuple[list[float], int]:
    """For each message that was not to be sent at once: seconds behind the moment it was due. And how often the line ran dry."""
    late, dry = [], 0
    free, began = 0.0, None
    for at, message in phone.log:
        if len(message) == 1 or isinstance(message[1], str):
            began = None  # the next audio is another speech's
            continue
        if began is None:
            free, began = max(free, at), at
        elif at > free:
            free, dry = at, dry + 1
        free += len(message[1]) / RATE
        due = free - AHEAD
        if due > began:
            late.append(max(0.0, at - due))
    return late, dry


async def bench(calls: int, seconds: float, journals: Path) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    phones = [Telephone(monotonic=loop.time) for _ in range(calls)]
    equipment = replace(Stage(journals=journals, voice=SpokenVoice()).equipment(), detector=WebrtcVoiceDetector)
    sessions = [
        Session(
            call_id=CallId(f"bench-{number}"),
            carrier_name="phone",
            carrier_call="",
            can_bridge=True,
            carrier=phone,
            equipment=equipment,
            brain=Call(policy=Policy(), rules=()),
            captions=Captions(),
        )
        for number, phone in enumerate(phones)
    ]
    async with asyncio.TaskGroup() as group:
        for session in sessions:
            group.create_task(session.run())
        await asyncio.sleep(1)  # what a beginning costs, it costs once
        cpu, wall = time.process_time(), time.monotonic()
        await feed(phones, seconds)
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
        for phone in phones:
            phone.hangs_up()
    late = sorted(1000 * value for phone in phones for value in lateness(phone)[0])
    percent = 100 * cpu / wall / calls
    p50, p99, worst = (round(late[int(part * (len(late) - 1))], 2) for part in (0.5, 0.99, 1.0))
    return {
        "calls": calls,
        "seconds": round(wall, 2),
        "cpu_percent_a_call": round(percent, 3),
        "late_ms": {"n": len(late), "p50": p50, "p99": p99, "max": worst},
        "ran_dry": sum(lateness(phone)[1] for phone in phones),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "good": percent < CPU_GOAL and p99 < LATE_GOAL,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Silent calls at once in one process: what each costs, and how late its packets are.")
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0, help="at least 15, so that everybody has been greeted")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as journals, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(bench(chosen.calls, chosen.seconds, Path(journals)))))


if __name__ == "__main__":
    main()
