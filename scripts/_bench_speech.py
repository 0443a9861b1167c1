"""The voices compared, as a telephone carries them. Prints one JSON object a voice.

First audio: from asking for a sentence of 13 words to its first 20 ms of μ-law above −45 dBFS, for 1, 2 and 4 sentences at once, each
round with other sentences. Waiting for the silence that a chunk begins with counts: the caller waits for it too.
Facts (with --facts): sentences with prices, dates, times, codes and numbers, transcribed from 8 kHz μ-law by Whisper base. A fact is
a run of words that stand for something written in digits or in capitals; it is wrong when the words heard do not hold it.
"""

import argparse
import asyncio
import json
import re
import time
from contextlib import aclosing
from pathlib import Path
from statistics import median
from typing import cast

import numpy as np

from tests.recordings import packets, word_errors, words
from voice_agent.adapters.hibari_tts import HibariSpeaker
from voice_agent.adapters.piper_tts import PiperSpeaker
from voice_agent.adapters.whisper_stt import WhisperRecognizer
from voice_agent.audio import mulaw
from voice_agent.audio.edges import FLOOR, speech_span
from voice_agent.audio.level import level
from voice_agent.audio.packets import PACKET_SECONDS, RATE
from voice_agent.audio.pcm import Pcm
from voice_agent.models import ModelStore, default_cache, lock_of

Voice = PiperSpeaker | HibariSpeaker

FACTS = Path("tests/data/facts.txt")
TIME = re.compile(r"\b(\d{1,2})[.:]?(\d\d)(?= ?[ap]\.?m)", re.IGNORECASE)
WORDS = ("order", "parcel", "refund", "invoice", "machine", "grinder", "delivery", "receipt")


def thirteen(number: int) -> str:
    """A sentence of 13 words without a comma, so that no engine can begin with less than all of it."""
    return f"Please keep the {WORDS[number % 8]} until our {WORDS[number // 8 % 8]} team has called you back today."


async def spoken(voice: Voice, text: str) -> Pcm:
    chunks = [chunk async for chunk in voice.speak(text)]
    return Pcm(samples=np.concatenate([chunk.samples for chunk in chunks]), rate=chunks[0].rate)


async def first_audio(voice: Voice, text: str) -> float:
    """Seconds until something can be heard."""
    began = time.perf_counter()
    async with aclosing(voice.speak(text)) as chunks:  # type: ignore[type-var]
        chunk = cast(Pcm, await anext(chunks))
    line = packets(chunk)
    made = time.perf_counter() - began
    return made + PACKET_SECONDS * next(at for at, packet in enumerate(line) if level(mulaw.decode(packet)) > FLOOR)


async def speed(voice: Voice, rounds: int) -> dict[str, dict[str, int]]:
    figures = {}
    for together in (1, 2, 4):
        sentences = iter(thirteen(number) for number in range(rounds * together))
        taken: list[float] = []
        for _ in range(rounds):
            taken += await asyncio.gather(*(first_audio(voice, next(sentences)) for _ in range(together)))
        taken.sort()
        figures[str(together)] = {"p50": round(1000 * median(taken)), "p95": round(1000 * taken[int(0.95 * (len(taken) - 1))])}
    return figures


async def silence(voice: Voice, texts: list[str]) -> dict[str, int]:
    """Milliseconds before the first and behind the last sound, the median."""
    edges = []
    for text in texts:
        chunk = await spoken(voice, text)
        begin, end = speech_span(chunk) or (0, 0)
        edges.append((1000 * begin / chunk.rate, 1000 * (len(chunk.samples) - end) / chunk.rate))
    return {side: round(median(edge[at] for edge in edges)) for at, side in enumerate(("before", "behind"))}


async def facts(voice: Voice, whisper: WhisperRecognizer, lines: list[list[str]]) -> dict[str, object]:
    """Word and fact errors; each line a sentence and, behind tabs, the facts in it."""
    wrong, of, missed = 0, 0, []
    for text, *each in lines:
        line = b"".join(packets(await spoken(voice, text)))
        heard = (await whisper.transcribe(Pcm(samples=mulaw.decode(line), rate=RATE))).text
        heard = TIME.sub(r"\1:\2", heard)  # Whisper writes half of all times as 8.15 or 815
        wrong, of = wrong + word_errors(text, heard), of + len(words(text))
        missed += [(fact, heard) for fact in each if "".join(words(fact)) not in "".join(words(heard))]
    total = sum(len(line) - 1 for line in lines)
    return {"word_errors": round(wrong / of, 4), "facts": total, "wrong": len(missed), "misheard": missed}


async def bench(names: list[str], rounds: int, lines: list[list[str]], *, with_facts: bool) -> None:
    store = ModelStore(lock_of(), default_cache())
    whisper = WhisperRecognizer(store.path("whisper-base")) if with_facts else None
    for name in names:
        voice = PiperSpeaker(store.path("piper-joe")) if name == "piper" else HibariSpeaker()
        await voice.warm_up()
        result: dict[str, object] = {"voice": name, "first_audio_ms": await speed(voice, rounds)}
        result["silence_ms"] = await silence(voice, [text for text, *_ in lines[:30]])
        if whisper:
            result |= await facts(voice, whisper, lines)
        print(json.dumps(result, ensure_ascii=False))


def main() -> None:
    parser = argparse.ArgumentParser(description="The voices compared, as a telephone carries them.")
    parser.add_argument("--voice", choices=["piper", "hibari"], help="only this one")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--facts", action="store_true", help="also what Whisper hears of prices, dates, codes and numbers")
    chosen = parser.parse_args()
    lines = [line.split("\t") for line in FACTS.read_text("utf-8").splitlines()]
    asyncio.run(bench([chosen.voice] if chosen.voice else ["piper", "hibari"], chosen.rounds, lines, with_facts=chosen.facts))


if __name__ == "__main__":
    main()
