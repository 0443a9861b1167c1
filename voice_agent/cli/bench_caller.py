"""A caller of the bench: follows a script, and notes what happens at their end of the line.

    waiting ──the agent has finished, or has spoken long enough to be cut in on──▶ speaking ──▶ waiting …
                 └ a disturbance, while the agent speaks ┘

What is sent is timed by its packets, what is heard by the clock, as on a telephone.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from voice_agent.audio import mulaw
from voice_agent.audio.packets import PACKET_BYTES, PACKET_SECONDS, RATE
from voice_agent.audio.pcm import Samples
from voice_agent.bench.measure import CONTINUED_WITHIN, REACTS_WITHIN
from voice_agent.bench.script import Script, Turn
from voice_agent.bench.sounds import Span, mixed, silence, voiced
from voice_agent.bench.timeline import Disturbed, Heard, Said, Saying, Timeline
from voice_agent.cli.caller import Caption
from voice_agent.cli.dialogue import Loudspeaker, is_voice
from voice_agent.core.words import Seconds

SETTLE: Seconds = 0.7
"""A polite caller waits for this much silence."""
PATIENCE: Seconds = 10.0
"""A caller who hears nothing for this long goes on."""
SPEAKING_ON: Seconds = 0.6
"""Only an agent that is going to be heard for this long is disturbed or cut in on: what ends by itself proves nothing."""
RECOVER: Seconds = REACTS_WITHIN + CONTINUED_WITHIN
"""Between a disturbance and the caller's next word, so that each has its own effect."""
HEARS_OUT: Seconds = 1.0
"""Of the last reply, before the caller hangs up on a call that is out of time."""
LAST_PATIENCE: Seconds = 2.5
"""For that reply to come."""
WORST_DELAY: Seconds = 0.06
BURST = 0.02
"""Share of packets with which a burst of delays begins; it lasts for 5 packets."""


@dataclass(slots=True)
class LineClock:
    """Real time on one line, from its first packet on; on a poor line packets come late, and in bursts."""

    jitter: Random | None = None
    begun: float | None = None
    _late: int = 0

    async def pace(self, number: int) -> None:
        """A late packet does not delay those behind it."""
        loop = asyncio.get_running_loop()
        if self.begun is None:
            self.begun = loop.time()
        await asyncio.sleep(max(0.0, self.begun + number * PACKET_SECONDS + self._delay() - loop.time()))

    def now(self) -> Seconds:
        return 0.0 if self.begun is None else asyncio.get_running_loop().time() - self.begun

    def _delay(self) -> Seconds:
        if self.jitter is None:
            return 0.0
        if self._late == 0 and self.jitter.random() < BURST:
            self._late = 5
        if self._late == 0:
            return 0.0
        self._late -= 1
        return self.jitter.uniform(0, WORST_DELAY)


@dataclass(slots=True, kw_only=True)
class _Notes:
    said: list[Said] = field(default_factory=list)
    voiced: list[Span] = field(default_factory=list)
    disturbed: list[Disturbed] = field(default_factory=list)
    cleared: list[Seconds] = field(default_factory=list)
    sayings: list[Saying] = field(default_factory=list)


class BenchCaller:
    def __init__(self, script: Script, *, clock: Callable[[], Seconds], until: Callable[[], bool] = lambda: False) -> None:
        """`clock`: seconds of the call. `until`: whether its time is over."""
        self._script = script
        self._clock = clock
        self._until = until
        self._random = Random(script.seed)  # noqa: S311  reproducible is the point
        self._turns = deque(script.turns)
        self._turn: Turn | None = None
        """The one said last."""
        self._disturbed = True
        self._mouth: deque[Samples] = deque()
        self._sent = 0
        self._since: Seconds = 0.0
        """The end of our last words."""
        self._reply: Seconds | None = None
        """When the agent was first heard since then."""
        self._heard: Seconds | None = None
        """When last."""
        self._thinking = False
        self._notes = _Notes()
        self.speaker = Loudspeaker()
        self.ended = "server"

    # ------------------------------------------------------------ the line

    def hear(self, audio: bytes) -> None:
        self.speaker.play(self._now_played, audio)

    def mark(self, name: str) -> None:
        self.speaker.mark(self._now_played, name)

    def clear(self) -> None:
        if len(self.speaker.played) > self._now_played:
            self._notes.cleared.append(self._clock())
        self.speaker.clear(self._now_played)

    def marks_reached(self) -> list[str]:
        return self.speaker.reached(self._now_played)

    def told(self, name: str, caption: Caption) -> None:
        if name == "saying":
            self._notes.sayings.append(Saying(at=self._clock(), text=caption["text"]))
        elif name == "state":
            self._thinking = caption["state"] in ("thinking", "speaking")
            if caption["state"] in ("waiting", "bridged"):
                self.ended = "handed over"

    def next_packet(self) -> bytes | None:
        if not self._mouth and self._decide():
            return None
        clean = self._mouth.popleft() if self._mouth else silence(PACKET_SECONDS)
        packet = mulaw.encode(self._with_bed(clean))
        self._sent += PACKET_BYTES
        self._listen()
        return b"" if self._random.random() < self._script.loss else packet

    # ------------------------------------------------------------ what happens

    @property
    def _now(self) -> Seconds:
        return self._sent / RATE

    @property
    def _now_played(self) -> int:
        """Samples; whole packets, as a telephone plays them."""
        return round(self._clock() / PACKET_SECONDS) * PACKET_BYTES

    def _listen(self) -> None:
        if self._now > self._since and self.speaker.voiced(self._sent):
            self._heard = self._now
            self._reply = self._reply or self._now

    def _decide(self) -> bool:
        """Begin what is due. True when the call is over."""
        if self.ended == "handed over":
            return True
        recovering = self._now < self._recovered
        if self._until() and not recovering and self._heard_enough():
            self.ended = "time"
            return True
        if self._reply is not None and self._speaks_on():
            self._disturb_or_cut_in(self._now - self._reply)
        elif self._agent_has_finished() and not recovering:
            if not self._turns:
                self.ended = "script"
                return True
            self._begin(cut_in=False)
        return False

    def _disturb_or_cut_in(self, spoken: Seconds) -> None:
        disturbance = self._turn.disturbance if self._turn else None
        if disturbance and not self._disturbed:
            if spoken >= disturbance.after:
                self._disturbed = True
                seconds = len(disturbance.samples) / RATE
                self._notes.disturbed.append(
                    Disturbed(kind=disturbance.kind, name=disturbance.name, begin=self._now, end=self._now + seconds)
                )
                self._utter(disturbance.samples)
            return
        after = self._turns[0].cuts_in if self._turns and self._turn else None
        if after is not None and spoken >= after and self._now >= self._recovered:
            self._begin(cut_in=True)

    def _heard_enough(self) -> bool:
        return self._now - self._since >= LAST_PATIENCE if self._reply is None else self._now - self._reply >= HEARS_OUT

    @property
    def _recovered(self) -> Seconds:
        return self._notes.disturbed[-1].end + RECOVER if self._notes.disturbed else 0.0

    def _speaks_on(self) -> bool:
        """Voice has just been heard, and what has already come is voice for a while."""
        ahead = bytes(self.speaker.played[self._sent : self._sent + round(SPEAKING_ON * RATE)])
        late = ahead[-PACKET_BYTES * 10 :]
        recently = self._heard is not None and self._now - self._heard <= 0.2
        return recently and len(ahead) >= SPEAKING_ON * RATE and is_voice(late)

    def _agent_has_finished(self) -> bool:
        if self.speaker.busy(self._sent):
            return False
        if self._heard is not None and not self._thinking:
            return self._now - self._heard >= SETTLE - 1e-9
        return self._now - max(self._since, self._heard or 0.0) >= PATIENCE - 1e-9

    def _begin(self, *, cut_in: bool) -> None:
        self._turn = turn = self._turns.popleft()
        self._disturbed = False
        end = self._now + len(turn.samples) / RATE
        self._notes.said.append(Said(name=turn.name, begin=self._now, end=end, cut_in=cut_in))
        self._notes.voiced += [(self._now + begin, self._now + to) for begin, to in voiced(turn.samples)]
        self._since, self._reply, self._heard = end, None, None
        self._utter(turn.samples)

    def _utter(self, samples: Samples) -> None:
        padded = np.pad(samples, (0, -len(samples) % PACKET_BYTES))
        self._mouth.extend(padded.reshape(-1, PACKET_BYTES))

    def _with_bed(self, clean: Samples) -> Samples:
        bed = self._script.bed
        if bed is None:
            return clean
        at = self._sent % (len(bed) - PACKET_BYTES)
        return mixed(clean, bed[at : at + PACKET_BYTES])

    # ------------------------------------------------------------ the account

    def timeline(self, call: str, report: Mapping[str, Any]) -> Timeline:
        """`report`: the server's; see CallReport in session/report.py."""
        played = mulaw.decode(bytes(self.speaker.played[: self._sent]))
        notes = self._notes
        return Timeline(
            call=call,
            line=self._script.line,
            duration=self._now,
            agent=voiced(played),
            caller=tuple(notes.voiced),
            said=tuple(notes.said),
            disturbed=tuple(notes.disturbed),
            cleared=tuple(notes.cleared),
            sayings=tuple(notes.sayings),
            heard=tuple(
                Heard(at=turn["at"], text=turn["text"], stages=_stages(turn["timings"]))
                for turn in report["turns"]
                if turn["speaker"] == "caller"
            ),
            unspoken=len(self._turns),
            ended=self.ended,
        )


def _stages(timings: Mapping[str, float | None] | None) -> Mapping[str, float]:
    return {name: seconds for name, seconds in (timings or {}).items() if seconds is not None}


def clock_for(script: Script) -> LineClock:
    return LineClock(Random(script.seed) if script.line == "poor" else None)  # noqa: S311  reproducible is the point
