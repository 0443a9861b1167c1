"""The promises of a VoiceDetector, kept by the fake one, WebRTC's and Silero's."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from tests.fakes.speech import FakeDetector
from tests.recordings import by_telephone, packets
from voice_agent.adapters.silero_vad import SileroModel, SileroVoiceDetector
from voice_agent.adapters.webrtc_vad import WebrtcVoiceDetector
from voice_agent.audio.packets import PACKET_BYTES, SILENCE
from voice_agent.audio.pcm import Pcm
from voice_agent.models import ModelStore
from voice_agent.ports import VoiceDetector

Detectors = Callable[[], VoiceDetector]


@pytest.fixture(params=["fake", "webrtc", "silero"])
def detectors(request: pytest.FixtureRequest, model_store: ModelStore) -> Detectors:
    if request.param == "silero":
        return partial(SileroVoiceDetector, SileroModel(model_store.path("silero-vad") / "silero_vad.onnx"))
    return FakeDetector if request.param == "fake" else WebrtcVoiceDetector


def share_of_speech(detector: VoiceDetector, audio: Pcm) -> float:
    heard = [detector.probability(packet) for packet in packets(audio)]
    assert all(0 <= probability <= 1 for probability in heard)
    return float(np.mean([probability >= 0.5 for probability in heard]))


def test_speech_is_heard(detectors: Detectors) -> None:
    assert share_of_speech(detectors(), by_telephone("aws_demo_agent2_007")) > 0.6


def test_silence_is_not_speech(detectors: Detectors) -> None:
    detector = detectors()

    assert all(detector.probability(SILENCE * PACKET_BYTES) < 0.5 for _ in range(100))


def test_a_voice_too_faint_to_be_the_caller_s_is_not_speech(detectors: Detectors) -> None:
    loud = by_telephone("aws_demo_agent2_007")
    faint = Pcm(samples=(loud.samples * 0.004).astype(np.int16), rate=loud.rate)

    assert share_of_speech(detectors(), faint) == 0


def test_two_calls_do_not_hear_each_other(detectors: Detectors) -> None:
    alone, other = detectors(), detectors()
    speech, still = packets(by_telephone("aws_demo_agent2_007")), SILENCE * PACKET_BYTES
    expected = [detectors().probability(packet) for packet in [still] * 5]

    for packet in speech:
        other.probability(packet)

    assert [alone.probability(packet) for packet in [still] * 5] == expected


@pytest.mark.parametrize("length", [0, 80, 159, 161, 320])
def test_a_packet_of_another_length_is_a_bug(detectors: Detectors, length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} B"):
        detectors().probability(bytes(length))
