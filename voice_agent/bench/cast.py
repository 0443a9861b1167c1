"""Who speaks in a bench; the recordings and their licences are in voices/."""

from functools import cache
from pathlib import Path

from voice_agent.audio.packets import RATE
from voice_agent.audio.pcm import Samples
from voice_agent.audio.resample import resample
from voice_agent.audio.wav import read_wav
from voice_agent.bench.sounds import SPEECH_LEVEL, at_level, trimmed

VOICES = Path(__file__).parent / "voices"


@cache
def names(kind: str) -> tuple[str, ...]:
    """The recordings of a kind: question, hesitant, interrupt, person, backchannel, beside or noise."""
    return tuple(sorted(path.stem for path in VOICES.glob(f"{kind}*.wav")))


@cache
def recording(name: str) -> Samples:
    """As loud as a caller speaks."""
    samples = at_level(resample(read_wav(VOICES / f"{name}.wav"), RATE).samples, SPEECH_LEVEL)
    return samples if name.startswith("noise") else trimmed(samples)
