"""Whether a sentence denies what a stretch of a passage says, or says what is denied there."""

from collections.abc import Sequence

from voice_agent.knowledge.normal_form import NormalForm, Term
from voice_agent.knowledge.vocabulary import LIGHT, SAYING_NO
from voice_agent.knowledge.windows import Window, means, nearest_form, overlap

_SAME_SENTENCE = 0.72
"""From this overlap on, two sentences speak of the same thing."""


def denial_problem(sentence: NormalForm, window: Window) -> str:
    """Judged against the sentence of the window that is nearest, so that "not" in a neighbour does not confuse."""
    nearest = nearest_form(sentence, window)
    if deny_alike(sentence, nearest):
        return ""
    for term in sentence.terms:
        same = _alike(term, nearest) or [t for t in nearest.terms if means(term, t)]
        alike = _alike(term, sentence)
        if not same or any(t.doubtful for t in (*same, *alike)):
            continue
        restated = len(alike) == len(same) and sum(t.denied for t in alike) != sum(t.denied for t in same)
        if restated or all(t.denied != term.denied for t in same):
            return _opposite_about(term)
    if sentence.dangling != nearest.dangling and overlap(sentence, nearest) >= _SAME_SENTENCE:
        return "The passage denies something that this does not." if nearest.dangling else "The passage does not deny this."
    if _denies(sentence) and not _denies(nearest) and not _denied_near(sentence, window) and not _says_it_otherwise(sentence, window):
        return "The passage does not deny this."
    if not _denies(sentence) and _affirms_denied(sentence, nearest):
        return "The passage denies this."
    return _denied_only(sentence, nearest, window)


def _says_it_otherwise(sentence: NormalForm, window: Window) -> bool:
    """Nothing that the sentence denies is said there, and something there says no without a "not": "weak" for "not strong"."""
    ours = [t for t in sentence.terms if t.denied]
    return not any(means(t, u) for t in ours for u in window.terms) and any(
        u.text.lower() in SAYING_NO and not is_in(u, sentence) for u in window.terms
    )


def _affirms_denied(sentence: NormalForm, nearest: NormalForm) -> bool:
    """The word that the nearest sentence denies is left out or said otherwise, but what it is denied of is said: "we do take checks"."""
    if any(t.text.lower() in SAYING_NO for t in sentence.terms):
        return False
    for i, own in enumerate(nearest.terms[:-1]):
        behind = nearest.terms[i + 1]
        if (
            own.denied
            and behind.doubtful
            and behind.beside
            and behind.kind == "word"
            and not is_in(own, sentence)
            and is_in(behind, sentence)
        ):
            return all(is_in(t, nearest) or t.text.lower() in LIGHT for t in sentence.terms)
    return False


def _opposite_about(term: Term) -> str:
    return f'The passage says the opposite about "{term.text}".'


def _denied_only(sentence: NormalForm, nearest: NormalForm, window: Window) -> str:
    """A word that only a neighbour of the nearest has, and denies: "with soap" where the next sentence says "do not use soap"."""
    for term in () if sentence.negated else sentence.terms:
        elsewhere = [t for t in window.terms if means(term, t)]
        if elsewhere and all(t.denied or t.doubtful for t in elsewhere) and not is_in(term, nearest):
            return _opposite_about(term)
    return ""


def denied_elsewhere(sentence: NormalForm, window: Window, others: Sequence[Window]) -> str:
    """A word that the window does not have, and that the rest of its passage only denies."""
    for term in () if _denies(sentence) else sentence.terms:
        if term.kind == "word" and term.text.lower() not in LIGHT and not any(means(term, t) for t in window.terms):
            said = [t for other in others for t in other.terms if t.key == term.key]
            if said and all(t.denied or t.doubtful for t in said):
                return _opposite_about(term)
    return ""


def is_in(term: Term, form: NormalForm) -> bool:
    return any(means(term, t) for t in form.terms)


def _alike(term: Term, form: NormalForm) -> list[Term]:
    """The same word, or else one of the same stem: a printer does not print."""
    same = [t for t in form.terms if t.key == term.key and t.kind == term.kind]
    return [t for t in same if t.text.lower() == term.text.lower()] or same


def _denies(form: NormalForm) -> bool:
    return form.negated or any(t.denied for t in form.terms)


def _denied_near(sentence: NormalForm, window: Window) -> bool:
    """All that the sentence denies is denied in a neighbour of the nearest."""
    ours = [t for t in sentence.terms if t.denied]
    return bool(ours) and all(any((u.denied or u.doubtful) and means(t, u) for u in window.terms) for t in ours)


def deny_alike(sentence: NormalForm, nearest: NormalForm) -> bool:
    """As "no deposit is required" and "a deposit is not required": each says what the other denies, and denies as often."""
    ours = [t for t in sentence.terms if t.denied]
    theirs = [t for t in nearest.terms if t.denied]
    if not ours or len(ours) != len(theirs):
        return False
    return all(any(means(t, u) for u in nearest.terms) for t in ours) and all(any(means(t, u) for u in sentence.terms) for t in theirs)
