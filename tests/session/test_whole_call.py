"""The real core in the real shell: what no part alone can show."""

import asyncio
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.fakes.telephone import Telephone
from tests.session.live import CALL, live
from tests.session.stage import LOUD, QUIET, SECRET, ScriptedBrain, Stage, T
from tests.session.virtual_time import now
from voice_agent.audio.comfort import comfort
from voice_agent.core.call import Call
from voice_agent.core.escalation import Condition, Rule
from voice_agent.core.policy import Policy
from voice_agent.session import codec
from voice_agent.session.journal import read_journal
from voice_agent.session.replay import replay
from voice_agent.session.report import CallReport, report

ZERO = Rule(
    name="zero",
    when=(Condition(fact="key", operator="is", value="0"),),
    then="transfer",
    queue="support",
    priority=3,
    reason=T("Pressed zero"),
    say=T("One moment."),
)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(journals=tmp_path / "journals", rules=(ZERO,))


def journal(stage: Stage) -> Path:
    return stage.journals / "2025-06-15" / f"{CALL}.jsonl"


async def a_call_with_one_question(stage: Stage) -> Telephone:
    """Greeting until 4.1 s; a question of 2 s at 6 s; its answer of two sentences; hung up at 15 s."""
    brain = Call(policy=stage.policy, rules=stage.rules)
    async with live(stage, brain) as call:
        await call.phone.talks(QUIET, 6.0)
        await call.phone.talks(LOUD, 2.0)
        await call.phone.talks(QUIET, 7.0)
        call.phone.hangs_up()
        await call.running
    return call.phone


async def test_a_question_is_heard_and_answered(stage: Stage) -> None:
    phone = await a_call_with_one_question(stage)

    greeting = [text[0] for text in (*stage.policy.opening, stage.policy.greeting)]
    assert [chr(code) for code, _ in phone.heard() if code != QUIET] == [*greeting, "N"]
    assert stage.store.records[CALL].disposition == "contained"


async def test_every_call_replays_to_the_same_decisions(stage: Stage) -> None:
    await a_call_with_one_question(stage)

    result = replay(journal(stage))

    assert result.same
    assert result.difference is None
    assert result.disposition == "contained"
    assert [line.text for line in result.history if line.speaker == "caller"] == ["my name is <NAME_1>"]
    assert result.pairs > 100


async def test_another_policy_differs_where_it_first_matters(stage: Stage) -> None:
    await a_call_with_one_question(stage)

    result = replay(journal(stage), policy=replace(stage.policy, answer_confidence=0.95))

    assert not result.same
    assert result.difference is not None
    assert result.difference.event in ("Retrieved", "Understood")
    assert "Generate" in [type(command).__name__ for command in result.difference.expected]
    assert "Generate" not in [type(command).__name__ for command in result.difference.actual]
    recorded = journal(stage).read_text().splitlines()[result.difference.line - 1]
    assert f'"at":{result.difference.at!r}' in recorded


async def test_other_rules_differ_where_they_first_matter(stage: Stage) -> None:
    billing = replace(ZERO, name="billing", when=(Condition(fact="topic", operator="is", value="billing"),))
    await a_call_with_one_question(stage)

    result = replay(journal(stage), rules=(billing,))

    assert result.difference is not None
    assert "OfferHandover" in [type(command).__name__ for command in result.difference.actual]


async def test_a_torn_journal_replays_as_far_as_it_goes(stage: Stage) -> None:
    await a_call_with_one_question(stage)
    whole = journal(stage).read_bytes()
    journal(stage).write_bytes(whole[: len(whole) * 2 // 3])

    result = replay(journal(stage))

    assert (result.same, result.torn, result.disposition) == (True, True, None)


async def the_report(stage: Stage) -> CallReport:
    await a_call_with_one_question(stage)
    return report(read_journal(journal(stage)))


async def test_the_report_tells_what_each_side_said_and_how_the_call_ended(stage: Stage) -> None:
    made = await the_report(stage)

    assert [(turn.speaker, turn.text) for turn in made.turns] == [
        *[("agent", text) for text in (*stage.policy.opening, stage.policy.greeting)],
        ("caller", "my name is <NAME_1>"),
        ("agent", "Nine."),
        ("agent", "Not on Sundays."),
    ]
    assert (made.call, made.disposition, made.handover) == (CALL, "contained", None)
    assert made.duration == pytest.approx(15.0)
    assert made.started == "2025-06-15T15:06:40+00:00"
    assert '"turn_gap":' in codec.dump(asdict(made))


async def test_the_report_tells_how_long_each_stage_took(stage: Stage) -> None:
    stage.policy = Policy(filler_after=60.0)
    made = await the_report(stage)

    (timings,) = [turn.timings for turn in made.turns if turn.timings]
    assert timings.transcribe == pytest.approx(stage.recognizer.takes)
    assert timings.retrieve == pytest.approx(stage.documents.takes)
    assert timings.understand == pytest.approx(0.0)
    assert timings.first_sentence == pytest.approx(0.2)
    assert timings.first_audio == pytest.approx(stage.voice.first_after)
    assert timings.endpointing is not None
    assert stage.policy.first_pause <= timings.endpointing + 1e-6 < 1.0
    assert timings.turn_gap is not None
    assert timings.turn_gap >= timings.endpointing + 0.05 + 0.2 + 0.1


async def test_a_reply_that_was_cut_off_says_so(stage: Stage) -> None:
    stage.voice.seconds = 3.0
    stage.writer.sentences = ("Nine of them.", "Not on Sundays.")
    brain = Call(policy=stage.policy, rules=stage.rules)
    async with live(stage, brain) as call:
        await call.phone.talks(QUIET, 12.0)
        await call.phone.talks(LOUD, 2.0)
        await call.phone.talks(QUIET, 2.5)
        await call.phone.talks(LOUD, 2.0)
        await call.phone.talks(QUIET, 1.0)
        call.phone.hangs_up()
        await call.running

    turns = report(read_journal(journal(stage))).turns
    cut = [turn.text for turn in turns if turn.interrupted]
    assert len(cut) == 1
    assert "Nine of them.".startswith(cut[0])
    assert replay(journal(stage)).same


async def test_a_person_is_reached_and_the_report_says_when(stage: Stage) -> None:
    leg = Telephone(monotonic=now)
    async with live(stage, Call(policy=stage.policy, rules=stage.rules)) as call:
        await call.until(5)
        call.phone.presses("0")
        await call.until(12)
        await stage.queue.accept(CALL, "Alex")
        joined = asyncio.create_task(call.session.join_person(leg))
        await call.until(15)
        await asyncio.gather(leg.talks(0x31, 3.0), call.phone.talks(LOUD, 3.0))
        assert (0x31, 3.0) in call.phone.heard()
        assert (LOUD, 3.0) in leg.heard()
        await stage.queue.complete(CALL)
        await joined
        await call.running

    handover = report(read_journal(journal(stage))).handover
    assert handover is not None
    assert (handover.queue, handover.rule, handover.agent) == ("support", "zero", "Alex")
    assert [handover.offered, handover.accepted] == pytest.approx([5.0, 12.0])
    outcome = await stage.outcomes.find(CALL)
    assert outcome is not None
    assert (outcome.disposition, outcome.rule, outcome.agent) == ("transferred", "zero", "Alex")
    assert outcome.time_to_escalation_s == pytest.approx(5.0)
    assert outcome.waiting_s is not None
    assert 7.0 < outcome.waiting_s < 9.0, "until the two were connected, behind the words that say so"
    assert stage.store.records[CALL].disposition == "transferred"
    assert replay(journal(stage)).same
    assert stage.detector.packets == 0


async def test_a_carrier_that_cannot_bridge_takes_the_caller_to_the_queue(stage: Stage) -> None:
    async with live(stage, Call(policy=stage.policy, rules=stage.rules), can_bridge=False) as call:
        await call.until(5)
        call.phone.presses("0")
        await call.running
        assert now() - call.phone.falls_silent_at < 1.0, "handed over within a second of the announcement being heard"

    assert chr(call.phone.heard()[-1][0]) == ZERO.say[0]
    assert call.phone.closed == 1000
    assert (stage.store.records[CALL].state, stage.store.records[CALL].disposition) == ("handed-over", "transferred")
    assert [handover.call for handover in await stage.queue.waiting()] == [CALL]
    assert replay(journal(stage)).same


async def test_nothing_personal_is_in_the_journal(stage: Stage) -> None:
    await a_call_with_one_question(stage)

    assert stage.redactor.seen == [SECRET]
    assert SECRET not in journal(stage).read_text()


async def test_a_call_that_falls_wholly_silent_ends_with_a_person_or_a_goodbye(stage: Stage) -> None:
    async with live(stage, Call(policy=stage.policy, rules=stage.rules), can_bridge=False) as call:
        await call.until(600)
        assert call.running.done(), "nobody is kept on a dead line"

    assert replay(journal(stage)).same


@pytest.mark.parametrize("broken", ["voice", "recogniser", "marks"])
async def test_whatever_hangs_the_caller_is_never_stranded(stage: Stage, broken: str) -> None:
    phone = Telephone(monotonic=now, returns_marks=broken != "marks")
    if broken == "voice":
        texts = (*stage.policy.opening, stage.policy.greeting, *stage.policy.reprompts, ZERO.say)
        stage.voice.trouble = dict.fromkeys(texts, "stubborn")
    elif broken == "recogniser":
        stage.recognizer.takes, stage.recognizer.ignores_cancelling = 3600.0, True
    async with live(stage, Call(policy=stage.policy, rules=stage.rules), phone=phone, can_bridge=False) as call:
        talking = asyncio.create_task(phone.talks(LOUD, 2.0))
        await call.until(900)
        assert phone.closed == 1000
        await talking

    assert replay(journal(stage)).same


def test_the_scripted_brain_is_a_brain_as_the_real_one_is() -> None:
    members = {"handle", "next_deadline", "ended", "history"}
    assert members <= set(dir(Call(policy=Policy(), rules=()))) & set(dir(ScriptedBrain()))


async def test_a_caller_who_waits_hears_comfort_until_they_speak_or_somebody_comes(stage: Stage) -> None:
    def comforted(begin: float, end: float) -> bool:
        return any(sound == comfort()[:800] for at, sound in call.phone.media() if begin <= at < end)

    async with live(stage, Call(policy=stage.policy, rules=stage.rules)) as call:
        await call.phone.talks(QUIET, 5.0)
        call.phone.presses("0")
        await call.phone.talks(QUIET, 9.0)
        assert not comforted(0, 6.0)
        assert comforted(6.0, 14.0)
        await call.phone.talks(LOUD, 3.0)
        assert not [at for at, _ in call.phone.media() if 14.2 <= at < 17.0], "nothing is heard over the caller's words"
        await call.phone.talks(QUIET, 4.0)
        assert comforted(17.0, 21.0)
        await stage.queue.accept(CALL, "Alex")
        await call.phone.talks(QUIET, 2.0)
        assert not comforted(21.1, 23.0)

    assert replay(journal(stage)).same
