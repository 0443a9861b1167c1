"""The drawings of the report, as inline SVG that needs nothing from anywhere.

Drawn here because no plotting library is among the dependencies, the largest of them would not draw a call's two voices, and the
other drawings are a few marks on an axis. Colours are CSS classes (page.css), so that they follow light and dark.
"""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from voice_agent.bench.measure import CallFigures, merged, stages
from voice_agent.bench.sounds import Span
from voice_agent.core.words import Seconds

WIDTH = 960
LABEL = 150
"""Of the width, for the names on the left."""
SECOND = 22
"""Width of a second of a call's timeline."""
_ROW = 34
_VOICE_GAP: Seconds = 0.06
"""Shorter silences are not drawn."""

Limits = tuple[float, float]
"""What must be reached, and what is aimed at."""


def strip(rows: Mapping[str, Sequence[float]], *, unit: str = "ms", limits: Limits | None = None) -> str:
    """Every value a dot, a row a name, with its median and 95th percentile; the limits are lines."""
    rows = {name: values for name, values in rows.items() if values}
    most = max([*(max(values) for values in rows.values()), *(limits or ()), 1.0]) * 1.05
    height = _ROW * len(rows) + 34
    drawing = _svg(WIDTH, height)
    _axis(drawing, most, height, unit)
    for name, at in zip(("must", "aim"), limits or (), strict=False):
        line = _line(drawing, _x(at, most), 6, _x(at, most), height - 26, f"limit {name}")
        _title(line, f"{name}: {at:.0f} {unit}")
        _text(drawing, _x(at, most), 4, name, "limit-name")
    for number, (name, values) in enumerate(rows.items()):
        middle = _ROW * number + _ROW / 2 + 8
        _text(drawing, LABEL - 12, middle + 4, name, "row-name")
        for place, value in enumerate(values):
            dot = SubElement(
                drawing, "circle", {"cx": _n(_x(value, most)), "cy": _n(middle + (place % 5 - 2) * 3), "r": "4", "class": "dot"}
            )
            _title(dot, f"{value:.0f} {unit}")
        for part, kind in ((50, "median"), (95, "high")):
            at = float(np.percentile(values, part))
            mark = _line(drawing, _x(at, most), middle - 12, _x(at, most), middle + 12, f"mark {kind}")
            _title(mark, f"p{part}: {at:.0f} {unit}")
    return _told(drawing, "Every measured value, by row")


def stacked(parts: Mapping[str, float], *, unit: str = "ms") -> str:
    """One bar of the parts behind each other."""
    whole = sum(max(0.0, value) for value in parts.values()) or 1.0
    drawing = _svg(WIDTH, 54)
    at = 0.0
    for number, (name, value) in enumerate(parts.items()):
        width = WIDTH * max(0.0, value) / whole
        bar = SubElement(drawing, "rect", {"x": _n(at), "y": "4", "width": _n(width), "height": "30", "class": f"part part{number % 8}"})
        _title(bar, f"{name}: {value:.0f} {unit}")
        if width > 46:
            _text(drawing, at + width / 2, 24, f"{value:.0f}", "in-part")
        at += width
    return _told(drawing, "Mean length of each stage")


def timeline(call: CallFigures) -> str:
    """A call with both voices: the agent above, the caller below, and what happened between them."""
    told = call.timeline
    width = 24 + SECOND * max(told.duration, 10.0)
    drawing = _svg(width, 150)
    drawing.set("style", f"width:{width:.0f}px")
    for second in range(int(max(told.duration, 10.0)) + 1):
        if second % 5 == 0:
            _line(drawing, _t(second), 8, _t(second), 128, "grid")
            _text(drawing, _t(second), 144, f"{second} s", "tick")
    for lane in (44, 100):
        _line(drawing, 12, lane, width - 12, lane, "lane")
    _voices(drawing, told.agent, 44, "agent")
    _voices(drawing, told.caller, 100, "caller")
    for saying in told.sayings:
        _title(_line(drawing, _t(saying.at), 16, _t(saying.at), 24, "saying"), f"agent: {saying.text}")
    _disturbances(drawing, call)
    for at in told.cleared:
        _title(SubElement(drawing, "path", {"d": _diamond(_t(at), 20), "class": "cleared"}), f"the agent is stopped at {at:.2f} s")
    _gaps(drawing, call)
    return _told(drawing, f"Both voices of call {told.call}")


def curve(samples: Sequence[float], unit: str) -> str:
    """Values in the order in which they came."""
    low, high = min(samples), max(samples)
    reach = max(high - low, 1.0)
    drawing = _svg(WIDTH, 150)
    points = " ".join(
        f"{_n(60 + (WIDTH - 72) * number / max(1, len(samples) - 1))},{_n(126 - 104 * (value - low) / reach)}"
        for number, value in enumerate(samples)
    )
    for value, at in ((low, 126.0), (low + reach, 22.0)):
        _line(drawing, 60, at, WIDTH - 12, at, "grid")
        _text(drawing, 52, at + 4, f"{value:.0f} {unit}", "row-name")
    SubElement(drawing, "polyline", {"points": points, "class": "curve"})
    return _told(drawing, "Memory as calls ended")


# ------------------------------------------------------------ the timeline's marks


def _voices(drawing: Element, spans: Sequence[Span], middle: float, who: str) -> None:
    for begin, end in merged(spans, _VOICE_GAP):
        box = {
            "x": _n(_t(begin)),
            "y": _n(middle - 14),
            "width": _n(max(1.0, _t(end) - _t(begin))),
            "height": "28",
            "rx": "3",
            "class": f"voice {who}",
        }
        SubElement(drawing, "rect", box)


def _disturbances(drawing: Element, call: CallFigures) -> None:
    outcomes = {each.disturbed: each.outcome for each in call.disturbances}
    for event in call.timeline.disturbed:
        outcome = outcomes.get(event, "not judged")
        box = {"x": _n(_t(event.begin)), "y": "92", "width": _n(_t(event.end) - _t(event.begin)), "height": "16", "rx": "8"}
        mark = SubElement(drawing, "rect", {**box, "class": f"disturbance {outcome.replace(' ', '-')}"})
        _title(mark, f"{event.kind} ({event.name}) at {event.begin:.1f} s: {outcome}")
        _text(drawing, _t(event.begin) + 2, 88, event.kind, "event")


def _gaps(drawing: Element, call: CallFigures) -> None:
    for turn in call.turns:
        begin, end = _t(turn.said.begin), _t(turn.said.end)
        kind = "turn cut-off" if turn.cut_off else "turn missing" if turn.missing else "turn"
        words = f"“{turn.heard.text}”" if turn.heard else "not understood in time"
        _title(_line(drawing, begin, 118, end, 118, kind), f"{turn.said.name}: {words}")
        if turn.gap is not None:
            parts = ", ".join(f"{name} {1000 * seconds:.0f}" for name, seconds in stages(turn).items())
            _title(_line(drawing, end, 72, end + SECOND * turn.gap, 72, "gap"), f"turn gap {1000 * turn.gap:.0f} ms: {parts}")
            _text(drawing, end + SECOND * turn.gap / 2, 68, f"{turn.gap:.2f}", "gap-name")
        if turn.stop is not None:
            _title(_line(drawing, begin, 72, begin + SECOND * turn.stop, 72, "stop"), f"silent {1000 * turn.stop:.0f} ms after the onset")


# ------------------------------------------------------------ SVG


def _svg(width: float, height: float) -> Element:
    return Element("svg", {"viewBox": f"0 0 {width:.0f} {height:.0f}", "role": "img", "class": "chart"})


def _told(drawing: Element, label: str) -> str:
    drawing.set("aria-label", label)
    return tostring(drawing, encoding="unicode")


def _axis(drawing: Element, most: float, height: float, unit: str) -> None:
    step = next((step for step in (50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000) if most / step <= 8), 20_000)
    for value in np.arange(0, most, step):
        _line(drawing, _x(value, most), 14, _x(value, most), height - 26, "grid")
        _text(drawing, _x(value, most), height - 8, f"{value:.0f}" if value else f"0 {unit}", "tick")


def _line(drawing: Element, x1: float, y1: float, x2: float, y2: float, kind: str) -> Element:
    return SubElement(drawing, "line", {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2), "class": kind})


def _text(drawing: Element, x: float, y: float, text: str, kind: str) -> None:
    SubElement(drawing, "text", {"x": _n(x), "y": _n(y), "class": kind}).text = text


def _title(element: Element, text: str) -> None:
    SubElement(element, "title").text = text


def _x(value: float, most: float) -> float:
    return LABEL + (WIDTH - LABEL - 24) * max(0.0, value) / most  # the ear may be a packet ahead of the server's own account


def _t(at: Seconds) -> float:
    return 12 + SECOND * at


def _diamond(x: float, y: float) -> str:
    return f"M{x:.1f} {y - 6} l5 6 l-5 6 l-5 -6 z"


def _n(value: float) -> str:
    return f"{value:.1f}"
