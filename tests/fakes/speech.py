"""A detector, a recogniser and a voice without models."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import numpy as np

from voice_agent.audio import mulaw
from voice_agent.audio.level import level
from voice_agent.audio.packets import PACKET_BYTES
from voice_agent.audio.pcm import Pcm
from voice_agent.errors import PortError
from voice_agent.ports import Transcript

HEARING = -40.0
"""dBFS; the fakes are deaf below."""


class FakeDetector:
    """Takes everything loud for speech."""

    def probability(self, packet: bytes) -> float:
        if len(packet) != PACKET_BYTES:
            msg = f"a packet of {len(packet)} B"
            raise ValueError(msg)
        return 1.0 if level(mulaw.decode(packet)) >= HEARING else 0.0


class FakeRecognizer:
    """Hears, in whatever is loud, what the test told it to, one utterance after the other."""

    def __init__(self, *, waiting: int = 32) -> None:
        self.given: list[Pcm] = []
        """Every recording that it was asked about."""
        self._to_hear: deque[Transcript | PortError] = deque()
        self._places = 1 + waiting
        self._running = asyncio.Lock()

    def will_hear(self, text: str, *, no_speech: float = 0.02, confidence: float = 0.9) -> None:
        self._to_hear.append(Transcript(text=text, no_speech=no_speech, confidence=confidence))

    def will_fail(self, error: PortError) -> None:
        self._to_hear.append(error)

    async def transcribe(self, audio: Pcm) -> Transcript:
        if audio.seconds > 30:
            msg = f"{audio.seconds} s of audio"
            raise ValueError(msg)
        if not self._places:
            raise PortError("the fake recognizer is full", code="busy", retry=True)
        self._places -= 1
        try:
            async with self._running:
                # As long as any real one takes: others get to run meanwhile.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                self.given.append(audio)
                return self._hear(audio)
        finally:
            self._places += 1

    def _hear(self, audio: Pcm) -> Transcript:
        if level(audio.samples) < HEARING:
            return Transcript(text="", no_speech=0.95, confidence=0.2)
        heard = self._to_hear.popleft()
        if isinstance(heard, PortError):
            raise heard
        return heard


class FakeVoice:
    """Hums: a twentieth of a second a letter, one chunk a sentence."""

    rate = 16_000

    def __init__(self) -> None:
        self.asked: list[str] = []
        """Every text that it was to speak."""
        self.made: list[str] = []
        """Every sentence whose sound was made."""
        self._failure: PortError | None = None

    def will_fail(self, error: PortError) -> None:
        """From now on."""
        self._failure = error

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        self.asked.append(text)
        if not any(character.isalnum() for character in text):
            return
        for sentence in filter(None, (part.strip() for part in text.split("."))):
            await asyncio.sleep(0)
            if self._failure:
                raise self._failure
            self.made.append(sentence)
            yield self._hum(len(sentence) * 0.05)

    def _hum(self, seconds: float) -> Pcm:
        time = np.arange(round(seconds * self.rate)) / self.rate
        return Pcm(samples=(8000 * np.sin(2 * np.pi * 200 * time)).astype(np.int16), rate=self.rate)
