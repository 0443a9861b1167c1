"""A number typed on the telephone's keys when we have asked for it. How many digits is known here; which ones, only to the session.

`#` ends it and `*` starts anew; so does a pause, and the last digit that a number can have, end it. Keys pressed when nobody
has asked for a number never come here.
"""

from enum import Enum, auto

from voice_agent.core.events import DigitGiven, KeyPressed
from voice_agent.core.policy import Policy

END, ANEW = "#", "*"


class Typed(Enum):
    MORE = auto()
    """More may come."""
    ANEW = auto()
    """What was typed is to be forgotten."""
    COMPLETE = auto()
    TOO_FEW = auto()


class Keypad:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._digits = 0

    def handle(self, event: DigitGiven | KeyPressed) -> Typed:
        if isinstance(event, DigitGiven):
            self._digits += 1
            return self.paused() if self._digits >= self._policy.most_digits else Typed.MORE
        if event.key == ANEW:
            self._digits = 0
            return Typed.ANEW
        return self.paused()

    def paused(self) -> Typed:
        """The caller types nothing more."""
        return Typed.COMPLETE if self._digits >= self._policy.least_digits else Typed.TOO_FEW
