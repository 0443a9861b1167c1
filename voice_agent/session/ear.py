"""What the caller says, as audio: the last 90 s on the media clock, and the detector's opinion of it, window by window."""

from typing import NamedTuple

from voice_agent.audio import mulaw
from voice_agent.audio.level import level
from voice_agent.audio.packets import PACKET_BYTES, RATE, Packetizer
from voice_agent.audio.pcm import Pcm
from voice_agent.core.words import Seconds
from voice_agent.ports import VoiceDetector

KEPT: Seconds = 90.0
"""Three times what Whisper hears at once. Held in memory only, and gone with the call."""
FRESH: Seconds = 3.0
"""After speech, windows stay one packet long for this long: pauses are timed by them."""
QUIET_WINDOW: Seconds = 0.2
"""Length of a window once nothing is being timed. No decision hangs on it, and 50 silent lines stay cheap."""

_KEPT_BYTES = round(KEPT * RATE)
_FRESH_SAMPLES = round(FRESH * RATE)
_QUIET_SAMPLES = round(QUIET_WINDOW * RATE)


class Window(NamedTuple):
    begin: Seconds
    """On the caller's media clock: audio received so far, whatever the wall clock says."""
    duration: Seconds
    probability: float
    """That it holds speech, 0 to 1; the highest of its packets."""
    level: float
    """Root mean square in dBFS."""


class Ear:
    """Windows follow each other without a gap."""

    def __init__(self, detector: VoiceDetector, *, speech_probability: float) -> None:
        """A window of `speech_probability` (0 to 1) and more counts as speech."""
        self._detector = detector
        self._speech_probability = speech_probability
        self._packets = Packetizer()
        self._kept = bytearray()
        self._received = 0
        """Samples; in μ-law also bytes."""
        self._fresh_until = 0
        self._quiet = 0
        """Samples of silence not yet told."""
        self._quiet_probability = 0.0

    def take(self, payload: bytes) -> list[Window]:
        """μ-law of any length; returns the windows that are now complete."""
        windows: list[Window] = []
        for packet in self._packets.add(payload):
            self._hear(packet, windows)
        return windows

    def span(self, begin: Seconds, end: Seconds) -> Pcm:
        """What was received between two times of the media clock, as far as it is still kept."""
        oldest = self._received - len(self._kept)
        first = min(max(round(begin * RATE), oldest), self._received)
        last = max(min(round(end * RATE), self._received), first)
        return Pcm(samples=mulaw.decode(self._between(first, last)), rate=RATE)

    def _hear(self, packet: bytes, windows: list[Window]) -> None:
        probability = self._detector.probability(packet)
        begin = self._received
        self._keep(packet)
        if probability >= self._speech_probability:
            self._fresh_until = self._received + _FRESH_SAMPLES
        if self._received <= self._fresh_until:
            self._tell_quiet(begin, windows)
            windows.append(self._window(begin, self._received, probability))
            return
        self._quiet += PACKET_BYTES
        self._quiet_probability = max(self._quiet_probability, probability)
        if self._quiet >= _QUIET_SAMPLES:
            self._tell_quiet(self._received, windows)

    def _keep(self, packet: bytes) -> None:
        if len(self._kept) < _KEPT_BYTES:
            self._kept += packet
        else:
            place = self._received % _KEPT_BYTES
            self._kept[place : place + PACKET_BYTES] = packet
        self._received += PACKET_BYTES

    def _tell_quiet(self, end: int, windows: list[Window]) -> None:
        if self._quiet:
            windows.append(self._window(end - self._quiet, end, self._quiet_probability))
            self._quiet, self._quiet_probability = 0, 0.0

    def _window(self, begin: int, end: int, probability: float) -> Window:
        heard = mulaw.decode(self._between(begin, end))
        return Window(begin / RATE, (end - begin) / RATE, probability, level(heard))

    def _between(self, first: int, last: int) -> bytes:
        """Two samples that are still kept, and what is between them."""
        here, there = first % _KEPT_BYTES, last % _KEPT_BYTES
        if here + last - first <= _KEPT_BYTES:
            return bytes(self._kept[here : here + last - first])
        return bytes(self._kept[here:] + self._kept[:there])
