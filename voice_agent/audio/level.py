"""How loud audio is."""

import numpy as np

from voice_agent.audio.pcm import Samples

QUIETEST = -96.0
"""dBFS that stands for digital silence: below the smallest step of 16 bits."""


def level(samples: Samples) -> float:
    """Root mean square in dBFS: 0 for a full-scale square wave, −3 for a full-scale sine, QUIETEST for silence or nothing."""
    if not len(samples):
        return QUIETEST
    wide = samples.astype(np.float32)
    power = float(np.dot(wide, wide)) / len(wide)
    return max(QUIETEST, 10.0 * float(np.log10(power / 32768.0**2))) if power else QUIETEST
