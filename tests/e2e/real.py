"""The real server as a process, with its real models, and real calls to it."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.e2e.conftest import free_port
from voice_agent.audio import mulaw
from voice_agent.audio.packets import RATE
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.audio.wav import read_wav
from voice_agent.cli.caller import Caller, PlacedCall
from voice_agent.cli.dialogue import Dialogue

ROOT = Path(__file__).parents[2]


@contextmanager
def real_server(home: Path, *, server: str = "") -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Serves the shipped configuration and documents, with all data under `home`. Its address, once it is ready.

    `server`: what stands in server.yaml.
    """
    shutil.copytree(ROOT / "config", home / "config")
    (home / "config" / "server.yaml").write_text(server, "utf-8")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "voice_agent",
        "serve",
        "--port",
        str(port),
        "--config",
        str(home / "config"),
        "--kb",
        str(ROOT / "kb"),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if "is ready" in line:
                    break
            else:
                raise AssertionError(f"the server did not start: {''.join(said)}")
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(30)


def status(url: str) -> int:
    return httpx.get(url, trust_env=False).status_code


def spoken(path: Path) -> bytes:
    """A recording as a carrier would bring it: μ-law at 8 kHz."""
    return mulaw.encode(resample(read_wav(path), RATE).samples)


async def place(url: str, recordings: Sequence[bytes]) -> PlacedCall[Dialogue]:
    return await Caller(url).place(Dialogue(recordings, patience=20.0), lambda _: None)


async def place_all(url: str, calls: Sequence[Sequence[bytes]]) -> list[PlacedCall[Dialogue]]:
    """All at the same time."""
    return await asyncio.gather(*(place(url, recordings) for recordings in calls))


def replies(call: PlacedCall[Dialogue]) -> list[Pcm]:
    """What was heard of the agent behind each of the caller's turns, until the next."""
    ends = [turn.end for turn in call.dialogue.turns]
    begins = [*[turn.begin for turn in call.dialogue.turns][1:], call.dialogue.now]
    heard = bytes(call.dialogue.speaker.played)
    return [
        Pcm(samples=mulaw.decode(heard[round(end * RATE) : round(begin * RATE)]), rate=RATE)
        for end, begin in zip(ends, begins, strict=True)
    ]
