"""The agent's voice on the caller's leg: each sentence synthesised, sent in order, and followed to its mark.

    waiting ──▶ being made ──▶ being sent ──▶ mark sent ──▶ mark returned
                    └ the next is made while one is sent; no more than that, so that a stop wastes little

A stop begins a new generation. Marks, audio and synthesis of an older one change nothing, however late they come.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from voice_agent.audio import mulaw
from voice_agent.audio.comfort import comfort
from voice_agent.audio.packets import RATE
from voice_agent.audio.resample import Resampler
from voice_agent.core.events import SpeechBegan, SpeechFailed, SpeechPlayed, SpeechSent
from voice_agent.core.words import RedactedText, SpeechId
from voice_agent.errors import PortError
from voice_agent.ports import Carrier
from voice_agent.session.inbox import closing
from voice_agent.session.leg import LegWriter, Sound
from voice_agent.session.ties import Ties


@dataclass(slots=True, kw_only=True, eq=False)
class _Speech:
    id: SpeechId
    text: RedactedText
    aloud: str
    """The same, with what is spoken and never shown."""
    sound: Sound
    maker: "asyncio.Task[None] | None" = field(default=None)
    limit: asyncio.TimerHandle | None = None
    begun: bool = False
    told: bool = False
    """That it is sent."""


class Mouth:
    def __init__(self, ties: Ties, *, carrier: Carrier, begun: Callable[[SpeechId, RedactedText], None]) -> None:
        """`begun` is told when the first packet of a speech has been sent."""
        self._ties = ties
        self._begun = begun
        self._writer = LegWriter(carrier, monotonic=ties.equipment.monotonic, progress=self._sent)
        self._generation = 0
        self._line: deque[_Speech] = deque()
        """Speeches whose mark is not yet sent, oldest first."""
        self._marks: dict[str, SpeechId] = {}
        """Those that have not come back, oldest first."""

    async def run(self) -> None:
        """Sends until cancelled; a PortError when the leg takes nothing any more."""
        await self._writer.run()

    @property
    def speaking(self) -> bool:
        return bool(self._line) or (bool(self._marks) and self._writer.ahead > 0)

    def say(self, speech: SpeechId, text: RedactedText, *, aloud: str) -> None:
        """Behind what is being said."""
        mark = f"{self._generation}:{speech}"
        self._marks[mark] = speech
        self._line.append(_Speech(id=speech, text=text, aloud=aloud, sound=Sound(mark=mark)))
        self._writer.add(self._line[-1].sound)
        self._make_next()

    def stop(self) -> None:
        """Fall silent at once, also when everything has been sent and is still being played."""
        self._generation += 1
        self.finish()
        self._marks.clear()
        self._writer.clear()

    def finish(self) -> None:
        """Nothing more is made. At the end of a call: a clock that outlived it would ask a finished task group for work."""
        for speech in self._line:
            self._give_up(speech)
        self._line.clear()

    def returned(self, mark: str) -> None:
        """A mark came back. Those of a cleared generation, or that we never sent, are passed over."""
        speech = self._marks.get(mark)
        if speech is None:
            return
        for older in list(self._marks):
            del self._marks[older]
            if older == mark:
                break
        self._ties.post(partial(SpeechPlayed, speech=speech))

    def relay(self, packet: bytes) -> None:
        """A person's voice, one packet."""
        self._writer.relay(packet)

    def soothe(self, *, on: bool) -> None:
        """Between our words, while the caller waits for a person and does not speak."""
        self._writer.comfort(comfort() if on else b"")

    # ------------------------------------------------------------ making

    def _make_next(self) -> None:
        """One is made at a time, and only the first two in line: the one being sent and the next."""
        for speech in islice(self._line, 2):
            if speech.sound.complete:
                continue
            if speech.maker is None:
                speech.maker = self._ties.spawn(self._make(speech))
                within = self._ties.equipment.policy.speech_start_within
                speech.limit = asyncio.get_running_loop().call_later(within, self._fail, speech, "timeout")
            return

    async def _make(self, speech: _Speech) -> None:
        try:
            await self._synthesise(speech)
        except PortError as error:
            self._fail(speech, error.code)
            return
        if not speech.sound.made:
            self._fail(speech, "nothing-to-say")
        elif speech in self._line:
            self._stop_clock(speech)
            speech.sound.finish()
            self._writer.wake()
            self._tell(speech)
            self._make_next()

    async def _synthesise(self, speech: _Speech) -> None:
        resampler: Resampler | None = None
        async with closing(self._ties.equipment.voice.speak(speech.aloud)) as chunks:
            async for chunk in chunks:
                if chunk.rate != RATE:
                    resampler = resampler or Resampler(chunk.rate, RATE)
                    chunk = resampler.add(chunk)  # noqa: PLW2901
                speech.sound.add(mulaw.encode(chunk.samples))
                self._writer.wake()
        if resampler:
            speech.sound.add(mulaw.encode(resampler.finish().samples))

    def _fail(self, speech: _Speech, code: str) -> None:
        """It will not be heard, or not to its end. A voice that ignores being cancelled is not waited for."""
        if speech not in self._line:
            return
        self._give_up(speech)
        self._line.remove(speech)
        self._marks.pop(speech.sound.mark, None)
        self._writer.drop(speech.sound)
        self._ties.post(partial(SpeechFailed, speech=speech.id, code=code))
        self._make_next()

    def _give_up(self, speech: _Speech) -> None:
        self._stop_clock(speech)
        if speech.maker and speech.maker is not asyncio.current_task():
            speech.maker.cancel()

    @staticmethod
    def _stop_clock(speech: _Speech) -> None:
        if speech.limit:
            speech.limit.cancel()

    # ------------------------------------------------------------ sending

    def _sent(self, sound: Sound) -> None:
        speech = next((speech for speech in self._line if speech.sound is sound), None)
        if speech is None:
            return  # a stop came while it was on its way
        self._tell(speech)
        if sound.sent:
            self._line.remove(speech)
            self._make_next()

    def _tell(self, speech: _Speech) -> None:
        """SpeechSent comes as soon as its length is known and it is the caller's to hear: the rest is a matter of pacing."""
        if not speech.sound.begun:
            return
        if not speech.begun:
            speech.begun = True
            self._begun(speech.id, speech.text)
            self._ties.post(partial(SpeechBegan, speech=speech.id))
        if speech.sound.complete and not speech.told:
            speech.told = True
            self._ties.post(partial(SpeechSent, speech=speech.id, duration=speech.sound.seconds))
