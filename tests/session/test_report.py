"""What a whole call cannot easily show: revised lines, second thoughts, calls that end early."""

import pytest

from tests.session.stage import BRIEF, T, transcribe
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, Line, Speaker, SpeechId, TurnId
from voice_agent.session.journal import Header, Pair, Recording
from voice_agent.session.report import CallReport, report


def reported(*pairs: tuple[ev.Event, list[do.Command]]) -> CallReport:
    header = Header(journal=1, call=CallId("c"), started="2025-01-01T00:00:00+00:00", code="0", policy=Policy(), rules=())
    numbered = tuple(Pair(line=n, event=event, commands=tuple(asked)) for n, (event, asked) in enumerate(pairs, start=2))
    return report(Recording(header=header, pairs=numbered, torn=False))


def voice(at: float, probability: float = 1.0) -> tuple[ev.Event, list[do.Command]]:
    return ev.VoiceActivity(at=at, begin=at, duration=0.02, probability=probability), []


def said(text: str, at: float, *, revised: bool = False, speaker: Speaker = "caller") -> do.NoteLine:
    return do.NoteLine(line=Line(speaker=speaker, text=T(text), at=at), revised=revised)


def heard(turn: int, at: float) -> ev.Transcribed:
    return ev.Transcribed(at=at, turn=TurnId(turn), text=T("words"), no_speech=0.0, confidence=1.0)


def began(speech: int, at: float) -> ev.SpeechBegan:
    return ev.SpeechBegan(at=at, speech=SpeechId(speech))


def speech(number: int) -> do.Speak:
    return do.Speak(speech=SpeechId(number), text=T("Reply."))


def test_a_caller_who_goes_on_has_one_line_with_the_timings_of_its_last_piece() -> None:
    made = reported(
        voice(1.0),
        (ev.Tick(at=1.5), [transcribe(1)]),
        (heard(1, 1.8), [said("I want", 1.8)]),
        voice(3.0),
        (ev.Tick(at=3.6), [transcribe(2)]),
        (heard(2, 4.0), [said("I want a refund", 4.0, revised=True), speech(1)]),
        (began(1, 4.2), []),
    )

    (turn,) = made.turns
    assert turn.text == "I want a refund"
    assert turn.timings is not None
    assert turn.timings.endpointing == pytest.approx(0.6)
    assert turn.timings.transcribe == pytest.approx(0.4)
    assert turn.timings.first_audio == pytest.approx(0.2)
    assert turn.timings.turn_gap == pytest.approx(1.2)


def test_what_plays_before_the_reply_is_not_the_reply() -> None:
    made = reported(
        voice(1.0),
        (ev.Tick(at=1.5), [transcribe(1)]),
        (heard(1, 2.0), [said("Hello", 2.0)]),
        (began(1, 2.1), []),
        (ev.Tick(at=2.5), [speech(2), speech(3)]),
        (began(2, 3.0), []),
        (began(3, 4.0), []),
    )

    (turn,) = made.turns
    assert turn.timings is not None
    assert turn.timings.first_audio == pytest.approx(0.5)
    assert turn.timings.turn_gap == pytest.approx(2.0)


def test_a_revised_line_takes_the_place_of_the_same_speakers_last() -> None:
    made = reported(
        (ev.Tick(at=1.0), [said("Welcome", 1.0, speaker="agent")]),
        (ev.Tick(at=2.0), [said("Hello", 2.0)]),
        (ev.Tick(at=3.0), [said("Wel", 1.0, speaker="agent", revised=True)]),
    )

    assert [(turn.speaker, turn.text) for turn in made.turns] == [("caller", "Hello"), ("agent", "Wel")]


def test_stages_that_did_not_happen_have_no_time() -> None:
    made = reported((ev.Tick(at=1.5), [transcribe(1)]), (heard(1, 2.0), [said("Bye", 2.0)]))

    (turn,) = made.turns
    assert turn.timings is not None
    assert (turn.timings.endpointing, turn.timings.retrieve, turn.timings.turn_gap) == (None, None, None)
    assert turn.timings.transcribe == pytest.approx(0.5)


def test_noise_is_not_taken_for_the_callers_last_word() -> None:
    made = reported(voice(1.0), voice(1.4, probability=0.4), (ev.Tick(at=1.5), [transcribe(1)]), (heard(1, 2.0), [said("Bye", 2.0)]))

    assert made.turns[0].timings is not None
    assert made.turns[0].timings.endpointing == pytest.approx(0.5)


def test_a_journal_that_ends_early_is_reported_as_far_as_it_goes() -> None:
    assert reported().duration == 0.0
    made = reported((ev.Tick(at=7.0), [do.OfferHandover(queue="q", priority=2, brief=BRIEF)]))

    assert (made.disposition, made.duration) == (None, 7.0)
    assert made.handover is not None
    assert (made.handover.queue, made.handover.agent, made.handover.accepted) == ("q", "", None)


def test_the_notice_counts_as_heard_when_its_last_sentence_was_played() -> None:
    opening: tuple[ev.Event, list[do.Command]] = (
        ev.CallStarted(at=0.0, call=CallId("c"), carrier="phone", can_bridge=True),
        [speech(1), speech(2)],
    )
    first: tuple[ev.Event, list[do.Command]] = (ev.SpeechPlayed(at=2.0, speech=SpeechId(1)), [speech(3)])
    last = (ev.SpeechPlayed(at=5.5, speech=SpeechId(2)), list[do.Command]())

    assert reported(opening, first, last).notice.heard == 5.5
    assert reported(opening, first).notice.heard is None
    assert reported().notice.heard is None
