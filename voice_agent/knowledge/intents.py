"""What a caller's words ask for, learned from the example phrases of the configuration.

The phrases are the training set of a kernel ridge regression (one target for "asks for a person", one for each topic,
one for "ordinary"). Its kernel adds nearness of meaning, exp(2·(cosine - 1)) of the embeddings, to shared words
and word pairs (tf-idf), because an embedding hardly tells "how do I claim" from "I want to claim". Cross-validated over
the phrases shipped, it beat neighbour votes and logistic layers; fitting takes < 1 s for 1500 phrases. Whether a
clause has the form of asking for a person (`asking`) shifts that one target. Numbers below were chosen by five-fold
cross-validation over config/escalation.yaml, on tests/data/tuning/asking.yaml and on the tune halves of
tests/data/triage.yaml and questions.yaml.
"""

import asyncio
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice_agent.core.words import RedactedText
from voice_agent.knowledge.asking import asks_by_form
from voice_agent.knowledge.frustration import frustration
from voice_agent.knowledge.kept_vectors import kept_vectors
from voice_agent.knowledge.language import in_another_language
from voice_agent.ports import Embedder, Intent, Vectors

Floats = NDArray[np.float64]

_MEANING, _WORDS, _BIAS = 0.7, 0.3, 0.1
"""Shares of the kernel."""
_SHARPNESS = 2.0
_RIDGE = 0.1
_RARE = 2.0
"""How much heavier a phrase that asks, or has a topic, counts than one that does not: they are fewer."""
_FORM = {1: 0.7, 0: 0.0, -1: -0.5}
_ASKS_FROM = -0.35
_TOPIC_LEAD = -0.2
"""A topic may trail "ordinary" by this much and still be named: sending a caller to a person by mistake costs less than not."""
_TOPIC_FLOOR = -0.5
"""Below it a topic resembles nothing in its phrases, and leads only because "ordinary" resembles nothing either."""

_CLAUSE = re.compile(r"(?<=[.!?;])\s+|,?\s+(?:but|and then|and so)\s+")
_MOST_CLAUSES = 6
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*\d*>")
_TOKEN = re.compile(r"[a-z']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentPhrases:
    """Example phrases, as callers say them."""

    asks: tuple[str, ...] = ()
    """They ask for a person, now."""
    asks_not: tuple[str, ...] = ()
    """They mention people without asking for one."""
    topics: Mapping[str, tuple[str, ...]]
    """By the topic's name."""
    ordinary: tuple[str, ...] = ()
    """Neither topic nor wish for a person."""


class EmbeddingIntents:
    """An IntentRecognizer. A long utterance is judged clause by clause, and its strongest clause counts."""

    def __init__(self, embedder: Embedder, topics: Sequence[str], model: "_Regression", *, asks_known: bool) -> None:
        self._embedder = embedder
        self._topics = tuple(topics)
        self._asks_known = asks_known
        self._model = model

    @classmethod
    async def build(cls, embedder: Embedder, phrases: IntentPhrases, kept: Path) -> "EmbeddingIntents":
        """Embeds every phrase whose vector is not in the file `kept` (about 3 ms each) and fits."""
        topics = tuple(phrases.topics)
        texts = [*phrases.asks, *phrases.asks_not, *phrases.ordinary]
        labels = [-1] * len(texts)
        for number, topic in enumerate(topics):
            texts += phrases.topics[topic]
            labels += [number] * len(phrases.topics[topic])
        targets = np.full((len(texts), 2 + len(topics)), -1.0)
        targets[: len(phrases.asks), 0] = 1.0
        targets[np.arange(len(texts)), np.array(labels, dtype=np.int64) + 2] = 1.0
        model = await asyncio.to_thread(_Regression, texts, await kept_vectors(embedder, texts, kept), targets)
        return cls(embedder, topics, model, asks_known=bool(phrases.asks))

    async def recognize(self, text: RedactedText) -> Intent:
        clauses = _clauses(text)
        if not clauses:
            return Intent(asks_for_person=False, topic=None, frustration=frustration(text), language_not_spoken=in_another_language(text))
        scores = self._model.scores(clauses, await self._embedder.embed(clauses))
        form = np.array([_FORM[asks_by_form(clause)] for clause in clauses])
        return Intent(
            # Without examples of asking, its form alone decides.
            asks_for_person=bool(np.any((scores[:, 0] if self._asks_known else _ASKS_FROM) + form > _ASKS_FROM)),
            topic=self._topic(scores),
            frustration=frustration(text),
            language_not_spoken=in_another_language(text),
        )

    def _topic(self, scores: Floats) -> str | None:
        if not self._topics:
            return None
        leads = np.where(scores[:, 2:] > _TOPIC_FLOOR, scores[:, 2:] - scores[:, 1:2], -np.inf)
        clause, best = np.unravel_index(int(np.argmax(leads)), leads.shape)
        return self._topics[best] if leads[clause, best] > _TOPIC_LEAD else None


def _clauses(text: str) -> list[str]:
    plain = " ".join(_PLACEHOLDER.sub(" ", text).split())
    if not _TOKEN.search(plain.lower()):
        return []
    pieces = [p for p in _CLAUSE.split(plain) if len(_TOKEN.findall(p.lower())) > 1]
    # One word alone is judged only when it is all there is: "agent", but not the "Hello." before a question.
    return pieces[-_MOST_CLAUSES:] or [plain]


def _grams(text: str) -> list[str]:
    words = ["<", *_TOKEN.findall(text.lower().replace("’", "'")), ">"]
    return words[1:-1] + [f"{a} {b}" for a, b in pairwise(words)]


class _Regression:
    """Kernel ridge regression over phrases: targets of +1 and -1, shape (phrases, 2 + topics): asks, ordinary, topics."""

    def __init__(self, texts: Sequence[str], vectors: Vectors, targets: Floats) -> None:
        grams = [Counter(_grams(text)) for text in texts]
        spread = Counter(gram for counted in grams for gram in counted)
        self._rarity = {gram: math.log(1 + len(texts) / (1 + n)) for gram, n in spread.items()}
        self._unseen = math.log(1 + len(texts))
        self._vectors = vectors.astype(np.float64)
        self._weighed: dict[str, dict[int, float]] = {gram: {} for gram in spread}
        """Of each word and pair, the phrases that have it and its weight there: most have few."""
        for place, text in enumerate(texts):
            for gram, weight in self._words_of(text):
                self._weighed[gram][place] = weight
        kernel = self._kernel(texts, self._vectors)
        asks_weights = np.where(targets[:, 0] > 0, _RARE, 1.0)
        topic_weights = np.where(targets[:, 1] > 0, 1.0, _RARE)
        self._weights = np.hstack(
            [
                np.linalg.solve(kernel + np.diag(_RIDGE / asks_weights), targets[:, :1]),
                np.linalg.solve(kernel + np.diag(_RIDGE / topic_weights), targets[:, 1:]),
            ]
        )

    def scores(self, texts: Sequence[str], vectors: Vectors) -> Floats:
        """Shape (texts, 2 + topics)."""
        found: Floats = self._kernel(texts, vectors.astype(np.float64)) @ self._weights
        return found

    def _kernel(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """How near each text is to each phrase, shape (texts, phrases)."""
        if not len(self._vectors):
            return np.zeros((len(texts), 0))
        meaning = np.exp(_SHARPNESS * (vectors @ self._vectors.T - 1.0))
        shared = np.zeros_like(meaning)
        for row, text in enumerate(texts):
            for gram, weight in self._words_of(text):
                places = self._weighed[gram]
                shared[row, list(places)] += weight * np.fromiter(places.values(), np.float64)
        return np.asarray(_MEANING * meaning + _WORDS * shared + _BIAS)

    def _words_of(self, text: str) -> list[tuple[str, float]]:
        """The known words and pairs of a text with their tf-idf weights; the vector of all of them, known or not, has length 1."""
        weights = {gram: self._rarity.get(gram, self._unseen) for gram in sorted(set(_grams(text)))}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return [(gram, weight / length) for gram, weight in weights.items() if gram in self._rarity]
