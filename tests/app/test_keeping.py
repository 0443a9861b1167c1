"""Retention and callers' rights, on real files and a real database, with a clock of the test's own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports.test_human_queue import BRIEF
from voice_agent.adapters.sql.accounts import SqlAuditLog
from voice_agent.adapters.sql.call_store import SqlCallStore
from voice_agent.adapters.sql.callback_store import SqlCallbackStore
from voice_agent.adapters.sql.database import Database, open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.adapters.sql.outcome_store import SqlOutcomeStore
from voice_agent.adapters.sql.records import SqlRecords
from voice_agent.adapters.sql.sealed import Seal
from voice_agent.app.keeping import DAY, Erased, Gone, Keeping
from voice_agent.core.words import CallId, RedactedText
from voice_agent.ports import AgentVerdict, CallbackRequest, Deed, Handover, Outcome
from voice_agent.server.callers import caller_of
from voice_agent.settings.sections import RetentionSettings

NOON = 1_750_000_000.0
KEY = "a key of the test that is long enough"
ANNA = caller_of(KEY, "+15005550006") or ""
OMAR = caller_of(KEY, "+15005550007") or ""


@dataclass(kw_only=True)
class Place:
    folder: Path
    database: Database
    now: float = NOON

    @property
    def callbacks(self) -> SqlCallbackStore:
        return SqlCallbackStore(self.database, Seal(b"a secret"))

    def keeping(self, periods: RetentionSettings | None = None) -> Keeping:
        return Keeping(
            journals=self.folder / "journals",
            records=SqlRecords(self.database),
            calls=SqlCallStore(self.database),
            callbacks=self.callbacks,
            audit=SqlAuditLog(self.database),
            periods=periods or RetentionSettings(),
            wall=lambda: self.now,
        )

    async def call(self, name: str, *, days_ago: float, caller: str = "", ended: bool = True) -> None:
        """With a journal, and a handover whose brief and agent bear its name."""
        store, queue, at = SqlCallStore(self.database), SqlHumanQueue(self.database), self.now - days_ago * DAY
        call = CallId(name)
        if caller:
            await store.note_caller("twilio", f"CA-{name}", caller, at)
        await store.begin(call, "twilio", f"CA-{name}", at)
        await queue.offer(
            Handover(
                call=call,
                carrier="twilio",
                carrier_call=f"CA-{name}",
                queue="q",
                priority=3,
                brief=BRIEF,
                state="waiting",
                since=at,
                agent="",
            )
        )
        await self.callbacks.ask(CallbackRequest(call=call, queue="q", priority=3, brief=BRIEF, since=at), f"number of {name}")
        if ended:
            await queue.complete(call)
            await store.finish(call, "transferred", at)
            outcomes = SqlOutcomeStore(self.database)
            await outcomes.keep(Outcome(call=call, started=at, ended=at, disposition="transferred", agent=f"agent of {name}"))
            notes = RedactedText(f"notes on {name}")
            right = AgentVerdict(agent="Maya", at=at, disposition="solved", brief_useful=True, escalation_right=True, notes=notes)
            await outcomes.note_verdict(call, right)
        journal = self.folder / "journals" / f"day-{days_ago:g}" / f"{name}.jsonl"
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_text(f'{{"call":"{name}"}}\n')
        os.utime(journal, (at, at))

    def bytes_tell(self, name: str) -> bool:
        """Whether any file of the database holds the name, in whatever state."""
        return any(name.encode() in path.read_bytes() for path in self.folder.glob("calls.db*"))

    def journals(self) -> set[str]:
        return {path.stem for path in (self.folder / "journals").rglob("*.jsonl")}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    yield Place(folder=tmp_path, database=database)
    database.close()


async def test_what_is_older_than_its_period_is_gone_from_files_and_bytes_and_what_is_younger_stays(place: Place) -> None:
    await place.call("thepast", days_ago=91)
    await place.call("thepresent", days_ago=89)
    assert place.bytes_tell("thepast")

    gone = await place.keeping(RetentionSettings(journals=90, handovers=90, calls=90)).sweep()

    assert gone == Gone(journals=1, handovers=1, calls=1, audit_log=0)
    assert place.journals() == {"thepresent"}
    assert not place.bytes_tell("thepast")
    assert place.bytes_tell("thepresent")


async def test_an_agents_notes_go_with_the_handover_and_the_verdict_with_the_call(place: Place) -> None:
    await place.call("noted", days_ago=50)
    store, call = SqlOutcomeStore(place.database), CallId("noted")

    await place.keeping(RetentionSettings(journals=10, handovers=40, calls=60)).sweep()
    kept = await store.find(call)
    assert kept is not None
    assert kept.verdict is not None
    assert (kept.verdict.escalation_right, kept.verdict.notes) == (True, "")
    assert not place.bytes_tell("notes on noted")

    await place.keeping(RetentionSettings(journals=10, handovers=40, calls=40)).sweep()
    assert (await store.find(call), await store.verdict(call)) == (None, None)
    assert not place.bytes_tell("noted")


async def test_a_call_that_a_crash_cut_off_has_failed_when_its_journal_was_last_written_to(place: Place) -> None:
    await place.call("cutoff", days_ago=1.5, ended=False)
    await place.call("silent", days_ago=1.5, ended=False)
    await place.call("running", days_ago=0.5, ended=False)
    (place.folder / "journals" / "day-1.5" / "silent.jsonl").unlink()
    began = place.now - 1.5 * DAY
    os.utime(place.folder / "journals" / "day-1.5" / "cutoff.jsonl", (began + 75, began + 75))

    await place.keeping().sweep()
    await place.keeping().sweep()

    store = SqlOutcomeStore(place.database)
    assert await store.find(CallId("cutoff")) == Outcome(call=CallId("cutoff"), started=began, ended=began + 75, disposition="failed")
    assert await store.find(CallId("silent")) == Outcome(call=CallId("silent"), started=began, ended=began, disposition="failed")
    assert await store.find(CallId("running")) is None


async def test_each_kind_has_its_own_period_and_a_call_stays_while_its_journal_does(place: Place) -> None:
    await place.call("old", days_ago=50)
    await place.keeping().audit.note(Deed(at=place.now - 50 * DAY, who="Maya", what="read a brief", about="old"))

    kept = RetentionSettings(journals=60, handovers=40, calls=10, audit_log=40)
    assert await place.keeping(kept).sweep() == Gone(journals=0, handovers=1, calls=0, audit_log=1)
    place.now += 11 * DAY
    assert await place.keeping(kept).sweep() == Gone(journals=1, handovers=0, calls=1, audit_log=0)


async def test_kept_for_no_day_at_all_a_call_under_way_stays_until_it_is_over(place: Place) -> None:
    nothing = RetentionSettings(journals=0, handovers=0, calls=0, audit_log=0)
    await place.call("running", days_ago=0.1, ended=False)
    await place.call("over", days_ago=0.3)

    assert await place.keeping(nothing).sweep() == Gone(journals=1, handovers=1, calls=1, audit_log=0)
    assert place.journals() == {"running"}
    place.now += 2 * DAY
    assert await place.keeping(nothing).sweep() == Gone(journals=1, handovers=1, calls=1, audit_log=0)


async def test_a_callers_data_is_exported_whole_and_nobody_elses(place: Place) -> None:
    await place.call("first", days_ago=3, caller=ANNA)
    await place.call("second", days_ago=2, caller=ANNA)
    await place.call("other", days_ago=1, caller=OMAR)

    exported = await place.keeping().export(ANNA)

    assert [call["call"] for call in exported] == ["first", "second"]
    assert exported[0]["journal"] == [{"call": "first"}]
    assert exported[0]["handover"]["brief"]["headline"] == BRIEF.headline
    assert exported[0]["callback"]["number"] == "number of first"
    assert exported[0]["outcome"]["agent"] == "agent of first"
    assert exported[0]["verdict"]["notes"] == "notes on first"


async def test_an_erased_caller_is_gone_from_files_and_bytes_and_the_others_stay(place: Place) -> None:
    await place.call("first", days_ago=3, caller=ANNA)
    await place.call("other", days_ago=1, caller=OMAR)

    assert await place.keeping().erase(ANNA) == Erased(calls=1, journals=1, handovers=1, under_way=0)

    assert place.journals() == {"other"}
    assert not place.bytes_tell("first")
    assert not place.bytes_tell(ANNA)
    assert place.bytes_tell("other")
    assert await place.keeping().export(ANNA) == []


async def test_a_call_under_way_is_not_erased_and_told(place: Place) -> None:
    await place.call("over", days_ago=3, caller=ANNA)
    await place.call("running", days_ago=0.01, caller=ANNA, ended=False)

    assert await place.keeping().erase(ANNA) == Erased(calls=1, journals=1, handovers=1, under_way=1)
    assert [call["call"] for call in await place.keeping().export(ANNA)] == ["running"]


async def test_export_and_erasure_stand_in_the_audit_log_without_the_caller(place: Place) -> None:
    await place.call("first", days_ago=3, caller=ANNA)
    await place.keeping().export(ANNA)
    await place.keeping().erase(ANNA)

    deeds = await SqlAuditLog(place.database).newest(10)
    assert [(deed.who, deed.what, deed.about) for deed in deeds] == [
        ("command line", "erased a caller's calls", "1 calls"),
        ("command line", "exported a caller's calls", "1 calls"),
    ]


async def test_a_tier_is_exported_and_erased_with_the_caller_and_nobody_elses(place: Place) -> None:
    await place.keeping().set_tier([ANNA, OMAR], "gold")
    await place.call("first", days_ago=3, caller=ANNA)
    await place.call("running", days_ago=0.01, caller=ANNA, ended=False)

    tier, *calls = await place.keeping().export(ANNA)
    assert (tier, len(calls)) == ({"tier": "gold"}, 2)
    await place.keeping().erase(ANNA)
    assert [call["call"] for call in await place.keeping().export(ANNA)] == ["running"]
    assert await place.keeping().export(OMAR) == [{"tier": "gold"}]
    await place.keeping().erase(OMAR)
    assert await place.keeping().export(OMAR) == []


async def test_a_tier_that_is_taken_away_leaves_no_hash_in_the_bytes_and_stands_in_the_audit_log(place: Place) -> None:
    await place.keeping().set_tier([ANNA, OMAR], "gold")
    await place.keeping().set_tier([ANNA], None)

    assert not place.bytes_tell(ANNA)
    assert place.bytes_tell(OMAR)
    deeds = await SqlAuditLog(place.database).newest(10)
    assert [(deed.what, deed.about) for deed in deeds] == [
        ("set callers' tier", "none, 1 callers"),
        ("set callers' tier", "gold, 2 callers"),
    ]


@pytest.mark.parametrize("number", ["+15005550006", "+1 (500) 555-0006", "+1.500.555.0006"])
def test_a_number_is_the_same_caller_however_it_is_written(number: str) -> None:
    assert caller_of(KEY, number) == ANNA


@pytest.mark.parametrize("number", ["anonymous", "", "5005550006", "client:maya", "+0123456789", "+1500555000612345"])
def test_what_is_no_number_with_its_country_code_is_no_caller(number: str) -> None:
    assert caller_of(KEY, number) is None


def test_under_another_key_a_caller_is_somebody_else() -> None:
    assert caller_of("another key of the test, long enough", "+15005550006") not in (ANNA, None)
    assert "5005550006" not in ANNA
