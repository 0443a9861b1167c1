"""Asks smart-turn at every pause of recorded people whether they have finished. Prints one JSON object.

A pause is 200 ms or more in which Silero hears nothing, in a recording that has been 8 kHz μ-law. The last one, the end, is `complete`;
those before it are `cut`. Given is the share of each that is taken for the end of the turn, apart for recordings that spell letters or
digits, of one sentence, and of several, whose cuts may come where a sentence is over.
"""

import argparse
import json
import re
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import numpy as np
import onnxruntime
from faster_whisper.feature_extractor import FeatureExtractor

from tests.recordings import packets
from voice_agent.adapters.silero_vad import SileroModel, SileroVoiceDetector
from voice_agent.audio import mulaw
from voice_agent.audio.packets import PACKET_BYTES, PACKET_SECONDS, RATE, SILENCE
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.audio.wav import read_wav
from voice_agent.models import ModelStore, default_cache, lock_of

LONGEST = 30.0
"""Seconds."""
PAUSE = 10
"""Packets."""
RATE_HEARD, SECONDS_HEARD = 16_000, 8
"""What the network takes, as Whisper's log-mel features (MODELS.md)."""


class SmartTurn:
    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._features = FeatureExtractor(chunk_length=SECONDS_HEARD)
        self.seconds: list[float] = []
        """Of one core, for each decision."""

    def complete(self, audio: Pcm) -> float:
        """The probability that the speaker has finished, from what came before."""
        began = time.thread_time()
        heard = resample(audio, RATE_HEARD).samples.astype(np.float32)[-RATE_HEARD * SECONDS_HEARD :] / 32768.0
        heard = np.pad(heard, (RATE_HEARD * SECONDS_HEARD - len(heard), 0))
        heard = (heard - heard.mean()) / np.sqrt(heard.var() + 1e-7)
        features = self._features(heard, padding=0).astype(np.float32)[None]
        (output,) = self._session.run(None, {"input_features": features})
        self.seconds.append(time.thread_time() - began)
        return float(np.asarray(output).flat[0])


def pauses(line: list[bytes], detector: SileroVoiceDetector) -> list[int]:
    """The packet behind the last word before each pause; the last is the end of the recording."""
    voiced = [at for at, packet in enumerate(line) if detector.probability(packet) > 0.5]
    return [at + 1 for at, following in zip(voiced, [*voiced[1:], len(line) + PAUSE], strict=True) if following - at > PAUSE]


def answers(turn: SmartTurn, network: SileroModel, file: Path, behind: int) -> list[float]:
    """At each pause, given `behind` packets of it."""
    line = [*packets(read_wav(file)), *[SILENCE * PACKET_BYTES] * 2 * PAUSE]
    ends = pauses(line, SileroVoiceDetector(network))
    return [turn.complete(Pcm(samples=mulaw.decode(b"".join(line[: end + behind])), rate=RATE)) for end in ends]


def main() -> None:
    parser = argparse.ArgumentParser(description="What smart-turn would be worth.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("tests/data/speech"), help="recordings with manifest.jsonl")
    folder = parser.parse_args().folder
    store = ModelStore(lock_of(), default_cache())
    turn = SmartTurn(store.path("smart-turn") / "smart-turn-v3.2-cpu.onnx")
    network = SileroModel(store.path("silero-vad") / "silero_vad.onnx")
    entries = [json.loads(line) for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines()]
    for behind in (7, PAUSE):
        found: dict[str, list[float]] = defaultdict(list)
        for entry in entries:
            if not entry["transcript"] or entry["duration_s"] > LONGEST:
                continue
            for position, taken in enumerate(reversed(answers(turn, network, folder / entry["path"], behind))):
                found[f"{_kind(entry)}: {'cut' if position else 'complete'}"].append(taken)
        shares = {
            kind: {"n": len(each)} | {f"over_{limit}": round(float(np.mean(np.array(each) > limit)), 3) for limit in (0.5, 0.7)}
            for kind, each in sorted(found.items())
        }
        print(
            json.dumps({"heard_of_the_pause_s": round(behind * PACKET_SECONDS, 2), **shares, "core_ms": round(1000 * median(turn.seconds))})
        )


def _kind(entry: dict[str, str]) -> str:
    if entry["category"] in ("spelling", "digits"):
        return "spelled"
    return "several sentences" if re.search(r"[.?!]\s+\w", entry["transcript"]) else "one sentence"


if __name__ == "__main__":
    main()
