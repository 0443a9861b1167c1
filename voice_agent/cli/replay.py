"""`voice-agent replay`: recorded calls, decided again."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from voice_agent.cli.lines import write
from voice_agent.session.replay import Difference
from voice_agent.session.replay import replay as replay_journal
from voice_agent.settings import load_policy

Journals = Annotated[
    list[Path], typer.Argument(metavar="JOURNAL …", help="Journals of calls, var/journals/DAY/CALL.jsonl.", show_default=False)
]
Policy = Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="Another policy than the one each call had.")]


def replay(journals: Journals, policy: Policy = None) -> None:
    """Run recorded calls again and compare the decisions.

    Writes one JSON object a journal: call, same, pairs, torn, disposition, and for the first difference its line, time, event and
    the commands expected and actual. Exit code 1 when a call was decided otherwise.
    """
    other = load_policy(policy) if policy else None
    different = False
    for path in journals:
        result = replay_journal(path, other)
        different |= not result.same
        write(
            {
                "journal": str(path),
                "call": result.call,
                "same": result.same,
                "pairs": result.pairs,
                "torn": result.torn,
                "disposition": result.disposition,
                "difference": _told(result.difference) if result.difference else None,
            }
        )
    if different:
        raise typer.Exit(1)


def _told(difference: Difference) -> dict[str, Any]:
    return {
        "line": difference.line,
        "at": difference.at,
        "event": difference.event,
        "expected": [_command(command) for command in difference.expected],
        "actual": [_command(command) for command in difference.actual],
    }


def _command(command: Any) -> dict[str, Any]:
    return {"command": type(command).__name__, **asdict(command)}
