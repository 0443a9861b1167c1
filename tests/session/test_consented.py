"""What is written of a call whose caller was told of it, or asked: the real core in the real shell."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.telephone import Telephone
from tests.session.live import CALL, live
from tests.session.stage import LOUD, QUIET, Stage
from tests.session.test_whole_call import ZERO, journal
from voice_agent.core.call import Call
from voice_agent.core.policy import Policy, Recording
from voice_agent.session.journal import notice_version, read_journal
from voice_agent.session.replay import replay
from voice_agent.session.report import report


def stage_of(folder: Path, recording: Recording) -> Stage:
    return Stage(journals=folder / "journals", rules=(ZERO,), policy=Policy(recording=recording, company="Acme Kettles"))


async def a_call(stage: Stage, *, keys: str = "", person: bool = False) -> Telephone:
    """Keys at 8 s, a question at 25 s, and perhaps a wish for a person behind it."""
    async with live(stage, Call(policy=stage.policy, rules=stage.rules)) as call:
        await call.phone.talks(QUIET, 8.0)
        for key in keys:
            call.phone.presses(key)
        await call.phone.talks(QUIET, 17.0)
        assert not any("my name is" in path.read_text() for path in stage.journals.glob("*/*"))
        await call.phone.talks(LOUD, 2.0)
        await call.phone.talks(QUIET, 7.0)
        if person:
            call.phone.presses("0")
        await call.phone.talks(QUIET, 7.0)
        call.phone.hangs_up()
        await call.running
    return call.phone


async def test_a_caller_who_does_not_agree_is_served_and_nothing_of_what_is_said_is_written(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, "consent")
    phone = await a_call(stage, person=True)

    assert "N" in [chr(code) for code, _ in phone.heard()], "the answer to their question"
    written = journal(stage).read_text()
    assert len(written.splitlines()) == 1
    header = read_journal(journal(stage)).header
    assert (header.kept, header.notice) == ("refused", notice_version(stage.policy))
    assert header.decided == pytest.approx(13, abs=5)
    told = report(read_journal(journal(stage)))
    assert (told.turns, told.notice.kept, told.notice.decided) == ((), "refused", header.decided)
    handover = await stage.queue.find(CALL)
    assert handover is not None
    assert (handover.brief.transcript, handover.brief.rule) == ((), "zero")
    assert "my name is" not in str(handover.brief)


async def test_of_a_caller_who_agrees_all_is_written_from_the_beginning_and_replays(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, "consent")
    await a_call(stage, keys="1")

    header = read_journal(journal(stage)).header
    assert header.kept == "agreed"
    assert header.decided == pytest.approx(8, abs=0.1)
    assert replay(journal(stage)).same
    assert "my name is <NAME_1>" in journal(stage).read_text()
    other = replace(Policy(), greeting=stage.policy.greeting)
    assert replay(journal(stage), policy=other).same, "the company and the way of asking are those of the call"


async def test_a_caller_who_is_told_is_written_down_once_the_notice_was_heard(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, "notice")
    await a_call(stage)

    told = report(read_journal(journal(stage)))
    assert (told.notice.kept, told.notice.decided) == ("told", told.notice.heard)
    assert any(turn.text == "my name is <NAME_1>" for turn in told.turns)
