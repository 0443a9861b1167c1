"""The caller's leg, hearing and speaking."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from voice_agent.audio.pcm import Pcm  # numpy is not for doors that only read a database


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    payload: bytes
    """μ-law, 8 kHz, mono; 160 B for the usual 20 ms packet, any whole length is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReturned:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digit:
    key: str
    """One of 0-9, *, #."""


Inbound = Media | MarkReturned | Digit


class Carrier(Protocol):
    """The media stream of one caller's leg, after its `start`.

    Sending raises PortError(code="leg-gone") once the leg is gone, and PortError(code="leg-slow") when the peer
    does not take a message within the send timeout.
    """

    def inbound(self) -> AsyncIterator[Inbound]:
        """Ends when the caller hangs up or the socket goes away. Raises ProtocolError on a broken message."""
        ...

    async def send_media(self, packets: bytes) -> None:
        """Whole 20 ms packets of μ-law (a multiple of 160 B)."""
        ...

    async def send_mark(self, name: str) -> None:
        """The carrier returns it when everything sent before it has been played or cleared."""
        ...

    async def send_clear(self) -> None:
        """Drop all audio not yet played; pending marks come back."""
        ...

    async def close(self) -> None:
        """Close the stream (1000). Safe to call twice."""
        ...


class VoiceDetector(Protocol):
    """Hears whether a packet holds speech. Stateful: one for each call. Not thread-safe; < 0.5 ms a packet."""

    def probability(self, packet: bytes) -> float:
        """0 to 1 for one 20 ms packet (160 B μ-law at 8 kHz). A packet of another length is a ValueError (a bug)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said, as heard. Personal data is still in it: it goes to the redactor and nowhere else."""

    text: str = field(repr=False)
    """Empty when nothing was said."""
    no_speech: float
    """0 to 1."""
    confidence: float
    """exp(mean log probability of the tokens), 0 to 1."""
    foreign: float = 0.0
    """That it was said in another language than the recognizer's, 0 to 1; 0 when its own is the likeliest, or nobody can tell."""


class SpeechToText(Protocol):
    async def transcribe(self, audio: "Pcm") -> Transcript:
        """At most 30 s of audio, any rate. PortError(code="busy", retry=True) when the waiting line is full."""
        ...


class TextToSpeech(Protocol):
    def speak(self, text: str) -> "AsyncIterator[Pcm]":
        """Chunks in order, all of one rate, the first as early as the engine can. Nothing for a text with nothing to pronounce."""
        ...
