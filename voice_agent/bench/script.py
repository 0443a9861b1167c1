"""What the callers of a bench will say, drawn by seed: the same seed, the same calls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from random import Random
from typing import Literal

import numpy as np

from voice_agent.audio.pcm import Samples
from voice_agent.bench import cast
from voice_agent.bench.sounds import SPEECH_LEVEL, as_another, at_level, cough, excerpt, silence
from voice_agent.core.words import Seconds

Kind = Literal["cough", "backchannel", "noise", "side talk"]
"""Of a sound that is no wish to speak."""
KINDS: tuple[Kind, ...] = ("cough", "backchannel", "noise", "side talk")
BESIDE = 18.0
"""dB by which somebody beside the caller is quieter."""
NOISE_RATIO = 20.0
"""dB between the caller and the noise behind them, on a noisy line."""
LOSS = 0.01
"""Share of packets that never arrive, on a poor line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """A sound while the agent speaks."""

    kind: Kind
    name: str
    samples: Samples
    after: Seconds
    """Of the agent's reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing to say, from its first voice to its last."""

    name: str
    samples: Samples
    cuts_in: Seconds | None = None
    """After this much of the agent's reply; None when the agent has finished."""
    disturbance: Disturbance | None = None
    """During the reply to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One call."""

    line: Literal["quiet", "noisy", "poor"]
    turns: tuple[Turn, ...]
    seed: str
    """For what is drawn during the call."""
    bed: Samples | None = None
    """Noise behind the caller, over and over."""

    def rest(self, turns: int) -> "Script":
        """The call in which the last `turns` are said."""
        return replace(self, turns=self.turns[-turns:])

    @property
    def loss(self) -> float:
        return LOSS if self.line == "poor" else 0.0


@dataclass(frozen=True, slots=True)
class _Plan:
    """Of one turn."""

    kind: Literal["question", "hesitant", "person"]
    cuts_in: bool = False
    disturbed: bool = True


QUICK = (
    _Plan("question", disturbed=False),
    _Plan("question", cuts_in=True),
    _Plan("hesitant", disturbed=False),
    _Plan("question", cuts_in=True),
    _Plan("question"),
)
"""For one call of less than half a minute. Answers are short: a reply is either disturbed or cut in on."""
FULL = (
    _Plan("question"),
    _Plan("hesitant", disturbed=False),
    _Plan("question", cuts_in=True),
    _Plan("hesitant"),
    _Plan("question", disturbed=False),
    _Plan("question", cuts_in=True),
    _Plan("person", disturbed=False),
    _Plan("hesitant", disturbed=False),
    _Plan("question", cuts_in=True),
    _Plan("question"),
    _Plan("question", disturbed=False),
    _Plan("question", cuts_in=True),
    _Plan("person"),
    _Plan("hesitant"),
)
"""For a measurement."""
SHORT = (_Plan("question", disturbed=False),)
"""For many calls one after the other."""
_LINES: tuple[Literal["quiet", "noisy", "poor"], ...] = ("quiet", "noisy", "quiet", "poor")
_PITCHES = (1.0, 0.92, 1.08)


def scripts(seed: int, calls: int, plans: Sequence[_Plan]) -> list[Script]:
    """A script for each call. The first is on a quiet line; of four, one has noise behind it and one is a poor line."""
    return [_script(f"{seed}/{number}", number, plans) for number in range(calls)]


def _script(seed: str, number: int, plans: Sequence[_Plan]) -> Script:
    random = Random(seed)  # noqa: S311  reproducible is the point
    line, pitch = _LINES[number % len(_LINES)], _PITCHES[number % len(_PITCHES)]
    disturbances = cycle(random.sample(KINDS, len(KINDS)))
    spoken = {kind: cycle(_shuffled(kind, random)) for kind in ("question", "hesitant", "person", "interrupt")}
    turns = []
    for plan in plans:
        kind = "interrupt" if plan.cuts_in and random.random() < 0.5 else plan.kind
        name = next(spoken[kind])
        samples = _hesitant(name, random) if kind == "hesitant" else cast.recording(name)
        turn = Turn(
            name=name,
            samples=samples if kind == "person" else as_another(samples, pitch),
            cuts_in=random.uniform(0.4, 1.0) if plan.cuts_in else None,
            disturbance=disturbance(next(disturbances), random) if plan.disturbed else None,
        )
        turns.append(turn)
    noise = random.choice(cast.names("noise"))
    bed = at_level(cast.recording(noise), SPEECH_LEVEL - NOISE_RATIO) if line == "noisy" else None
    return Script(line=line, turns=tuple(turns), seed=seed, bed=bed)


def _shuffled(kind: str, random: Random) -> list[str]:
    found = [name for name in cast.names(kind) if kind != "hesitant" or name.endswith("a")]
    return random.sample(found, len(found))


def _hesitant(name: str, random: Random) -> Samples:
    """Both halves of a sentence, and a pause between them."""
    pause = silence(random.uniform(0.3, 0.6))
    return np.concatenate([cast.recording(name), pause, cast.recording(name.removesuffix("a") + "b")])


def disturbance(kind: Kind, random: Random) -> Disturbance:
    after = random.uniform(0.5, 1.0)
    if kind == "cough":
        return Disturbance(kind=kind, name="cough", samples=cough(random), after=after)
    if kind == "backchannel":
        name = random.choice(cast.names("backchannel"))
        return Disturbance(kind=kind, name=name, samples=cast.recording(name), after=after)
    if kind == "noise":
        name = random.choice(cast.names("noise"))
        samples = at_level(excerpt(cast.recording(name), 1.5, random), SPEECH_LEVEL - random.uniform(10, 20))
        return Disturbance(kind=kind, name=name, samples=samples, after=after)
    name = random.choice(cast.names("beside"))
    samples = at_level(excerpt(cast.recording(name), 1.5, random), SPEECH_LEVEL - BESIDE)
    return Disturbance(kind=kind, name=name, samples=samples, after=after)
