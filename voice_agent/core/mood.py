"""How a caller feels, turn by turn: from their words, from saying the same again, and from their voice.

The three are independent hints, so together they make 1 - Π(1 - hint): two strong ones pass the 0.7 at which the default
rules hand a call over. The voice is only ever compared with the caller's own: how loud somebody is on a telephone says
more of the telephone than of them, and one that levels every voice hides a raised one.
"""

from dataclasses import dataclass, field, replace
from statistics import median

from voice_agent.core.escalation import Facts

_REPEATED = (0.0, 0.2, 0.4)
"""The hint in saying the same again, by how many times in a row; the last holds for any more."""
_RAISED = ((10.0, 0.45), (6.0, 0.25))
"""The hint in a voice so many dB above the caller's own."""
LEAST_TURNS = 2
"""Before the caller has said so many things, nobody knows how loud they usually are."""


@dataclass(slots=True)
class Mood:
    frustration: float = 0.0
    """Of the latest turn, 0 (calm) to 1 (furious)."""
    highest: float = 0.0
    """The strongest of all turns."""
    trend: float = 0.0
    """1 (better) to -1 (worse): the mean frustration of the turns before, less that of the latest. 0 in the first."""
    raised: float = 0.0
    """dB that the latest turn was louder than the median of those before; 0 when it was not."""
    _levels: list[float] = field(default_factory=list)
    _before: list[float] = field(default_factory=list)

    def note(self, words: float, *, repeats: int, level: float | None) -> None:
        """One more turn. `words`: how upset they are, 0 to 1; `level`: of its speech in dBFS, None for one that was not heard."""
        self.raised = 0.0
        if level is not None:
            if len(self._levels) >= LEAST_TURNS:
                self.raised = max(0.0, round(level - median(self._levels), 1))
            self._levels.append(level)
        loud = next((hint for above, hint in _RAISED if self.raised >= above), 0.0)
        again = _REPEATED[min(repeats, len(_REPEATED) - 1)]
        self.frustration = round(1 - (1 - words) * (1 - again) * (1 - loud), 3)
        self.trend = round(sum(self._before) / len(self._before) - self.frustration, 3) if self._before else 0.0
        self._before.append(self.frustration)
        self.highest = max(self.highest, self.frustration)

    def added_to(self, facts: Facts) -> Facts:
        return replace(facts, frustration=self.frustration, sentiment_trend=self.trend, raised_voice=self.raised)
