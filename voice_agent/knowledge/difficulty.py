"""Which questions are worth a stronger, slower language model. One rule, of words and scores alone, so that it can be read and tested."""

import re
from collections.abc import Sequence

from voice_agent.core.words import Passage, RedactedText

_LONG = 20
"""Words: whoever says more than this tells a story with conditions in it."""
_COMPETING = 3
"""Documents as good as the best: the answer must be put together, or the right one picked."""
_CLOSE = 0.03
"""How far behind the best passage's score (0 to 1) one still counts as good."""
_COMPARES = re.compile(
    r"\b(?:compare[ds]?|comparison|difference|differ|versus|vs|better|worse|cheaper|faster|quicker|bigger|smaller|rather than|instead of|"
    r"both|either|neither|pros and cons|worth it|which (?:one|of)|or (?:is|are|do|does|can|should) (?:it|i|we|you|the))\b",
    re.IGNORECASE,
)
_REASONS = re.compile(
    r"\b(?:why|how come|what if|what happens if|unless|even (?:if|though)|except|depending on|in (?:that|which) case)\b", re.IGNORECASE
)
_ANOTHER = re.compile(
    r"[?].*\w|\b(?:and|also|but) (?:also )?(?:how|what|when|where|why|who|which|can|could|do|does|did|is|are|will|would|should)\b",
    re.IGNORECASE | re.DOTALL,
)


def why_hard(question: RedactedText, passages: Sequence[Passage]) -> str:
    """What makes the question hard, in plain words; empty for a simple one.

    Hard is a question that compares, asks for reasons or conditions, asks two things, is long, or is met by several documents alike.
    """
    if _COMPARES.search(question):
        return "it compares"
    if _REASONS.search(question):
        return "it asks for reasons or conditions"
    if _ANOTHER.search(question):
        return "it asks more than one thing"
    if len(question.split()) > _LONG:
        return "it is long"
    near = {passage.source for passage in passages if passages[0].score - passage.score <= _CLOSE}
    return "several documents compete" if len(near) >= _COMPETING else ""
