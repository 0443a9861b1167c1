"""Which questions the documents did not answer, from the journals of calls."""

import numpy as np
import pytest

from tests.fakes.knowledge import BagEmbedder
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, Citation, Passage, RedactedText, TurnId
from voice_agent.review.questions import Question, grouped, questions
from voice_agent.session.journal import Header, Pair, Recording

T = RedactedText
TURN = TurnId(1)
HOURS = Passage(source="hours", title="Hours", heading="", text=T("We open at nine."), score=0.5)
LEAST = Policy().answer_confidence
WRITTEN = ev.AnswerDelta(at=4.0, turn=TURN, text=HOURS.text, citations=(Citation(source="hours", title="Hours", passage=HOURS.text),))
FINISHED = ev.AnswerFinished(at=5.0, turn=TURN)


def understood(*, person: bool = False, topic: str | None = None) -> ev.Understood:
    return ev.Understood(at=2.0, turn=TURN, asks_for_person=person, topic=topic, frustration=0.0)


def retrieved(confidence: float, clarify: str = "") -> ev.Retrieved:
    return ev.Retrieved(at=3.0, turn=TURN, passages=(HOURS,), confidence=confidence, clarify=T(clarify), reason="")


def recording(*events: ev.Event, query: str = "When do you open?", given_up: bool = False) -> Recording:
    header = Header(journal=1, call=CallId("c"), started="2026-11-20T10:00:00+00:00", code="0", policy=Policy(), rules=())
    asked: list[tuple[ev.Event, tuple[do.Command, ...]]] = [(ev.Tick(at=1.0), (do.Retrieve(turn=TURN, query=T(query)),))]
    asked += [(event, ()) for event in events]
    asked += [(ev.Tick(at=9.0), (do.AbandonTurn(turn=TURN),))] if given_up else []
    return Recording(header=header, pairs=tuple(Pair(line=n, event=e, commands=c) for n, (e, c) in enumerate(asked, start=2)), torn=False)


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ((understood(), retrieved(LEAST), WRITTEN, FINISHED), "answered"),
        ((understood(), retrieved(LEAST - 0.1)), "not answered"),
        ((understood(), retrieved(LEAST), FINISHED), "not answered"),
        ((understood(), retrieved(0.2, clarify="Which shop?")), "asked back"),
        ((understood(person=True), retrieved(0.1)), None),
        ((understood(topic="safety"), retrieved(0.1)), None),
        ((understood(),), None),
        ((understood(), retrieved(LEAST)), None),
    ],
    ids=["answered", "unsure", "unsupported", "unclear", "person", "topic", "not searched", "cut off"],
)
def test_a_question_counts_by_what_came_of_it(events: tuple[ev.Event, ...], outcome: str | None) -> None:
    told, cited = questions(recording(*events))

    assert [(q.text, q.outcome, q.day, q.nearest) for q in told] == (
        [("When do you open?", outcome, "2026-11-20", "Hours")] if outcome else []
    )
    assert cited == ([{"hours"}] if outcome == "answered" else [])


def test_what_the_caller_said_again_before_an_answer_and_words_about_nothing_are_no_questions() -> None:
    assert questions(recording(understood(), retrieved(0.1), given_up=True))[0] == []
    assert questions(recording(understood(), retrieved(0.1), query="Okay, thanks then"))[0] == [
        Question(text=T("Okay, thanks then"), outcome="not answered", day="2026-11-20", nearest="Hours")
    ]
    assert questions(recording(understood(), retrieved(0.1), query="Well, okay then"))[0] == []


async def test_questions_that_mean_about_the_same_are_one_group_and_the_most_asked_comes_first() -> None:
    asked = [
        ("Can I pay with bitcoin", "2026-11-01"),
        ("a store in Miami", "2026-11-02"),
        ("is a store in Miami", "2026-11-04"),
        ("a store in Miami", "2026-11-03"),
    ]
    told = [Question(text=T(text), outcome="not answered", day=day, nearest="Hours") for text, day in asked]
    told.append(Question(text=T("store in Miami"), outcome="asked back", day="2026-11-02", nearest=""))

    miami, bitcoin = grouped(told, await BagEmbedder().embed([question.text for question in told]))

    assert (miami.example, miami.count, miami.not_answered, miami.asked_back) == ("a store in Miami", 4, 3, 1)
    assert (set(miami.others), miami.last, miami.nearest) == ({"is a store in Miami", "store in Miami"}, "2026-11-04", "Hours")
    assert (bitcoin.example, bitcoin.count, bitcoin.others) == ("Can I pay with bitcoin", 1, ())


def test_without_questions_there_are_no_groups() -> None:
    assert grouped([], np.zeros((0, 4), np.float32)) == []
