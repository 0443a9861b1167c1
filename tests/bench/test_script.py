"""What callers will say."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest

from voice_agent.audio.packets import RATE
from voice_agent.bench import cast
from voice_agent.bench.script import FULL, KINDS, QUICK, Script, scripts
from voice_agent.bench.sounds import AUDIBLE, SPEECH_LEVEL, as_another, cough, excerpt, loudness, mixed, silence, trimmed, voiced


def told(script: Script) -> list[object]:
    bed = None if script.bed is None else script.bed.tobytes()
    turns = [
        (turn.name, turn.samples.tobytes(), turn.cuts_in, turn.disturbance and turn.disturbance.samples.tobytes()) for turn in script.turns
    ]
    return [script.line, script.seed, bed, *turns]


def test_the_same_seed_makes_the_same_calls_and_another_seed_others() -> None:
    one, again, other = (scripts(seed, 3, QUICK) for seed in (5, 5, 6))

    assert list(map(told, one)) == list(map(told, again))
    assert told(one[0]) != told(other[0])


def test_a_call_is_the_same_however_many_are_placed() -> None:
    assert told(scripts(1, 8, FULL)[2]) == told(scripts(1, 4, FULL)[2])


def test_a_caller_who_has_to_call_again_says_the_rest() -> None:
    script = scripts(1, 1, FULL)[0]
    assert [turn.name for turn in script.rest(3).turns] == [turn.name for turn in script.turns[-3:]]


def test_a_full_run_has_every_kind_of_line_disturbance_and_caller() -> None:
    calls = scripts(1, 4, FULL)
    turns = [turn for call in calls for turn in call.turns]

    assert {call.line for call in calls} == {"quiet", "noisy", "poor"}
    assert {turn.disturbance.kind for turn in turns if turn.disturbance} == set(KINDS)
    assert {turn.name.rstrip("0123456789ab") for turn in turns} >= {"question", "hesitant", "person", "interrupt"}
    assert sum(turn.cuts_in is not None for turn in turns) == 16


def test_a_hesitant_caller_pauses_for_300_to_600_ms_in_the_middle_of_the_sentence() -> None:
    for turn in (turn for call in scripts(2, 4, FULL) for turn in call.turns if turn.name.startswith("hesitant")):
        spans = voiced(turn.samples)
        longest = max(begin - end for (_, end), (begin, _) in pairwise(spans))
        assert 0.27 < longest < 0.7  # as another voice, everything is up to 8 % quicker or slower


def test_a_turn_begins_and_ends_with_voice() -> None:
    for turn in scripts(1, 1, FULL)[0].turns:
        spans = voiced(turn.samples)
        assert spans[0][0] == pytest.approx(0, abs=0.03)
        assert spans[-1][1] == pytest.approx(len(turn.samples) / RATE, abs=0.03)


def test_noise_behind_the_caller_is_20_db_quieter_than_they_are() -> None:
    noisy = next(script for script in scripts(1, 4, FULL) if script.line == "noisy")
    assert noisy.bed is not None
    assert loudness(noisy.bed) == pytest.approx(SPEECH_LEVEL - 20, abs=0.5)


def test_somebody_beside_the_caller_is_18_db_quieter() -> None:
    turns = [turn for script in scripts(1, 4, FULL) for turn in script.turns]
    beside = [turn.disturbance.samples for turn in turns if turn.disturbance and turn.disturbance.kind == "side talk"]
    assert beside
    assert all(loudness(samples) == pytest.approx(SPEECH_LEVEL - 18, abs=0.5) for samples in beside)


@pytest.mark.parametrize("kind", ["question", "hesitant", "interrupt", "person", "backchannel", "beside", "noise"])
def test_every_kind_of_recording_is_there_and_can_be_heard(kind: str) -> None:
    assert cast.names(kind)
    assert all(loudness(cast.recording(name)) > AUDIBLE for name in cast.names(kind))


def test_a_cough_lasts_a_quarter_of_a_second_and_no_two_are_the_same() -> None:
    one, other = cough(Random(1)), cough(Random(2))

    assert len(one) == len(other) == RATE // 4
    assert not np.array_equal(one, other)
    assert np.array_equal(one, cough(Random(1)))
    assert loudness(one) == pytest.approx(SPEECH_LEVEL, abs=1)


def tone(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    at = np.arange(round(seconds * RATE)) / RATE
    return (3000 * np.sin(2 * np.pi * 400 * at)).astype(np.int16)


def test_voice_is_found_to_ten_milliseconds() -> None:
    audio = np.concatenate([silence(0.5), tone(0.3), silence(0.2), tone(0.1), silence(0.1)])
    assert [time for span in voiced(audio) for time in span] == pytest.approx([0.5, 0.8, 1.0, 1.1])
    assert len(trimmed(audio)) == round(0.6 * RATE)


def test_another_voice_is_as_much_quicker_as_it_is_higher() -> None:
    assert len(as_another(tone(1.0), 1.25)) == pytest.approx(RATE / 1.25, abs=5)


def test_an_excerpt_fades_in_and_out() -> None:
    cut = excerpt(tone(2.0), 0.5, Random(3))
    assert len(cut) == RATE // 2
    assert abs(int(cut[0])) < 10
    assert abs(int(cut[-1])) < 10


def test_mixing_neither_wraps_around_nor_changes_the_length() -> None:
    loud = np.full(100, 30000, np.int16)
    assert mixed(loud, np.full(200, 30000, np.int16)).tolist() == [32767] * 100
