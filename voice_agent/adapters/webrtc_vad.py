"""Google's WebRTC voice detector behind a level gate: 2 µs a packet, good on quiet lines (MODELS.md, "Hearing")."""

import webrtcvad

from voice_agent.audio import mulaw
from voice_agent.audio.level import level
from voice_agent.audio.packets import PACKET_BYTES, RATE


class WebrtcVoiceDetector:
    """A VoiceDetector that is either sure or not: 1.0 or 0.0."""

    def __init__(self, *, mode: int = 3, floor: float = -50.0) -> None:
        """`mode` from 0 (lets all through) to 3 (strictest); packets quieter than `floor` (dBFS) are never speech.

        The hiss and the echo of a line reach the detector's ear; a caller's voice is 20 dB above them.
        """
        self._detector = webrtcvad.Vad(mode)
        self._floor = floor

    def probability(self, packet: bytes) -> float:
        """See VoiceDetector."""
        if len(packet) != PACKET_BYTES:
            msg = f"a packet of {len(packet)} B came to a detector of {PACKET_BYTES} B packets"
            raise ValueError(msg)
        samples = mulaw.decode(packet)
        # The detector also learns the noise from packets under the floor, so it always hears them.
        speech = self._detector.is_speech(samples.tobytes(), RATE)
        return 1.0 if speech and level(samples) >= self._floor else 0.0
