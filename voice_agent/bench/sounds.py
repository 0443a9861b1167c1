"""What is done to a recording before a caller says it. Everything is 16 bits, mono, 8 kHz."""

from random import Random

import numpy as np
import soxr
from numpy.typing import NDArray

from voice_agent.audio.level import level
from voice_agent.audio.packets import RATE
from voice_agent.audio.pcm import Samples
from voice_agent.core.words import Seconds

AUDIBLE = -45.0
"""dBFS: louder stretches are voice."""
STEP: Seconds = 0.01
"""The stretches in which loudness is taken; no time of a bench is finer."""
SPEECH_LEVEL = -20.0
"""dBFS of a caller's louder syllables, as on an ordinary line."""
_STEP = round(STEP * RATE)

Span = tuple[Seconds, Seconds]


def silence(seconds: Seconds) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


def loudness(samples: Samples) -> float:
    """The level of the louder tenth of it, in dBFS: pauses do not count."""
    levels = [level(samples[at : at + _STEP]) for at in range(0, len(samples), _STEP)]
    return float(np.percentile(levels, 90))


def at_level(samples: Samples, dbfs: float) -> Samples:
    """As loud as `dbfs`, by `loudness`."""
    return _rounded(samples * 10 ** ((dbfs - loudness(samples)) / 20))


def voiced(samples: Samples) -> tuple[Span, ...]:
    """Where it is louder than AUDIBLE, in seconds from its beginning."""
    whole = samples[: len(samples) - len(samples) % _STEP].reshape(-1, _STEP).astype(np.float32)
    power = np.mean(whole**2, axis=1) / 32768.0**2
    loud = np.concatenate(([False], power > 10 ** (AUDIBLE / 10), [False])).astype(np.int8)
    begins, ends = np.flatnonzero(np.diff(loud) == 1), np.flatnonzero(np.diff(loud) == -1)
    return tuple((int(begin) * STEP, int(end) * STEP) for begin, end in zip(begins, ends, strict=True))


def trimmed(samples: Samples) -> Samples:
    """From the first voice to the last."""
    spans = voiced(samples)
    return samples[round(spans[0][0] * RATE) : round(spans[-1][1] * RATE)] if spans else samples


def as_another(samples: Samples, pitch: float) -> Samples:
    """Another voice of the same words: everything in it `pitch` times as high, and as fast."""
    resampled: Samples = soxr.resample(samples, RATE * pitch, RATE, quality="HQ")
    return resampled


def cough(random: Random) -> Samples:
    """A quarter of a second: a burst that opens at once and dies away, a short breath, and a weaker one.

    Noise through a resonance near 700 Hz and one near 1,800 Hz, where the power of recorded coughs lies.
    """
    noise = np.random.default_rng(random.getrandbits(32)).normal(size=round(0.25 * RATE))
    at = np.arange(len(noise)) / RATE
    shape = np.where(at < 0.13, np.exp(-at / 0.05), 0.6 * np.exp(-(at - 0.13) / 0.04)) * np.minimum(1, at / 0.004)
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / RATE)
    tone = np.exp(-(((hertz - 700) / 450) ** 2)) + 0.5 * np.exp(-(((hertz - 1800) / 600) ** 2))
    return at_level(_rounded(4000 * np.fft.irfft(spectrum * tone, len(noise)) * shape), SPEECH_LEVEL)


def excerpt(samples: Samples, seconds: Seconds, random: Random) -> Samples:
    """`seconds` of it, from a random place, with soft ends."""
    length = min(round(seconds * RATE), len(samples))
    first = random.randrange(len(samples) - length + 1)
    ramp = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.05 * RATE))
    return _rounded(samples[first : first + length] * ramp)


def mixed(one: Samples, other: Samples) -> Samples:
    """Both at once; as long as the first."""
    return _rounded(one.astype(np.int32) + other[: len(one)])


def _rounded(samples: NDArray[np.floating | np.integer]) -> Samples:
    whole: Samples = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
    return whole
