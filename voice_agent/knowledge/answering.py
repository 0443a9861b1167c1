"""Whether the passages found answer the question, must be asked about, or do not.

The numbers come from `answering.json`, which scripts/tune-answers makes.
"""

from collections.abc import Sequence

from voice_agent.core.words import RedactedText
from voice_agent.knowledge.candidates import Candidate
from voice_agent.knowledge.confidence import features, strange, sure
from voice_agent.knowledge.lexical import Lexicon
from voice_agent.knowledge.matching import Question
from voice_agent.knowledge.question_forms import VAGUE
from voice_agent.ports import Finding

_SHOWN = 5
"""Passages in a finding: enough to write an answer from, few enough to keep in a journal."""
_UNCLEAR = 0.3
"""The most that is believed of an answer to a question that could mean several things."""
_CLOSE = 0.02
"""Two documents whose scores differ by less compete."""
_COMMON_DOCUMENTS = 3
"""A word of so many documents, and no title, does not say which one is meant."""
_POINTING = frozenset({"it", "its", "that", "this", "they", "them", "these", "those"})


def nothing_found() -> Finding:
    """For a question with no words, or a knowledge base with no documents."""
    return Finding(passages=(), confidence=0.0, clarify=RedactedText(""), reason="There is nothing to search, or nothing to search for.")


def judged(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> Finding:
    """`candidates` are ranked."""
    if not candidates:
        return nothing_found()
    clarify = _clarifying_question(asked, candidates, lexicon)
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


# ---------------------------------------------------------------- asking back


def _clarifying_question(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> RedactedText:
    """Empty when the question says what it is about."""
    named = {word for word, tells in zip(asked.words, asked.telling, strict=True) if tells and word not in VAGUE}
    if not named:
        return RedactedText("Could you tell me which product or topic you mean?")
    titles = list(dict.fromkeys(candidate.passage.title for candidate in candidates))
    if len(titles) < 2 or not _underspecified(asked, named, candidates, lexicon):
        return RedactedText("")
    return RedactedText(f"Do you mean {titles[0]}, or {titles[1]}?")


def _underspecified(asked: Question, named: set[str], candidates: Sequence[Candidate], lexicon: Lexicon) -> bool:
    if not all(lexicon.holds(word) for word in named):
        return False  # it names something, which the documents do not know
    pointing = not _POINTING.isdisjoint(asked.words)
    common = all(_common(word, lexicon) for word in named)
    if len(named) == 1:
        return common or (pointing and not any(lexicon.titles(word) == 1 for word in named))
    if len(named) == 2 and pointing and all(lexicon.documents(word) >= _COMMON_DOCUMENTS for word in named):
        return True
    source, score = candidates[0].passage.source, candidates[0].passage.score
    others = [candidate.passage.score for candidate in candidates if candidate.passage.source != source]
    competing = bool(others) and score - max(others) < _CLOSE
    return len(named) == 2 and common and competing


def _common(word: str, lexicon: Lexicon) -> bool:
    """Whether a word does not tell which document is meant."""
    titles = lexicon.titles(word)
    return titles > 1 or (titles == 0 and lexicon.documents(word) >= _COMMON_DOCUMENTS)
