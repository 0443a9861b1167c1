"""The packets of a telephone leg: 20 ms of μ-law at 8 kHz (DESIGN.md section 4)."""

RATE = 8000
"""Samples a second; in μ-law also bytes a second."""
PACKET_SECONDS = 0.02
PACKET_BYTES = 160
SILENCE = b"\xff"
"""One sample of μ-law silence (G.711: positive zero)."""


class Packetizer:
    """Cuts a stream of μ-law into whole packets and keeps what is left over for the next piece."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, audio: bytes) -> list[bytes]:
        """The packets that are now whole, 160 B each."""
        audio = self._rest + audio
        whole = len(audio) - len(audio) % PACKET_BYTES
        self._rest = audio[whole:]
        return [audio[at : at + PACKET_BYTES] for at in range(0, whole, PACKET_BYTES)]

    def finish(self) -> list[bytes]:
        """The remainder, filled up with silence to a packet; nothing when none is left."""
        rest, self._rest = self._rest, b""
        return [rest.ljust(PACKET_BYTES, SILENCE)] if rest else []
