"""What a caller hears between our words while they wait for a person: a few soft notes, made once, played over and over.

It begins and ends in silence, so that it may be repeated, or begun again, without a click. Pure notes of the telephone's
band at -32 dBFS: quiet beside a voice, and nothing that a detector takes for one, should it come back as an echo.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from voice_agent.audio import mulaw
from voice_agent.audio.packets import RATE
from voice_agent.audio.pcm import Pcm

LEVEL = -32.0
"""dBFS, root mean square of the whole."""
_LENGTH = 8.0
"""Seconds."""
_NOTES = ((0.6, 392.0), (1.5, 523.25), (2.4, 659.25), (4.2, 440.0), (5.1, 587.33))
"""When each begins, in seconds, and its frequency in hertz."""
_RING, _RISE = 2.4, 0.12
"""Seconds that a note takes to die away, and to come."""


@cache
def comfort() -> bytes:
    """One round in μ-law, whole packets."""
    return mulaw.encode(comfort_sound().samples)


def comfort_sound() -> Pcm:
    times = np.arange(round(_LENGTH * RATE)) / RATE
    sound = np.sum([_note(times - begin, pitch) for begin, pitch in _NOTES], axis=0)
    loud = 32768 * 10 ** (LEVEL / 20) / np.sqrt(np.mean(sound**2))
    return Pcm(samples=np.round(sound * loud).astype(np.int16), rate=RATE)


def _note(times: npt.NDArray[np.float64], pitch: float) -> npt.NDArray[np.float64]:
    """From 0 on: it comes softly, rings, and is gone after `_RING` seconds."""
    inside = (times >= 0) & (times < _RING)
    come = np.sin(np.pi / 2 * np.clip(times / _RISE, 0, 1)) ** 2
    gone = np.cos(np.pi / 2 * np.clip(times / _RING, 0, 1)) ** 2 * np.exp(-times.clip(0, _RING))
    return np.where(inside, come * gone * np.sin(2 * np.pi * pitch * times), 0.0)
