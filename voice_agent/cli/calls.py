"""`voice-agent calls`: which calls there were, the whole story of one, and the figures of many."""

import asyncio
import re
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from voice_agent.cli import group
from voice_agent.cli.lines import Config, settings_of, write
from voice_agent.core.commands import Disposition
from voice_agent.errors import InputError
from voice_agent.ports import Outcome, OutcomeFilter

if TYPE_CHECKING:
    from voice_agent.app.past_calls import PastCalls, Story

app = group("Calls that are over.")

_SPANS = {"h": 3600.0, "d": 24 * 3600.0, "w": 7 * 24 * 3600.0}
Since = Annotated[
    str, typer.Option("--since", metavar="WHEN", help="Begun since then: 12h, 7d, 2w ago; a day or a time such as 2026-11-21, UTC.")
]
DispositionOption = Annotated[Disposition | None, typer.Option("--disposition", help="How they ended.")]
Queue = Annotated[str | None, typer.Option("--queue", metavar="QUEUE", help="The queue they went to.")]
Rule = Annotated[str | None, typer.Option("--rule", metavar="RULE", help="The rule that decided for a person.")]
Agent = Annotated[str | None, typer.Option("--agent", metavar="NAME", help="Who took them.")]
Repeat = Annotated[bool, typer.Option("--repeat", help="Only of callers who had called in the week before.")]
VerdictOption = Annotated[
    Literal["wrong"] | None, typer.Option("--verdict", help="Only those of which the agent says that the escalation was wrong.")
]
Last = Annotated[int, typer.Option("--last", min=1, max=1_000_000, metavar="N", help="The latest N of them.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on a terminal as well; elsewhere it always is.")]
Call = Annotated[str, typer.Argument(metavar="CALL", help="Its id, or the beginning of it.", show_default=False)]


@app.callback(invoke_without_command=True, no_args_is_help=False, help="List the calls that are over, latest first; show one; count them.")
def calls(  # noqa: PLR0913, PLR0917  options of a command
    context: typer.Context,
    since: Since = "",
    disposition: DispositionOption = None,
    queue: Queue = None,
    rule: Rule = None,
    agent: Agent = None,
    repeat: Repeat = False,
    verdict: VerdictOption = None,
    last: Last = 100,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    if context.invoked_subcommand:
        return
    wanted = OutcomeFilter(
        since=_since(since), disposition=disposition, queue=queue, rule=rule, agent=agent, repeat=repeat, judged_wrong=verdict is not None
    )

    async def job(past: "PastCalls") -> None:
        found = await past.outcomes.matching(wanted)
        if as_json or not on_terminal():
            for outcome in found[:last]:
                write(_line(outcome))
            return
        from voice_agent.cli.calls_table import show_list

        show_list(found[:last], of=len(found))

    _run(config, job)


@app.command()
def show(call: Call, as_json: AsJson = False, config: Config = None) -> None:
    """Tell the whole story of a call: times, outcome, the rule and its facts, the brief, what was said, the agent's verdict."""

    async def job(past: "PastCalls") -> None:
        story = await past.story(call)
        if as_json or not on_terminal():
            write(_story(story))
            return
        from voice_agent.cli.calls_table import show_story

        show_story(story)

    _run(config, job)


@app.command()
def figures(since: Since = "", queue: Queue = None, as_json: AsJson = False, config: Config = None) -> None:
    """Count: how they ended, containment, escalations by rule, times to escalation and waiting, what agents judged wrong."""
    wanted = OutcomeFilter(since=_since(since), queue=queue)

    async def job(past: "PastCalls") -> None:
        from voice_agent.app.past_calls import figures_of

        found = figures_of(await past.outcomes.matching(wanted))
        if as_json or not on_terminal():
            write(asdict(found))
            return
        from voice_agent.cli.calls_table import show_figures

        show_figures(found)

    _run(config, job)


def on_terminal() -> bool:
    return sys.stdout.isatty()


def _run(config: Path | None, job: Callable[["PastCalls"], Awaitable[None]]) -> None:
    from voice_agent.app import parts

    settings = settings_of(config)
    database = parts.database(settings)
    try:
        asyncio.run(_awaited(job(parts.past_calls(settings, database))))
    finally:
        database.close()


async def _awaited(work: Awaitable[None]) -> None:
    await work


def _since(given: str) -> float:
    """UNIX seconds."""
    if span := re.fullmatch(r"(\d{1,4})([hdw])", given):
        return time.time() - int(span[1]) * _SPANS[span[2]]
    try:
        when = datetime.fromisoformat(given) if given else datetime.fromtimestamp(0, UTC)
    except ValueError:
        raise InputError(f"--since {given}: is no time; write 12h, 7d or 2w, or a day such as 2026-11-21.", code="bad-time") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _line(outcome: Outcome) -> dict[str, Any]:
    fields = asdict(outcome)
    if outcome.verdict:
        fields["verdict"]["at"] = _utc(outcome.verdict.at)
    return fields | {"started": _utc(outcome.started), "ended": _utc(outcome.ended)}


def _story(story: "Story") -> dict[str, Any]:
    fields = asdict(story)
    if story.brief:
        del fields["brief"]["transcript"]  # the report has it with its times
    if story.verdict:
        fields["verdict"]["at"] = _utc(story.verdict.at)
    return fields | {"outcome": _line(story.outcome) if story.outcome else None}


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
