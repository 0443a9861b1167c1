"""What a set of outcomes comes to. Shares are from 0 to 1, and None where there was nothing to count."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from voice_agent.evaluation.outcomes import GRADES, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table: what was measured and what is asked for."""

    name: str
    meaning: str
    value: float | None
    of: int
    """How many it was counted over."""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def holds(self) -> bool | None:
        """None when nothing is asked, or nothing was measured."""
        if self.value is None or (self.at_least is None and self.at_most is None):
            return None
        return (self.at_least is None or self.value >= self.at_least) and (self.at_most is None or self.value <= self.at_most)


def worst_first(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Of the same grade those with a remark first, and the surest of them: those are the hardest to notice."""
    return sorted(outcomes, key=lambda each: (GRADES.index(each.grade), not each.remarks, -each.confidence))


def figures(outcomes: Sequence[Outcome]) -> list[Figure]:
    """All of them, in the order in which they are read."""
    return [*_search(outcomes), *_answers(outcomes), *_restraint(outcomes), *_truth(outcomes), *_times(outcomes)]


def told(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """For a program: the figures, and every question, worst first."""
    return {
        "questions": len(outcomes),
        "figures": {
            each.name: {"value": each.value, "of": each.of, "at_least": each.at_least, "at_most": each.at_most, "holds": each.holds}
            for each in figures(outcomes)
        },
        "by_question": [_entry(each) for each in worst_first(outcomes)],
    }


def _entry(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.question.id,
        "question": outcome.question.text,
        "kind": outcome.question.kind,
        "grade": outcome.grade,
        "action": outcome.action,
        "answer": outcome.answer,
        "confidence": round(outcome.confidence, 4),
        "rank": outcome.rank,
        "found": [passage.source for passage in outcome.found],
        "remarks": outcome.remarks,
        "ms": round(1000 * outcome.seconds, 1),
    }


def _search(outcomes: Sequence[Outcome]) -> list[Figure]:
    ranks = [each.rank for each in outcomes if each.question.sources]
    n = len(ranks)
    first = sum(rank == 1 for rank in ranks)
    third = sum(rank is not None and rank <= 3 for rank in ranks)
    mean = sum(1 / rank for rank in ranks if rank)
    return [
        Figure(name="hit@1", meaning="the right document is found first", value=_share(first, n), of=n, at_least=0.90),
        Figure(name="hit@3", meaning="… among the first three passages", value=_share(third, n), of=n, at_least=0.97),
        Figure(name="mrr", meaning="… 1 / its place, on average", value=_share(mean, n), of=n),
    ]


def _answers(outcomes: Sequence[Outcome]) -> list[Figure]:
    answerable = [each for each in outcomes if each.question.kind == "answerable"]
    heard = [each for each in answerable if each.question.speech]
    share = _counted(answerable)
    return [
        Figure(name="right", meaning="answerable: answered right", value=share("right"), of=len(answerable), at_least=0.85),
        Figure(name="right_in_speech", meaning="… of those as they are heard, with slips", value=_counted(heard)("right"), of=len(heard)),
        Figure(name="wrong", meaning="answerable: answered wrong", value=share("wrong", "made up"), of=len(answerable)),
        Figure(name="withheld", meaning='answerable: "I don\'t know"', value=share("withheld"), of=len(answerable), at_most=0.08),
        Figure(name="asked_back", meaning="answerable: asked back", value=share("asked back"), of=len(answerable)),
        Figure(name="handed_over", meaning="answerable: to a person, by a rule", value=share("handed over"), of=len(answerable)),
    ]


def _restraint(outcomes: Sequence[Outcome]) -> list[Figure]:
    unanswerable = [each for each in outcomes if each.question.kind == "unanswerable"]
    vague = [each for each in outcomes if each.question.kind == "underspecified"]
    not_answered: Callable[[Sequence[Outcome]], float | None] = lambda some: _share(  # noqa: E731
        sum(each.action != "answer" for each in some), len(some)
    )
    return [
        Figure(
            name="abstention_recall",
            meaning="unanswerable: not answered",
            value=not_answered(unanswerable),
            of=len(unanswerable),
            at_least=0.92,
        ),
        Figure(name="vague_asked_back", meaning="underspecified: asked back", value=_counted(vague)("right"), of=len(vague)),
        Figure(name="vague_not_answered", meaning="underspecified: not answered", value=not_answered(vague), of=len(vague)),
    ]


def _truth(outcomes: Sequence[Outcome]) -> list[Figure]:
    answers = [each for each in outcomes if each.action == "answer"]
    sentences = [sentence for each in answers for sentence in each.sentences]
    invented = [each for each in answers if each.unsupported]
    misleading = [each for each in answers if each.grade in ("made up", "answered all the same", "wrong")]
    n = len(answers)
    supported = sum(sentence.supported for sentence in sentences)
    return [
        Figure(
            name="faithfulness",
            meaning="sentences spoken that the documents support",
            value=_share(supported, len(sentences)),
            of=len(sentences),
            at_least=0.98,
        ),
        Figure(
            name="hallucinated",
            meaning="answers with a sentence that the documents do not support",
            value=_share(len(invented), n),
            of=n,
            at_most=0.01,
        ),
        Figure(
            name="misleading",
            meaning="… or that answer wrong, or what the documents do not hold",
            value=_share(len(misleading), n),
            of=n,
        ),
    ]


def _times(outcomes: Sequence[Outcome]) -> list[Figure]:
    times = sorted(1000 * each.seconds for each in outcomes)
    n = len(times)
    return [
        Figure(name="p50_ms", meaning="search and answer, half take at most", value=round(times[n // 2], 1), of=n),
        Figure(name="p95_ms", meaning="… 95 of 100 take at most", value=round(times[min(n - 1, int(n * 0.95))], 1), of=n, at_most=150.0),
    ]


def _counted(outcomes: Sequence[Outcome]) -> Callable[..., float | None]:
    """The share of some grades."""
    return lambda *grades: _share(sum(each.grade in grades for each in outcomes), len(outcomes))


def _share(count: float, of: int) -> float | None:
    return round(count / of, 4) if of else None
