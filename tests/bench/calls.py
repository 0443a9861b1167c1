"""Timelines made by hand."""

from collections.abc import Sequence

from voice_agent.bench.sounds import Span
from voice_agent.bench.timeline import Disturbed, Heard, Said, Saying, Timeline


def said(begin: float, end: float, *, cut_in: bool = False, name: str = "question01") -> Said:
    return Said(name=name, begin=begin, end=end, cut_in=cut_in)


def cough(begin: float) -> Disturbed:
    return Disturbed(kind="cough", name="cough", begin=begin, end=begin + 0.25)


def timeline(
    *,
    agent: Sequence[Span],
    turns: Sequence[Said] = (),
    disturbed: Sequence[Disturbed] = (),
    cleared: Sequence[float] = (),
    sayings: Sequence[tuple[float, str]] = (),
    heard: Sequence[Heard] = (),
    duration: float = 30.0,
    line: str = "quiet",
    ended: str = "script",
) -> Timeline:
    return Timeline(
        call="c1",
        line=line,
        duration=duration,
        agent=tuple(agent),
        caller=tuple((turn.begin, turn.end) for turn in turns),
        said=tuple(turns),
        disturbed=tuple(disturbed),
        cleared=tuple(cleared),
        sayings=tuple(Saying(at=at, text=text) for at, text in sayings),
        heard=tuple(heard),
        unspoken=0,
        ended=ended,
    )
