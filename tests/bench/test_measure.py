"""The figures of calls whose course is written down here."""

import pytest

from tests.bench.calls import cough, said, timeline
from voice_agent.bench.measure import measure, merged, stages
from voice_agent.bench.timeline import Heard


def test_the_turn_gap_goes_from_the_last_voice_said_to_the_first_heard() -> None:
    call = timeline(agent=[(1.0, 3.0), (6.2, 8.0)], turns=[said(4.0, 5.0)])
    (turn,) = measure(call).turns

    assert turn.gap == pytest.approx(1.2)
    assert (turn.cut_off, turn.missing, turn.stop) == (False, False, None)


def test_a_turn_without_voice_within_ten_seconds_has_no_reply() -> None:
    call = timeline(agent=[(1.0, 3.0), (15.5, 16.0)], turns=[said(4.0, 5.0)])
    (turn,) = measure(call).turns

    assert turn.missing
    assert turn.gap is None


def test_a_server_that_hangs_up_instead_of_replying_has_missed_the_reply() -> None:
    call = timeline(agent=[(1.0, 3.0)], turns=[said(4.0, 5.0)], duration=6.0, ended="server")
    assert measure(call).turns[0].missing


def test_a_call_that_ends_before_ten_seconds_are_over_misses_nothing() -> None:
    call = timeline(agent=[(1.0, 3.0)], turns=[said(4.0, 5.0)], duration=12.0)
    assert not measure(call).turns[0].missing


def test_a_reply_to_the_next_turn_does_not_answer_this_one() -> None:
    call = timeline(agent=[(1.0, 3.0), (17.5, 18.0)], turns=[said(4.0, 5.0), said(15.2, 16.5)])
    first, second = measure(call).turns

    assert first.missing
    assert second.gap == pytest.approx(1.0)


def test_an_agent_that_begins_within_a_pause_of_the_caller_cuts_them_off() -> None:
    call = timeline(agent=[(1.0, 3.0), (5.0, 5.6), (8.0, 9.0)], turns=[said(4.0, 7.0)])
    (turn,) = measure(call).turns

    assert turn.cut_off
    assert turn.gap is None
    assert not turn.missing


def test_an_agent_that_cuts_in_and_then_never_answers_both_cuts_off_and_misses() -> None:
    call = timeline(agent=[(1.0, 3.0), (5.0, 5.6)], turns=[said(4.0, 7.0)])
    (turn,) = measure(call).turns

    assert turn.cut_off
    assert turn.missing


def test_the_stop_is_timed_from_the_callers_onset_to_silence_and_is_no_cut_off() -> None:
    turn = said(5.0, 6.5, cut_in=True)
    call = timeline(agent=[(3.0, 3.9), (4.1, 5.35), (7.5, 9.0)], turns=[said(1.0, 2.0), turn], cleared=[5.36])
    _, measured = measure(call).turns

    assert measured.stop == pytest.approx(0.35)
    assert not measured.cut_off
    assert measured.gap == pytest.approx(1.0)


def test_an_agent_that_ends_by_itself_as_the_caller_cuts_in_proves_nothing() -> None:
    call = timeline(agent=[(3.0, 5.35), (7.5, 9.0)], turns=[said(5.0, 6.5, cut_in=True)])
    assert measure(call).turns[0].stop is None


def test_an_agent_that_talks_the_caller_down_has_a_long_stop_and_no_gap() -> None:
    call = timeline(agent=[(3.0, 9.0), (9.5, 12.0)], turns=[said(5.0, 6.5, cut_in=True)])
    (turn,) = measure(call).turns

    assert turn.stop == pytest.approx(4.0)
    assert turn.gap is None


def test_a_cough_that_changes_nothing_is_ignored_even_at_the_end_of_a_sentence() -> None:
    call = timeline(agent=[(3.0, 5.2), (5.8, 9.0)], disturbed=[cough(5.0)])
    assert [each.outcome for each in measure(call).disturbances] == ["ignored"]


def test_a_sentence_that_stops_for_a_cough_and_soon_goes_on_was_paused() -> None:
    sayings = [(2.5, "We open at nine."), (5.9, "We open at nine.")]
    call = timeline(agent=[(3.0, 5.3), (6.0, 9.0)], disturbed=[cough(5.0)], cleared=[5.3], sayings=sayings)
    (event,) = measure(call).disturbances

    assert event.outcome == "paused"
    assert event.silent == pytest.approx(0.7)


def test_a_sentence_that_goes_on_without_being_announced_again_was_paused() -> None:
    call = timeline(agent=[(3.0, 5.3), (6.0, 9.0)], disturbed=[cough(5.0)], cleared=[5.3], sayings=[(2.5, "We open at nine.")])
    assert [each.outcome for each in measure(call).disturbances] == ["paused"]


def test_a_stop_too_short_to_be_noticed_is_ignored() -> None:
    call = timeline(agent=[(3.0, 5.3), (5.5, 9.0)], disturbed=[cough(5.0)], cleared=[5.3])
    assert [each.outcome for each in measure(call).disturbances] == ["ignored"]


@pytest.mark.parametrize(
    ("again", "text"),
    [(7.2, "We open at nine."), (6.0, "Sorry, I didn't catch that."), (29.0, "Are you still there?")],
    ids=["late", "another sentence", "much later"],
)
def test_a_stop_after_which_the_sentence_does_not_soon_go_on_is_a_false_interruption(again: float, text: str) -> None:
    sayings = [(2.5, "We open at nine."), (again - 0.1, text)]
    call = timeline(agent=[(3.0, 5.3), (again, again + 1)], disturbed=[cough(5.0)], cleared=[5.3], sayings=sayings)
    assert [each.outcome for each in measure(call).disturbances] == ["interrupted"]


def test_a_stop_that_nothing_follows_is_a_false_interruption() -> None:
    call = timeline(agent=[(3.0, 5.3)], disturbed=[cough(5.0)], cleared=[5.3])
    assert [each.outcome for each in measure(call).disturbances] == ["interrupted"]


def test_a_disturbance_too_close_to_the_calls_end_is_not_judged() -> None:
    call = timeline(agent=[(3.0, 5.3)], disturbed=[cough(5.0)], cleared=[5.3], duration=6.0)
    assert measure(call).disturbances == ()


def test_the_stages_add_up_to_the_gap_and_what_the_server_does_not_name_is_the_pause_held() -> None:
    timings = {"endpointing": 0.25, "transcribe": 0.4, "understand": 0.02, "retrieve": 0.05, "first_audio": 0.1, "turn_gap": 1.0}
    call = timeline(agent=[(1.0, 3.0), (6.2, 8.0)], turns=[said(4.0, 5.0)], heard=[Heard(at=5.8, text="hello", stages=timings)])
    (turn,) = measure(call).turns
    parts = stages(turn)

    assert sum(parts.values()) == pytest.approx(1.2)
    assert parts["search"] == pytest.approx(0.05)
    assert parts["pause held"] == pytest.approx(0.2)
    assert parts["line and ear"] == pytest.approx(0.2)


def test_what_the_server_heard_belongs_to_the_turn_it_settled_after() -> None:
    heard = [Heard(at=5.8, text="one", stages={}), Heard(at=11.0, text="two", stages={})]
    call = timeline(agent=[(6.2, 8.0)], turns=[said(4.0, 5.0), said(9.0, 10.0)], heard=heard)
    assert [turn.heard and turn.heard.text for turn in measure(call).turns] == ["one", "two"]


def test_what_is_settled_after_the_reply_was_not_heard_in_the_turn() -> None:
    heard = [Heard(at=5.8, text="when do you open", stages={}), Heard(at=8.5, text="somebody else", stages={})]
    call = timeline(agent=[(6.2, 8.0)], turns=[said(4.0, 5.0), said(9.0, 10.0)], heard=heard)
    first = measure(call).turns[0]
    assert first.heard is heard[0]


def test_a_sound_that_the_server_settles_as_words_was_taken_for_words() -> None:
    heard = [Heard(at=2.8, text="when do you open", stages={}), Heard(at=6.5, text="uh-huh", stages={})]
    call = timeline(agent=[(3.0, 9.0)], turns=[said(1.0, 2.0), said(12.0, 13.0)], disturbed=[cough(5.0), cough(8.0)], heard=heard)
    assert [each.taken_for_words for each in measure(call).disturbances] == [True, False]


def test_the_reply_knows_its_first_sentence() -> None:
    sayings = [(0.9, "Hello."), (6.1, "One moment, please."), (7.2, "We open at nine.")]
    call = timeline(agent=[(1.0, 3.0), (6.2, 9.0)], turns=[said(4.0, 5.0)], sayings=sayings)
    assert measure(call).turns[0].first == "One moment, please."


def test_spans_with_little_between_them_are_one() -> None:
    assert merged([(0.0, 1.0), (1.1, 2.0), (2.5, 3.0)], 0.3) == [(0.0, 2.0), (2.5, 3.0)]
