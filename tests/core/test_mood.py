import pytest

from voice_agent.core.mood import Mood


def mood_after(*turns: tuple[float, int, float | None]) -> Mood:
    """Turns as (words, repeats, level)."""
    mood = Mood()
    for words, repeats, level in turns:
        mood.note(words, repeats=repeats, level=level)
    return mood


def test_words_alone_are_as_upset_as_they_are() -> None:
    assert mood_after((0.4, 0, None)).frustration == 0.4


@pytest.mark.parametrize(("repeats", "frustration"), [(0, 0.0), (1, 0.2), (2, 0.4), (5, 0.4)])
def test_saying_the_same_again_is_a_hint_of_its_own(repeats: int, frustration: float) -> None:
    assert mood_after((0.0, repeats, None)).frustration == frustration


@pytest.mark.parametrize(("above", "frustration"), [(-3.0, 0.0), (5.9, 0.0), (6.0, 0.25), (10.0, 0.45)])
def test_a_voice_above_the_callers_own_is_a_hint_of_its_own(above: float, frustration: float) -> None:
    mood = mood_after((0.0, 0, -30.0), (0.0, 0, -20.0), (0.0, 0, -25.0), (0.0, 0, -25.0 + above))

    assert mood.frustration == frustration
    assert mood.raised == max(0.0, above)


def test_nobody_s_voice_is_raised_before_their_own_level_is_known() -> None:
    assert mood_after((0.0, 0, -30.0), (0.0, 0, -5.0)).raised == 0.0


def test_a_turn_without_sound_says_nothing_of_the_voice() -> None:
    mood = mood_after((0.0, 0, -30.0), (0.0, 0, None), (0.0, 0, -10.0))

    assert mood.raised == 0.0, "only one turn was heard before"


def test_two_strong_hints_pass_the_mark_that_one_does_not() -> None:
    assert mood_after((0.5, 2, None)).frustration == pytest.approx(0.7)


def test_the_trend_compares_with_all_turns_before() -> None:
    assert mood_after((0.6, 0, None)).trend == 0.0
    assert mood_after((0.0, 0, None), (0.2, 0, None), (0.6, 0, None)).trend == pytest.approx(-0.5)
    assert mood_after((0.6, 0, None), (0.0, 0, None)).trend == pytest.approx(0.6)


def test_the_strongest_of_the_call_is_kept() -> None:
    mood = mood_after((0.6, 0, None), (0.0, 0, None))

    assert (mood.highest, mood.frustration) == (0.6, 0.0)
