import logging

import pytest

from tests.session.live import live
from tests.session.stage import LOUD, PASSAGE, SECRET, ScriptedBrain, Stage, T, WatchingBrain, transcribe
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.words import TurnId
from voice_agent.errors import PortError
from voice_agent.session.inbox import FULL

TURN = TurnId(1)
GENERATE = do.Generate(turn=TURN, question=T("When?"), passages=(PASSAGE,), history=())
ABANDON = do.AbandonTurn(turn=TURN)
KEY = ev.KeyPressed
NO = PortError("no", code="no-luck")


async def test_a_span_of_the_callers_audio_becomes_redacted_words(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, transcribe(begin=0.5, end=2.0))
    async with live(stage, brain) as call:
        call.phone.says(LOUD, 3.0)
        call.phone.presses("5")
        await call.until(1)

    assert brain.told_of(ev.Transcribed) == [
        ev.Transcribed(at=stage.recognizer.takes, turn=TURN, text=T("my name is <NAME_1>"), no_speech=0.1, confidence=0.9, foreign=0.25)
    ]
    assert [pcm.seconds for pcm in stage.recognizer.heard] == [1.5]


async def test_a_callers_words_are_seen_by_the_redactor_and_by_nobody_else(
    stage: Stage, brain: ScriptedBrain, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stage.redactor.fails = NO
    brain.on(KEY, transcribe())
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(1)

    assert stage.redactor.seen == [SECRET]
    assert brain.told_of(ev.JobFailed) == [ev.JobFailed(at=0.3, turn=TURN, job="redact", code="no-luck")]
    assert SECRET not in repr(brain.told) + caplog.text
    assert SECRET not in (stage.journals / "2025-06-15" / "c-1.jsonl").read_text()


async def test_understanding_and_searching_answer_with_their_turn(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, do.Understand(turn=TURN, text=T("When?")), do.Retrieve(turn=TURN, query=T("When?")))
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(1)

    (understood,), (retrieved,) = brain.told_of(ev.Understood), brain.told_of(ev.Retrieved)
    assert understood == ev.Understood(
        at=understood.at, turn=TURN, asks_for_person=False, topic="billing", frustration=0.25, language_not_spoken=True
    )
    assert retrieved == ev.Retrieved(at=retrieved.at, turn=TURN, passages=(PASSAGE,), confidence=0.9, clarify=T(""), reason="scripted")


async def test_an_answer_comes_sentence_by_sentence(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, GENERATE)
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(1)

    assert [(round(e.at, 3), e.text) for e in brain.told_of(ev.AnswerDelta)] == [(0.2, "Nine."), (0.4, "Not on Sundays.")]
    assert {(e.model, e.prompt) for e in brain.told_of(ev.AnswerDelta)} == {("openai/small", "answer.md 3f2a91bc")}
    assert [e.turn for e in brain.told_of(ev.AnswerFinished)] == [TURN]
    assert stage.writer.closed == 1


@pytest.mark.parametrize("job", ["transcribe", "understand"])
async def test_work_that_fails_is_told_with_its_code(stage: Stage, brain: ScriptedBrain, job: str) -> None:
    stage.recognizer.fails = stage.intents.fails = NO
    brain.on(KEY, transcribe() if job == "transcribe" else do.Understand(turn=TURN, text=T("?")))
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(1)

    assert [(e.job, e.code, e.turn) for e in brain.told_of(ev.JobFailed)] == [(job, "no-luck", TURN)]


@pytest.mark.parametrize(
    ("command", "job", "limit"),
    [(transcribe(), "transcribe", 12.0), (do.Retrieve(turn=TURN, query=T("?")), "retrieve", 15.0), (GENERATE, "generate", 15.0)],
)
async def test_work_that_hangs_is_given_up(stage: Stage, brain: ScriptedBrain, command: do.Command, job: str, limit: float) -> None:
    stage.recognizer.takes = stage.documents.takes = 1e6
    stage.writer.each_takes = (1e6, 1e6)
    brain.on(KEY, command)
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(60)

    assert brain.told_of(ev.JobFailed) == [ev.JobFailed(at=limit, turn=TURN, job=job, code="timeout")]


@pytest.mark.parametrize("ignores_cancelling", [False, True])
async def test_an_answer_that_breaks_off_is_given_up_by_the_sentence(stage: Stage, brain: ScriptedBrain, ignores_cancelling: bool) -> None:
    stage.writer.each_takes, stage.writer.ignores_cancelling = (14.0, 30.0), ignores_cancelling
    brain.on(KEY, GENERATE)
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(60)

    assert len(brain.told_of(ev.AnswerDelta)) == 1, "in time, although both together take longer than the limit"
    (failed,) = brain.told_of(ev.JobFailed)
    assert (failed.job, failed.code) == ("generate", "timeout")
    assert failed.at == (44.0 if ignores_cancelling else 29.0)
    assert brain.told_of(ev.AnswerFinished) == []


async def test_abandoned_work_is_stopped(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, transcribe(), GENERATE)
    brain.on(KEY, ABANDON)
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(0.1)
        call.phone.presses("5")
        await call.until(5)

    assert brain.told_of(ev.Transcribed) + brain.told_of(ev.AnswerDelta) + brain.told_of(ev.JobFailed) == []
    assert stage.writer.closed == 1


async def test_work_abandoned_in_the_same_breath_never_starts(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, transcribe(), ABANDON)
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(5)

    assert stage.recognizer.heard == []


async def test_a_recogniser_that_ignores_being_cancelled_answers_late_for_a_turn_that_is_gone(stage: Stage, brain: ScriptedBrain) -> None:
    stage.recognizer.ignores_cancelling, stage.recognizer.takes = True, 4.0
    brain.on(KEY, transcribe(1))
    brain.on(KEY, ABANDON, transcribe(2))
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(1)
        call.phone.presses("5")
        await call.until(20)

    assert [(e.turn, e.at) for e in brain.told_of(ev.Transcribed)] == [(1, 4.0), (2, 5.0)]


async def test_abandoning_a_turn_leaves_the_others_alone(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, transcribe(1), transcribe(2), ABANDON, do.AbandonTurn(turn=TurnId(9)))
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(5)

    assert [e.turn for e in brain.told_of(ev.Transcribed)] == [2]


async def test_a_flood_of_sentences_waits_for_the_call_to_take_them_in(stage: Stage) -> None:
    brain = WatchingBrain()
    stage.writer.sentences = tuple(str(n) for n in range(1000))
    stage.writer.each_takes = (0.0,) * 1000
    brain.on(KEY, GENERATE)
    async with live(stage, brain) as call:
        brain.waiting = lambda: len(call.session._inbox._waiting)
        call.phone.presses("5")
        await call.until(5)

    assert brain.most_waiting <= FULL
    assert [e.text for e in brain.told_of(ev.AnswerDelta)] == [str(n) for n in range(1000)]
