"""Every model has a line of bounded length. A caller whose turn finds one full is told so, and then gets a person."""

import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from tests.session.live import CALL, live
from tests.session.stage import LOUD, QUIET, SECRET_NAME, Documents, Stage, T, Writer
from voice_agent.core.call import Call
from voice_agent.core.escalation import Condition, Rule
from voice_agent.core.words import Line, Passage, RedactedText
from voice_agent.errors import PortError
from voice_agent.ports import AnswerSentence, Finding
from voice_agent.session.vault import REDACT_WITHIN

FULL = PortError("too many requests wait already", code="busy", retry=True)
REPEATED = Rule(
    name="repeated-failure",
    when=(Condition(fact="failures_in_row", operator="at_least", value=2),),
    then="transfer",
    queue="support",
    priority=3,
    reason=T("Trouble twice in a row"),
    say=T("I'm connecting you to a colleague."),
)

ZERO = Rule(
    name="zero",
    when=(Condition(fact="key", operator="is", value="0"),),
    then="transfer",
    queue="support",
    priority=3,
    reason=T("Pressed zero"),
    say=T("Of course."),
)


class FullDocuments(Documents):
    async def find(self, query: RedactedText) -> Finding:
        raise FULL


class FullWriter(Writer):
    async def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]:
        raise FULL
        yield


def journal_in(folder: Path) -> str:
    (journal,) = folder.rglob("*.jsonl")
    return journal.read_text()


def full_recognizer(stage: Stage) -> None:
    stage.recognizer.fails = FULL


def full_redactor(stage: Stage) -> None:
    stage.redactor.fails = FULL


def full_intents(stage: Stage) -> None:
    stage.intents.fails = FULL


def full_documents(stage: Stage) -> None:
    stage.documents = FullDocuments()


def full_writer(stage: Stage) -> None:
    stage.writer = FullWriter()


def full_voice(stage: Stage) -> None:
    """For what is new; the standing sentences are ready."""
    stage.voice.trouble = dict.fromkeys(stage.writer.sentences, FULL)


async def two_questions(stage: Stage) -> None:
    """From 6 to 8 s and from 16 to 18 s; the rest is silence until 24 s."""
    async with live(stage, Call(policy=stage.policy, rules=stage.rules)) as call:
        for code, seconds in ((QUIET, 6.0), (LOUD, 2.0), (QUIET, 8.0), (LOUD, 2.0), (QUIET, 6.0)):
            await call.phone.talks(code, seconds)
        handover = await stage.queue.find(CALL)
    assert handover is not None
    assert handover.queue == "support"


@pytest.mark.parametrize("fill", [full_recognizer, full_intents, full_documents, full_writer, full_voice])
async def test_a_full_line_is_owned_up_to_and_at_the_second_time_a_person_takes_over(tmp_path: Path, fill: Callable[[Stage], None]) -> None:
    stage = Stage(journals=tmp_path, rules=(REPEATED,))
    fill(stage)

    await two_questions(stage)

    said = [(at, text) for at, text in stage.voice.asked if at > 8 and text not in stage.voice.trouble]
    assert [text for _, text in said[:2]] == [stage.policy.failure[0], REPEATED.say]
    assert said[0][0] < 8 + 2
    assert 18 < said[1][0] < 18 + 2


async def test_when_the_redactor_cannot_run_the_words_are_dropped_and_the_caller_gets_a_person_at_once(tmp_path: Path) -> None:
    stage = Stage(journals=tmp_path, rules=(REPEATED,))
    full_redactor(stage)

    await two_questions(stage)

    said = [(at, text) for at, text in stage.voice.asked if at > 8]
    assert said[0][1] == stage.policy.handing_over
    assert said[0][0] < 8 + 2
    kept = journal_in(tmp_path)
    assert '"job":"redact"' in kept
    assert SECRET_NAME not in kept


async def test_a_redactor_that_hangs_leads_to_a_person_too(tmp_path: Path) -> None:
    stage = Stage(journals=tmp_path, rules=(REPEATED,))
    stage.redactor.takes = 3600.0

    await two_questions(stage)

    said = [(at, text) for at, text in stage.voice.asked if at > 8]
    assert said[0][1] == stage.policy.handing_over
    assert said[0][0] < 8 + 2 + REDACT_WITHIN


async def test_keys_that_lead_to_nothing_stand_in_no_journal_and_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stage = Stage(journals=tmp_path, rules=(ZERO,))
    async with live(stage, Call(policy=stage.policy, rules=stage.rules)) as call:
        for key in "4916338512345678":
            call.phone.presses(key)
        await call.until(1)
        call.phone.presses("0")
        await call.until(2)
        handover = await stage.queue.find(CALL)

    keys = re.findall(r'"type":"KeyPressed","at":[^,]+,"key":"(.?)"', journal_in(tmp_path))
    assert keys == [*[""] * 16, "0"]
    assert handover is not None
    assert "49163" not in caplog.text
