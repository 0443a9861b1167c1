import numpy as np
import pytest

from voice_agent.audio import mulaw
from voice_agent.audio.comfort import LEVEL, comfort, comfort_sound
from voice_agent.audio.level import level
from voice_agent.audio.packets import PACKET_BYTES, RATE, SILENCE


def test_it_is_whole_packets_and_quiet_beside_a_voice() -> None:
    assert len(comfort()) % PACKET_BYTES == 0
    assert level(mulaw.decode(comfort())) == pytest.approx(LEVEL, abs=0.2)


def test_it_begins_and_ends_in_silence_so_that_it_repeats_without_a_click() -> None:
    assert comfort()[: RATE // 2] == SILENCE * (RATE // 2)
    assert comfort()[-RATE // 10 :] == SILENCE * (RATE // 10)


def test_nothing_in_it_is_abrupt() -> None:
    samples = comfort_sound().samples.astype(float)
    steps = np.abs(np.diff(np.concatenate([samples, samples])))
    steepest = 2 * np.pi * 660 / RATE * np.abs(samples).max()

    assert steps.max() <= steepest, "no step is larger than that of its highest note at its loudest"
