"""escalation_tests.yaml: what the rules must decide, by example. `config test` runs the cases, and so does the project's CI."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from voice_agent.core.escalation import FACT_NAMES, Facts
from voice_agent.settings.escalation import Escalation, complaint_about
from voice_agent.settings.mistakes import ConfigFile, known, raise_if_any, shown
from voice_agent.settings.sections import Section, Text
from voice_agent.settings.validate import validate

NAME = "escalation_tests.yaml"


class _Case(Section):
    say: Text | None = Field(None, description="what a caller says, in quotes")
    facts: dict[str, Any] | None = Field(None, description="facts with their values, such as {unanswered_in_row: 2}")
    rule: Text | None = Field(None, description="the name of the rule that must decide; nothing when the assistant must go on")


class _CasesFile(Section):
    cases: tuple[_Case, ...] = Field((), description="a list of cases, each with `say` or `facts`, and `rule`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    line: int
    """In the file."""
    say: str
    """What a caller says; empty for a case about facts alone."""
    facts: Facts
    rule: str | None
    """That must decide; None when the assistant must go on."""


def read_cases(path: Path, escalation: Escalation) -> list[Case]:
    """The cases of a file; none where there is no such file.

    Raises:
        ConfigError: lists every mistake in it.
    """
    file = ConfigFile(path)
    read = validate(file, _CasesFile)
    names = [rule.name for rule in escalation.rules]
    for number, case in enumerate(read.cases):
        place = ("cases", number)
        if bool(case.say) == bool(case.facts):
            file.note(place, "give either `say`, what a caller says, or `facts`.")
        for fact, value in (case.facts or {}).items():
            if fact not in FACT_NAMES:
                file.note((*place, "facts", fact), f"is not a fact; {known(fact, FACT_NAMES, 'facts')}")
            elif complaint := complaint_about(fact, value, tuple(escalation.topics)):
                file.note((*place, "facts", fact), f"{shown(value)} {complaint}")
        if case.rule is not None and case.rule not in names:
            file.note((*place, "rule"), f'"{case.rule}" is not a rule of escalation.yaml; {known(case.rule, names, "rules")}')
    raise_if_any(file.mistakes)
    return [
        Case(line=file.line(("cases", number)), say=case.say or "", facts=Facts(**(case.facts or {})), rule=case.rule)
        for number, case in enumerate(read.cases)
    ]
