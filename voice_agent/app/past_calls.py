"""Calls that are over: which there were, the whole story of one, and the figures of many."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from voice_agent.core.brief import Brief
from voice_agent.core.commands import Disposition, OfferHandover, StoreCallback
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import InputError
from voice_agent.ports import AgentVerdict, HumanQueue, Outcome, OutcomeFilter, OutcomeStore
from voice_agent.session.journal import Recording, read_journal
from voice_agent.session.report import CallReport, report

LEAST_PREFIX = 4
"""Characters of an id that are taken for it, when no other begins with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that is kept of one call."""

    call: CallId
    outcome: Outcome | None
    """None while it goes on, or when the process that had it was killed."""
    brief: Brief | None
    """None when it went to nobody."""
    report: CallReport | None
    """From the journal; None when that is gone, or never was: a call that no assistant could take has none."""
    verdict: AgentVerdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCalls:
    outcomes: OutcomeStore
    queue: HumanQueue
    journals: Path

    async def story(self, given: str) -> Story:
        """`given`: an id, or its beginning.

        Raises:
            InputError: there is no such call, or more than one.
        """
        call = await self._named(given)
        recording = self._recording(call)
        handover = await self.queue.find(call)
        return Story(
            call=call,
            outcome=await self.outcomes.find(call),
            brief=handover.brief if handover else _last_brief(recording),
            report=report(recording) if recording else None,
            verdict=await self.outcomes.verdict(call),
        )

    async def _named(self, given: str) -> CallId:
        if len(given) < LEAST_PREFIX or not given.isalnum():
            raise InputError(f"{given!r} is no call; give its id, or {LEAST_PREFIX} or more of its first characters.", code="no-call")
        ended = {outcome.call for outcome in await self.outcomes.matching(OutcomeFilter())}
        known = ended | {CallId(path.stem) for path in self.journals.glob(f"*/{given}*.jsonl")}
        found = sorted(call for call in known if call.startswith(given))
        if given in found:
            return CallId(given)
        if len(found) > 1:
            raise InputError(f"{given}: {len(found)} calls begin so: {', '.join(found[:3])}; give more of the id.", code="no-call")
        if not found:
            raise InputError(f"{given}: there is no such call; `voice-agent calls` lists them.", code="no-call")
        return found[0]

    def _recording(self, call: CallId) -> Recording | None:
        path = next(iter(self.journals.glob(f"*/{call}.jsonl")), None)
        return None if path is None else read_journal(path)


def _last_brief(recording: Recording | None) -> Brief | None:
    """Of a caller who waited in vain, or was promised to be called back."""
    pairs = recording.pairs if recording else ()
    briefs = [each.brief for pair in pairs for each in pair.commands if isinstance(each, OfferHandover | StoreCallback)]
    return briefs[-1] if briefs else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFigures:
    rule: str
    calls: int
    judged: int
    wrong: int
    """Judged by the agents who took them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigures:
    calls: int
    dispositions: dict[Disposition, int]
    containment: float | None
    """Share of the calls that the assistant served alone; None without calls, and so on below."""
    escalated: int
    """Calls for which a person or a call back was decided."""
    rules: tuple[RuleFigures, ...]
    """Those that decided it, most often first."""
    median_time_to_escalation_s: Seconds | None
    median_waiting_s: Seconds | None
    known_callers: int
    repeat_contacts: float | None
    """Share of the calls whose caller is known, by callers who had called in the week before."""
    judged: int
    judged_wrong: float | None
    """Share of the escalations that an agent judged, and found wrong."""
    briefs_useful: float | None
    """Share of the briefs that an agent judged, and found useful."""


def figures_of(outcomes: Sequence[Outcome]) -> CallFigures:
    escalated = [outcome for outcome in outcomes if outcome.time_to_escalation_s is not None or outcome.rule]
    known = [outcome.repeat_contact for outcome in outcomes if outcome.repeat_contact is not None]
    verdicts = [outcome.verdict for outcome in outcomes if outcome.verdict]
    judged = [each.escalation_right for each in verdicts if each.escalation_right is not None]
    return CallFigures(
        calls=len(outcomes),
        dispositions=dict(Counter(outcome.disposition for outcome in outcomes).most_common()),
        containment=_share(outcome.disposition == "contained" for outcome in outcomes),
        escalated=len(escalated),
        rules=_by_rule(escalated),
        median_time_to_escalation_s=_median(outcome.time_to_escalation_s for outcome in outcomes),
        median_waiting_s=_median(outcome.waiting_s for outcome in outcomes),
        known_callers=len(known),
        repeat_contacts=_share(known),
        judged=len(judged),
        judged_wrong=_share(not right for right in judged),
        briefs_useful=_share(each.brief_useful for each in verdicts if each.brief_useful is not None),
    )


def _by_rule(escalated: Iterable[Outcome]) -> tuple[RuleFigures, ...]:
    found: dict[str, list[Outcome]] = {}
    for outcome in escalated:
        found.setdefault(outcome.rule, []).append(outcome)
    rows = []
    for rule, theirs in found.items():
        judged = [each.verdict.escalation_right for each in theirs if each.verdict and each.verdict.escalation_right is not None]
        rows.append(RuleFigures(rule=rule, calls=len(theirs), judged=len(judged), wrong=judged.count(False)))
    return tuple(sorted(rows, key=lambda row: (-row.calls, row.rule)))


def _share(found: Iterable[bool]) -> float | None:
    all_of_them = list(found)
    return sum(all_of_them) / len(all_of_them) if all_of_them else None


def _median(found: Iterable[Seconds | None]) -> Seconds | None:
    known = [each for each in found if each is not None]
    return median(known) if known else None
