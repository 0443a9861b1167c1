"""The command line. Each door is a module of its own, imported when it is opened, so that `--help` and small doors are quick.

To add a door, write `voice_agent/cli/NAME.py` and give it a line in DOORS. A door with commands of its own is made by `group`.

Results go to stdout, everything else to stderr. Exit codes: 0 done; 2 the user or the operator can mend it (bad
input, configuration, a missing model); 1 anything else; 130 Ctrl-C. A door says what is wrong by raising a VoiceAgentError.
"""

import os
import sys
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from voice_agent.errors import VoiceAgentError


class Door(NamedTuple):
    """Where a command is, and its line in the overview."""

    target: str
    """`module:name` of a function with typer's annotations, or of a `typer.Typer` with commands of its own."""
    help: str


DOORS = {
    "serve": Door("voice_agent.cli.serve:serve", "Answer calls: phone page, desk, carrier webhooks."),
    "call": Door("voice_agent.cli.call:call", "Call a running server, speaking WAV files."),
    "transcribe": Door("voice_agent.cli.doors:transcribe", "WAV files to text."),
    "redact": Door("voice_agent.cli.doors:redact", "Take personal data out of text."),
    "search": Door("voice_agent.cli.doors:search", "Find passages of the knowledge base."),
    "ask": Door("voice_agent.cli.doors:ask", "Answer a question from the knowledge base."),
    "verify": Door("voice_agent.cli.doors:verify", "Check whether passages support an answer."),
    "triage": Door("voice_agent.cli.doors:triage", "Decide whether a person should take over."),
    "brief": Door("voice_agent.cli.doors:brief", "Write what the person who takes over needs to know."),
    "calls": Door("voice_agent.cli.calls:app", "Calls that are over: list, filter, show, count."),
    "replay": Door("voice_agent.cli.replay:replay", "Run recorded calls again; compare the decisions."),
    "kb": Door("voice_agent.cli.kb:app", "Index the knowledge base and look into it."),
    "evaluate": Door("voice_agent.cli.evaluate:evaluate", "Ask questions with known answers; measure what is right."),
    "accounts": Door("voice_agent.cli.accounts:app", "The people who may use the desk, and the audit log."),
    "privacy": Door("voice_agent.cli.privacy:app", "Personal data: prove that it stays out; retain, export, erase."),
    "config": Door("voice_agent.cli.config:app", "Check the rules, test them, try a change; go back."),
    "models": Door("voice_agent.cli.models:app", "Fetch, list and verify the model files."),
    "bench": Door("voice_agent.cli.bench:bench", "Call a server with callers of its own; measure at their ear."),
    "doctor": Door("voice_agent.cli.doctor:doctor", "Check the set-up and say how to mend it."),
}


class Doors(TyperGroup):
    """Commands that are imported only when they are run."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(DOORS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """For the overview: the name and the help line, without the import."""
        return TyperCommand(cmd_name, help=DOORS[cmd_name].help) if cmd_name in DOORS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, open_door(name) if name in DOORS else command, rest


def open_door(name: str) -> Any:
    """The command behind a name of DOORS, imported."""
    module, _, attribute = DOORS[name].target.partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        door = _typer()
        door.command(name)(found)
        found = door
    command = typer.main.get_command(found)
    command.name = name
    return command


def group(text: str) -> typer.Typer:
    """Make a door with commands of its own, each a function under `@app.command()`; `text` says what it is for."""
    app = _typer(TyperGroup)
    app.callback(help=text)(lambda: None)
    return app


def _typer(group_class: type[TyperGroup] | None = None) -> typer.Typer:
    # Without markup, because help texts show JSON, whose brackets it would swallow; without pretty tracebacks, because they show
    # local variables, which may hold a caller's words.
    return typer.Typer(
        cls=group_class,
        add_completion=False,
        no_args_is_help=group_class is not None,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


app = _typer(Doors)


@app.callback()
def root() -> None:
    """A support line that answers the phone, answers only from your documents, and hands over to a person."""


def main() -> None:
    """Run the command line and exit."""
    try:
        try:
            app(prog_name="voice-agent")
        finally:
            sys.stdout.flush()
    except (VoiceAgentError, ExceptionGroup) as error:
        faults = [each for each in _leaves(error) if isinstance(each, VoiceAgentError)]
        if len(faults) < len(_leaves(error)):
            raise
        for fault in faults:
            for line in str(fault).splitlines():  # a configuration tells all its mistakes, one a line
                print("voice-agent:", line, file=sys.stderr)
        sys.exit(2 if all(fault.fault in ("user", "operator") for fault in faults) else 1)
    except BrokenPipeError:
        # Whoever reads our results (`head`, say) has enough. Python would complain at its end, when it flushes stdout once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _leaves(error: Exception) -> list[Exception]:
    """The errors of a task group; an error that is none, itself."""
    if isinstance(error, ExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]
