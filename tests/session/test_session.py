import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.telephone import Telephone
from tests.session.live import CALL, live, make_session
from tests.session.stage import BYE, LOUD, QUIET, SECRET, ScriptedBrain, Stage, T, WatchingBrain, speak, transcribe
from tests.session.virtual_time import now
from voice_agent.audio import mulaw
from voice_agent.audio.level import level
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.words import CallId, Line, SpeechId
from voice_agent.errors import PortError, ProtocolError
from voice_agent.session.inbox import FULL, Inbox
from voice_agent.session.journal import read_journal

KEY = ev.KeyPressed
LEVEL = level(mulaw.decode(bytes([LOUD]) * 160))


async def test_a_call_begins_hears_ends_and_is_stored(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(KEY, do.HangUp(), BYE)
    async with live(stage, brain) as call:
        call.phone.says(LOUD, 0.04)
        await call.until(1)
        assert stage.store.records[CALL].state == "live"
        call.phone.presses("1")
        await call.running

    assert brain.told == [
        ev.CallStarted(at=0.0, call=CALL, carrier="phone", can_bridge=True),
        ev.VoiceActivity(at=0.0, begin=0.0, duration=0.02, probability=1.0, level=LEVEL),
        ev.VoiceActivity(at=0.0, begin=0.02, duration=0.02, probability=1.0, level=LEVEL),
        ev.KeyPressed(at=1.0, key="1"),
    ]
    record = stage.store.records[CALL]
    assert (record.state, record.disposition, record.carrier) == ("ended", "contained", "phone")
    assert record.ended == record.started + 1.0
    assert call.phone.closed == 1000


async def test_a_caller_who_hangs_up_ends_the_call_and_its_work(stage: Stage, brain: ScriptedBrain) -> None:
    stage.recognizer.takes = 1e6
    brain.on(ev.CallStarted, speak(1, "A"), transcribe())
    async with live(stage, brain) as call:
        await call.until(0.5)
        call.phone.hangs_up()
        await call.running
        assert now() == pytest.approx(0.5)

    assert isinstance(brain.told[-1], ev.CallerHungUp)
    assert stage.store.records[CALL].disposition == "abandoned"


async def test_a_deadline_is_answered_by_one_tick(stage: Stage, brain: ScriptedBrain) -> None:
    brain.next_deadline = 2.5
    async with live(stage, brain) as call:
        await call.until(10)

    assert brain.told_of(ev.Tick) == [ev.Tick(at=2.5)]


async def test_an_event_before_the_deadline_comes_first(stage: Stage, brain: ScriptedBrain) -> None:
    brain.next_deadline = 2.5
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.presses("1")
        await call.until(10)

    assert [type(event).__name__ for event in brain.told[:3]] == ["CallStarted", "KeyPressed", "Tick"]


async def test_a_deadline_that_never_moves_ends_the_call_and_not_the_process(stage: Stage, brain: ScriptedBrain) -> None:
    class StuckBrain(ScriptedBrain):
        def handle(self, event: ev.Event) -> list[do.Command]:
            self.told.append(event)
            self.next_deadline = 1.0
            return []

    stuck = StuckBrain()
    async with live(stage, stuck) as call:
        await call.until(5)
        assert call.running.done()

    assert len(stuck.told_of(ev.Tick)) == 100
    assert call.phone.closed == 1000


async def test_a_line_on_which_nothing_happens_may_tick_as_often_as_it_needs(stage: Stage) -> None:
    class PatientBrain(ScriptedBrain):
        def handle(self, event: ev.Event) -> Sequence[do.Command]:
            commands = super().handle(event)
            self.next_deadline = event.at + 1
            return commands

    patient = PatientBrain()
    async with live(stage, patient) as call:
        await call.until(300.5)
        assert not call.running.done()

    assert len(patient.told_of(ev.Tick)) == 300


async def test_what_happens_outside_reaches_the_call(stage: Stage, brain: ScriptedBrain) -> None:
    async with live(stage, brain) as call:
        await call.until(2)
        call.session.post(ev.ShutdownRequested)
        call.session.post(partial(ev.SpeechPlayed, speech=SpeechId(3)))
        await call.until(3)

    assert brain.told[1:3] == [ev.ShutdownRequested(at=2.0), ev.SpeechPlayed(at=2.0, speech=SpeechId(3))]


async def test_news_for_a_call_that_is_over_changes_nothing(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, BYE)
    async with live(stage, brain) as call:
        await call.running
        call.session.post(ev.ShutdownRequested)

    assert brain.told_of(ev.ShutdownRequested) == []


async def test_the_journal_holds_every_pair_in_order_and_how_the_call_was_set_up(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, do.NoteLine(line=Line(speaker="caller", text=T("Hello"), at=1.0)), BYE)
    async with live(stage, brain) as call:
        await call.until(3)
        call.phone.presses("1")
        await call.running

    recording = read_journal(stage.journals / "2025-06-15" / "c-1.jsonl")
    assert (recording.header.call, recording.header.policy, recording.header.rules) == (CALL, stage.policy, ())
    assert recording.header.started == "2025-06-15T15:06:40+00:00"
    assert [pair.event for pair in recording.pairs] == brain.told
    assert recording.pairs[0].commands == (speak(1, "A"),)
    assert recording.pairs[-1].commands[-1] == BYE


async def test_a_call_goes_on_when_its_journal_cannot_be_written(
    stage: Stage, brain: ScriptedBrain, caplog: pytest.LogCaptureFixture
) -> None:
    stage.journals.write_text("a file where the directory should be")
    brain.on(KEY, BYE)
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.presses("1")
        await call.running

    assert stage.store.records[CALL].disposition == "contained"
    assert caplog.text.count("the journal ends here") == 1


# ---------------------------------------------------------------- bugs


@pytest.mark.parametrize("where", ["brain", "recogniser", "detector", "voice", "queue"])
async def test_a_bug_closes_the_leg_stores_the_call_as_failed_and_says_where_but_not_what(
    stage: Stage, brain: ScriptedBrain, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    bug = ZeroDivisionError(SECRET)
    match where:
        case "brain":
            brain.breaks_on(KEY, SECRET)
        case "recogniser":
            stage.recognizer.fails = bug
            brain.on(KEY, transcribe())
        case "detector":
            stage.detector.breaks = bug
        case "voice":
            stage.voice.trouble = {"A": bug}
            brain.on(KEY, speak(1, "A"))
        case _:
            stage.queue.changes = None  # type: ignore[assignment, method-assign]
            brain.on(KEY, do.OfferHandover(queue="q", priority=1, brief=None))  # type: ignore[arg-type]
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.says(LOUD, 0.02)
        call.phone.presses("1")
        await call.until(2)
        assert call.running.done()
        assert call.running.exception() is None

    assert call.phone.closed == 1000
    assert stage.store.records[CALL].disposition == "failed"
    assert "ended by a bug: " in caplog.text
    assert "session" in caplog.text
    assert SECRET not in caplog.text


async def test_a_bug_in_one_call_leaves_the_others_alone(stage: Stage, brain: ScriptedBrain) -> None:
    broken = ScriptedBrain()
    broken.breaks_on(KEY, "bug")
    other, phone = Telephone(monotonic=now), Telephone(monotonic=now)
    session, _ = make_session(stage, broken, phone, call=CallId("c-2"))
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain, phone=other) as call:
        running = asyncio.create_task(session.run())
        phone.presses("1")
        await running
        await call.until(3)
        assert not call.running.done()

    assert len(brain.told_of(ev.SpeechPlayed)) == 1


async def test_after_a_bug_the_caller_does_not_wait_for_work_that_ignores_being_cancelled(stage: Stage, brain: ScriptedBrain) -> None:
    stage.recognizer.ignores_cancelling, stage.recognizer.takes = True, 50.0
    brain.on(ev.CallStarted, transcribe())
    brain.breaks_on(KEY, "bug")
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.presses("1")
        await call.until(2)
        assert call.phone.closed == 1000
        assert stage.store.records[CALL].disposition == "failed"


async def test_a_server_that_closes_leaves_the_leg_open_and_the_call_stored(stage: Stage, brain: ScriptedBrain) -> None:
    phone = Telephone(monotonic=now)
    session, captions = make_session(stage, brain, phone)
    running = asyncio.create_task(session.run())
    await asyncio.sleep(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert phone.closed is None, "the server has its own code to close with"
    assert stage.store.records[CALL].disposition == "failed"
    assert [c async for c in captions.subscribe()], "and the captions come to an end"


# ---------------------------------------------------------------- the leg


async def test_a_leg_that_dies_in_the_middle_of_a_word_ends_the_call(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.seconds = 10.0
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.dies()
        await call.running
        assert now() == pytest.approx(2)

    assert stage.store.records[CALL].disposition == "abandoned"


async def test_a_peer_that_takes_nothing_any_more_has_hung_up(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.seconds = 10.0
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.slow = True
        await call.until(3)
        assert call.running.done()

    assert len(brain.told_of(ev.CallerHungUp)) == 1
    assert call.phone.closed == 1000


async def test_a_broken_message_ends_the_call_with_a_log_line(stage: Stage, brain: ScriptedBrain, caplog: pytest.LogCaptureFixture) -> None:
    async with live(stage, brain) as call:
        call.phone.caller.put_nowait(ProtocolError("nonsense", code="not-json", close_code=1007))
        await call.until(1)
        assert call.running.done()

    assert call.phone.closed == 1007
    assert "not-json" in caplog.text


async def test_a_flood_of_audio_is_taken_in_without_piling_up(stage: Stage) -> None:
    phone, brain = Telephone(monotonic=now), WatchingBrain()
    phone.says(LOUD, 60.0)
    async with live(stage, brain, phone=phone) as call:
        brain.waiting = lambda: len(call.session._inbox._waiting)
        await asyncio.sleep(5)

    assert len(brain.told_of(ev.VoiceActivity)) == 3000
    assert brain.most_waiting <= FULL


async def test_events_that_nobody_may_hold_back_are_taken_however_full_it_is() -> None:
    inbox = Inbox()
    for _ in range(FULL):
        inbox.post(ev.Tick)
    waiting = asyncio.create_task(inbox.room())
    await asyncio.sleep(1)
    inbox.post(ev.ShutdownRequested)
    assert not waiting.done()

    taken = [await inbox.next(0.0) for _ in range(FULL + 1)]

    assert taken == [*[ev.Tick] * FULL, ev.ShutdownRequested]
    await waiting
    assert await inbox.next(3.0) is None
    assert now() == pytest.approx(4.0)


async def test_a_quiet_line_costs_five_events_a_second(stage: Stage, brain: ScriptedBrain) -> None:
    async with live(stage, brain) as call:
        await call.phone.talks(QUIET, 10.0)

    assert len(brain.told_of(ev.VoiceActivity)) == 50
    assert stage.detector.packets == 500


# ---------------------------------------------------------------- the store


async def test_a_store_that_is_broken_is_logged_and_the_call_goes_on(
    stage: Stage, brain: ScriptedBrain, caplog: pytest.LogCaptureFixture
) -> None:
    stage.store.broken = PortError("disk full", code="store-failed")
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        await call.until(3)
        assert not call.running.done()
        call.phone.hangs_up()
        await call.running

    assert len(brain.told_of(ev.SpeechPlayed)) == 1
    assert [r.getMessage() for r in caplog.records] == [
        "call c-1: whether its caller is known could not be looked up: store-failed",
        "call c-1: 'begin' could not be written: store-failed",
        "call c-1: 'finish' could not be written: store-failed",
    ]


async def test_a_store_that_hangs_does_not_keep_a_caller_on_the_line(stage: Stage, brain: ScriptedBrain) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    stage.store.finish = hang  # type: ignore[method-assign, assignment]
    brain.on(KEY, do.HangUp(), BYE)
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.presses("1")
        await call.until(1.1)
        assert call.phone.closed == 1000
        await call.running
        assert now() < 15


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_two_hundred_calls_one_after_the_other_leave_no_task_and_no_open_file_behind(stage: Stage) -> None:
    files = open_files()
    stage.voice.seconds = 2.0
    for number in range(200):
        brain = ScriptedBrain()
        brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"), transcribe())
        phone = Telephone(monotonic=now)
        session, _ = make_session(stage, brain, phone, call=CallId(f"c-{number}"))
        running = asyncio.create_task(session.run())
        await asyncio.sleep(0.37)
        phone.hangs_up() if number % 2 else phone.dies()
        await running

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert open_files() == files
    assert {record.state for record in stage.store.records.values()} == {"ended"}
