"""How surely the passages found answer a question, from features that mean the same over any documents."""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from voice_agent.knowledge.candidates import Candidate
from voice_agent.knowledge.lexical import Lexicon, words
from voice_agent.knowledge.matching import Floats, Question, likeness, nearest_words
from voice_agent.knowledge.picking import Unit, picked, units
from voice_agent.knowledge.question_forms import GENERIC, VAGUE, asks_figure, asks_record, asks_who, asks_yes_or_no, lacks, tells
from voice_agent.knowledge.tuned import tuned
from voice_agent.knowledge.vocabulary import stem

_SHORT, _LONG = 7, 12
"""Words: a plain question is no worse for being short, and talking on makes none clearer."""
_NEAR = 0.6
"""A word this near to one of the passage is as good as in it."""
_UNKNOWN_NEAR = 0.7
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_LIMITS = re.compile(r"\b(not|never|no|only|cannot|except)\b")


def features(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> dict[str, float]:
    """What speaks for and against an answer."""
    said = picked(units(asked, [(candidate.passage, candidate.words) for candidate in candidates]))
    best = max(said, key=lambda unit: unit.score, default=None)
    answer = " ".join(sentence for unit in said for sentence in unit.sentences)
    return {**_of_search(asked, candidates, lexicon), **_of_answer(asked, candidates, lexicon, best, answer), **_of_form(asked)}


def _of_search(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon) -> dict[str, float]:
    scores = [candidate.passage.score for candidate in candidates]
    anywhere = nearest_words(asked, [candidate.words for candidate in candidates])
    content = _content(asked, lexicon)
    unknown = strange(asked, lexicon)
    return {
        # How far the best passage is ahead of the rest: what answers stands out.
        "lead": scores[0] - scores[min(5, len(scores) - 1)],
        # The best passage as a whole.
        "whole": candidates[0].whole,
        # Where callers' questions are written down, a question that can be answered comes nearer to one of them than to any text.
        "has_questions": float(candidates[0].words.has_questions),
        # It is nearer to a question that is known to have no answer.
        "known_unanswered": max(0.0, asked.unanswered - max(candidate.whole for candidate in candidates)),
        # What is asked about the thing that the title names ("Can the Otter 9 fly?"): is it told of anywhere?
        "told_anywhere": _share(content * ~_in_title(asked, candidates[0]), anywhere),
        # Words that no document has, the more so when nothing is like them.
        "unknown": float((content * unknown * np.clip(_UNKNOWN_NEAR - anywhere, 0, 1)).sum()),
        # … and that the model does not have either: "Nespresso".
        "unknown_and_rare": float((unknown & ~asked.known).sum()),
        # Names of others.
        "unknown_names": float(sum(not lexicon.holds(name.lower()) for name in _NAME.findall(asked.heard))),
    }


def _of_answer(asked: Question, candidates: Sequence[Candidate], lexicon: Lexicon, best: Unit | None, answer: str) -> dict[str, float]:
    passage = candidates[best.rank if best else 0]
    near = likeness(asked, passage.words)
    sentence = best.nearest if best else np.zeros(len(asked.words), np.float32)
    yes_no = float(asks_yes_or_no(asked.heard))
    limits = float(_LIMITS.search(answer.lower()) is not None)
    return {
        # Words of the question that the passage has nothing like.
        "missing": float((asked.weights * asked.telling * np.clip(_NEAR - near, 0, 1)).sum()),
        # Whether something is so must be told by the sentence itself.
        "missing_for_yes_or_no": yes_no * float((_content(asked, lexicon) * np.clip(_NEAR - sentence, 0, 1)).sum()),
        # A document that is named, but does not tell what is asked of it.
        "named_but_unmatched": _named_but_unmatched(asked, candidates),
        # Documents say what is not possible because it is asked, above all whether it is.
        "limits": limits,
        "limits_for_yes_or_no": yes_no * limits,
        # What a product can do is told when it can, and seldom when it cannot.
        "yes_or_no_of_a_product": yes_no * float(candidates[0].product != "" and _in_title(asked, candidates[0]).any()),
        "lacks_who": float(asks_who(asked.heard) and lacks(asked.heard, answer)),
    }


def _of_form(asked: Question) -> dict[str, float]:
    return {
        # Short questions leave out what they are about.
        "length": math.log(1 + max(_SHORT, min(len(asked.words), _LONG))),
        "asks_figure": float(asks_figure(asked.heard)),
        # Support documents are written for those in trouble …
        "tells": float(tells(asked.heard)),
        # … and do not hold the caller's own record.
        "asks_record": float(asks_record(asked.heard)),
    }


def sure(found: Mapping[str, float]) -> float:
    """From 0 to 1; 0.5 is the line between answering and not."""
    weigh = tuned()["confidence"]
    total = weigh["bias"] + sum(weight * found[name] for name, weight in weigh["weights"].items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def strange(asked: Question, lexicon: Lexicon) -> NDArray[np.bool_]:
    """Which words the documents do not have in any form."""
    missing = [word not in VAGUE and not lexicon.holds(word) for word in asked.words]
    return asked.telling & np.array(missing, np.bool_)


def _content(asked: Question, lexicon: Lexicon) -> Floats:
    """What each word tells; nothing for those that any question could have."""
    rarity = [lexicon.rarity(word) ** 0.5 if word not in GENERIC else 0.0 for word in asked.words]
    return np.array(rarity, np.float32) * asked.telling


def _in_title(asked: Question, candidate: Candidate) -> NDArray[np.bool_]:
    title = {stem(word) for word in words(candidate.passage.title)}
    return np.array([each in title for each in asked.stems], np.bool_)


def _share(weights: Floats, values: Floats) -> float:
    """The weighted mean; 1 when nothing weighs."""
    total = float(weights.sum())
    return float(weights @ values) / total if total else 1.0


def _named_but_unmatched(asked: Question, candidates: Sequence[Candidate]) -> float:
    """How much of the question is a document's title, times how little of the rest that document holds: "Can the Otter 9 fly?"."""
    best = candidates[0].passage
    named = asked.telling & _in_title(asked, candidates[0])
    rest = asked.telling & ~named & np.array([word not in VAGUE for word in asked.words], np.bool_)
    if not named.any() or not rest.any():
        return 0.0
    held = nearest_words(asked, [candidate.words for candidate in candidates if candidate.passage.source == best.source])
    named_share = float(asked.weights[named].sum() / asked.weights[asked.telling].sum())
    return named_share * (1 - float(asked.weights[rest] @ held[rest] / asked.weights[rest].sum()))
