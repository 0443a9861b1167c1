"""What if: recorded calls decided again under other rules. No model is needed, for a journal holds what every model found.

Only what decides is compared: the offers of a person and the handovers, each with its turn and its rule. What the caller would have said to
another reply nobody knows, so a call is told up to its first difference. Phrases of topics are not tried again: the journal holds what was
understood, not how.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_agent.core.call import Call
from voice_agent.core.commands import Command, NoteLine, OfferHandover, Speak
from voice_agent.core.escalation import Rule, Then
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, RedactedText, Seconds
from voice_agent.session.journal import read_journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """The assistant offered a person, or handed the call over."""

    turn: int
    """How many things the caller had said, this one included."""
    at: Seconds
    """Since the call began."""
    decision: Then
    rule: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    call: CallId
    was: Escalated | None
    """The first decision that would be another, as it was; None when the assistant went on."""
    would_be: Escalated | None

    @property
    def changed(self) -> bool:
        return self.was != self.would_be


def what_if(path: Path, *, policy: Policy | None = None, rules: Sequence[Rule] | None = None) -> WhatIf:
    """One journal under another policy, other rules, or both; under its own where none are given.

    Raises:
        InputError: the file is no journal that this program reads.
    """
    recording = read_journal(path)
    header = recording.header
    other = header.rules if rules is None else tuple(rules)
    call = Call(policy=header.policy if policy is None else policy.where(header.policy), rules=other)
    was, would_be = _Watch(header.rules), _Watch(other)
    for pair in recording.pairs:
        before = [*was.look(pair.commands, pair.event.at)]
        after = [*would_be.look(call.handle(pair.event), pair.event.at)]
        if before != after:
            return WhatIf(call=header.call, was=_first(before, after), would_be=_first(after, before))
    return WhatIf(call=header.call, was=None, would_be=None)


def _first(these: Sequence[Escalated], those: Sequence[Escalated]) -> Escalated | None:
    return next((each for number, each in enumerate(these) if these[: number + 1] != those[: number + 1]), None)


class _Watch:
    """Sees, in the commands of a call, when its rules decide."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._offers: dict[RedactedText, Rule] = {}
        for rule in rules:
            if rule.then != "transfer":
                self._offers.setdefault(rule.say, rule)
        self._turn = 0

    def look(self, commands: Sequence[Command], at: Seconds) -> Iterator[Escalated]:
        for command in commands:
            match command:
                case NoteLine(line=line, revised=False) if line.speaker == "caller":
                    self._turn += 1
                case OfferHandover():
                    yield Escalated(turn=self._turn, at=at, decision="transfer", rule=command.brief.rule, queue=command.queue)
                case Speak(text=text) if rule := self._offers.get(text):
                    yield Escalated(turn=self._turn, at=at, decision=rule.then, rule=rule.name, queue=rule.queue)
