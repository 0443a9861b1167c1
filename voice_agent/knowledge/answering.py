"""Whether the passages found answer the question, must be asked about, or do not.

The numbers come from `answering.json`, which scripts/tune-answers makes.
"""

from collections.abc import Sequence

from voice_agent.core.words import RedactedText
from voice_agent.knowledge.candidates import Candidate
from voice_agent.knowledge.clarifying import clarifying_question
from voice_agent.knowledge.confidence import features, strange, sure
from voice_agent.knowledge.lexical import Lexicon
from voice_agent.knowledge.matching import Question
from voice_agent.ports import Finding

_SHOWN = 5
"""Passages in a finding: enough to write an answer from, few enough to keep in a journal."""
_UNCLEAR = 0.3
"""The most that is believed of an answer to a question that could mean several things."""


def nothing_found() -> Finding:
    """For a question with no words, or a knowledge base with no documents."""
    return Finding(passages=(), confidence=0.0, clarify=RedactedText(""), reason="There is nothing to search, or nothing to search for.")


def judged(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> Finding:
    """`candidates` are ranked."""
    if not candidates:
        return nothing_found()
    clarify = clarifying_question(asked, candidates, lexicon)
    confidence = sure(features(asked, candidates, lexicon))
    return Finding(
        passages=tuple(candidate.passage for candidate in candidates[:_SHOWN]),
        confidence=min(confidence, _UNCLEAR) if clarify else confidence,
        clarify=clarify,
        reason=_reason(asked, candidates, lexicon, clarify),
    )


def _reason(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon, clarify: str) -> str:
    best = candidates[0].passage
    where = f"{best.title} > {best.heading}" if best.heading else best.title
    reason = f"Nearest: {where} (score {best.score:.2f})."
    missing = [word for word, is_strange in zip(asked.words, strange(asked, lexicon), strict=True) if is_strange]
    if missing:
        reason += f" Not in the documents: {', '.join(missing)}."
    if clarify:
        reason += " The question could mean several things."
    return reason
