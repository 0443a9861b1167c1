"""The passages that may answer a question, best first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from voice_agent.core.words import Passage
from voice_agent.knowledge.matching import Floats, PassageWords, Question, cosine, matched, matched_back, matched_by_a_sentence
from voice_agent.knowledge.tuned import tuned

_PRODUCT = re.compile(r"\S+(?: \S+)*? \d+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A passage that may answer."""

    passage: Passage
    words: PassageWords
    heading: Floats
    """The vector of its title and heading."""
    whole: float
    """Cosine of question and passage."""

    @property
    def product(self) -> str:
        """The product that its document is about: "Brewster 700" of "Brewster 700 error codes"; empty when it is about none."""
        found = _PRODUCT.match(self.passage.title)
        return found.group() if found else ""


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
        "sentence": matched_by_a_sentence(asked, candidate.words),
        "words_back": float(matched_back(asked, candidate.words).max(initial=0.0)),
    }
