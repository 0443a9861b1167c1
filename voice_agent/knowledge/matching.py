"""How well a passage matches a question, word by word.

Each word of the question looks for its nearest word in the passage (late interaction, as in ColBERT, with the vectors of an
ordinary sentence model). On the tune half of tests/data/questions.yaml it alone found the right passage first for 0.75 of the
85 answerable questions, the cosine of the whole texts for 0.59, and both with the headings for 0.80.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from voice_agent.core.sentences import split_sentences
from voice_agent.knowledge.lexical import STOP_WORDS, Lexicon
from voice_agent.knowledge.matters import related
from voice_agent.knowledge.vocabulary import stem
from voice_agent.ports import Reading, Vectors

Floats = NDArray[np.float32]

_STOP_WEIGHT = 0.3
"""Of a word that says nothing by itself; others weigh the root of their rarity, about 0.5 to 2.5."""
_PRODUCT_SHARE = 0.35
"""Of its weight that a product's name keeps: every passage of the product's own document has it, and returns, delivery and repair are
described elsewhere. On all the tuning questions, in two-fold cross-validation: 1.0 finds the right document first for 0.915, 0.6 for
0.917, 0.35 for 0.921, 0.15 for 0.923, but for fewer of those in tests/data/questions.yaml."""
_OTHER_NUMBER = 0.4
"""The most that a number or code is alike to another one: the Brewster 700 is not the Brewster 300."""
_RELATED = 0.8
"""How alike two words are that speak of one matter (coupon and discount), where the model does not know better."""
STEPS = 127.0
_ALIKE = 128
"""Pairs of a question and a passage: those of a few questions at once."""
HEADING = -1
"""In place of a sentence's number: the word stands in the title or heading …"""
ASKED = -2
"""… or in a question that the passage answers: it helps to find the passage, and speaks for none of its sentences."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """A question's words and their vectors."""

    heard: str
    """As the caller said it."""
    words: tuple[str, ...]
    """As it is searched for: misheard words put right."""
    stems: tuple[str, ...]
    known: NDArray[np.bool_]
    """Which words the model knows whole."""
    telling: NDArray[np.bool_]
    """Which words are no stop words."""
    weights: Floats
    """Sum to 1."""
    vectors: Vectors
    vector: Floats
    unanswered: float
    """How near it comes to a question that is known to have no answer, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PassageWords:
    """The telling words of a passage with its title and heading, and of the questions asked of it."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    sentences: NDArray[np.int16]
    """Which sentence of the passage each word stands in, from 0; or HEADING or ASKED."""
    vectors: NDArray[np.int8]
    """Unit vectors in steps of 1/127, shape (len(words), d): as good for finding, and a quarter of the memory."""

    @property
    def has_questions(self) -> bool:
        """Whether anybody has written down what is asked of it."""
        return bool((self.sentences == ASKED).any())


def question(reading: Reading, heard: str, lexicon: Lexicon, unanswered: float = 0.0) -> Question:
    """`reading` is that of what was `heard`, put right."""
    stems = tuple(stem(word) for word in reading.words)
    telling = np.array([word not in STOP_WORDS for word in reading.words], np.bool_)
    rarity = [_weight(word, lexicon) if tells else _STOP_WEIGHT for word, tells in zip(reading.words, telling, strict=True)]
    weights = np.array(rarity, np.float32)
    return Question(
        heard=heard,
        words=reading.words,
        stems=stems,
        known=np.array(reading.known, np.bool_),
        telling=telling,
        weights=weights / max(float(weights.sum()), 1e-6),
        vectors=reading.vectors,
        vector=reading.vector,
        unanswered=unanswered,
    )


def _weight(word: str, lexicon: Lexicon) -> float:
    return float(lexicon.rarity(word) ** 0.5) * (_PRODUCT_SHARE if lexicon.names_product(word) else 1.0)


def full_text(title: str, heading: str, text: str) -> str:
    """What is read of a passage: a heading often holds the very word that its text takes for granted."""
    return f"{_head(title, heading)}{text}"


def passage_words(reading: Reading, title: str, heading: str, text: str, asked: Sequence[Reading] = ()) -> PassageWords:
    """`reading` is that of the passage's `full_text`, `asked` are those of the questions that it answers."""
    begins = sentence_begins(title, heading, text)
    kept = _telling(reading)
    places = np.searchsorted(begins, [reading.begins[at] for at in kept], side="right") - 1
    of_questions = [(each, _telling(each)) for each in asked]
    words = (*(reading.words[at] for at in kept), *(each.words[at] for each, telling in of_questions for at in telling))
    vectors = np.concatenate([reading.vectors[kept], *(each.vectors[telling] for each, telling in of_questions)])
    return PassageWords(
        words=words,
        stems=tuple(map(stem, words)),
        sentences=np.concatenate([places, np.full(len(words) - len(kept), ASKED)]).astype(np.int16),
        vectors=np.round(vectors * STEPS).astype(np.int8),
    )


def _telling(reading: Reading) -> list[int]:
    return [at for at, word in enumerate(reading.words) if word not in STOP_WORDS]


def sentence_begins(title: str, heading: str, text: str) -> list[int]:
    """Where each sentence of the text begins in the passage's `full_text`, in characters."""
    whole = full_text(title, heading, text)
    begins: list[int] = []
    at = len(_head(title, heading))
    for sentence in split_sentences(text):
        at = max(at, whole.find(sentence, at))
        begins.append(at)
        at += len(sentence)
    return begins


def likeness(asked: Question, passage: PassageWords, sentence: int | None = None) -> Floats:
    """How near each word of the question comes to a word of the passage, 0 to 1; of one sentence and the headings only, if given."""
    among = np.ones(len(passage.stems), np.bool_) if sentence is None else np.isin(passage.sentences, (sentence, HEADING))
    return _nearest(_alike(asked, passage), among)


def matched(asked: Question, passage: PassageWords, sentence: int | None = None) -> float:
    """The question's words together, by their weight; 0 to 1."""
    return float(asked.weights @ likeness(asked, passage, sentence))


def matched_by_a_sentence(asked: Question, passage: PassageWords) -> float:
    """The same of the sentence that does best, with the headings."""
    alike = _alike(asked, passage)
    heads = _nearest(alike, passage.sentences == HEADING)
    count = int(passage.sentences.max(initial=HEADING)) + 1
    own = [np.maximum(heads, _nearest(alike, passage.sentences == number)) for number in range(count)]
    return max((float(asked.weights @ near) for near in own), default=float(asked.weights @ heads))


@lru_cache(maxsize=_ALIKE)
def _alike(asked: Question, passage: PassageWords) -> Floats:
    """Of each word of the question and each of the passage, shape (len(asked.words), len(passage.words)), 0 to 1.

    Asked for each passage and then for each of its sentences, so it is kept for a while.
    """
    vectors = passage.vectors.astype(np.float32) / STEPS
    alike = np.clip(asked.vectors @ vectors.T, 0.0, 1.0)
    for at, (word, stem_) in enumerate(zip(asked.words, asked.stems, strict=True)):
        if any(c.isdigit() for c in word):
            same = np.array([other == stem_ for other in passage.stems], np.bool_)
            alike[at] = np.where(same, 1.0, np.minimum(alike[at], _OTHER_NUMBER))
        elif asked.telling[at] and (matter := related(stem_) - {stem_}):
            near = np.array([other in matter for other in passage.stems], np.bool_)
            alike[at] = np.where(near, np.maximum(alike[at], _RELATED), alike[at])
    return np.asarray(alike, np.float32)


def _nearest(alike: Floats, among: NDArray[np.bool_]) -> Floats:
    return np.asarray(alike[:, among].max(axis=1, initial=0.0), np.float32)


def matched_back(asked: Question, passage: PassageWords) -> Floats:
    """For each sentence of the passage, how near its words come to the question's, 0 to 1.

    The sentence that is about nothing else is the likeliest answer.
    """
    count = int(passage.sentences.max(initial=HEADING)) + 1
    if not asked.words:
        return np.zeros(count, np.float32)
    nearest = np.clip((passage.vectors.astype(np.float32) / STEPS @ asked.vectors.T).max(axis=1), 0.0, 1.0)
    own = [nearest[passage.sentences == number] for number in range(count)]
    return np.array([near.mean() if near.size else 0.0 for near in own], np.float32)


def cosine(a: Floats, b: Floats) -> float:
    """Of unit vectors, clipped to 0..1."""
    return min(1.0, max(0.0, float(a @ b)))


def nearest_words(asked: Question, passages: Sequence[PassageWords]) -> Floats:
    """How near each word of the question comes to any word of the passages."""
    return np.max([likeness(asked, passage) for passage in passages], axis=0) if passages else np.zeros(len(asked.words), np.float32)


def _head(title: str, heading: str) -> str:
    return f"{title}. {heading}. " if heading else f"{title}. "
