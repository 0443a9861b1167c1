"""How long things are kept, and what a caller may ask for: everything of theirs, or that it is gone."""

import asyncio
import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voice_agent.adapters.sql.records import KeptCall, SqlRecords
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import AuditLog, CallbackStore, CallStore, Deed
from voice_agent.settings.sections import RetentionSettings

log = logging.getLogger(__name__)

EVERY: Seconds = 3600.0
DAY: Seconds = 24 * 3600.0
LONGEST_QUIET: Seconds = 6 * 3600.0
"""A journal that was written to since then may be of a call under way: with a person, nothing is written for hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """How many of each kind were removed."""

    journals: int
    handovers: int
    calls: int
    audit_log: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    calls: int
    journals: int
    handovers: int
    under_way: int
    """Calls that are not over, and stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    journals: Path
    records: SqlRecords
    calls: CallStore
    callbacks: CallbackStore
    audit: AuditLog
    periods: RetentionSettings
    wall: Callable[[], float]

    async def sweep(self) -> Gone:
        """End the calls that a crash cut off, and remove what is older than its period.

        Raises:
            PortError: the database failed; the journals are removed all the same.
        """
        now, periods = self.wall(), self.periods
        quiet = max(periods.journals * DAY, LONGEST_QUIET)
        last_heard = await asyncio.to_thread(_last_heard, self.journals)
        journals = await asyncio.to_thread(_remove_older, self.journals, now - quiet)
        await self.records.end_forgotten(now, last_heard.get)
        removed = await self.records.remove_older(
            calls_before=now - periods.calls_kept * DAY,
            handovers_before=now - periods.handovers * DAY,
            deeds_before=now - periods.audit_log * DAY,
        )
        return Gone(journals=journals, handovers=removed.handovers, calls=removed.calls, audit_log=removed.deeds)

    async def run(self) -> None:
        """At once and every hour. Until it is cancelled."""
        while True:
            try:
                gone = await self.sweep()
            except PortError as error:
                log.warning("retention: %s; tried again in an hour", error.code)
            else:
                if gone.journals or gone.handovers or gone.calls:
                    log.info("retention: removed %d journals, %d handovers, %d calls", gone.journals, gone.handovers, gone.calls)
            await asyncio.sleep(EVERY)

    async def export(self, caller: str) -> list[dict[str, Any]]:
        """The caller's tier, if they have one, and everything kept of their calls, oldest first. `caller`: the keyed hash."""
        found = await self.records.of_caller(caller, self.wall())
        calls = [
            {
                **kept.record,
                "handover": _with_brief(kept.handover),
                "callback": await self._callback(kept),
                "outcome": kept.outcome,
                "verdict": kept.verdict,
                "journal": [json.loads(line) for path in self._journals(kept.call) for line in path.read_text("ascii").splitlines()],
            }
            for kept in found
        ]
        tier = await self.records.tier_of(caller)
        await self._note("exported a caller's calls", f"{len(calls)} calls")
        return calls if tier is None else [{"tier": tier}, *calls]

    async def erase(self, caller: str) -> Erased:
        found = await self.records.of_caller(caller, self.wall())
        over = [kept for kept in found if not kept.under_way]
        paths = [path for kept in over for path in self._journals(kept.call)]
        for path in paths:
            path.unlink(missing_ok=True)
        await self.records.forget(caller, [kept.call for kept in over], all_of_them=len(over) == len(found))
        await self._note("erased a caller's calls", f"{len(over)} calls")
        return Erased(
            calls=len(over),
            journals=len(paths),
            handovers=sum(kept.handover is not None for kept in over),
            under_way=len(found) - len(over),
        )

    async def set_tier(self, callers: Collection[str], tier: str | None) -> None:
        """Of callers, each a keyed hash; None takes theirs away."""
        await self.calls.set_tier(callers, tier)
        await self._note("set callers' tier", f"{tier or 'none'}, {len(callers)} callers")

    async def _callback(self, kept: KeptCall) -> dict[str, Any] | None:
        """With the number as the caller gave it: it is theirs."""
        row = _with_brief(kept.callback)
        return row and {**row, "number": row["number"] and await self.callbacks.number(kept.call)}

    def _journals(self, call: CallId) -> list[Path]:
        return list(self.journals.glob(f"*/{call}.jsonl"))

    async def _note(self, what: str, about: str) -> None:
        await self.audit.note(Deed(at=self.wall(), who="command line", what=what, about=about))


def _with_brief(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {**row, "brief": json.loads(row["brief"])}


def _last_heard(journals: Path) -> dict[str, float]:
    """Of each call with a journal, when it was last written to."""
    return {path.stem: path.stat().st_mtime for path in journals.glob("*/*.jsonl")}


def _remove_older(journals: Path, before: float) -> int:
    removed = 0
    for path in journals.glob("*/*.jsonl"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    newest = datetime.fromtimestamp(before, UTC).strftime("%Y-%m-%d")
    for day in journals.glob("*/"):
        if day.name < newest and not any(day.iterdir()):  # today's may be waiting for its first journal
            day.rmdir()
    return removed
