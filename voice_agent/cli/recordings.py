"""Recordings of any length, transcribed as a call would hear them."""

from collections.abc import Iterator

import numpy as np

from voice_agent.audio import mulaw
from voice_agent.audio.packets import PACKET_SECONDS, RATE, Packetizer
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.core.policy import Policy
from voice_agent.core.replies import is_invention
from voice_agent.core.words import Seconds
from voice_agent.ports import SpeechToText, VoiceDetector

_SEARCH = 10.0
"""Seconds before the longest piece ends, in which the quietest place is looked for."""
_PAUSE = 0.2


async def transcribe_recording(recognizer: SpeechToText, detector: VoiceDetector, policy: Policy, audio: Pcm) -> str:
    """The words. Empty when there is no voice in it: Whisper makes up words for noise."""
    texts = []
    for piece in pieces(audio, policy.longest_utterance):
        voiced = voice_in(piece, detector, policy.speech_probability)
        if voiced < policy.least_speech:
            continue
        heard = await recognizer.transcribe(piece)
        if heard.no_speech < policy.most_no_speech and not is_invention(heard.text, voiced):
            texts.append(heard.text)
    return " ".join(text for text in texts if text)


def pieces(audio: Pcm, longest: Seconds) -> Iterator[Pcm]:
    """The recording in pieces of at most `longest`, cut where it is quietest."""
    samples, most = audio.samples, int(longest * audio.rate)
    while len(samples) > most:
        cut = _quietest(Pcm(samples=samples[:most], rate=audio.rate))
        yield Pcm(samples=samples[:cut], rate=audio.rate)
        samples = samples[cut:]
    yield Pcm(samples=samples, rate=audio.rate)


def voice_in(audio: Pcm, detector: VoiceDetector, probability: float) -> Seconds:
    """How much of it is speech, at telephone quality."""
    packets = Packetizer().add(mulaw.encode(resample(audio, RATE).samples))
    return sum(detector.probability(packet) >= probability for packet in packets) * PACKET_SECONDS


def _quietest(audio: Pcm) -> int:
    """The middle of the quietest short stretch near the end, in samples."""
    width = int(_PAUSE * audio.rate)
    first = max(0, len(audio.samples) - int(_SEARCH * audio.rate))
    tail = audio.samples[first:].astype(np.float64) ** 2
    energy = np.convolve(tail, np.ones(width), mode="valid")
    return first + int(np.argmin(energy)) + width // 2
