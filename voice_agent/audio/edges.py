"""The silence before and behind speech. Voices make more of it than anybody should wait through."""

from voice_agent.audio.level import level
from voice_agent.audio.pcm import Pcm

FLOOR = -45.0
"""dBFS; speech is above it: 24 dB below the level at which our voices speak, and above the noise between their words."""
LEAD = 0.02
"""Seconds kept before the first sound above the floor: a soft consonant begins below it."""
TAIL = 0.12
"""Seconds kept behind the last one: the end of a word dies away, and the next sentence should not fall on its heels."""
WINDOW = 0.005
"""Seconds over which a level is taken."""


def speech_span(pcm: Pcm) -> tuple[int, int] | None:
    """The first and the last sample of the windows above the floor, the last exclusive; nothing when all is silence."""
    step = max(1, round(WINDOW * pcm.rate))
    starts = range(0, len(pcm.samples), step)
    loud = (start for start in starts if level(pcm.samples[start : start + step]) > FLOOR)
    first = next(loud, None)
    if first is None:
        return None
    last = next(start for start in reversed(starts) if level(pcm.samples[start : start + step]) > FLOOR)
    return first, min(len(pcm.samples), last + step)


def trim(pcm: Pcm, *, before: bool = True, behind: bool = True) -> Pcm:
    """The speech with at most LEAD before it and TAIL behind it, where that is asked for; nothing of what is silent throughout.

    Never longer than it was.
    """
    span = speech_span(pcm)
    begin, end = (max(0, span[0] - round(LEAD * pcm.rate)), span[1] + round(TAIL * pcm.rate)) if span else (0, 0)
    whole = len(pcm.samples) if span else 0
    return Pcm(samples=pcm.samples[begin if before else 0 : end if behind else whole], rate=pcm.rate)
