"""Whether the passages found answer the question, must be asked about, or do not.

The numbers come from `answering.json`, which scripts/tune-answers makes.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice_agent.core.words import Passage, RedactedText
from voice_agent.knowledge.lexical import Lexicon, words
from voice_agent.knowledge.matching import Floats, PassageWords, Question, cosine, matched, matched_back, nearest_words
from voice_agent.knowledge.vocabulary import stem
from voice_agent.ports import Finding

_SHOWN = 5
"""Passages in a finding: enough to write an answer from, few enough to keep in a journal."""
_UNCLEAR = 0.3
"""The most that is believed of an answer to a question that could mean several things."""
_CLOSE = 0.02
"""Two documents whose scores differ by less compete."""
_SHORT, _LONG = 7, 12
"""Words: a plain question is no worse for being short, and talking on makes none clearer."""
_COMMON_DOCUMENTS = 3
"""A word of so many documents, and no title, does not say which one is meant."""
_VAGUE = frozenset(
    """
    much many long often soon fast big day days week weeks month months year years hour hours minute minutes time today ago happen happens
    say says said actually someone somewhere anyone everything else bit lot people person way able best first last next new old good bad
    right wrong wanna want wants wanted really want
    """.split()  # noqa: SIM905 - a word list is read as words
)
"""Words that name nothing a document could be about."""
_POINTING = frozenset({"it", "its", "that", "this", "they", "them", "these", "those"})
_YES_NO = re.compile(r"(can|could|do|does|did|is|are|am|was|will|would|has|have|should|may)\b")
_ASKS_FIGURE = re.compile(
    r"\b(how (much|many|long|soon|fast|quick|quickly|often|loud|heavy|wide|tall|high|deep|big|large|far|hot|warm)|when|price|cost|charge)\b"
    r"|\bwhat (size|temperature|time)\b"
)
_FIRST_PERSON = re.compile(r"\b(i|im|ive|my|mine)\b")
"""Callers who tell of their own order or machine ask what support documents are written for."""
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A passage that may answer."""

    passage: Passage
    words: PassageWords
    heading: Floats
    """The vector of its title and heading."""
    whole: float
    """Cosine of question and passage."""


def nothing_found() -> Finding:
    """For a question with no words, or a knowledge base with no documents."""
    return Finding(passages=(), confidence=0.0, clarify=RedactedText(""), reason="There is nothing to search, or nothing to search for.")


def ranked(asked: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Best first. A passage's score is now the weighted mean of its likenesses."""
    weigh = tuned()["ranking"]
    scored = []
    for candidate in candidates:
        score = sum(weigh[name] * value for name, value in likenesses(asked, candidate).items())
        scored.append(replace(candidate, passage=replace(candidate.passage, score=score)))
    return sorted(scored, key=lambda candidate: -candidate.passage.score)


def likenesses(asked: Question, candidate: Candidate) -> dict[str, float]:
    """Of a question and a passage, each from 0 to 1."""
    return {
        "whole": candidate.whole,
        "heading": cosine(asked.vector, candidate.heading),
        "words": matched(asked, candidate.words),
        "words_back": float(matched_back(asked, candidate.words).max(initial=0.0)),
    }


def judged(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> Finding:
    """`candidates` are ranked."""
    if not candidates:
        return nothing_found()
    clarify = _clarifying_question(asked, candidates, lexicon)
    confidence = _confidence(features(asked, candidates, lexicon))
    return Finding(
        passages=tuple(candidate.passage for candidate in candidates[:_SHOWN]),
        confidence=min(confidence, _UNCLEAR) if clarify else confidence,
        clarify=clarify,
        reason=_reason(asked, candidates, lexicon, clarify),
    )


# ---------------------------------------------------------------- confidence


def features(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> dict[str, float]:
    """What speaks for and against an answer, as numbers that mean the same over any documents."""
    scores = [candidate.passage.score for candidate in candidates]
    telling = asked.telling
    heard = " ".join(words(asked.heard))
    anywhere = nearest_words(asked, [candidate.words for candidate in candidates])
    strange = _strange(asked, lexicon)
    names = [name for name in _NAME.findall(asked.heard) if not lexicon.holds(name.lower())]
    return {
        "score": scores[0],
        "lead": scores[0] - scores[min(5, len(scores) - 1)],
        "words_anywhere": float(asked.weights @ anywhere),
        "weakest_anywhere": float(anywhere[telling].min()) if telling.any() else 1.0,
        "strange": float(strange.sum()) / max(1, int(telling.sum())),
        "strange_and_rare": float((strange & ~asked.known).sum()),
        "strange_names": float(len(names)),
        "length": math.log(1 + max(_SHORT, min(len(asked.words), _LONG))),
        "named_but_unmatched": _named_but_unmatched(asked, candidates),
        "yes_no": float(_YES_NO.match(heard) is not None),
        "asks_figure": float(_ASKS_FIGURE.search(heard) is not None),
        "first_person": float(_FIRST_PERSON.search(heard) is not None),
    }


def _named_but_unmatched(asked: Question, candidates: Sequence[Candidate]) -> float:
    """How much of the question is a document's title, times how little of the rest that document holds: "Can the Otter 9 fly?"."""
    best = candidates[0].passage
    title = {stem(word) for word in words(best.title)}
    named = asked.telling & np.array([stem_ in title for stem_ in asked.stems], np.bool_)
    rest = asked.telling & ~named & np.array([word not in _VAGUE for word in asked.words], np.bool_)
    if not named.any() or not rest.any():
        return 0.0
    held = nearest_words(asked, [candidate.words for candidate in candidates if candidate.passage.source == best.source])
    named_share = float(asked.weights[named].sum() / asked.weights[asked.telling].sum())
    return named_share * (1 - float(asked.weights[rest] @ held[rest] / asked.weights[rest].sum()))


def _confidence(found: Mapping[str, float]) -> float:
    weigh = tuned()["confidence"]
    total = weigh["bias"] + sum(weight * found[name] for name, weight in weigh["weights"].items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def tuned() -> dict[str, Any]:
    """The numbers in force."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("answering.json").read_text())
    return found


def _strange(asked: Question, lexicon: Lexicon) -> NDArray[np.bool_]:
    """Which words the documents do not have in any form."""
    missing = [word not in _VAGUE and not lexicon.holds(word) for word in asked.words]
    return asked.telling & np.array(missing, np.bool_)


def _reason(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon, clarify: str) -> str:
    best = candidates[0].passage
    where = f"{best.title} > {best.heading}" if best.heading else best.title
    reason = f"Nearest: {where} (score {best.score:.2f})."
    strange = [word for word, is_strange in zip(asked.words, _strange(asked, lexicon), strict=True) if is_strange]
    if strange:
        reason += f" Not in the documents: {', '.join(strange)}."
    if clarify:
        reason += " The question could mean several things."
    return reason


# ---------------------------------------------------------------- asking back


def _clarifying_question(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> RedactedText:
    """Empty when the question says what it is about."""
    named = {word for word, tells in zip(asked.words, asked.telling, strict=True) if tells and word not in _VAGUE}
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
