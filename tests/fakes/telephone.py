"""A leg that plays what it is sent, as a carrier does: in real time, marks when they are reached, all of them after a clear."""

import asyncio
from collections.abc import Callable
from itertools import groupby

from tests.fakes.carrier import FakeCarrier, Sent
from voice_agent.audio.packets import PACKET_SECONDS, RATE, SILENCE
from voice_agent.ports import Digit, MarkReturned, Media


class Telephone(FakeCarrier):
    """A FakeCarrier with an ear. Its time is the running loop's."""

    def __init__(
        self, *, monotonic: Callable[[], float], clear_returns_marks: bool = True, returns_marks: bool = True, send_takes: float = 0.0
    ) -> None:
        """`clear_returns_marks`: as Twilio does; Asterisk's flush returns none. `send_takes`: seconds until a message is taken."""
        super().__init__()
        self.log: list[tuple[float, Sent]] = []
        """Everything sent, and when."""
        self._monotonic = monotonic
        self._returns_marks = returns_marks
        self._clear_returns_marks = clear_returns_marks
        self._send_takes = send_takes
        self._played: list[tuple[float, bytes]] = []
        """What is or was played, and from when on."""
        self._free_at = 0.0
        self._marks: dict[str, asyncio.TimerHandle] = {}

    # ------------------------------------------------------------ the caller

    def says(self, code: int, seconds: float, piece: int = 160) -> None:
        """μ-law audio of one value, all at once, in pieces of `piece` bytes."""
        audio = bytes([code]) * round(seconds * RATE)
        for at in range(0, len(audio), piece):
            self.caller.put_nowait(Media(payload=audio[at : at + piece]))

    async def talks(self, code: int, seconds: float) -> None:
        """As `says`, in real time."""
        for _ in range(round(seconds / PACKET_SECONDS)):
            self.says(code, PACKET_SECONDS)
            await asyncio.sleep(PACKET_SECONDS)

    def presses(self, key: str) -> None:
        self.caller.put_nowait(Digit(key=key))

    def hangs_up(self) -> None:
        self.caller.put_nowait(None)

    def dies(self) -> None:
        """The socket goes away."""
        self.gone = True
        self.caller.put_nowait(None)

    def media(self) -> list[tuple[float, bytes]]:
        """The audio it was sent, message by message, and when."""
        return [(at, message[1]) for at, message in self.log if len(message) == 2 and isinstance(message[1], bytes)]

    def heard(self) -> list[tuple[int, float]]:
        """What came out of the earpiece until now: runs of one μ-law value, with their length in seconds; gaps are silence."""
        now = self._monotonic()
        audio, until = b"", self._played[0][0] if self._played else 0.0
        for begin, sound in self._played:
            audio += SILENCE * round((begin - until) * RATE) + sound[: max(0, round((now - begin) * RATE))]
            until = begin + len(sound) / RATE
        return [(code, len(list(run)) / RATE) for code, run in groupby(audio)]

    @property
    def falls_silent_at(self) -> float:
        """When the last of what it has been given is played."""
        return self._free_at

    # ------------------------------------------------------------ the carrier

    async def send_media(self, packets: bytes) -> None:
        await self._take()
        await super().send_media(packets)

    async def send_mark(self, name: str) -> None:
        await self._take()
        await super().send_mark(name)

    async def send_clear(self) -> None:
        await self._take()
        await super().send_clear()

    async def _take(self) -> None:
        if self._send_takes:
            await asyncio.sleep(self._send_takes)

    def _send(self, message: Sent) -> None:
        super()._send(message)
        now = self._monotonic()
        self.log.append((now, message))
        match message:
            case ("media", bytes(packets)):
                begin = max(now, self._free_at)
                self._played.append((begin, packets))
                self._free_at = begin + len(packets) / RATE
            case ("mark", str(name)):
                wait = max(0.0, self._free_at - now)
                self._marks[name] = asyncio.get_running_loop().call_later(wait, self._return, name)
            case _:
                self._clear(now)

    def _return(self, name: str) -> None:
        self._marks.pop(name).cancel()
        if self._returns_marks:
            self.caller.put_nowait(MarkReturned(name=name))

    def _clear(self, now: float) -> None:
        self._played = [(begin, sound[: round((now - begin) * RATE)]) for begin, sound in self._played if begin < now]
        self._free_at = now
        for name in list(self._marks):
            if self._clear_returns_marks:
                self._return(name)
            else:
                self._marks.pop(name).cancel()
