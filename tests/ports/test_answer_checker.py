"""The promises of an AnswerChecker, kept by the one that wants the very words and by the one with rules."""

import pytest

from tests.fakes.text import VerbatimChecker
from voice_agent.knowledge.support import SupportChecker
from voice_agent.ports import AnswerChecker

REFUNDS = "Kettlewick pays a refund within 5 working days. Refunds to PayPal usually appear on the same day."
STORES = "The Denver store is closed on Sunday."


@pytest.fixture(params=[VerbatimChecker, SupportChecker])
def checker(request: pytest.FixtureRequest) -> AnswerChecker:
    made: AnswerChecker = request.param()
    return made


def test_the_passages_own_sentences_are_supported_and_each_says_by_which(checker: AnswerChecker) -> None:
    verdict = checker.check([REFUNDS, STORES], "Kettlewick pays a refund within 5 working days. The Denver store is closed on Sunday.")

    assert verdict.supported
    assert verdict.score == pytest.approx(1.0)
    assert [s.why for s in verdict.sentences] == ["Supported by passage 1.", "Supported by passage 2."]


def test_one_sentence_without_support_spoils_the_answer_and_is_named(checker: AnswerChecker) -> None:
    verdict = checker.check([REFUNDS], "Refunds to PayPal usually appear on the same day. We also pay a bonus of 100 dollars.")

    assert not verdict.supported
    assert [(s.text, s.supported) for s in verdict.sentences] == [
        ("Refunds to PayPal usually appear on the same day.", True),
        ("We also pay a bonus of 100 dollars.", False),
    ]
    assert verdict.sentences[1].why
    assert 0.0 <= verdict.score < 0.5


@pytest.mark.parametrize("answer", ["", "   ", "\n...\n"])
def test_no_sentence_is_no_support(checker: AnswerChecker, answer: str) -> None:
    verdict = checker.check([REFUNDS], answer)

    assert (verdict.supported, verdict.score, verdict.sentences) == (False, 0.0, ())


def test_without_a_passage_nothing_is_supported(checker: AnswerChecker) -> None:
    assert not checker.check([], "Kettlewick pays a refund within 5 working days.").supported
