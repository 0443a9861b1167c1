"""Everything that is told to the owners of the documents, as data."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from voice_agent.knowledge.documents import Document
from voice_agent.knowledge.folder import Folder
from voice_agent.ports import Embedder, Vectors
from voice_agent.review.passages import Pair, contradictions, near_duplicates, passages, sentences
from voice_agent.review.questions import Group, Question, grouped, questions
from voice_agent.session.journal import Recording

_MOST_QUESTIONS = 5000
"""Put into groups: the latest. Comparing them takes 100 MB."""
_AT_ONCE = 32
"""Texts between two words about the progress."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A document, for a list."""

    source: str
    title: str
    path: str
    """In the folder."""
    updated: date
    age_days: int
    answers: int
    """That rested on it, in the journals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the journals say, in sum."""

    calls: int
    first: str
    """The day of the first call, UTC; empty without calls."""
    last: str
    answered: int
    """Questions."""
    asked_back: int
    not_answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """`dataclasses.asdict` makes JSON of it, but for the dates."""

    folder: str
    day: date
    stale_after_days: int
    documents: int
    passages: int
    for_agents: int
    """Documents that no caller may hear; nothing else here counts them."""
    asked: Asked
    unanswered: tuple[Group, ...]
    contradictions: tuple[Pair, ...]
    duplicates: tuple[Pair, ...]
    stale: tuple[About, ...]
    """The oldest first."""
    unused: tuple[About, ...]
    """In no answer; empty when there were no answers."""
    problems: tuple[str, ...]
    """Files that are not in force as they are."""


async def review(
    folder: Folder,
    recordings: Iterable[Recording],
    embedder: Embedder,
    *,
    where: Path,
    today: date,
    stale_after_days: int,
    progress: Progress,
) -> Review:
    """Look through documents and journals. `where` the documents lie, for the reader.

    Raises:
        PortError: the embedder failed.
    """
    told, cited, calls = _heard(recordings)
    documents = folder.documents
    places, spoken = passages(documents), sentences(documents)
    open_ = sorted((q for q in told if q.outcome != "answered"), key=lambda question: question.day)[-_MOST_QUESTIONS:]

    async def vectors(what: str, texts: Sequence[str]) -> Vectors:
        once = list(dict.fromkeys(texts))
        for at in range(0, len(once), _AT_ONCE):
            await embedder.embed(once[at : at + _AT_ONCE])
            progress(what, min(at + _AT_ONCE, len(once)), len(once))
        return await embedder.embed(texts)

    listed = [_about(document, where, today, cited) for document in documents]
    return Review(
        folder=str(where),
        day=today,
        stale_after_days=stale_after_days,
        documents=len(documents),
        passages=len(places),
        for_agents=len(folder.for_agents),
        asked=_sum(told, calls),
        unanswered=tuple(grouped(open_, await vectors("comparing questions", [question.text for question in open_]))),
        contradictions=tuple(contradictions(spoken, await vectors("comparing sentences", [each.place.text for each in spoken]))),
        duplicates=tuple(near_duplicates(places, await vectors("comparing passages", [place.text for place in places]))),
        stale=tuple(sorted((each for each in listed if each.age_days > stale_after_days), key=lambda each: each.updated)),
        unused=tuple(each for each in listed if cited and not each.answers),
        problems=tuple(str(problem) for problem in folder.problems),
    )


def _heard(recordings: Iterable[Recording]) -> tuple[list[Question], Counter[str], list[str]]:
    """Questions, how many answers rest on each document, and the days of the calls."""
    told: list[Question] = []
    cited = Counter[str]()
    days = []
    for recording in recordings:
        asked, answers = questions(recording)
        told += asked
        for sources in answers:
            cited.update(sources)
        days.append(recording.header.started[:10])
    return told, cited, days


def _sum(told: Sequence[Question], days: Sequence[str]) -> Asked:
    outcomes = Counter(question.outcome for question in told)
    return Asked(
        calls=len(days),
        first=min(days, default=""),
        last=max(days, default=""),
        answered=outcomes["answered"],
        asked_back=outcomes["asked back"],
        not_answered=outcomes["not answered"],
    )


def _about(document: Document, where: Path, today: date, cited: Counter[str]) -> About:
    return About(
        source=document.source,
        title=document.title,
        path=str(document.path.relative_to(where)),
        updated=document.updated,
        age_days=(today - document.updated).days,
        answers=cited[document.source],
    )
