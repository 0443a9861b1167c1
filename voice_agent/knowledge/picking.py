"""Which sentences of the passages found answer a question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voice_agent.core.sentences import split_sentences
from voice_agent.core.words import Passage
from voice_agent.knowledge.lexical import words
from voice_agent.knowledge.matching import STEPS, Floats, PassageWords, Question, cosine, likeness, matched_back
from voice_agent.knowledge.question_forms import lacks
from voice_agent.knowledge.tuned import tuned

_PASSAGES = 5
MOST_SENTENCES = 3
"""More than a listener keeps."""
_FALL = 2.0
"""How much worse than the best a further sentence of its passage may score: a seventh as likely to be the answer …"""
_OTHER_FALL = 3.0
"""… and one of another passage, of which one thing at most is said: it answers where the search erred."""
_LONGEST = 70
"""Words; a longer sentence is a table or a legal clause, and not speakable."""
_LEANING = frozenset(
    """
    it its this that these those they them their he she his her however also otherwise instead then so but and or therefore thus still
    afterward afterwards both either neither such
    """.split()  # noqa: SIM905 - a word list is read as words
)
"""First words of a sentence that means nothing without the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Sentences that are said together or not at all."""

    passage: Passage
    rank: int
    """Of the passage, from 0."""
    place: int
    """Of its first sentence, in the passage."""
    sentences: tuple[str, ...]
    rest: tuple[str, ...]
    """What follows the first three of a long chain."""
    likenesses: dict[str, float]
    nearest: Floats
    """How near each word of the question comes to one of its words or of its headings, 0 to 1."""

    @property
    def score(self) -> float:
        """A difference of 1 makes one unit e times as likely as another to be the answer."""
        weigh = tuned()["sentences"]
        return float(sum(weigh[name] * value for name, value in self.likenesses.items()))


def units(asked: Question, passages: Sequence[tuple[Passage, PassageWords]]) -> list[Unit]:
    """Of the first passages, best passage first and in the order of the text."""
    best = passages[0][0].score if passages else 0.0
    return [
        unit
        for rank, (passage, found) in enumerate(passages[:_PASSAGES])
        for unit in _units(asked, passage, rank, found, best - passage.score)
    ]


def _units(asked: Question, passage: Passage, rank: int, found: PassageWords, behind: float) -> Iterator[Unit]:
    sentences = split_sentences(passage.text)
    back = matched_back(asked, found)
    begins = [at for at, sentence in enumerate(sentences) if at == 0 or not _leans(sentences[at - 1], sentence)]
    for begin, end in zip(begins, [*begins[1:], len(sentences)], strict=True):
        together = tuple(sentences[begin:end])
        if any(len(sentence.split()) > _LONGEST for sentence in together):
            continue  # what leans on something let go goes with it
        near = [likeness(asked, found, number) for number in range(begin, end)]
        likenesses = {
            "matched": max(float(asked.weights @ each) for each in near),
            "matched_without_headings": max(_own_match(asked, found, number) for number in range(begin, end)),
            "meaning": max(_meaning(asked, found, number) for number in range(begin, end)),
            "words_back": float(back[begin:end].max(initial=0.0)),
            "lacks_what_is_asked": float(lacks(asked.heard, " ".join(together))),
            "behind": behind,
            "not_first": float(rank > 0),
        }
        nearest = np.maximum.reduce(near)
        said, rest = together[:MOST_SENTENCES], together[MOST_SENTENCES:]
        yield Unit(passage=passage, rank=rank, place=begin, sentences=said, rest=rest, likenesses=likenesses, nearest=nearest)


def _own_match(asked: Question, found: PassageWords, number: int) -> float:
    own = _vectors(found, found.sentences == number)
    return float(asked.weights @ np.clip((asked.vectors @ own.T).max(axis=1), 0.0, 1.0)) if len(own) and asked.words else 0.0


def _meaning(asked: Question, found: PassageWords, number: int) -> float:
    """Of the sentence as a whole."""
    own = _vectors(found, found.sentences == number)
    if not len(own):
        return 0.0
    mean = own.mean(axis=0)
    return cosine(asked.vector, mean / np.linalg.norm(mean))


def _vectors(found: PassageWords, which: NDArray[np.bool_]) -> Floats:
    return np.asarray(found.vectors[which], np.float32) / np.float32(STEPS)


def _leans(before: str, sentence: str) -> bool:
    first = words(sentence)[:1]
    return before.endswith(":") or (bool(first) and first[0] in _LEANING)


def picked(among: Sequence[Unit]) -> list[Unit]:
    """At most three sentences, in the order in which they are said: the best passage first."""
    best_first = sorted(among, key=lambda unit: -unit.score)
    chosen: list[Unit] = []
    for unit in best_first:
        count = sum(len(other.sentences) for other in chosen)
        if not chosen or (count + len(unit.sentences) <= MOST_SENTENCES and _belongs(unit, chosen)):
            chosen.append(unit)
    return sorted(chosen, key=lambda unit: (unit.rank != best_first[0].rank, unit.rank, unit.place))


def left_out(among: Sequence[Unit], chosen: Sequence[Unit]) -> list[tuple[Passage, str]]:
    """What there is to say beyond `chosen`: the sentences of the best passage that are as near as those chosen, in its order."""
    if not chosen:
        return []
    best = max(chosen, key=lambda unit: unit.score)
    near = [unit for unit in among if unit.rank == best.rank and unit.score >= best.score - _FALL]
    said = {sentence for unit in chosen for sentence in unit.sentences}
    more = [(unit.passage, sentence) for unit in near for sentence in (*unit.sentences, *unit.rest) if sentence not in said]
    return more[:MOST_SENTENCES]


def _belongs(unit: Unit, chosen: Sequence[Unit]) -> bool:
    """It is near enough to the best one, `chosen[0]`, and says something else."""
    best = chosen[0]
    if any(set(unit.sentences) <= set(other.sentences) for other in chosen):  # two documents may hold the same sentence
        return False
    if unit.rank == best.rank:
        return unit.score >= best.score - _FALL
    return all(other.rank == best.rank for other in chosen) and unit.score >= best.score - _OTHER_FALL
