"""Word errors: how much of what was said was heard as said."""

import re
from dataclasses import dataclass

from voice_agent.core.pronounce import speech_ready


@dataclass(frozen=True, slots=True, kw_only=True)
class WordErrors:
    """Over several recordings."""

    errors: int
    words: int
    recordings: int

    @property
    def rate(self) -> float:
        """0 to 1, and above 1 when more was heard than said."""
        return self.errors / self.words if self.words else 0.0


def words(text: str) -> list[str]:
    """As spoken, so that "50" and "fifty" are the same."""
    return re.findall(r"[a-z']+", speech_ready(text).lower())


def word_errors(said: str, heard: str) -> int:
    """Words wrong, missing or too many (Levenshtein)."""
    before = list(range(len(words(heard)) + 1))
    for row, one in enumerate(words(said), 1):
        now = [row]
        for column, other in enumerate(words(heard), 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (one != other)))
        before = now
    return before[-1]
