"""One question, answered as a call would answer it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes.house import HOURS, PERSON, Documents, Intents, NumberRedactor, Writer
from voice_agent.app import Mind
from voice_agent.cli.asking import answer_question
from voice_agent.core.policy import Policy
from voice_agent.core.words import Line, Passage, RedactedText
from voice_agent.errors import PortError
from voice_agent.ports import AnswerSentence, AnswerWriter, Finding, KnowledgeBase
from voice_agent.settings import Settings

POLICY = Policy()


@dataclass(kw_only=True)
class Scripted:
    """Finds what the test says, and remembers what it was asked."""

    finding: Finding
    asked: str = ""

    async def find(self, query: RedactedText) -> Finding:
        self.asked = query
        return self.finding


class Mute:
    """Writes a sentence with nothing to pronounce in it."""

    async def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]:
        yield AnswerSentence(text=RedactedText("—"), citations=())


async def nothing_changes() -> None:
    """The documents stay as they are."""


async def learn(_: Settings) -> Intents:
    return Intents()


async def ask(question: str, knowledge: KnowledgeBase | None = None, writer: AnswerWriter | None = None) -> Mapping[str, Any]:
    mind = Mind(
        redactor=NumberRedactor(),
        intents=Intents(),
        knowledge=knowledge or Documents(),
        writer=lambda: writer or Writer(),
        watch=nothing_changes,
        recognizer=learn,
    )
    return await answer_question(mind, POLICY, (PERSON,), question)


def finding(confidence: float, clarify: str = "", passages: tuple[Passage, ...] = (HOURS,)) -> Finding:
    return Finding(passages=passages, confidence=confidence, clarify=RedactedText(clarify), reason="as scripted")


async def test_what_the_documents_know_is_answered_with_its_citation() -> None:
    assert await ask("When do you open?") == {
        "action": "answer",
        "answer": "Our stores open at nine on weekdays.",
        "citations": [{"source": "kb/hours.md", "passage": "Our stores open at nine on weekdays."}],
        "confidence": 0.9,
        "reason": "scripted",
    }


async def test_what_they_do_not_know_is_not_answered() -> None:
    result = await ask("Who won the cup?")
    assert (result["action"], result["answer"], result["citations"]) == ("abstain", POLICY.abstain[0], [])


@pytest.mark.parametrize(("confidence", "action"), [(0.49, "abstain"), (0.5, "answer")])
async def test_the_policy_draws_the_line_between_answering_and_not(confidence: float, action: str) -> None:
    assert (await ask("x", Scripted(finding=finding(confidence))))["action"] == action


async def test_a_question_that_could_mean_several_things_is_asked_back() -> None:
    result = await ask("x", Scripted(finding=finding(0.4, "Which machine do you have?")))
    assert (result["action"], result["answer"]) == ("clarify", "Which machine do you have?")


async def test_confidence_without_a_passage_is_no_answer() -> None:
    assert (await ask("x", Scripted(finding=finding(0.9, passages=()))))["action"] == "abstain"


async def test_a_rule_goes_before_the_documents_and_says_why() -> None:
    result = await ask("When do you open? Let me talk to a person.")
    assert (result["action"], result["answer"], result["citations"]) == ("escalate", PERSON.say, [])
    assert result["reason"].startswith("The caller asked for a person. Rule 'asked_for_person' matched")


async def test_the_question_is_searched_without_personal_data() -> None:
    knowledge = Scripted(finding=finding(0.1))
    await ask("my account is 4111 1111 1111 1111", knowledge)
    assert knowledge.asked == "my account is <ACCOUNT>"


async def test_an_answer_with_nothing_to_pronounce_is_none() -> None:
    assert (await ask("When do you open?", writer=Mute()))["action"] == "abstain"


async def test_a_part_that_fails_is_not_hidden() -> None:
    class Broken:
        async def find(self, query: RedactedText) -> Finding:
            raise PortError("the index is gone", code="index-broken")

    with pytest.raises(PortError, match="the index is gone"):
        await ask("x", Broken())
