"""An OutcomeStore that lives in memory, with the same promises as the one in the database."""

from dataclasses import replace

from tests.fakes.stores import MemoryCallStore
from voice_agent.core.words import CallId
from voice_agent.ports import AgentVerdict, Outcome, OutcomeFilter
from voice_agent.ports.outcomes import REPEAT_WITHIN, merged


class MemoryOutcomeStore:
    def __init__(self, calls: MemoryCallStore | None = None) -> None:
        """`calls`: knows the callers; without it nobody does."""
        self._calls = calls or MemoryCallStore()
        self._kept: dict[CallId, Outcome] = {}
        self._verdicts: dict[CallId, AgentVerdict] = {}
        self.broken: Exception | None = None
        """Raised by every method while set."""

    async def keep(self, outcome: Outcome) -> None:
        self._check()
        kept = merged(self._kept[outcome.call], outcome) if outcome.call in self._kept else outcome
        self._kept[outcome.call] = replace(kept, repeat_contact=self._has_called(kept), verdict=None)

    async def note_verdict(self, call: CallId, verdict: AgentVerdict) -> None:
        self._check()
        self._verdicts[call] = verdict

    async def verdict(self, call: CallId) -> AgentVerdict | None:
        self._check()
        return self._verdicts.get(call)

    async def find(self, call: CallId) -> Outcome | None:
        self._check()
        found = self._kept.get(call)
        return found and replace(found, verdict=self._verdicts.get(call))

    async def matching(self, wanted: OutcomeFilter) -> list[Outcome]:
        self._check()
        found = [replace(outcome, verdict=self._verdicts.get(call)) for call, outcome in self._kept.items()]
        return sorted((outcome for outcome in found if _fits(outcome, wanted)), key=lambda outcome: (-outcome.started, outcome.call))

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken

    def _has_called(self, outcome: Outcome) -> bool | None:
        record = self._calls.records.get(outcome.call)
        mine = record and (record.carrier, record.carrier_call)
        if mine is None or mine not in self._calls.callers:
            return None
        caller = self._calls.callers[mine]
        times = [self._calls.noted[other] for other, theirs in self._calls.callers.items() if theirs == caller and other != mine]
        return any(outcome.started - REPEAT_WITHIN <= time <= outcome.started for time in times)


def _fits(outcome: Outcome, wanted: OutcomeFilter) -> bool:
    named = ("disposition", "queue", "rule", "agent")
    return (
        outcome.started >= wanted.since
        and all(getattr(wanted, name) in (None, getattr(outcome, name)) for name in named)
        and (outcome.repeat_contact is True or not wanted.repeat)
        and ((outcome.verdict is not None and outcome.verdict.escalation_right is False) or not wanted.judged_wrong)
    )
