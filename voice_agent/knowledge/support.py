"""Whether the passages support an answer, sentence by sentence. Rules, no model: a few tenths of a millisecond a sentence.

A sentence is supported when some one to three neighbouring sentences of a passage hold enough of its words, all of its
numbers with their units, its names and its limits ("at least"), in the same combination, and deny the same things.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from voice_agent.core.sentences import split_sentences
from voice_agent.knowledge.clauses import clauses
from voice_agent.knowledge.contradictions import contradiction, opposite_problem
from voice_agent.knowledge.denials import denied_elsewhere
from voice_agent.knowledge.normal_form import NormalForm, Term, names_in, normal_form
from voice_agent.knowledge.vocabulary import LIGHT
from voice_agent.knowledge.windows import Window, held, keys_of, number_in, windows
from voice_agent.ports import SentenceVerdict, Verdict

_ENOUGH = 0.55
"""Share of a sentence's words that the passage must hold; found with the tuning half of tests/data/support.yaml
and with tests/data/tuning/paraphrases.yaml."""
_ENOUGH_OF_FEW = 0.67
_FEW = 3
"""Of so few terms, each says more."""
_LIGHT_WEIGHT = 0.25
"""Of a missing word that is more talk than fact."""
_PAIRS_SHARE = 0.15
"""How much of the score hangs on neighbouring words being neighbours in the passage too."""
_NEARER = 0.12
"""How many more of the words, as a share, a contradicting sentence must hold to outweigh one that agrees."""
_CONTRADICTED = 0.3
"""The score of a sentence that differs in a number, a name or a denial is at most this."""
_LEAST_TERMS = 2
"""A clause with fewer is not read apart."""
_BARE = re.compile(r"\W*(?:yes|yeah|yep|right|correct|exactly|absolutely|definitely|of course|sure|you can)\W*", re.IGNORECASE)
_NOTHING = "Nothing in the passages is about this."
_ALL_WORDS = 0.9
_TELEPHONE = 10
"""A number of so many digits is somebody's, and no mistake for another in the same passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement:
    score: float
    problem: str
    """Empty when supported."""
    passage: int
    contradicted: bool = False


class SupportChecker:
    """An AnswerChecker. Passages may carry their title and headings; they are read as sentences of their own."""

    def check(self, passages: Sequence[str], answer: str) -> Verdict:
        names = names_in((*passages, answer))
        stretches = [window for i, text in enumerate(passages) for window in windows(i, text, names)]
        verdicts: list[SentenceVerdict] = []
        scores: list[float] = []
        for sentence in split_sentences(answer):
            judgement = _judge_clauses(sentence, names, stretches)
            scores.append(judgement.score)
            carried = f"Supported by passage {judgement.passage + 1}."
            why = judgement.problem or (carried if judgement.passage >= 0 else "It states nothing that needs support.")
            verdicts.append(SentenceVerdict(text=sentence, supported=not judgement.problem, why=why))
        return Verdict(
            supported=bool(verdicts) and all(v.supported for v in verdicts),
            score=round(min(scores, default=0.0), 3),
            sentences=tuple(verdicts),
        )


def _judge_clauses(text: str, names: frozenset[str], windows: Sequence[Window]) -> _Judgement:
    """Clause by clause, so that what was merged from two sentences is compared with each. As a whole where a clause says too little."""
    whole = _judge(text, normal_form(text, names), windows)
    parts = clauses(text)
    forms = [normal_form(part, names) for part in parts]
    apart = [(part, form) for i, (part, form) in enumerate(zip(parts, forms, strict=True)) if len(form.terms) >= (_LEAST_TERMS if i else 1)]
    if len(parts) < 2 or not apart:
        return whole
    judged = [_judge(part, form, windows) for part, form in apart]
    worst = min(judged, key=lambda judgement: (not judgement.problem, judgement.score))
    if worst.contradicted or (whole.problem and len(apart) == len(parts)):
        return worst
    return whole


def _judge(text: str, sentence: NormalForm, windows: Sequence[Window]) -> _Judgement:
    if not sentence.terms:
        bare = sentence.negated or _BARE.fullmatch(text) is not None
        return _Judgement(score=0.0 if bare else 1.0, problem="It says yes or no without saying to what." if bare else "", passage=-1)
    ranked = sorted(((_cover(sentence, w), -len(w.sentences), n) for n, w in enumerate(windows)), reverse=True)
    nearest = _nearest(sentence, windows)
    best: _Judgement | None = None
    for cover, _, n in ranked:
        if best is not None and cover < _enough(sentence):
            break
        if len(windows[n].sentences) > 1 and _about_one(sentence, windows[n]):
            continue
        judgement = _against(sentence, windows[n], cover)
        if not judgement.problem:
            return _unless_nearer(sentence, windows[n], nearest, windows) or judgement
        best = best or judgement
    return best or _Judgement(score=0.0, problem=_NOTHING, passage=-1)


def _nearest(sentence: NormalForm, windows: Sequence[Window]) -> Window | None:
    """The one sentence of the passages that shares the most words."""
    return max((w for w in windows if len(w.sentences) == 1), key=lambda w: _words_held(sentence, w), default=None)


def _unless_nearer(sentence: NormalForm, window: Window, nearest: Window | None, windows: Sequence[Window]) -> _Judgement | None:
    """What is wrong with a sentence that another sentence than the one that seems to carry it is clearly more about."""
    for other in windows:
        if (
            len(other.sentences) == 1
            and _words_held(sentence, other) >= _words_held(sentence, window)
            and opposite_problem(sentence, other)
        ):
            return _against(sentence, other, _cover(sentence, other))
    denied = denied_elsewhere(sentence, window, [w for w in windows if w.passage == window.passage and len(w.sentences) == 1])
    if denied:
        return _Judgement(score=_CONTRADICTED, problem=denied, passage=window.passage, contradicted=True)
    if nearest is None or nearest.sentences[0] in window.sentences:
        return None
    margin = _NEARER if len(window.sentences) == 1 else 0.0
    if _words_held(sentence, nearest) < _words_held(sentence, window) + margin:
        return None
    judgement = _against(_without_lent(sentence, nearest), nearest, _cover(sentence, nearest))
    return judgement if judgement.problem else None


def _without_lent(sentence: NormalForm, nearest: Window) -> NormalForm:
    """Without the numbers that a neighbour may lend: where the nearest sentence counts nothing of their kind."""
    units = {t.unit for t in nearest.terms if t.kind == "number"}
    kept = tuple(t for t in sentence.terms if t.kind != "number" or t.unit in units or not t.unit)
    return replace(sentence, terms=kept) if kept else sentence


def _words_held(sentence: NormalForm, window: Window) -> float:
    words = [term for term in sentence.terms if term.kind == "word"]
    return sum(held(term, window) for term in words) / len(words) if words else 0.0


def _about_one(sentence: NormalForm, window: Window) -> bool:
    """A single sentence of the window holds all its words: then its neighbours may not lend it their numbers."""
    words = [t for t in sentence.terms if t.kind == "word"]
    if any(t.kind == "number" and len(t.key) >= _TELEPHONE and number_in(t, window.terms) for t in sentence.terms):
        return False
    if any(t.kind == "number" and t.unit and _only_one(t, window) for t in sentence.terms):
        return False
    for form in window.sentences:
        keys = {key for term in form.terms for key in keys_of(term)}
        if words and sum(t.key in keys for t in words) >= _ALL_WORDS * len(words):
            return True
    return False


def _only_one(number: Term, window: Window) -> bool:
    """No other number of its unit stands there with which it could be mistaken."""
    alike = {t.key for t in window.terms if t.kind == "number" and t.unit == number.unit}
    return alike == {number.key}


def _cover(sentence: NormalForm, window: Window) -> float:
    terms = sentence.terms
    words = _share(terms, window)
    if len(terms) < 2:
        return words
    pairs = list(pairwise(terms))
    joined = sum((a.key, b.key) in window.pairs or (b.key, a.key) in window.pairs for a, b in pairs) / len(pairs)
    # Without a neighbour in common, words found here and there weigh a little less.
    return words * (1 - _PAIRS_SHARE + _PAIRS_SHARE * min(1.0, 2 * joined))


def _enough(sentence: NormalForm) -> float:
    return _ENOUGH_OF_FEW if len(sentence.terms) <= _FEW else _ENOUGH


def _share(terms: Sequence[Term], window: Window) -> float:
    """How much of the terms the window holds."""
    there = sum(held(term, window) for term in terms)
    missing = sum(_LIGHT_WEIGHT if term.kind == "word" and term.text.lower() in LIGHT else 1.0 for term in terms if not held(term, window))
    return there / (there + missing) if there else 0.0


def _against(sentence: NormalForm, window: Window, cover: float) -> _Judgement:
    if not cover:
        return _Judgement(score=0.0, problem=_NOTHING, passage=-1)
    problem = contradiction(sentence, window)
    if problem:
        return _Judgement(score=min(cover, _CONTRADICTED), problem=problem, passage=window.passage, contradicted=True)
    if cover < _enough(sentence):
        missing = [t.text for t in sentence.terms if not held(t, window)]
        said = ", ".join(f'"{text}"' for text in missing[:4]) or "this combination of words"
        return _Judgement(score=cover, problem=f"The passages do not say {said}.", passage=window.passage)
    return _Judgement(score=cover, problem="", passage=window.passage)
