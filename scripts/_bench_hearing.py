"""Measures Whisper and the voice detectors of this machine. Started by scripts/bench-hearing.

Word errors are counted on recordings that have been 8 kHz μ-law, with numbers written out, so that "50" and "fifty" are the same.
A packet holds speech where the clean recording is within 30 dB of its loudest packets; one that is 0.2 s or more away from all such holds
none. `missed` and `false_alarms` are shares of those, for noise of every kind mixed in at a signal-to-noise ratio in dB.
"""

import argparse
import asyncio
import json
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice_agent.adapters.silero_vad import SileroModel, SileroVoiceDetector
from voice_agent.adapters.webrtc_vad import WebrtcVoiceDetector
from voice_agent.adapters.whisper_stt import WhisperRecognizer
from voice_agent.audio import mulaw
from voice_agent.audio.level import level
from voice_agent.audio.packets import PACKET_BYTES, RATE
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.audio.wav import read_wav
from voice_agent.core.pronounce import speech_ready
from voice_agent.models import ModelStore, default_cache, lock_of
from voice_agent.ports import VoiceDetector

LONGEST = 30.0
"""Seconds that Whisper hears at once."""
AROUND = np.zeros(RATE)
"""Silence before and behind a recording, so that there is something to mistake for speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    group: str
    audio: Pcm
    said: str
    """Empty for noise, and where nobody knows."""
    spelled: str
    """The letters and digits, for a recording that spells."""


def recordings(folder: Path) -> Iterator[Recording]:
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["duration_s"] > LONGEST:
            continue
        samples = resample(read_wav(folder / entry["path"]), RATE).samples
        spelled = entry.get("digits") or entry.get("spelled") or ""
        verbatim = entry["transcript_type"].startswith("verbatim")
        yield Recording(
            group=entry["category"] if spelled or not verbatim else "verbatim",
            audio=by_telephone(samples),
            said=entry["transcript"] or "",
            spelled=spelled,
        )


def by_telephone(samples: NDArray[np.int16]) -> Pcm:
    return Pcm(samples=mulaw.decode(mulaw.encode(samples)), rate=RATE)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", speech_ready(text).lower())


def characters(text: str) -> list[str]:
    """As figures: "SM-I-T-H" and "two, one" are "SMITH" and "21"."""
    figures = {speech_ready(str(digit)): str(digit) for digit in range(10)} | {"oh": "0"}
    return list("".join(figures.get(word, word) for word in re.findall(r"[a-z]+|\d", text.lower())).upper())


def edits(one: list[str], other: list[str]) -> int:
    before = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        now = [row]
        for column, right in enumerate(other, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (left != right)))
        before = now
    return before[-1]


async def hear(recognizer: WhisperRecognizer, found: list[Recording]) -> dict[str, object]:
    """Errors by group, and how noise and speech differ."""
    wrong: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    heard = {kind: [await recognizer.transcribe(clip) for clip in clips] for kind, clips in clips_of(found).items()}
    for each, transcript in zip((each for each in found if each.group != "noise"), heard["speech"], strict=True):
        if each.spelled or each.said:
            form = characters if each.spelled else words
            said = form(each.spelled or each.said)
            errors = edits(said, form(transcript.text))
            wrong[each.group] = [a + b for a, b in zip(wrong[each.group], (errors, len(said), errors == 0, 1), strict=True)]
    return {
        "errors": {group: {"rate": round(bad / total, 4), "exact": f"{exact}/{of}"} for group, (bad, total, exact, of) in wrong.items()},
        **{
            kind: {
                "clips": len(transcripts),
                "with_words": sum(bool(each.text) for each in transcripts),
                "no_speech": span([each.no_speech for each in transcripts]),
                "confidence": span([each.confidence for each in transcripts]),
            }
            for kind, transcripts in heard.items()
        },
    }


def span(values: list[float]) -> list[float]:
    return [round(min(values), 2), round(max(values), 2)]


def clips_of(found: list[Recording]) -> dict[str, list[Pcm]]:
    """Speech as it is; noise in pieces as short and as long as utterances."""
    noise = [each.audio for each in found if each.group == "noise"]
    pieces = [
        Pcm(samples=audio.samples[int(begin * RATE) :][: int(seconds * RATE)], rate=RATE)
        for audio in noise
        for seconds, step in ((1.0, 5.0), (2.5, 5.0), (6.0, 8.0))
        for begin in np.arange(0, audio.seconds - seconds + 0.01, step)
    ]
    return {"speech": [each.audio for each in found if each.group != "noise"], "noise": pieces}


async def decode_seconds(recognizer: WhisperRecognizer, found: list[Recording]) -> dict[str, float]:
    """Of the processor: the median for so many seconds of speech, one at a time."""
    speech = np.concatenate([each.audio.samples for each in found if each.group in {"callcentre", "verbatim"}])
    result = {}
    for seconds in (2.4, 5.0, 12.0):
        took = []
        for number in range(5):
            clip = Pcm(samples=speech[number * 3 * RATE :][: int(seconds * RATE)], rate=RATE)
            start = time.process_time()
            await recognizer.transcribe(clip)
            took.append(time.process_time() - start)
        result[str(seconds)] = round(statistics.median(took), 3)
    return result


def probabilities(detector: VoiceDetector, samples: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[float]]:
    """Of each packet, and the processor's seconds for it."""
    line = mulaw.encode(np.clip(samples, -32768, 32767).astype(np.int16))
    found, cost = [], []
    for at in range(0, len(line) - PACKET_BYTES + 1, PACKET_BYTES):
        start = time.thread_time()
        found.append(detector.probability(line[at : at + PACKET_BYTES]))
        cost.append(time.thread_time() - start)
    return np.array(found), cost


def truth(samples: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which packets hold speech, and which hold none for certain."""
    levels = np.array([level(part.astype(np.int16)) for part in np.split(samples[: len(samples) // 160 * 160], len(samples) // 160)])
    speech = levels > np.quantile(levels, 0.95) - 30
    near = np.convolve(speech, np.ones(21), "same") > 0
    return speech, ~near


def detect(make: Callable[[], VoiceDetector], found: list[Recording]) -> dict[str, object]:
    noises = [each.audio.samples.astype(np.float64) for each in found if each.group == "noise"]
    speeches = [np.concatenate([AROUND, each.audio.samples, AROUND]) for each in found if each.group in {"callcentre", "verbatim"}]
    result: dict[str, object] = {}
    cost: list[float] = []
    for snr in (None, 20, 10, 5, 0):
        counts = np.zeros(4)
        for number, samples in enumerate(speeches):
            speech, still = truth(samples)
            mixed = samples
            if snr is not None:
                noise = np.resize(noises[number % len(noises)], len(samples))
                loud = np.sqrt(np.mean(samples[RATE:-RATE] ** 2) / np.mean(noise**2)) * 10 ** (-snr / 20)
                mixed = samples + loud * noise
            opinions, spent = probabilities(make(), mixed)
            heard, cost = opinions[: len(speech)] >= 0.5, cost + spent
            counts += [(speech & ~heard).sum(), speech.sum(), (still & heard).sum(), still.sum()]
        name = "clean" if snr is None else f"{snr} dB"
        result[name] = {"missed": round(counts[0] / counts[1], 3), "false_alarms": round(counts[2] / counts[3], 3)}
    return result | {"cpu_us_a_packet": {"mean": round(1e6 * statistics.mean(cost)), "p99": round(1e6 * float(np.quantile(cost, 0.99)))}}


def detectors(found: list[Recording]) -> dict[str, object]:
    """The gate alone, and the network behind it."""
    silero = SileroModel(ModelStore(lock_of(), default_cache()).path("silero-vad") / "silero_vad.onnx")
    return {"webrtc": detect(WebrtcVoiceDetector, found), "silero": detect(lambda: SileroVoiceDetector(silero), found)}


async def recognition(found: list[Recording], model: str, beam: int) -> dict[str, object]:
    recognizer = WhisperRecognizer(ModelStore(lock_of(), default_cache()).path(model), beam=beam, workers=1)
    try:
        await recognizer.warm_up()
        heard = await hear(recognizer, found)
        return {"model": model, "beam": beam, **heard, "decode_cpu_s": await decode_seconds(recognizer, found)}
    finally:
        recognizer.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="scripts/bench-hearing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=Path("tests/data/speech"), help="recordings, with a manifest.jsonl")
    parser.add_argument("--model", default="whisper-base", help="of config/models.lock.yaml")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--detectors", action="store_true", help="only these")
    options = parser.parse_args()
    found = list(recordings(options.folder))
    result = {} if options.detectors else asyncio.run(recognition(found, options.model, options.beam))
    print(json.dumps(result | detectors(found), indent=2))


main()
