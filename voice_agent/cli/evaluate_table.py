"""An evaluation for people: the figures in a table, then the questions that went wrong."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from voice_agent.evaluation.figures import Figure, figures, worst_first
from voice_agent.evaluation.outcomes import Outcome

_COLORS = {"made up": "red", "answered all the same": "red", "wrong": "red", "right": "green"}


def show_figures(outcomes: Sequence[Outcome], console: Console) -> None:
    table = Table(title=f"{len(outcomes)} question{'s' * (len(outcomes) != 1)}", title_justify="left")
    for name, side in (
        ("figure", "left"),
        ("meaning", "left"),
        ("asked for", "right"),
        ("measured", "right"),
        ("of", "right"),
        ("", "left"),
    ):
        table.add_column(name, justify="right" if side == "right" else "left")
    for figure in figures(outcomes):
        verdict = {True: "[green]holds[/]", False: "[red]missed[/]", None: ""}[figure.holds]
        table.add_row(figure.name, figure.meaning, _bound(figure), _number(figure, figure.value), str(figure.of), verdict)
    console.print(table)


def show_questions(outcomes: Sequence[Outcome], console: Console, most: int) -> None:
    """Those about which there is something to say, worst first."""
    worth = [outcome for outcome in worst_first(outcomes) if outcome.remarks]
    for outcome in worth[:most]:
        color = _COLORS.get(outcome.grade, "yellow")
        console.print(f"\n[{color}]{outcome.grade}[/]  [bold]{escape(outcome.question.text)}[/]  [dim]({escape(outcome.question.id)})[/]")
        if outcome.action == "answer":
            console.print(f"  said: {escape(outcome.answer)}", highlight=False)
        for remark in outcome.remarks:
            console.print(f"  {escape(remark)}", highlight=False)
    if len(worth) > most:
        console.print(f"\n{len(worth) - most} more; --show {len(worth)} shows them all.")


def _bound(figure: Figure) -> str:
    if figure.at_least is not None:
        return f"≥ {_number(figure, figure.at_least)}"
    return f"≤ {_number(figure, figure.at_most)}" if figure.at_most is not None else ""


def _number(figure: Figure, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f} ms" if figure.name.endswith("_ms") else f"{value:.3f}"
