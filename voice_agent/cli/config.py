"""`voice-agent config`: the configuration, and the rules of escalation before they meet a caller."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from voice_agent.cli import group
from voice_agent.cli.lines import Config, settings_of, write
from voice_agent.core.escalation import Decision, decide
from voice_agent.errors import InputError
from voice_agent.settings import SHIPPED, Settings, data_dir_of, load_escalation, load_policy
from voice_agent.settings.cases import NAME, Case, read_cases
from voice_agent.settings.generations import FILES, Generations
from voice_agent.settings.reach import unreachable

app = group("The configuration: check it, test the rules of escalation, and try a change on recorded calls.")
File = Annotated[Path | None, typer.Argument(metavar="FILE", help="Another escalation.yaml than the one in force.", show_default=False)]
Over = Annotated[Path, typer.Option("--over", metavar="CALLS", help="A folder of journals, or one journal.", show_default=False)]
Number = Annotated[int | None, typer.Argument(metavar="N", help="The generation; see `config history`.", show_default=False)]
OtherPolicy = Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="Another policy.yaml as well.")]


@app.command()
def check(config: Config = None) -> None:
    """Check every file, and whether each rule can decide.

    Says on stderr what is wrong: mistakes with file and line (exit code 2); rules that no call can reach (exit code 1); and, as advice,
    topics that no rule asks for, and rules that no case of escalation_tests.yaml triggers. Writes {"config", "rules", "topics", "cases",
    "unreachable", "advice"}.
    """
    settings = settings_of(config)
    rules, cases = settings.rules, _cases(settings)
    dead = [f'rule "{rules[place].name}" {why}' for place, why in unreachable(rules)]
    advice = [*_unused_topics(settings), *_untested(settings, cases)]
    for message in (*dead, *advice):
        print(f"{settings.escalation_file}: {message}", file=sys.stderr)
    write(
        {
            "config": str(settings.config_dir),
            "rules": len(rules),
            "topics": len(settings.escalation.topics),
            "cases": len(cases),
            "unreachable": dead,
            "advice": advice,
        }
    )
    if dead:
        raise typer.Exit(1)


@app.command(name="test")
def run_cases(config: Config = None) -> None:
    """Run the cases of escalation_tests.yaml.

    Writes one JSON object a case that fails (line, say or facts, expected, decided, explain), and a last one with the counts. Exit code 1
    when a case fails.
    """
    settings = settings_of(config)
    cases = _cases(settings)
    if not cases:
        raise InputError(f"{settings.config_dir / NAME}: there are no cases yet; write some (README, Escalation).", code="no-cases")
    failed = asyncio.run(_run(settings, cases))
    write({"cases": len(cases), "failed": failed})
    if failed:
        raise typer.Exit(1)


@app.command()
def diff(over: Over, file: File = None, policy: OtherPolicy = None, config: Config = None) -> None:
    """What if: recorded calls under other rules.

    Decides each journal again, without any model, and writes one JSON object a call that would have gone otherwise: journal, call, was and
    would_be (turn, at, decision, rule, queue; null where the assistant goes on); and a last one with the counts.
    """
    from voice_agent.session.whatif import what_if

    settings = settings_of(config)
    rules = load_escalation(file, settings.policy).rules if file else settings.rules
    other = load_policy(policy) if policy else None
    journals = sorted(over.rglob("*.jsonl")) if over.is_dir() else [over]
    if not journals:
        raise InputError(f"{over}: holds no journals (DAY/CALL.jsonl).", code="no-journals")
    changed = unread = 0
    for path in journals:
        try:
            result = what_if(path, policy=other, rules=rules)
        except InputError as error:
            unread += 1
            print(f"voice-agent: {error}", file=sys.stderr)
            continue
        if result.changed:
            changed += 1
            write({"journal": str(path), **asdict(result)})
    write({"calls": len(journals) - unread, "changed": changed, "unread": unread})


@app.command()
def history(config: Config = None) -> None:
    """List the generations of the policy, oldest first; new calls get the last.

    One JSON object a generation: generation, since (UTC), folder with its files.
    """
    for each in Generations(data_dir_of(config) / "generations").all():
        since = datetime.fromtimestamp(each.since, UTC).isoformat(timespec="seconds")
        write({"generation": each.number, "since": since, "folder": str(each.folder)})


@app.command()
def rollback(generation: Number = None, config: Config = None) -> None:
    """Put an earlier generation's escalation.yaml and policy.yaml back; a running server takes them up at once, for new calls.

    Without a number: the generation before the last. An edit that was never in force is kept beside the file as NAME.before-rollback.
    Works on a broken configuration too. Writes {"generation", "files", "kept"}.
    """
    folder = (config or SHIPPED).resolve()
    generations = Generations(data_dir_of(config) / "generations")
    if generation is None:
        earlier = generations.all()[:-1]
        if not earlier:
            raise InputError("there is no earlier generation to go back to; `config history` lists them.", code="no-generation")
        generation = earlier[-1].number
    files = tuple(folder / name for name in FILES)
    kept = generations.restore(generation, files)
    write({"generation": generation, "files": [str(file) for file in files], "kept": [str(file) for file in kept]})


def _cases(settings: Settings) -> list[Case]:
    return read_cases(settings.config_dir / NAME, settings.escalation)


async def _run(settings: Settings, cases: Sequence[Case]) -> int:
    """Write those that fail; how many they are."""
    heard = await _understood(settings, [case.say for case in cases if case.say])
    failed = 0
    for case in cases:
        decision = heard[case.say] if case.say else decide(settings.rules, case.facts)
        decided = decision.rule.name if decision.rule else None
        if decided != case.rule:
            failed += 1
            what = {"say": case.say} if case.say else {"facts": _told(case)}
            write({"line": case.line, **what, "expected": case.rule, "decided": decided, "explain": decision.explain})
    return failed


async def _understood(settings: Settings, sayings: Sequence[str]) -> dict[str, Decision]:
    """What the rules make of each saying; no model is loaded where there are none."""
    if not sayings:
        return {}
    from voice_agent import app as root
    from voice_agent.cli.written import Rulebook, recognize_intents, redact_lines

    rulebook = Rulebook(settings.policy, settings.rules)
    found = {}
    async with root.open_understanding(settings) as (redactor, intents):
        for say in sayings:
            lines = await redact_lines([("caller", say)], redactor)
            found[say] = rulebook.read(lines, await recognize_intents(lines, intents)).decision
    return found


def _told(case: Case) -> dict[str, object]:
    """Those facts that differ from an uneventful call."""
    usual = type(case.facts)()
    return {name: value for name, value in asdict(case.facts).items() if value != getattr(usual, name)}


def _unused_topics(settings: Settings) -> list[str]:
    named = {
        value
        for rule in settings.rules
        for condition in rule.when
        if condition.fact == "topic"
        for value in (condition.value if isinstance(condition.value, tuple) else (condition.value,))
    }
    return [f'topic "{topic}": no rule asks for it.' for topic in settings.escalation.topics if topic not in named]


def _untested(settings: Settings, cases: Sequence[Case]) -> list[str]:
    tested = {case.rule for case in cases}
    return [f'rule "{rule.name}": no case of {NAME} triggers it; add one.' for rule in settings.rules if rule.name not in tested]
