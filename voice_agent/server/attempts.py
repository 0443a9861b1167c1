"""How often somebody may try a password."""

from collections import OrderedDict

from voice_agent.core.words import Seconds

FIRST_WAIT: Seconds = 2.0
LONGEST_WAIT: Seconds = 300.0
FORGOTTEN_AFTER: Seconds = 900.0
REMEMBERED = 10_000
"""Keys; the one that failed longest ago is forgotten first, so that a flood of names cannot fill the memory."""


class Attempts:
    """After `free` failures in a row each further one doubles the wait. Kept in memory: a restart forgives."""

    def __init__(self, *, free: int) -> None:
        self._free = free
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """Failures in a row, and when the last one was, on the monotonic clock."""

    def wait(self, key: str, now: Seconds) -> Seconds:
        """Until the next try is let through; 0 when it is now."""
        count, last = self._failures.get(key, (0, now))
        if count < self._free or now - last >= FORGOTTEN_AFTER:
            return 0.0
        pause = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(count - self._free, 30))
        return max(0.0, last + pause - now)

    def failed(self, key: str, now: Seconds) -> None:
        count, last = self._failures.pop(key, (0, now))
        self._failures[key] = (1 if now - last >= FORGOTTEN_AFTER else count + 1, now)
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)
