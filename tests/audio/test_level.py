import numpy as np
import pytest

from voice_agent.audio.level import QUIETEST, level


def test_a_full_scale_square_wave_is_0_dbfs() -> None:
    assert level(np.tile(np.array([-32768, 32767], np.int16), 100)) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(("peak", "expected"), [(32767, -3.01), (3276.7, -23.01), (327.67, -43.01)])
def test_a_tenth_of_the_amplitude_is_20_db_less(peak: float, expected: float) -> None:
    sine = (peak * np.sin(np.arange(8000) * 0.3)).astype(np.int16)

    assert level(sine) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("samples", [0, 1, 160])
def test_silence_is_quieter_than_anything(samples: int) -> None:
    assert level(np.zeros(samples, np.int16)) == QUIETEST < level(np.array([1], np.int16))
