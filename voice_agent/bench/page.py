"""The report: one HTML file that needs no network."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from voice_agent.bench import charts
from voice_agent.bench.figures import Bench, costliest, figures, gaps, number, requirements, stage_times, stops
from voice_agent.bench.measure import stages

FOLDER = Path(__file__).parent
VERDICTS = {"aim": "aim reached", "must": "as it must be", "missed": "missed", "not measured": "not measured"}


def page(bench: Bench) -> str:
    surroundings = Environment(loader=FileSystemLoader(FOLDER), autoescape=select_autoescape(["html"]), undefined=StrictUndefined)
    surroundings.globals["stages"] = stages
    surroundings.filters["number"] = number
    return surroundings.get_template("page.html").render(
        bench=bench,
        told=figures(bench),
        rows=requirements(bench),
        verdicts=VERDICTS,
        style=Markup((FOLDER / "page.css").read_text("utf-8")),  # noqa: S704  our own file
        means=_means(bench),
        costliest=costliest(bench.turns),
        drawings=_drawings(bench),
        calls=[(call, Markup(charts.timeline(call))) for call in bench.calls],  # noqa: S704  built as a tree, so escaped
    )


def _means(bench: Bench) -> dict[str, float]:
    """Of each stage in ms. Means, because they add up."""
    return {name: 1000 * sum(values) / len(values) for name, values in stage_times(bench.turns).items()}


def _drawings(bench: Bench) -> dict[str, Markup]:
    lines = sorted({call.timeline.line for call in bench.calls})
    by_line = {f"{line} line": [turn for turn in bench.turns if turn.line == line] for line in lines}
    limits = (1800.0, 1200.0) if bench.together == 1 else (3000.0, 2000.0)
    drawn = {
        "gaps": charts.strip({name: _ms(gaps(turns)) for name, turns in by_line.items()}, limits=limits),
        "stops": charts.strip({name: _ms(stops(turns)) for name, turns in by_line.items()}, limits=(400.0, 300.0)),
        "stages": charts.strip({name: _ms(values) for name, values in stage_times(bench.turns).items()}),
        "means": charts.stacked(_means(bench)),
        "memory": charts.curve(bench.memory.samples, "MB") if bench.memory else "",
    }
    return {name: Markup(drawing) for name, drawing in drawn.items()}  # noqa: S704  built as trees, so escaped


def _ms(seconds: list[float]) -> list[float]:
    return [1000 * each for each in seconds]
