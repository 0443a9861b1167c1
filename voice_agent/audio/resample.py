"""Change of sample rate with soxr's HQ filter; its quick ones alias audibly on speech (MODELS.md)."""

import numpy as np
import soxr

from voice_agent.audio.pcm import Pcm, Samples


def resample(pcm: Pcm, rate: int) -> Pcm:
    """The whole of a recording at another rate (Hz)."""
    if pcm.rate == rate:
        return pcm
    return Pcm(samples=soxr.resample(pcm.samples, pcm.rate, rate, quality="HQ"), rate=rate)


class Resampler:
    """A stream of chunks at another rate, without a seam between them.

    The filter looks ahead, so what comes out lags behind by a few milliseconds; `finish` gives the tail.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._from_rate = from_rate
        self._to_rate = to_rate
        self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="int16", quality="HQ")

    def add(self, chunk: Pcm) -> Pcm:
        """What is ready after this chunk; may be empty. A chunk of another rate is a ValueError (a bug)."""
        if chunk.rate != self._from_rate:
            msg = f"a chunk of {chunk.rate} Hz came to a resampler from {self._from_rate} Hz"
            raise ValueError(msg)
        return self._run(chunk.samples, last=False)

    def finish(self) -> Pcm:
        """The tail. The resampler is then ready for another stream."""
        tail = self._run(np.empty(0, np.int16), last=True)
        self._stream.clear()
        return tail

    def _run(self, samples: Samples, *, last: bool) -> Pcm:
        return Pcm(samples=self._stream.resample_chunk(samples, last=last), rate=self._to_rate)
