"""The language models of a process, in the order in which they are asked."""

import logging
from collections.abc import Callable, Sequence

from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import LanguageModel

_log = logging.getLogger(__name__)

_RESTS_AFTER = frozenset({"too-slow", "unreachable", "rate-limited", "server-error", "refused"})
"""Failures that the next question would meet as well. An empty, cut off or garbled answer may have been this question's alone."""


class LineUp:
    """Shared by all calls: one that has failed is left in peace for a while, so that not every caller waits for it anew."""

    def __init__(
        self, *, fast: Sequence[LanguageModel], strong: Sequence[LanguageModel], rest: Seconds, monotonic: Callable[[], Seconds]
    ) -> None:
        """`fast` is asked simple questions and `strong` hard ones, each from its first model to its last."""
        self._fast = tuple(fast)
        self._strong = tuple(strong)
        self._rest = rest
        self._monotonic = monotonic
        self._rests_until: dict[int, Seconds] = {}

    def ready(self, *, hard: bool) -> list[LanguageModel]:
        """Those to ask now, in their order; none when all of them rest."""
        now = self._monotonic()
        models = self._strong if hard else self._fast
        return [model for model in models if self._rests_until.get(id(model), now) <= now]

    def failed(self, model: LanguageModel, error: PortError) -> None:
        """Take note of it."""
        if error.code in _RESTS_AFTER:
            self._rests_until[id(model)] = self._monotonic() + self._rest
            _log.warning("The language model %s rests for %g s: %s", model.name, self._rest, error.code)
