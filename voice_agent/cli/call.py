"""`voice-agent call`: a call to a running server, spoken from files."""

import asyncio
import statistics
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from voice_agent.audio import mulaw
from voice_agent.audio.packets import RATE, SILENCE
from voice_agent.audio.resample import resample
from voice_agent.audio.wav import read_wav
from voice_agent.cli.caller import Caller, PlacedCall
from voice_agent.cli.dialogue import Dialogue
from voice_agent.cli.lines import write
from voice_agent.errors import InputError

Files = Annotated[list[Path], typer.Argument(metavar="FILE.wav …", help="What the caller says, a turn a file.", show_default=False)]
Url = Annotated[str, typer.Option("--url", metavar="URL", help="The server.")]
Record = Annotated[Path | None, typer.Option("--record", metavar="FILE.wav", help="Write both sides: caller left, agent right.")]
Patience = Annotated[float, typer.Option("--patience", min=1, metavar="SECONDS", help="How long to wait for a reply.")]


def call(files: Files, url: Url = "http://127.0.0.1:8080", record: Record = None, patience: Patience = 30.0) -> None:
    """Call a running server, speaking WAV files.

    Each file is spoken when the agent has finished. Writes one JSON object a turn, of either side, as they happen: speaker, text (of
    the agent: what was heard), at, timings; and a last one for the call: call, disposition, handover, turns, heard, replies, timings.
    """
    recordings = [mulaw.encode(resample(read_wav(path), RATE).samples) for path in files]
    if record and not record.resolve().parent.is_dir():
        raise InputError(f"{record}: its folder does not exist", code="no-folder")
    caller = Caller(url)
    dialogue = Dialogue(recordings, patience=patience)
    try:
        placed = asyncio.run(caller.place(dialogue, write))
    finally:
        if record:
            write_stereo(record, dialogue.said, bytes(dialogue.speaker.played))
    write(summary(placed, files))


def summary(placed: PlacedCall[Dialogue], files: Sequence[Path]) -> Mapping[str, Any]:
    """The call's own line."""
    report, dialogue = placed.report, placed.dialogue
    spoken = [
        {"file": str(path), "at": round(turn.begin, 2), "reply_s": turn.reply} for path, turn in zip(files, dialogue.turns, strict=False)
    ]
    return {
        "call": placed.call,
        "disposition": report["disposition"],
        "handover": report["handover"],
        "ended_by": "caller" if placed.hung_up else "agent",
        "close_code": placed.close_code,
        "duration": round(dialogue.now, 2),
        "spoken": spoken,
        "unspoken": dialogue.unspoken,
        "turns": report["turns"],
        "heard": [turn["text"] for turn in report["turns"] if turn["speaker"] == "agent"],
        "timings": medians(report["turns"], spoken),
    }


def medians(turns: Sequence[Mapping[str, Any]], spoken: Sequence[Mapping[str, Any]]) -> Mapping[str, float]:
    """Of every stage, in seconds; `reply` is measured at the caller's ear, from their last voice to the agent's first."""
    times: dict[str, list[float]] = {}
    for turn in turns:
        for stage, seconds in (turn["timings"] or {}).items():
            if seconds is not None:
                times.setdefault(stage, []).append(seconds)
    replies = [entry["reply_s"] for entry in spoken if entry["reply_s"] is not None]
    if replies:
        times["reply"] = replies
    return {stage: round(statistics.median(seconds), 3) for stage, seconds in times.items()}


def write_stereo(path: Path, left: bytes, right: bytes) -> None:
    """Two sides (μ-law) as one WAV file of 16 bits at 8 kHz."""
    length = max(len(left), len(right))
    sides = [mulaw.decode(side.ljust(length, SILENCE)) for side in (left, right)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.stack(sides, axis=1).astype("<i2").tobytes())
