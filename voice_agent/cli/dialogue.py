"""The caller's side of a call on the command line: what is said when, and a loudspeaker that plays in its own time.

Its clock is the caller's own audio: a packet sent is 20 ms gone by. So it runs in real time on a line, and at once in a test.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voice_agent.audio import mulaw
from voice_agent.audio.comfort import comfort
from voice_agent.audio.level import level
from voice_agent.audio.packets import PACKET_BYTES, PACKET_SECONDS, RATE, SILENCE, Packetizer
from voice_agent.core.words import Seconds

AUDIBLE = -45.0
"""dBFS: packets louder than this count as voice."""
_ROUNDING = 1e-9
"""Times are quotients of samples."""
_SILENT_PACKET = SILENCE * PACKET_BYTES
_COMFORT = frozenset(comfort()[at : at + PACKET_BYTES] for at in range(0, len(comfort()), PACKET_BYTES))
"""Of who waits for a person, without end: it is nobody's voice."""


@dataclass(slots=True, kw_only=True)
class SpokenTurn:
    """One recording that was spoken. Times are seconds of the call."""

    begin: Seconds
    end: Seconds
    """Where its last voice was; what follows in the recording is silence."""
    answered: Seconds | None = None
    """When the agent's next voice was heard."""

    @property
    def reply(self) -> Seconds | None:
        """From the last voice of the turn to the first of the agent."""
        return None if self.answered is None else round(self.answered - self.end, 2)


class Loudspeaker:
    """Plays what arrives, one piece after the other, and says when a mark has been reached."""

    def __init__(self) -> None:
        self.played = bytearray()
        """μ-law of the whole call until now and beyond, silences included; a byte is 1/8000 s."""
        self._marks: deque[tuple[int, str]] = deque()

    def play(self, now: int, audio: bytes) -> None:
        """Behind what is still being played. `now`: samples of the call."""
        if len(self.played) < now:
            self.played += SILENCE * (now - len(self.played))
        self.played += audio

    def mark(self, now: int, name: str) -> None:
        self._marks.append((max(now, len(self.played)), name))

    def clear(self, now: int) -> None:
        """Drop what is not yet played; every mark is reached thereby."""
        del self.played[now:]
        self._marks = deque((now, name) for _, name in self._marks)

    def reached(self, now: int) -> list[str]:
        """Marks whose time has come, each once."""
        names = []
        while self._marks and self._marks[0][0] <= now:
            names.append(self._marks.popleft()[1])
        return names

    def voiced(self, now: int) -> bool:
        """There is voice in the packet that is being played."""
        return is_voice(bytes(self.played[now - PACKET_BYTES : now]))

    def busy(self, now: int) -> bool:
        """There is something to come."""
        ahead = (bytes(self.played[at : at + PACKET_BYTES]) for at in range(now, len(self.played), PACKET_BYTES))
        return bool(self._marks) or any(packet not in _COMFORT for packet in ahead)


class Dialogue:
    """Speaks each recording when the agent has finished, and hangs up when it has answered the last.

    The agent has finished when it said something since our last words, is not thinking, and has been silent for `settle`.
    When nothing comes within `patience`, the next recording is spoken anyway.
    """

    def __init__(self, recordings: Sequence[bytes], *, settle: Seconds = 0.8, patience: Seconds = 30.0) -> None:
        """`recordings`: μ-law at 8 kHz."""
        self._waiting = deque(recordings)
        self._settle = settle
        self._patience = patience
        self._mouth: deque[bytes] = deque()
        self._said = bytearray()
        self._since: Seconds = 0.0
        """The end of our last words."""
        self._heard: Seconds | None = None
        """When the agent's voice was last heard since then."""
        self.speaker = Loudspeaker()
        self.turns: list[SpokenTurn] = []
        self.thinking = False
        """The agent is known to be working on something."""

    @property
    def now(self) -> Seconds:
        return len(self._said) / RATE

    @property
    def unspoken(self) -> int:
        """Recordings whose turn has not come."""
        return len(self._waiting)

    @property
    def said(self) -> bytes:
        """Everything sent so far, μ-law."""
        return bytes(self._said)

    def hear(self, audio: bytes) -> None:
        self.speaker.play(len(self._said), audio)

    def mark(self, name: str) -> None:
        self.speaker.mark(len(self._said), name)

    def clear(self) -> None:
        self.speaker.clear(len(self._said))

    def told(self, name: str, caption: Mapping[str, Any]) -> None:
        """A caption came: the server says what it is doing."""
        if name == "state":
            self.thinking = caption["state"] in ("thinking", "speaking")

    def next_packet(self) -> bytes | None:
        """What to send for the next 20 ms; None to hang up."""
        if not self._mouth and self._agent_has_finished():
            if not self._waiting:
                return None
            self._begin(self._waiting.popleft())
        packet = self._mouth.popleft() if self._mouth else _SILENT_PACKET
        self._said += packet
        self._listen()
        return packet

    def marks_reached(self) -> list[str]:
        """Marks to send back now."""
        return self.speaker.reached(len(self._said))

    def _begin(self, recording: bytes) -> None:
        packetizer = Packetizer()
        packets = [*packetizer.add(recording), *packetizer.finish()]
        voiced = [place for place, packet in enumerate(packets) if is_voice(packet)]
        last = (voiced[-1] + 1 if voiced else len(packets)) * PACKET_SECONDS
        self.turns.append(SpokenTurn(begin=self.now, end=self.now + last))
        self._since, self._heard = self.now + last, None
        self._mouth.extend(packets)

    def _listen(self) -> None:
        if self.now <= self._since or not self.speaker.voiced(len(self._said)):
            return
        self._heard = self.now
        if self.turns and self.turns[-1].answered is None:
            self.turns[-1].answered = self.now - PACKET_SECONDS

    def _agent_has_finished(self) -> bool:
        if self.speaker.busy(len(self._said)):
            return False
        if self._heard is not None and not self.thinking:
            return self.now - self._heard >= self._settle - _ROUNDING
        return self.now - max(self._since, self._heard or 0.0) >= self._patience - _ROUNDING


def is_voice(packet: bytes) -> bool:
    return bool(packet) and packet not in _COMFORT and level(mulaw.decode(packet)) > AUDIBLE
