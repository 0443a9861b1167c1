"""When a question could mean several things, and what to ask then."""

from collections.abc import Sequence

from voice_agent.core.words import RedactedText
from voice_agent.knowledge.candidates import Candidate
from voice_agent.knowledge.lexical import Lexicon, words
from voice_agent.knowledge.matching import Question
from voice_agent.knowledge.question_forms import VAGUE
from voice_agent.knowledge.vocabulary import stem

_CLOSE = 0.02
"""Two documents whose scores differ by less compete …"""
_CLOSE_PRODUCTS = 0.03
"""… and two products: of 570 tune questions with an answer this asks back on 2, of 47 that could mean several things on 9."""
_FAR = 0.08
"""A document this far ahead of the others is meant, unless the caller only points."""
_NEAR = 0.06
"""Further ones this near are named too."""
_MOST = 3
"""More names than a listener keeps apart."""
_COMMON_DOCUMENTS = 3
"""A word of so many documents, and no title, does not say which one is meant."""
_MANY_DOCUMENTS = 5
"""A word of so many documents does not say it either, though one of them has it in its title: "it shows an error"."""
_POINTING = frozenset({"it", "its", "that", "this", "they", "them", "these", "those"})


def clarifying_question(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> RedactedText:
    """Empty when the question says what it is about."""
    named = {word for word, tells in zip(asked.words, asked.telling, strict=True) if tells and word not in VAGUE}
    if not named:
        return RedactedText("Could you tell me which product or topic you mean?")
    names = _names(candidates)
    unclear = _underspecified(asked, named, candidates, lexicon) or _products_compete(named, candidates, lexicon)
    if len(names) < 2 or not unclear or _says_which(asked, candidates[0]):
        return RedactedText("")
    return RedactedText(f"Do you mean {', '.join(names[:-1])} or {names[-1]}?")


def _says_which(asked: Question, best: Candidate) -> bool:
    """By the number in a product's name."""
    title = {stem(word) for word in words(best.passage.title)}
    return any(word[:1].isdigit() and stem_ in title for word, stem_ in zip(asked.words, asked.stems, strict=True))


def _names(candidates: Sequence[Candidate]) -> list[str]:
    """Of what may be meant, likeliest first: two, or three where the third is as likely."""
    names: dict[str, float] = {}
    for candidate in candidates:
        name = f"the {candidate.product}" if candidate.product else candidate.passage.title
        names.setdefault(name, candidate.passage.score)
    best = candidates[0].passage.score
    return [name for place, (name, score) in enumerate(names.items()) if place < 2 or (place < _MOST and score > best - _NEAR)]


def _products_compete(named: set[str], candidates: Sequence[Candidate], lexicon: Lexicon) -> bool:
    """What is asked is told of several products, and no word says which."""
    if any(lexicon.titles(word) == 1 for word in named):
        return False
    best = candidates[0]
    others = [each.passage.score for each in candidates if each.product not in ("", best.product)]
    return bool(best.product and others) and best.passage.score - max(others) < _CLOSE_PRODUCTS


def _underspecified(asked: Question, named: set[str], candidates: Sequence[Candidate], lexicon: Lexicon) -> bool:
    if not all(lexicon.holds(word) for word in named):
        return False  # it names something, which the documents do not know
    pointing = not _POINTING.isdisjoint(asked.words)
    common = all(_common(word, lexicon) for word in named)
    source, score = candidates[0].passage.source, candidates[0].passage.score
    others = [candidate.passage.score for candidate in candidates if candidate.passage.source != source]
    ahead = score - max(others, default=0.0)
    title = {stem(word) for word in words(candidates[0].passage.title)}
    singled_out = any(lexicon.titles(word) == 1 and lexicon.documents(word) < _MANY_DOCUMENTS and stem(word) in title for word in named)
    if len(named) == 1:
        return (common and (pointing or ahead < _FAR)) or (pointing and not singled_out)
    if len(named) == 2 and pointing and not singled_out and all(lexicon.documents(word) >= _COMMON_DOCUMENTS for word in named):
        return True
    return len(named) == 2 and common and ahead < _CLOSE


def _common(word: str, lexicon: Lexicon) -> bool:
    """Whether a word does not tell which document is meant."""
    titles = lexicon.titles(word)
    return titles > 1 or (titles == 0 and lexicon.documents(word) >= _COMMON_DOCUMENTS)
