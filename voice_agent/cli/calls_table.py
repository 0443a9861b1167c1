"""Calls for people: a table of many, the story of one, and the figures."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from voice_agent.app.past_calls import CallFigures, Story
from voice_agent.core.brief import Brief
from voice_agent.core.words import Seconds
from voice_agent.ports import AgentVerdict, Outcome
from voice_agent.session.report import CallReport

_COLORS = {"contained": "green", "transferred": "cyan", "callback": "cyan", "abandoned": "yellow", "failed": "red"}
SHORT = 8
"""Characters of an id in the table; enough to name it."""
WIDE = 100
"""Columns of a terminal that has room for everything."""


def show_list(outcomes: Sequence[Outcome], *, of: int) -> None:
    console = Console()
    wide = console.width >= WIDE
    table = Table(title=f"{of} call{'s' * (of != 1)}", title_justify="left", box=None, pad_edge=False)
    for name in ("call", "begun (UTC)", "ended as"):
        table.add_column(name, no_wrap=True)
    for name in ("rule", "agent") if wide else ("rule",):
        table.add_column(name)  # these give way
    for name in ("length", "decided", "waited") if wide else ("decided", "waited"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for outcome in outcomes:
        length = (_span(outcome.ended - outcome.started),) if wide else ()
        table.add_row(
            outcome.call[:SHORT],
            datetime.fromtimestamp(outcome.started, UTC).strftime("%d %b %H:%M"),
            f"[{_COLORS[outcome.disposition]}]{outcome.disposition}[/]",
            *(escape(text) or "–" for text in ((outcome.rule, outcome.agent) if wide else (outcome.rule,))),
            *length,
            _span(outcome.time_to_escalation_s),
            _span(outcome.waiting_s),
            _marks(outcome),
        )
    console.print(table)
    if of > len(outcomes):
        console.print(f"{of - len(outcomes)} more, begun earlier; --last {of} shows them all.")


def show_figures(figures: CallFigures) -> None:
    console = Console()
    table = Table(title=f"{figures.calls} call{'s' * (figures.calls != 1)}", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for disposition, count in figures.dispositions.items():
        table.add_row(disposition, str(count))
    table.add_row("served by the assistant alone", _percent(figures.containment))
    table.add_row("escalated", str(figures.escalated))
    table.add_row("median time to the escalation", _span(figures.median_time_to_escalation_s))
    table.add_row("median waiting time", _span(figures.median_waiting_s))
    table.add_row(f"repeat contacts, of {figures.known_callers} whose caller is known", _percent(figures.repeat_contacts))
    table.add_row(f"escalations judged wrong, of {figures.judged} judged", _percent(figures.judged_wrong))
    table.add_row("briefs judged useful", _percent(figures.briefs_useful))
    console.print(table)
    if figures.rules:
        rules = Table(title="What decided for a person", title_justify="left")
        rules.add_column("rule")
        for name in ("calls", "judged", "wrong"):
            rules.add_column(name, justify="right")
        for row in figures.rules:
            rules.add_row(escape(row.rule) or "–", str(row.calls), str(row.judged), str(row.wrong))
        console.print(rules)


def show_story(story: Story) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]Call {story.call}[/]")
    if story.outcome:
        _outcome(console, story.outcome)
    else:
        console.print("It has no outcome: it goes on, or the server that had it was killed.")
    if story.brief:
        _brief(console, story.brief)
    if story.verdict:
        _verdict(console, story.verdict)
    if story.report:
        _said(console, story.report)


def _outcome(console: Console, outcome: Outcome) -> None:
    rows = {
        "begun": f"{_time(outcome.started)} UTC",
        "length": _span(outcome.ended - outcome.started),
        "ended as": outcome.disposition,
        "queue": outcome.queue,
        "rule": outcome.rule,
        "time to escalation": _span(outcome.time_to_escalation_s),
        "waited": _span(outcome.waiting_s),
        "taken by": outcome.agent,
        "repeat contact": {True: "yes", False: "no", None: "not known"}[outcome.repeat_contact],
    }
    _rows(console, "Outcome", {name: value for name, value in rows.items() if value not in {"", "–"}})


def _brief(console: Console, brief: Brief) -> None:
    _rows(console, "Brief", {"wants": brief.headline, "caller": brief.caller, "mood": brief.mood, "why a person": brief.reason})
    _rows(console, "", {"explanation": brief.explanation, "still open": brief.open_question, "left out": ", ".join(brief.redactions)})
    for fact in brief.facts:
        console.print(f"  {escape(fact.kind)}: {escape(fact.text)}")
    for attempt in brief.tried:
        console.print(f"  tried: {escape(attempt.asked)} [dim]→ {attempt.outcome}[/]")
    for citation in brief.citations:
        console.print(f"  source: {escape(citation.title)} [dim]{escape(citation.source)}[/]")
    for step in brief.next_steps:
        console.print(f"  next: {escape(step)}")


def _verdict(console: Console, verdict: AgentVerdict) -> None:
    said = {True: "yes", False: "no", None: "not said"}
    rows = {"by": verdict.agent, "came to": verdict.disposition, "escalation right": said[verdict.escalation_right]}
    _rows(console, "Wrap-up", rows | {"brief useful": said[verdict.brief_useful], "notes": verdict.notes})


def _said(console: Console, report: CallReport) -> None:
    console.print("[bold]What was said[/]")
    for turn in report.turns:
        cut = " [yellow]✂[/]" if turn.interrupted else ""
        sources = "".join(f" [dim]({escape(source)})[/]" for source in dict.fromkeys(citation.source for citation in turn.citations))
        console.print(f"  {turn.at:7.1f} s  {turn.speaker:6}  {escape(turn.text)}{cut}{sources}")


def _rows(console: Console, title: str, rows: dict[str, str]) -> None:
    if title:
        console.print(f"[bold]{title}[/]")
    for name, value in rows.items():
        if value:
            console.print(f"  {name}: {escape(value)}")


def _marks(outcome: Outcome) -> str:
    wrong = outcome.verdict is not None and outcome.verdict.escalation_right is False
    return ", ".join(word for word, holds in (("again", outcome.repeat_contact is True), ("wrong", wrong)) if holds)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _span(seconds: Seconds | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
