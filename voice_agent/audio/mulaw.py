"""μ-law, the telephone network's 8 bits a sample (ITU-T G.711, section 2, tables 2a and 2b). One look-up a sample.

The standard library's audioop did this until Python 3.13 dropped it.
"""

import numpy as np
from numpy.typing import NDArray

from voice_agent.audio.pcm import Samples

_BIAS = 132
"""Added before taking the logarithm, in 16-bit steps (33 in the 14-bit steps of G.711)."""
_CLIP = 32635
"""The largest magnitude that, with the bias, still fits 15 bits."""


def _decode_table() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4 & 7).astype(np.int32)
    mantissa = (code & 15).astype(np.int32)
    magnitude = ((mantissa << 3) + _BIAS << exponent) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    sample = np.arange(1 << 16).astype(np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.frexp(magnitude)[1] - 8
    mantissa = magnitude >> exponent + 3 & 15
    sign = np.where(sample < 0, 0x80, 0)
    codes: NDArray[np.int32] = ~(sign | exponent << 4 | mantissa)
    return codes.astype(np.uint8)


_DECODE = _decode_table()
_ENCODE = _encode_table()


def encode(samples: Samples) -> bytes:
    """16-bit samples to μ-law, one byte each."""
    codes: NDArray[np.uint8] = _ENCODE[samples.view(np.uint16)]
    return codes.tobytes()


def decode(data: bytes) -> Samples:
    """μ-law to 16-bit samples; 14 significant bits, as G.711 has them."""
    samples: Samples = _DECODE[np.frombuffer(data, np.uint8)]
    return samples
