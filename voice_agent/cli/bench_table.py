"""A bench for people: what is required and what was measured, in a table."""

from rich.console import Console
from rich.table import Table

from voice_agent.bench.figures import Bench, costliest, figures, number, requirements

VERDICTS = {"aim": "[green]aim reached[/]", "must": "[yellow]as it must be[/]", "missed": "[red]missed[/]", "not measured": "not measured"}


def show(bench: Bench, console: Console) -> None:
    told = figures(bench)
    table = Table(title=f"{told['calls']} calls, {bench.together} at once, {told['turns']} turns, seed {bench.seed}", title_justify="left")
    for name in ("measure", "must", "aim", "measured", "n", ""):
        table.add_column(name, justify="left" if name in ("measure", "") else "right")
    for row in requirements(bench):
        table.add_row(
            row.measure, number(row, row.must), number(row, row.aim), number(row, row.measured), str(row.n), VERDICTS[row.verdict]
        )
    console.print(table)
    for row in requirements(bench):
        if row.verdict == "missed" and row.where:
            console.print(f"[red]{row.measure}[/]: {row.where}")
    stages = Table(title="Where the turn gap goes, in ms", title_justify="left")
    for name in ("stage", "p50", "p95"):
        stages.add_column(name, justify="left" if name == "stage" else "right")
    for name, times in told["stages_ms"].items():
        stages.add_row(name + (" ← most" if name == costliest(bench.turns) else ""), str(times["p50"]), str(times["p95"]))
    if told["stages_ms"]:
        console.print(stages)
    notes = [
        f"{kind}: {each['interrupted']} of {sum(each.values())} interrupted, {each['paused']} paused"
        for kind, each in told["disturbances"].items()
    ]
    console.print(" · ".join(notes))
    if told["taken_for_words"]:
        console.print(f"{told['taken_for_words']} of these sounds were taken for something the caller had said")
    if told["ended"].get("server"):
        console.print(f"[red]the server ended {told['ended']['server']} calls by itself[/]")
    new = told["turn_gap_new_reply_ms"]
    console.print(f"turn gap where the reply was not said before in this run: p50 {new['p50']} ms, p95 {new['p95']} ms, n {new['n']}")
    console.print(f"{told['fillers_first']} replies began with a filler; load {bench.load} on {bench.cores} cores; {told['seconds']} s")
