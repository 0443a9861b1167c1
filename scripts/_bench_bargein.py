"""What barge_in_speech and barge_in_within are worth. Started by scripts/bench-bargein; prints one JSON object a setting.

The sounds of the bench go through the detector and the core's own rule, as fast as they can, after a question of the same
caller; quiet, and with noise 20 dB below. For those who cut in: milliseconds from the first sound to the stop. For all else:
how many of how many stop the agent.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from random import Random

import numpy as np

from voice_agent.adapters.silero_vad import SileroModel, SileroVoiceDetector
from voice_agent.audio import mulaw
from voice_agent.audio.packets import RATE
from voice_agent.audio.pcm import Samples
from voice_agent.bench import cast
from voice_agent.bench.figures import spread
from voice_agent.bench.script import KINDS, NOISE_RATIO, disturbance
from voice_agent.bench.sounds import SPEECH_LEVEL, as_another, at_level, mixed, silence
from voice_agent.core.events import VoiceActivity
from voice_agent.core.policy import Policy
from voice_agent.core.turn_taking import TurnTaking
from voice_agent.core.words import Seconds
from voice_agent.models import ModelStore, default_cache, lock_of
from voice_agent.session.ear import Ear, Window

SETTINGS = ((0.22, 0.36), (0.18, 0.36), (0.16, 0.30), (0.14, 0.30), (0.12, 0.30), (0.12, 0.24), (0.10, 0.20))
EACH = 120
"""Sounds of a kind that nobody means."""
PITCHES = (1.0, 0.92, 1.08)
BEFORE = np.concatenate([cast.recording("question01"), silence(2.0)])
BEGIN: Seconds = len(BEFORE) / RATE


def sounds(random: Random) -> Iterator[tuple[str, Samples]]:
    for kind in ("question", "interrupt", "hesitant", "person"):
        for name in cast.names(kind):
            for pitch in PITCHES:
                yield "cuts in", as_another(cast.recording(name), pitch)
    for kind in KINDS:
        for _ in range(EACH):
            yield kind, disturbance(kind, random).samples


def windows(sound: Samples, bed: Samples | None, model: SileroModel) -> list[Window]:
    line = np.concatenate([BEFORE, sound, silence(1.2)])
    line = line if bed is None else mixed(line, np.resize(bed, len(line)))
    return Ear(SileroVoiceDetector(model), speech_probability=Policy().speech_probability).take(mulaw.encode(line))


def stop(line: list[Window], policy: Policy) -> Seconds | None:
    """From the sound's beginning until the agent would be stopped."""
    voice = TurnTaking(policy)
    for begin, duration, probability, level in line:
        end = begin + duration
        voice.hear(VoiceActivity(at=end, begin=begin, duration=duration, probability=probability, level=level))
        if voice.utterance and voice.silence >= policy.end_pause:
            voice.take()
        meant = voice.voiced_within(policy.barge_in_within, loud=True) >= policy.barge_in_speech - 1e-9
        if begin >= BEGIN and voice.utterance and meant:
            return end - BEGIN
    return None


def main() -> None:
    argparse.ArgumentParser(
        prog="scripts/bench-bargein", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    model = SileroModel(ModelStore(lock_of(), default_cache()).path("silero-vad") / "silero_vad.onnx")
    random = Random("barge-in")  # noqa: S311  reproducible is the point
    beds = [at_level(cast.recording(name), SPEECH_LEVEL - NOISE_RATIO) for name in cast.names("noise")]
    heard: defaultdict[str, list[list[Window]]] = defaultdict(list)
    for kind, sound in sounds(random):
        heard[kind] += [windows(sound, None, model), windows(sound, random.choice(beds), model)]
    for speech, within in SETTINGS:
        policy = Policy(barge_in_speech=speech, barge_in_within=within)
        stops = {kind: [stop(line, policy) for line in lines] for kind, lines in heard.items()}
        told = [each for each in stops["cuts in"] if each is not None]
        wrong = {kind: f"{len(each) - each.count(None)}/{len(each)}" for kind, each in stops.items() if kind != "cuts in"}
        print(json.dumps({"speech": speech, "within": within, "stop_ms": spread(told), "of": len(stops["cuts in"]), "stopped_by": wrong}))


if __name__ == "__main__":
    main()
