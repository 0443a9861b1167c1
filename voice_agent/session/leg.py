"""The only task that sends on a leg: paced, with little ahead, so that a clear is obeyed at once."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from voice_agent.audio.packets import PACKET_BYTES, PACKET_SECONDS, RATE, SILENCE
from voice_agent.core.words import Seconds
from voice_agent.ports import Carrier

AHEAD: Seconds = 1.5
"""Audio given to the carrier before it is due: enough for a stall of ours or the network's, little enough to be cleared quickly
(DESIGN.md section 4: 1 to 2 s)."""
STEP: Seconds = 0.2
"""Sent at once; a clear waits for one step at most."""
LIVE_AHEAD: Seconds = 0.3
"""Live audio that would be heard later than this is dropped: what piles up in a burst would delay all that follows."""

COMFORT_STEP: Seconds = 0.1
"""Comfort sent at once."""

_STEP_BYTES = round(STEP * RATE)
_COMFORT_BYTES = round(COMFORT_STEP * RATE)


@dataclass(slots=True, kw_only=True, eq=False)
class Sound:
    """Audio to be played as it is made, and the mark behind it."""

    mark: str
    audio: bytearray = field(default_factory=bytearray)
    """μ-law not yet sent."""
    made: int = 0
    """Bytes made so far, sent or not."""
    complete: bool = False
    """Nothing more comes."""
    begun: bool = False
    """Its first packet is with the carrier."""
    sent: bool = False
    """Its mark is with the carrier."""

    def add(self, audio: bytes) -> None:
        self.audio += audio
        self.made += len(audio)

    def finish(self) -> None:
        """Fills up the last packet with silence."""
        self.add(SILENCE * (-self.made % PACKET_BYTES))
        self.complete = True

    @property
    def seconds(self) -> Seconds:
        return self.made / RATE


class LegWriter:
    """Sounds in order, live audio when no sound is left, comfort when there is neither, and a clear before everything."""

    def __init__(self, carrier: Carrier, *, monotonic: Callable[[], float], progress: Callable[[Sound], None] = lambda _: None) -> None:
        """`progress` is called when a sound's audio, or its mark, has been sent."""
        self._carrier = carrier
        self._monotonic = monotonic
        self._progress = progress
        self._sounds: deque[Sound] = deque()
        self._live: deque[bytes] = deque()
        self._comfort = b""
        self._comfort_at = 0
        self._clear_due = False
        self._playing_until: Seconds = 0.0
        self._news = asyncio.Event()

    @property
    def ahead(self) -> Seconds:
        """Audio that the carrier has and the caller has not yet heard, by our clock."""
        return max(0.0, self._playing_until - self._monotonic())

    def add(self, sound: Sound) -> None:
        self._sounds.append(sound)

    def drop(self, sound: Sound) -> None:
        """What of it is not yet sent will not be."""
        if sound in self._sounds:
            self._sounds.remove(sound)
            self.wake()

    def wake(self) -> None:
        """A sound has more audio, or is complete."""
        self._news.set()

    def clear(self) -> None:
        """Drop everything and have the carrier do so. What is added from now on will be played."""
        self._sounds.clear()
        self._live.clear()
        self._clear_due = True
        self.wake()

    def relay(self, packet: bytes) -> None:
        """One packet of live audio, dropped when it would come too late."""
        if self.ahead + len(self._live) * PACKET_SECONDS < LIVE_AHEAD:
            self._live.append(packet)
            self.wake()

    def comfort(self, audio: bytes) -> None:
        """From now on, over and over, whenever nothing else is to be heard. Without audio it ends: LIVE_AHEAD of it may still be heard."""
        if audio != self._comfort:
            self._comfort, self._comfort_at = audio, 0
            self.wake()

    async def run(self) -> None:
        """Sends until cancelled; the PortError of a send ends it."""
        while True:
            self._news.clear()
            pause = await self._step()
            if pause == 0:
                continue
            try:
                async with asyncio.timeout(pause):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def _step(self) -> Seconds | None:
        """Send what is due. How long nothing else will be, unless something new comes; None for ever, 0 for not at all."""
        if self._clear_due:
            self._clear_due = False
            await self._carrier.send_clear()
            self._playing_until = 0.0
            return 0
        if self._sounds:
            self._comfort_at = 0  # it begins softly, and not in the middle of a note
            return await self._play(self._sounds[0])
        if self._live:
            audio = b"".join(self._live)
            self._live.clear()
            await self._send(audio)
            return 0
        return await self._soothe() if self._comfort else None

    async def _soothe(self) -> Seconds:
        if (too_early := self.ahead + COMFORT_STEP - LIVE_AHEAD) > 0.001:
            return too_early
        audio = self._comfort[self._comfort_at : self._comfort_at + _COMFORT_BYTES]
        self._comfort_at = (self._comfort_at + len(audio)) % len(self._comfort)
        await self._send(audio)
        return 0

    async def _play(self, sound: Sound) -> Seconds | None:
        size = min(len(sound.audio) // PACKET_BYTES * PACKET_BYTES, _STEP_BYTES)
        if size:
            if (too_early := self.ahead + size / RATE - AHEAD) > 0.001:  # no timer is finer
                return too_early
            audio = bytes(sound.audio[:size])
            del sound.audio[:size]
            await self._send(audio)
            sound.begun = True
        elif sound.complete:
            self._sounds.popleft()
            await self._carrier.send_mark(sound.mark)
            sound.sent = True
        else:
            return None
        self._progress(sound)
        return 0

    async def _send(self, audio: bytes) -> None:
        self._playing_until = self._monotonic() + self.ahead + len(audio) / RATE
        await self._carrier.send_media(audio)
