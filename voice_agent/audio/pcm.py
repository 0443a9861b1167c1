"""Linear audio: 16-bit samples with their rate. Everything between the wire and the models is this."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pcm:
    samples: Samples
    """Mono, shape (n,)."""
    rate: int
    """Samples a second, Hz."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate
