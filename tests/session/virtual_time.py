"""An event loop whose clock jumps: whatever the code waits for, a test waits for nothing, and every run is the same.

When no task can go on, asyncio asks its selector to wait for the next timer. This one does not wait; it moves the clock to
that timer. Should there be no timer either, nothing can ever happen again: the test has hung, and fails at once, saying so.
"""

import asyncio
import selectors


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise AssertionError("the test hangs: every task waits for another, and no timer is set")
        self.now += timeout
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def now() -> float:
    """The virtual clock, for whatever takes a `monotonic`."""
    return asyncio.get_running_loop().time()
