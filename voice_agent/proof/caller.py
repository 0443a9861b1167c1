"""A caller without a telephone: sound that only says "speech" and "silence", and a recogniser that hears what the script says."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import numpy as np

from voice_agent.audio.packets import PACKET_BYTES, RATE
from voice_agent.audio.pcm import Pcm
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Digit, Inbound, MarkReturned, Media, Transcript
from voice_agent.session.captions import Captions, StateChanged

_LOUD = b"\x10\x90" * (PACKET_BYTES // 2)
_SILENT = b"\xff" * PACKET_BYTES
_SPEECH: Seconds = 1.0
_AFTER: Seconds = 2.5
"""Silence behind it: more than any pause of the policy."""
_LOOK_EVERY: Seconds = 0.4
_TURN_WITHIN: Seconds = 12.0


class Hears:
    """A SpeechToText for one call."""

    def __init__(self) -> None:
        self.next: deque[str] = deque()
        self.heard: set[str] = set()
        self.broken = ""
        """"port": fails, "bug": raises; both with the words in the message."""

    async def transcribe(self, audio: Pcm) -> Transcript:
        text = self.next[0] if self.next else ""
        self.heard.add(text)
        if self.broken == "port":
            raise PortError(f"cannot hear {text!r}", code="recognizer-failed")
        if self.broken == "bug":
            raise RuntimeError(f"cannot hear {text!r}")
        return Transcript(text=text, no_speech=0.02 if text else 0.95, confidence=0.9)


class Detects:
    def probability(self, packet: bytes) -> float:
        return 1.0 if packet == _LOUD else 0.0


class Hums:
    """A TextToSpeech whose every sentence is one packet long."""

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        yield Pcm(samples=np.zeros(PACKET_BYTES, np.int16), rate=RATE)


class Leg:
    """A Carrier. What is sent to it is heard at once."""

    def __init__(self) -> None:
        self._inbound: asyncio.Queue[Inbound | None] = asyncio.Queue()

    async def inbound(self) -> AsyncIterator[Inbound]:
        while (item := await self._inbound.get()) is not None:
            yield item

    async def send_media(self, packets: bytes) -> None:
        pass

    async def send_mark(self, name: str) -> None:
        self._inbound.put_nowait(MarkReturned(name=name))

    async def send_clear(self) -> None:
        pass

    async def close(self) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        self._inbound.put_nowait(None)

    def sound(self, packet: bytes, seconds: Seconds) -> None:
        self._inbound.put_nowait(Media(payload=packet * round(seconds * RATE / PACKET_BYTES)))

    def press(self, key: str) -> None:
        self._inbound.put_nowait(Digit(key=key))


class Caller:
    """Says one thing after the other, each when the assistant listens again."""

    def __init__(self, captions: Captions) -> None:
        self.leg = Leg()
        self.hears = Hears()
        self._captions = captions
        self.state = ""
        self._changes = 0
        self._news = asyncio.Event()

    async def follow(self) -> None:
        """Until the call is over."""
        async for caption in self._captions.subscribe():
            if isinstance(caption, StateChanged):
                self.state = caption.state
                self._changes += 1
                self._news.set()
        self.state = "ended"
        self._changes += 1
        self._news.set()

    async def says(self, text: str) -> None:
        self.hears.next.append(text)
        before = self._changes
        self.leg.sound(_LOUD, _SPEECH)
        self.leg.sound(_SILENT, _AFTER)
        await self.until_it_is_my_turn(before)
        if self.hears.next and self.hears.next[0] == text:
            self.hears.next.popleft()

    def begins(self, text: str) -> None:
        """Without an end."""
        self.hears.next.append(text)
        self.leg.sound(_LOUD, _SPEECH)
        self.leg.sound(_SILENT, 0.2)

    async def presses(self, keys: str, *, answered: bool = False) -> None:
        """`answered`: the assistant has asked for them, and says something when it has them."""
        before = self._changes
        for key in keys:
            self.leg.press(key)
        if answered:
            await self.until_it_is_my_turn(before)
        else:
            await asyncio.sleep(0.05)

    async def until_it_is_my_turn(self, before: int) -> None:
        """The assistant has done something since, and is through with it."""
        try:
            async with asyncio.timeout(_TURN_WITHIN):
                while self.state not in ("waiting", "bridged", "ended") and (self._changes < before + 2 or self.state != "listening"):
                    await self._changed()
        except TimeoutError:
            return

    async def until(self, state: str) -> bool:
        try:
            async with asyncio.timeout(_TURN_WITHIN):
                while self.state not in (state, "ended"):
                    await self._changed()
        except TimeoutError:
            return False
        return self.state == state

    async def _changed(self) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(_LOOK_EVERY):
                await self._news.wait()
        except TimeoutError:
            self.leg.sound(_SILENT, _LOOK_EVERY)  # a line is never without sound

    def hangs_up(self) -> None:
        self.leg.hang_up()
