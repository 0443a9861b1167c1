"""The promises of an OutcomeStore, kept by the one in memory and the one in the database."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes.outcomes import MemoryOutcomeStore
from tests.fakes.stores import MemoryCallStore
from voice_agent.adapters.sql.call_store import SqlCallStore
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.outcome_store import SqlOutcomeStore
from voice_agent.core.words import CallId, RedactedText
from voice_agent.ports import AgentVerdict, CallStore, Outcome, OutcomeFilter, OutcomeStore

ONE, TWO = CallId("one"), CallId("two")
MONDAY = 1_750_000_000.0
DAY = 24 * 3600.0
ENDED = Outcome(
    call=ONE,
    started=MONDAY,
    ended=MONDAY + 95.5,
    disposition="transferred",
    queue="claims",
    rule="complaint",
    agent="maria",
    time_to_escalation_s=21.25,
    waiting_s=12.5,
)
VERDICT = AgentVerdict(
    agent="maria",
    at=MONDAY + 400,
    disposition="solved",
    brief_useful=True,
    escalation_right=False,
    notes=RedactedText("A new kettle is on its way to <NAME_1>."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    calls: CallStore
    outcomes: OutcomeStore


@pytest.fixture(params=["memory", "sql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "memory":
        calls = MemoryCallStore()
        yield Stores(calls=calls, outcomes=MemoryOutcomeStore(calls))
        return
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    yield Stores(calls=SqlCallStore(database), outcomes=SqlOutcomeStore(database))
    database.close()


@pytest.fixture
def store(stores: Stores) -> OutcomeStore:
    return stores.outcomes


async def called(stores: Stores, call: CallId, caller: str, at: float) -> None:
    await stores.calls.begin(call, "twilio", f"CA-{call}", at)
    if caller:
        await stores.calls.note_caller("twilio", f"CA-{call}", caller, at)


async def test_what_is_kept_is_found(store: OutcomeStore) -> None:
    await store.keep(ENDED)

    assert await store.find(ONE) == ENDED
    assert await store.find(TWO) is None


async def test_told_again_it_is_the_same(store: OutcomeStore) -> None:
    await store.keep(ENDED)
    await store.keep(ENDED)

    assert await store.matching(OutcomeFilter()) == [ENDED]


async def test_the_later_end_counts_and_nothing_known_is_lost_in_whatever_order_they_are_told(store: OutcomeStore) -> None:
    released = Outcome(
        call=ONE, started=MONDAY, ended=MONDAY + 30, disposition="transferred", queue="claims", rule="complaint", time_to_escalation_s=21.25
    )
    left = Outcome(call=ONE, started=MONDAY + 1, ended=MONDAY + 90, disposition="abandoned", time_to_escalation_s=23.0, waiting_s=60.0)
    both = replace(released, ended=left.ended, disposition="abandoned", waiting_s=60.0)
    await store.keep(released)
    await store.keep(left)
    await store.keep(replace(left, call=TWO))
    await store.keep(replace(released, call=TWO))

    assert await store.find(ONE) == both
    assert await store.find(TWO) == replace(both, call=TWO)


async def test_a_verdict_is_found_with_the_outcome_and_alone(store: OutcomeStore) -> None:
    await store.keep(ENDED)
    assert await store.verdict(ONE) is None
    await store.note_verdict(ONE, VERDICT)

    assert await store.find(ONE) == replace(ENDED, verdict=VERDICT)
    assert await store.verdict(ONE) == VERDICT


async def test_a_verdict_may_come_before_the_outcome_and_stays_when_that_is_told_again(store: OutcomeStore) -> None:
    await store.note_verdict(ONE, VERDICT)
    await store.keep(ENDED)
    await store.keep(replace(ENDED, ended=ENDED.ended + 1))

    assert await store.find(ONE) == replace(ENDED, ended=ENDED.ended + 1, verdict=VERDICT)


async def test_a_second_verdict_takes_the_place_of_the_first(store: OutcomeStore) -> None:
    second = replace(VERDICT, disposition="wrong-queue", brief_useful=None, escalation_right=None, notes=RedactedText(""))
    await store.note_verdict(ONE, VERDICT)
    await store.note_verdict(ONE, second)

    assert await store.verdict(ONE) == second


async def test_the_latest_come_first(store: OutcomeStore) -> None:
    await store.keep(ENDED)
    await store.keep(replace(ENDED, call=TWO, started=MONDAY + 5))

    assert [outcome.call for outcome in await store.matching(OutcomeFilter())] == [TWO, ONE]


@pytest.mark.parametrize(
    "wanted",
    [
        OutcomeFilter(since=MONDAY),
        OutcomeFilter(disposition="transferred"),
        OutcomeFilter(queue="claims"),
        OutcomeFilter(rule="complaint"),
        OutcomeFilter(agent="maria"),
        OutcomeFilter(judged_wrong=True),
        OutcomeFilter(repeat=True),
    ],
)
async def test_each_way_to_choose_keeps_what_fits_and_drops_what_does_not(stores: Stores, wanted: OutcomeFilter) -> None:
    other = Outcome(call=TWO, started=MONDAY - 1, ended=MONDAY + 20, disposition="contained")
    await called(stores, CallId("before"), "anna", MONDAY - DAY)
    await called(stores, ONE, "anna", MONDAY)
    for outcome in (ENDED, other):
        await stores.outcomes.keep(outcome)
    await stores.outcomes.note_verdict(ONE, VERDICT)
    await stores.outcomes.note_verdict(TWO, replace(VERDICT, escalation_right=True))

    assert [outcome.call for outcome in await stores.outcomes.matching(wanted)] == [ONE]


@pytest.mark.parametrize(
    ("caller", "days_before", "repeat"),
    [("anna", 6.9, True), ("anna", 7.1, False), ("bert", 1, False), ("anna", -0.1, False)],
)
async def test_a_contact_is_repeated_when_the_same_caller_had_called_in_the_week_before(
    stores: Stores, caller: str, days_before: float, *, repeat: bool
) -> None:
    await called(stores, TWO, caller, MONDAY - days_before * DAY)
    await called(stores, ONE, "anna", MONDAY)
    await stores.outcomes.keep(ENDED)

    assert await stores.outcomes.find(ONE) == replace(ENDED, repeat_contact=repeat)


async def test_of_a_caller_whom_nobody_knows_it_is_not_said(stores: Stores) -> None:
    await called(stores, ONE, "", MONDAY)
    await stores.outcomes.keep(ENDED)

    assert await stores.outcomes.find(ONE) == ENDED
