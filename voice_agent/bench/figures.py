"""The figures of all calls of a bench together, and how they stand to what is required."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from voice_agent.bench.measure import CallFigures, DisturbanceFigures, TurnFigures, stages
from voice_agent.bench.script import KINDS
from voice_agent.bench.words import WordErrors
from voice_agent.core.words import Seconds

_ALONE, _TOGETHER = 1, 8
"""Calls at once for which the requirements are written."""
_SLOWEST = "in the slowest turns, "


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Of the server's process, over many calls."""

    calls: int
    """Between the first sample and the last; those before it warmed the server up."""
    samples: tuple[float, ...]
    """MiB resident, as each call ended."""

    @property
    def growth(self) -> float:
        """MiB; the ends are medians of a tenth of the samples, because one sample says little."""
        tenth = max(1, len(self.samples) // 10)
        return float(np.median(self.samples[-tenth:]) - np.median(self.samples[:tenth]))

    @property
    def curve(self) -> list[float]:
        """The median of each tenth of the samples, in order."""
        return [float(np.median(part)) for part in np.array_split(self.samples, 10) if len(part)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run."""

    seed: int
    together: int
    """Calls at once."""
    mode: str
    calls: tuple[CallFigures, ...]
    fillers: frozenset[str]
    """Sentences that only pass the time."""
    seconds: Seconds
    load: float | None
    """Processes that wanted a core while it ran, besides how many there are; None where the system does not say."""
    cores: int
    memory: Memory | None = None
    word_errors: WordErrors | None = None

    @property
    def turns(self) -> list[TurnFigures]:
        return [turn for call in self.calls for turn in call.turns]

    @property
    def disturbances(self) -> list[DisturbanceFigures]:
        return [each for call in self.calls for each in call.disturbances]

    @property
    def new_replies(self) -> list[TurnFigures]:
        """Turns whose reply begins with a sentence that no call before had heard: a server may keep the sound of what it said lately."""
        met: set[str] = set()
        fresh = []
        for turn in self.turns:
            if turn.first not in met:
                fresh.append(turn)
            met.add(turn.first)
        return fresh

    def filled(self, turn: TurnFigures) -> bool:
        """The reply begins with a filler: the answer itself came later than the gap says."""
        return turn.first in self.fillers


def spread(seconds: Iterable[Seconds]) -> dict[str, Any]:
    """In milliseconds; None without any."""
    values = sorted(seconds)
    if not values:
        return {"p50": None, "p95": None, "max": None, "n": 0}
    p50, p95 = (round(1000 * float(np.percentile(values, part))) for part in (50, 95))
    return {"p50": p50, "p95": p95, "max": round(1000 * values[-1]), "n": len(values)}


def gaps(turns: Iterable[TurnFigures]) -> list[Seconds]:
    return [turn.gap for turn in turns if turn.gap is not None]


def stops(turns: Iterable[TurnFigures]) -> list[Seconds]:
    return [turn.stop for turn in turns if turn.stop is not None]


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def figures(bench: Bench) -> dict[str, Any]:
    """One JSON object; rates are None when nothing of the kind happened."""
    turns, events = bench.turns, bench.disturbances
    cut_offs = sum(turn.cut_off for turn in turns)
    false = sum(event.outcome == "interrupted" for event in events)
    paused = sum(event.outcome == "paused" for event in events)
    return {
        "mode": bench.mode,
        "seed": bench.seed,
        "calls": len(bench.calls),
        "calls_at_once": bench.together,
        "turns": len(turns),
        "turn_gap_ms": spread(gaps(turns)),
        "turn_gap_new_reply_ms": spread(gaps(bench.new_replies)),
        "barge_in_stop_ms": spread(stops(turns)),
        "cut_off_rate": share(cut_offs, len(turns)),
        "cut_offs": cut_offs,
        "false_interruption_rate": share(false, len(events)),
        "false_interruptions": false,
        "paused_and_resumed": paused,
        "taken_for_words": sum(event.taken_for_words for event in events),
        "disturbances": {kind: _outcomes(event for event in events if event.disturbed.kind == kind) for kind in KINDS},
        "replies_missing": sum(turn.missing for turn in turns),
        "fillers_first": sum(bench.filled(turn) for turn in turns),
        "stages_ms": {name: spread(values) for name, values in stage_times(turns).items()},
        "costliest_stage": costliest(turns),
        "costliest_of_the_slowest": costliest(slowest(turns, "gap")),
        "by_line": {line: _of_line(bench, line) for line in sorted({call.timeline.line for call in bench.calls})},
        "ended": _counted(call.timeline.ended for call in bench.calls),
        "memory_mb": _memory(bench.memory),
        "wer": round(bench.word_errors.rate, 4) if bench.word_errors else None,
        "load": bench.load,
        "cores": bench.cores,
        "seconds": round(bench.seconds, 1),
    }


def stage_times(turns: Iterable[TurnFigures]) -> dict[str, list[Seconds]]:
    times: dict[str, list[Seconds]] = {}
    for turn in turns:
        for name, seconds in stages(turn).items():
            times.setdefault(name, []).append(seconds)
    return times


def stop_times(turns: Iterable[TurnFigures]) -> dict[str, list[Seconds]]:
    """Where the time goes until the agent is silent."""
    found = [(turn.noticed, turn.stop - turn.noticed) for turn in turns if turn.stop is not None and turn.noticed is not None]
    return {"noticing the caller": [at for at, _ in found], "line and ear": [rest for _, rest in found]} if found else {}


def slowest(turns: Iterable[TurnFigures], time: Literal["gap", "stop"]) -> list[TurnFigures]:
    """The tenth that a 95th percentile is made of; those without that time are left out."""
    timed = sorted((getattr(turn, time), number, turn) for number, turn in enumerate(turns) if getattr(turn, time) is not None)
    return [turn for _, _, turn in timed[-max(1, len(timed) // 10) :]]


def costliest(turns: Sequence[TurnFigures]) -> str | None:
    """The stage that takes the most time of all turns together."""
    times = stage_times(turns)
    return max(times, key=lambda name: sum(times[name])) if times else None


def _of_line(bench: Bench, line: str) -> Mapping[str, Any]:
    turns = [turn for turn in bench.turns if turn.line == line]
    return {
        "turn_gap_ms": spread(gaps(turns)),
        "barge_in_stop_ms": spread(stops(turns)),
        "cut_offs": sum(turn.cut_off for turn in turns),
        "disturbances": _outcomes(event for event in bench.disturbances if event.line == line),
    }


def _outcomes(events: Iterable[DisturbanceFigures]) -> dict[str, int]:
    return {"ignored": 0, "paused": 0, "interrupted": 0} | _counted(event.outcome for event in events)


def _counted(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts


def _memory(memory: Memory | None) -> Mapping[str, Any] | None:
    if memory is None:
        return None
    return {
        "calls": memory.calls,
        "before": round(memory.samples[0], 1),
        "after": round(memory.samples[-1], 1),
        "growth": round(memory.growth, 1),
        "curve": [round(value, 1) for value in memory.curve],
    }


# ------------------------------------------------------------ requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A line of the table. Smaller is better in all of them."""

    measure: str
    must: float
    aim: float
    measured: float | None
    """None: nothing of the kind was measured."""
    unit: str
    n: int
    where: str = ""
    """Which stage takes the time, for a time."""

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not measured"
        return "aim" if self.measured <= self.aim else "must" if self.measured <= self.must else "missed"


def requirements(bench: Bench) -> list[Requirement]:
    """Those that hold for so many calls at once, on 2 cores with the default models."""
    told, turns = figures(bench), bench.turns
    gap, stop = told["turn_gap_ms"], told["barge_in_stop_ms"]
    late = _where(stage_times(slowest(turns, "gap")), of=_SLOWEST)
    halt = _where(stop_times(slowest(turns, "stop")), of=_SLOWEST)
    rows = [
        _row("Barge-in: caller's onset to silence, p95", 400, 300, stop["p95"], "ms", stop["n"], halt),
        _row("Cut-offs, of the caller's turns", 5, 2, _percent(told["cut_off_rate"]), "%", len(turns)),
        _row("False interruptions", 10, 5, _percent(told["false_interruption_rate"]), "%", len(bench.disturbances)),
        _row("Replies missing", 0, 0, told["replies_missing"] if turns else None, "", len(turns)),
    ]
    if bench.together <= _ALONE:
        rows.insert(0, _row("Turn gap, one call, p95", 1800, 1200, gap["p95"], "ms", gap["n"], late))
        rows.insert(0, _row("Turn gap, one call, p50", 1100, 800, gap["p50"], "ms", gap["n"], _where(stage_times(turns))))
    elif bench.together <= _TOGETHER:
        rows.insert(0, _row(f"Turn gap, {bench.together} calls at once, p95", 3000, 2000, gap["p95"], "ms", gap["n"], late))
    if bench.word_errors:
        rows.append(_row("Word errors", 7, 5, 100 * bench.word_errors.rate, "%", bench.word_errors.words))
    if bench.memory:
        rows.append(_row("Memory growth", 20, 0, max(0.0, round(bench.memory.growth, 1)), "MB", bench.memory.calls))
    return rows


def number(row: Requirement, value: float | None) -> str:
    """With its unit."""
    if value is None:
        return "–"
    return f"{value:.0f} {row.unit}".strip() if row.unit in ("ms", "") else f"{value:.1f} {row.unit}"


def _row(measure: str, must: float, aim: float, measured: float | None, unit: str, n: int, where: str = "") -> Requirement:
    return Requirement(measure=measure, must=must, aim=aim, measured=measured, unit=unit, n=n, where=where)


def _where(times: Mapping[str, Sequence[Seconds]], *, of: str = "") -> str:
    """In words; empty where no stage is known."""
    means = {name: 1000 * sum(values) / len(values) for name, values in times.items()}
    if not means:
        return ""
    most = max(means, key=lambda name: means[name])
    return f"{of}{most} takes {means[most]:.0f} of {sum(means.values()):.0f} ms"


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)
