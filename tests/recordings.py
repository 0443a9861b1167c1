"""The recordings in tests/data/speech, as a telephone line carries them."""

import json
import re
from functools import cache
from pathlib import Path

from voice_agent.audio import mulaw
from voice_agent.audio.packets import PACKET_BYTES, RATE, Packetizer
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.audio.wav import read_wav
from voice_agent.core.pronounce import speech_ready

SPEECH = Path(__file__).parent / "data" / "speech"
NOISES = ("bolna_coffee", "pv_kitchen", "sb_noise1", "tau2_people_talking")


@cache
def by_telephone(name: str) -> Pcm:
    """8 kHz, having been μ-law."""
    samples = resample(read_wav(SPEECH / f"{name}.wav"), RATE).samples
    return Pcm(samples=mulaw.decode(mulaw.encode(samples)), rate=RATE)


def packets(audio: Pcm) -> list[bytes]:
    cut = Packetizer()
    return [packet for packet in cut.add(mulaw.encode(resample(audio, RATE).samples)) if len(packet) == PACKET_BYTES]


@cache
def transcripts() -> dict[str, str]:
    """By name, of the recordings that have one."""
    lines = (SPEECH / "manifest.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return {each["path"].removesuffix(".wav"): each["transcript"] for each in found if each["transcript"]}


def words(text: str) -> list[str]:
    """As spoken, so that "50" and "fifty" are the same."""
    return re.findall(r"[a-z']+", speech_ready(text).lower())


def word_errors(said: str, heard: str) -> int:
    """Words wrong, missing or too many (Levenshtein)."""
    before = list(range(len(words(heard)) + 1))
    for row, one in enumerate(words(said), 1):
        now = [row]
        for column, other in enumerate(words(heard), 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (one != other)))
        before = now
    return before[-1]
