"""What becomes of a question, and what many come to."""

from typing import Any

import pytest

from voice_agent.core.words import Citation, Passage, RedactedText
from voice_agent.evaluation.figures import figures, told, worst_first
from voice_agent.evaluation.outcomes import Action, Outcome, checked
from voice_agent.evaluation.questions import Kind, Question
from voice_agent.knowledge.support import SupportChecker
from voice_agent.ports import AnswerSentence, SentenceVerdict

T = RedactedText


def question(kind: Kind = "answerable", **changes: Any) -> Question:
    given: dict[str, Any] = {
        "id": "q",
        "line": 1,
        "text": "How long?",
        "kind": kind,
        "sources": frozenset({"returns"} if kind == "answerable" else ()),
        "must_say": (("30 days",),) if kind == "answerable" else (),
        "must_not_say": ("60 days",),
        "half": None,
        "speech": False,
    }
    return Question(**{**given, **changes})


def outcome(action: Action, answer: str = "", *, asked: Question | None = None, supported: bool = True, **changes: Any) -> Outcome:
    verdict = SentenceVerdict(text=answer, supported=supported, why="Nothing in the passages is about this.")
    given: dict[str, Any] = {
        "question": asked or question(),
        "action": action,
        "answer": answer,
        "sentences": (verdict,) if action == "answer" else (),
        "found": (found("returns"),),
        "confidence": 0.8,
        "reason": "Nearest: Returns.",
        "seconds": 0.02,
    }
    return Outcome(**{**given, **changes})


def found(source: str) -> Passage:
    return Passage(source=source, title=source.capitalize(), heading="", text=T("…"), score=0.9)


UNANSWERABLE, VAGUE = question("unanswerable"), question("underspecified")
RIGHT = outcome("answer", "You have 30 days.")
WRONG = outcome("answer", "You have some days.")
WITHHELD = outcome("abstain", "I do not know.")
MADE_UP = outcome("answer", "You have 30 days and a pony.", supported=False)
ALL_THE_SAME = outcome("answer", "We do.", asked=UNANSWERABLE)


@pytest.mark.parametrize(
    ("result", "grade"),
    [
        (RIGHT, "right"),
        (WRONG, "wrong"),
        (outcome("answer", "You have 30 days, or 60 days."), "wrong"),
        (MADE_UP, "made up"),
        (WITHHELD, "withheld"),
        (outcome("clarify", "Which one?"), "asked back"),
        (outcome("escalate", "One moment."), "handed over"),
        (ALL_THE_SAME, "answered all the same"),
        (outcome("abstain", asked=UNANSWERABLE), "right"),
        (outcome("clarify", asked=UNANSWERABLE), "right"),
        (outcome("answer", "It is 5 dollars.", asked=VAGUE), "guessed"),
        (outcome("clarify", asked=VAGUE), "right"),
        (outcome("abstain", asked=VAGUE), "withheld"),
    ],
)
def test_each_question_gets_the_grade_it_deserves(result: Outcome, grade: str) -> None:
    assert result.grade == grade


def test_a_wrong_answer_is_explained_by_what_it_lacks_and_by_what_came_before_the_right_document() -> None:
    assert WRONG.remarks == ['The answer does not say "30 days".']
    second = outcome("answer", "60 days.", found=(found("refunds"), found("returns")))
    assert second.remarks == [
        'The answer does not say "30 days".',
        'The answer must not say "60 days".',
        'The document that answers, "returns", was found in place 2; "refunds" came first.',
    ]
    assert outcome("abstain", found=()).remarks[-1] == 'The document that answers, "returns", was not found.'


def test_a_sentence_that_was_made_up_is_named_with_the_reason() -> None:
    assert MADE_UP.remarks == ['"You have 30 days and a pony." is not in the documents: Nothing in the passages is about this.']


def test_a_right_answer_needs_no_remark() -> None:
    assert RIGHT.remarks == []


def test_search_and_answers_are_measured_apart() -> None:
    elsewhere = outcome("answer", "You have 30 days.", found=(found("refunds"), found("returns")))
    nowhere = outcome("answer", "30 days.", found=(found("refunds"),))
    value = {each.name: each.value for each in figures([RIGHT, elsewhere, nowhere, WITHHELD])}

    assert (value["hit@1"], value["hit@3"], value["mrr"]) == (0.5, 0.75, 0.625)
    assert (value["right"], value["withheld"], value["wrong"]) == (0.75, 0.25, 0.0)


def test_answers_to_what_the_documents_do_not_hold_count_against_restraint_and_mislead() -> None:
    value = {each.name: each.value for each in figures([RIGHT, MADE_UP, ALL_THE_SAME, outcome("abstain", asked=UNANSWERABLE)])}

    assert value["abstention_recall"] == 0.5
    assert value["hallucinated"] == pytest.approx(1 / 3, abs=1e-4)
    assert value["misleading"] == pytest.approx(2 / 3, abs=1e-4)
    assert value["faithfulness"] == pytest.approx(2 / 3, abs=1e-4)


def test_what_was_not_asked_is_not_measured_and_holds_nothing() -> None:
    by_name = {each.name: each for each in figures([RIGHT])}

    assert (by_name["abstention_recall"].value, by_name["abstention_recall"].of, by_name["abstention_recall"].holds) == (None, 0, None)
    assert (by_name["right"].holds, by_name["mrr"].holds) == (True, None)
    assert {each.name: each.holds for each in figures([WITHHELD])}["withheld"] is False


def test_the_worst_come_first_and_among_them_the_surest() -> None:
    surer = outcome("answer", "Perhaps.", confidence=0.95)
    late = outcome("answer", "30 days", found=(found("refunds"), found("returns")))

    assert worst_first([RIGHT, late, WITHHELD, WRONG, surer, ALL_THE_SAME, MADE_UP]) == [
        MADE_UP,
        ALL_THE_SAME,
        surer,
        WRONG,
        WITHHELD,
        late,
        RIGHT,
    ]


def test_a_program_is_told_every_figure_and_every_question() -> None:
    said = told([RIGHT, WRONG])

    assert said["questions"] == 2
    assert said["figures"]["right"] == {"value": 0.5, "of": 2, "at_least": 0.85, "at_most": None, "holds": False}
    assert [each["grade"] for each in said["by_question"]] == ["wrong", "right"]
    assert said["by_question"][0]["remarks"] == ['The answer does not say "30 days".']


def test_a_sentence_is_checked_against_its_own_citations_and_no_others() -> None:
    cite = Citation(source="returns", title="Returns", passage=T("You have 30 days to return a kettle."))
    true = AnswerSentence(text=T("You have 30 days to return a kettle."), citations=(cite,))
    uncited = AnswerSentence(text=T("You have 30 days to return a kettle."), citations=())

    assert [verdict.supported for verdict in checked(SupportChecker(), [true, uncited])] == [True, False]
