"""What the neural ear does that the contract does not promise."""

import numpy as np
import pytest

from tests.recordings import by_telephone, packets
from voice_agent.adapters.silero_vad import FORGET_AFTER, GATE_HOLD, SileroModel, SileroVoiceDetector
from voice_agent.adapters.webrtc_vad import WebrtcVoiceDetector
from voice_agent.audio.comfort import comfort
from voice_agent.audio.packets import PACKET_BYTES, SILENCE
from voice_agent.audio.pcm import Pcm
from voice_agent.models import ModelStore

STILL = SILENCE * PACKET_BYTES


@pytest.fixture(scope="module")
def model(model_store: ModelStore) -> SileroModel:
    return SileroModel(model_store.path("silero-vad") / "silero_vad.onnx")


class CountingModel(SileroModel):
    asked = 0

    def __call__(self, audio: np.ndarray, state: np.ndarray) -> tuple[float, np.ndarray]:
        self.asked += 1
        return super().__call__(audio, state)


def with_noise(name: str, noise: str, decibels: float) -> Pcm:
    """The recording with the noise that much quieter than it."""
    speech, other = by_telephone(name).samples.astype(float), by_telephone(noise).samples.astype(float)
    other = np.resize(other, len(speech))
    other *= np.sqrt((speech**2).mean() / (other**2).mean() / 10 ** (decibels / 10))
    return Pcm(samples=np.clip(speech + other, -32768, 32767).astype(np.int16), rate=8000)


def test_a_kitchen_is_not_speech_where_webrtc_takes_it_for_some(model: SileroModel) -> None:
    kitchen = packets(by_telephone("pv_kitchen"))
    silero, webrtc = SileroVoiceDetector(model), WebrtcVoiceDetector()

    heard = np.mean([silero.probability(packet) >= 0.5 for packet in kitchen])
    assert heard < 0.05
    assert heard < np.mean([webrtc.probability(packet) >= 0.5 for packet in kitchen])


def test_speech_is_heard_with_people_talking_behind_it(model: SileroModel) -> None:
    detector = SileroVoiceDetector(model)
    heard = [detector.probability(packet) >= 0.5 for packet in packets(with_noise("aws_demo_agent2_007", "tau2_people_talking", 10.0))]

    assert np.mean(heard) > 0.5


def test_the_network_is_not_asked_about_a_quiet_line(model_store: ModelStore) -> None:
    counting = CountingModel(model_store.path("silero-vad") / "silero_vad.onnx")
    detector = SileroVoiceDetector(counting)
    for _ in range(200):
        detector.probability(STILL)

    assert counting.asked == 0


def test_after_a_long_quiet_it_hears_as_if_nothing_had_been_before(model: SileroModel) -> None:
    speech = packets(by_telephone("aws_demo_agent2_007"))
    used, fresh = SileroVoiceDetector(model), SileroVoiceDetector(model)
    for packet in [*packets(by_telephone("sb_noise1")), *[STILL] * (GATE_HOLD + FORGET_AFTER)]:
        used.probability(packet)
    heard = np.mean([used.probability(packet) >= 0.5 for packet in speech])

    assert heard == pytest.approx(np.mean([fresh.probability(packet) >= 0.5 for packet in speech]), abs=0.05)


def test_comfort_that_comes_back_as_a_loud_echo_is_not_speech(model: SileroModel) -> None:
    detector, echo = SileroVoiceDetector(model), comfort() * 2

    assert max(detector.probability(echo[at : at + 160]) for at in range(0, len(echo), 160)) < 0.25
