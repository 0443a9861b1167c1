import asyncio

import pytest

from tests.fakes.telephone import Telephone
from tests.session.live import live
from tests.session.stage import ScriptedBrain, Stage, speak
from tests.session.virtual_time import now
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.words import SpeechId
from voice_agent.errors import PortError
from voice_agent.ports import MarkReturned

STOP = do.StopSpeaking()
KEY = ev.KeyPressed


def about_speech(brain: ScriptedBrain) -> list[tuple[str, int]]:
    return [
        (type(event).__name__, event.speech) for event in brain.told if isinstance(event, ev.SpeechSent | ev.SpeechPlayed | ev.SpeechFailed)
    ]


def runs(phone: Telephone) -> list[tuple[str, float]]:
    """What was heard, each tone by its letter, to a twentieth of a second."""
    return [(chr(code), round(seconds * 20) / 20) for code, seconds in phone.heard() if code != 0xFF]


async def test_a_speech_is_heard_and_its_length_and_end_are_told(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        await call.until(3)

    (sent,), (played,) = brain.told_of(ev.SpeechSent), brain.told_of(ev.SpeechPlayed)
    assert [sent.speech, sent.duration, played.speech] == [1, 1.0, 1]
    assert [sent.at, played.at] == pytest.approx([0.1, 1.1])
    assert runs(call.phone) == [("A", 1.0)]


async def test_speeches_follow_each_other_without_a_gap(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.seconds = 2.0
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"), speak(3, "C"))
    async with live(stage, brain) as call:
        await call.until(10)

    assert runs(call.phone) == [("A", 2.0), ("B", 2.0), ("C", 2.0)]
    assert call.phone.falls_silent_at == pytest.approx(6.1)
    played = brain.told_of(ev.SpeechPlayed)
    assert [event.at for event in played] == pytest.approx([2.1, 4.1, 6.1])


async def test_a_long_speech_is_told_as_sent_when_it_begins_so_that_nobody_gives_it_up(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.seconds = 25.0
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        await call.until(30)

    (sent,) = brain.told_of(ev.SpeechSent)
    assert sent.at == pytest.approx(0.1)
    assert runs(call.phone) == [("A", 25.0)]


async def test_a_speech_that_is_made_bit_by_bit_begins_with_its_first_audio(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.chunks, stage.voice.each_takes = 5, 0.3
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        await call.until(4)

    assert [round(event.at, 3) for event in brain.told_of(ev.SpeechBegan)] == [0.1]
    assert [round(event.at, 3) for event in brain.told_of(ev.SpeechSent)] == [1.6]


async def test_the_next_speech_is_made_while_one_is_sent_and_no_other(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.seconds = 5.0
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"), speak(3, "C"))
    async with live(stage, brain) as call:
        await call.until(3)
        assert [text for _, text in stage.voice.asked] == ["A", "B"]
        await call.until(12)

    begun = {text: at for at, text in stage.voice.asked}
    assert begun["B"] == pytest.approx(0.1), "as soon as the first is made"
    assert begun["C"] == pytest.approx(0.1 + 5.0 - 1.5, abs=0.21), "once the first is sent"


async def test_a_stop_falls_silent_at_once(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.seconds = 5.0
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"))
    brain.on(KEY, STOP)
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.presses("5")
        await call.until(20)

    assert runs(call.phone) == [("A", 1.9)]
    assert call.phone.sent[-1] == ("clear",)
    assert call.phone.log[-1][0] == pytest.approx(2.0)
    assert about_speech(brain) == [("SpeechSent", 1)]


async def test_a_stop_clears_also_what_is_wholly_sent_and_still_played(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, STOP)
    async with live(stage, brain) as call:
        await call.until(0.5)
        assert call.phone.sent[-1][0] == "mark", "everything is with the carrier"
        call.phone.presses("5")
        await call.until(5)

    assert runs(call.phone) == [("A", 0.4)]


async def test_marks_that_a_clear_returns_are_not_told(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"))
    brain.on(KEY, STOP)
    async with live(stage, brain) as call:
        await call.until(0.5)
        call.phone.presses("5")
        await call.until(5)

    assert brain.told_of(ev.SpeechPlayed) == []


async def test_a_speech_behind_a_stop_sounds_even_if_the_stop_came_before_any_audio(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, STOP, speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(0.05)
        call.phone.presses("5")
        await call.until(5)

    assert runs(call.phone) == [("B", 1.0)]
    assert about_speech(brain) == [("SpeechSent", 2), ("SpeechPlayed", 2)]


async def test_a_stop_with_nothing_said_does_not_mute_what_follows(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, STOP, STOP, speak(1, "A"), STOP, speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(5)

    assert runs(call.phone) == [("B", 1.0)]


async def test_a_repeated_number_of_a_cleared_speech_is_told_apart_by_its_generation(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, STOP, speak(1, "B"))
    async with live(stage, brain) as call:
        await call.until(0.5)
        call.phone.presses("5")
        await call.until(5)

    (played,) = brain.told_of(ev.SpeechPlayed)
    assert played.at == pytest.approx(1.6), "the second one's end, not the clear"


async def test_marks_we_never_sent_are_passed_over(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        for name in ("", "nonsense", "0:7", "1:1"):
            call.phone.caller.put_nowait(MarkReturned(name=name))
        await call.until(0.5)
        assert brain.told_of(ev.SpeechPlayed) == []
        await call.until(3)

    assert len(brain.told_of(ev.SpeechPlayed)) == 1


async def test_a_mark_that_comes_twice_counts_once(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        await call.until(2)
        call.phone.caller.put_nowait(MarkReturned(name="0:1"))
        await call.until(3)

    assert len(brain.told_of(ev.SpeechPlayed)) == 1


async def test_text_with_nothing_to_pronounce_fails_and_the_next_is_heard(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.trouble = {"...": "nothing"}
    brain.on(ev.CallStarted, speak(1, "..."), speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(3)

    assert brain.told_of(ev.SpeechFailed) == [ev.SpeechFailed(at=0.0, speech=SpeechId(1), code="nothing-to-say")]
    assert runs(call.phone) == [("B", 1.0)]


async def test_a_voice_that_fails_is_told_with_its_code_and_the_next_is_heard(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.trouble = {"A": PortError("no", code="voice-failed")}
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(3)

    assert brain.told_of(ev.SpeechFailed) == [ev.SpeechFailed(at=0.0, speech=SpeechId(1), code="voice-failed")]
    assert runs(call.phone) == [("B", 1.0)]


@pytest.mark.parametrize("trouble", ["hangs", "stubborn"])
async def test_a_voice_that_hangs_is_given_up_after_ten_seconds_whether_or_not_it_can_be_stopped(
    stage: Stage, brain: ScriptedBrain, trouble: str
) -> None:
    stage.voice.trouble = {"A": trouble}
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(15)
        assert brain.told_of(ev.SpeechFailed) == [ev.SpeechFailed(at=10.0, speech=SpeechId(1), code="timeout")]
        assert runs(call.phone) == [("B", 1.0)]
        await call.until(90)

    assert runs(call.phone) == [("B", 1.0)], "what is made too late is not said"


async def test_a_voice_that_hangs_in_the_middle_is_cut_off_there(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.trouble, stage.voice.chunks, stage.voice.seconds = {"A": "hangs"}, 4, 2.0
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(20)

    assert about_speech(brain) == [("SpeechFailed", 1), ("SpeechSent", 2), ("SpeechPlayed", 2)]
    assert runs(call.phone)[0] == ("A", 1.0)


async def test_a_voice_that_ignores_a_stop_neither_speaks_later_nor_holds_up_the_next(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.trouble = {"A": "stubborn"}
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, STOP, speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.presses("5")
        await call.until(3)
        assert runs(call.phone) == [("B", 1.0)]
        await call.until(100)

    assert about_speech(brain) == [("SpeechSent", 2), ("SpeechPlayed", 2)]
    assert runs(call.phone) == [("B", 1.0)]


@pytest.mark.parametrize("trouble", ["stubborn later", "stubborn, then fails"])
async def test_a_voice_that_was_given_up_has_nothing_more_to_say(stage: Stage, brain: ScriptedBrain, trouble: str) -> None:
    stage.voice.trouble = {"A": trouble}
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        await call.until(100)
        assert not call.running.done()

    assert about_speech(brain) == [("SpeechFailed", 1)]


async def test_a_stopped_voice_that_fails_later_harms_nobody(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.trouble = {"A": "stubborn, then fails"}
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, STOP, speak(2, "B"))
    async with live(stage, brain) as call:
        call.phone.presses("5")
        await call.until(100)
        assert not call.running.done()

    assert about_speech(brain) == [("SpeechSent", 2), ("SpeechPlayed", 2)]


async def test_a_stopped_voice_is_closed(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.trouble = {"A": "hangs"}
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, STOP)
    async with live(stage, brain) as call:
        await call.until(1)
        call.phone.presses("5")
        await call.until(1.1)
        assert stage.voice.closed == ["A"]


async def test_a_call_that_ends_while_a_speech_is_made_leaves_no_clock_behind(stage: Stage, brain: ScriptedBrain) -> None:
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    stage.voice.trouble["A"] = "hangs"
    brain.on(ev.CallStarted, speak(1, "A"), speak(2, "B"))
    async with live(stage, brain) as call:
        await call.until(1)
    await asyncio.sleep(30)

    assert complaints == []
    assert [text for _, text in stage.voice.asked] == ["A"]


async def test_a_voice_of_another_rate_is_resampled_without_loss(stage: Stage, brain: ScriptedBrain) -> None:
    stage.voice.rate, stage.voice.chunks = 22050, 7
    brain.on(ev.CallStarted, speak(1, "A"))
    async with live(stage, brain) as call:
        await call.until(3)

    (sent,) = brain.told_of(ev.SpeechSent)
    assert sent.duration == pytest.approx(1.0, abs=0.03)
    assert max(runs(call.phone), key=lambda run: run[1]) == ("A", 1.0), "the tone itself, but for its edges"


async def test_no_clear_returns_no_marks_on_carriers_that_return_none(stage: Stage, brain: ScriptedBrain) -> None:
    brain.on(ev.CallStarted, speak(1, "A"))
    brain.on(KEY, STOP, speak(2, "B"))
    async with live(stage, brain, phone=Telephone(monotonic=now, clear_returns_marks=False)) as call:
        await call.until(0.5)
        call.phone.presses("5")
        await call.until(5)

    assert about_speech(brain) == [("SpeechSent", 1), ("SpeechSent", 2), ("SpeechPlayed", 2)]
