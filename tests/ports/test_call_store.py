"""The promises of a CallStore, kept by the one in memory and the one in the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.stores import MemoryCallStore
from voice_agent.adapters.sql.call_store import SqlCallStore
from voice_agent.adapters.sql.database import open_database
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import CallRecord, CallStore

CALL = CallId("call-1")
NOON = 1_750_000_000.125
HOUR = 3600.0


@pytest.fixture(params=["memory", "sql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CallStore]:
    if request.param == "memory":
        yield MemoryCallStore()
        return
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    yield SqlCallStore(database)
    database.close()


async def begin(store: CallStore, call: CallId = CALL, carrier_call: str = "CA1", at: float = NOON) -> None:
    await store.begin(call, "twilio", carrier_call, at)


async def test_a_call_that_has_begun_is_found_by_its_carriers_id(store: CallStore) -> None:
    await begin(store)

    assert await store.find_by_carrier("twilio", "CA1") == CallRecord(
        call=CALL, carrier="twilio", carrier_call="CA1", state="live", started=NOON, ended=None, disposition=None
    )


async def test_a_call_of_another_carrier_or_another_id_is_not_found(store: CallStore) -> None:
    await begin(store)

    assert await store.find_by_carrier("phone", "CA1") is None
    assert await store.find_by_carrier("twilio", "CA2") is None


async def test_of_two_calls_with_one_carriers_id_the_newest_is_found(store: CallStore) -> None:
    await begin(store, CallId("newer"), at=NOON + 5)
    await begin(store, CallId("older"), at=NOON)

    found = await store.find_by_carrier("twilio", "CA1")

    assert found is not None
    assert found.call == "newer"


async def test_beginning_a_call_again_changes_nothing(store: CallStore) -> None:
    await begin(store)
    await store.set_state(CALL, "handed-over")
    await begin(store, at=NOON + HOUR)

    found = await store.find_by_carrier("twilio", "CA1")

    assert found is not None
    assert (found.state, found.started) == ("handed-over", NOON)


async def test_a_finished_call_has_ended_and_says_how_and_when(store: CallStore) -> None:
    await begin(store)
    await store.finish(CALL, "contained", NOON + 90)

    found = await store.find_by_carrier("twilio", "CA1")

    assert found is not None
    assert (found.state, found.ended, found.disposition) == ("ended", NOON + 90, "contained")


async def test_a_call_that_was_handed_over_stays_so_when_the_assistants_part_is_finished(store: CallStore) -> None:
    await begin(store)
    await store.set_state(CALL, "handed-over")
    await store.finish(CALL, "transferred", NOON + 90)

    found = await store.find_by_carrier("twilio", "CA1")

    assert found is not None
    assert (found.state, found.disposition) == ("handed-over", "transferred")


async def test_an_unknown_call_can_neither_change_its_state_nor_finish(store: CallStore) -> None:
    with pytest.raises(PortError) as of_state:
        await store.set_state(CALL, "ended")
    with pytest.raises(PortError) as of_finish:
        await store.finish(CALL, "contained", NOON)

    assert of_state.value.code == of_finish.value.code == "unknown-call"


async def test_a_token_is_good_once(store: CallStore) -> None:
    token = await store.issue_token("CA1", NOON, 60)

    assert await store.redeem_token(token, "CA1", NOON + 59.9)
    assert not await store.redeem_token(token, "CA1", NOON + 59.9)


async def test_a_token_is_worth_nothing_once_its_time_is_over(store: CallStore) -> None:
    token = await store.issue_token("CA1", NOON, 60)

    assert not await store.redeem_token(token, "CA1", NOON + 60)


async def test_a_token_is_worth_nothing_for_another_call_and_stays_good_for_its_own(store: CallStore) -> None:
    token = await store.issue_token("CA1", NOON, 60)

    assert not await store.redeem_token(token, "CA2", NOON)
    assert await store.redeem_token(token, "CA1", NOON)


@pytest.mark.parametrize("made_up", ["", "x", "\N{SNOWMAN}", "\ud800", "A" * 10_000])
async def test_a_made_up_token_is_refused(store: CallStore, made_up: str) -> None:
    await store.issue_token("CA1", NOON, 60)

    assert not await store.redeem_token(made_up, "CA1", NOON)


async def test_tokens_are_long_and_never_the_same(store: CallStore) -> None:
    tokens = {await store.issue_token("CA1", NOON, 60) for _ in range(50)}

    assert len(tokens) == 50
    assert min(len(token) for token in tokens) >= 43


async def test_a_key_is_new_once(store: CallStore) -> None:
    assert await store.remember_once("a", NOON)
    assert not await store.remember_once("a", NOON + 1)
    assert await store.remember_once("b", NOON + 1)


async def test_a_key_is_forgotten_after_a_day(store: CallStore) -> None:
    await store.remember_once("a", NOON)

    assert not await store.remember_once("a", NOON + 23 * HOUR)
    assert await store.remember_once("a", NOON + 24 * HOUR)


async def test_a_caller_is_known_by_all_their_calls_and_nobody_else_s(store: CallStore) -> None:
    await store.note_caller("twilio", "CA1", "ada", NOON)
    await store.note_caller("twilio", "CA3", "ada", NOON + 2 * HOUR)
    await store.note_caller("twilio", "CA2", "ada", NOON + HOUR)
    await store.note_caller("twilio", "CA4", "grace", NOON + 3 * HOUR)

    assert await store.contacts("twilio", "CA3") == (NOON, NOON + HOUR, NOON + 2 * HOUR)
    assert await store.contacts("twilio", "CA4") == (NOON + 3 * HOUR,)


async def test_a_call_of_nobody_knows_whom_has_no_contacts(store: CallStore) -> None:
    await store.note_caller("twilio", "CA1", "ada", NOON)

    assert await store.contacts("twilio", "CA2") == ()
    assert await store.contacts("phone", "CA1") == ()


async def test_a_tier_is_of_the_caller_whatever_their_call_and_of_nobody_else(store: CallStore) -> None:
    await store.note_caller("twilio", "CA1", "ada", NOON)
    await store.set_tier(["ada", "alan"], "gold")
    await store.note_caller("twilio", "CA2", "ada", NOON + HOUR)
    await store.note_caller("twilio", "CA3", "grace", NOON)

    assert [await store.tier_of("twilio", call) for call in ("CA1", "CA2", "CA3", "CA4")] == ["gold", "gold", None, None]
    assert await store.tier_of("phone", "CA1") is None


async def test_the_last_tier_that_was_set_holds_and_may_be_taken_away(store: CallStore) -> None:
    await store.note_caller("twilio", "CA1", "ada", NOON)
    await store.note_caller("twilio", "CA2", "alan", NOON)
    await store.set_tier(["ada", "alan"], "gold")
    await store.set_tier(["ada"], "silver")
    await store.set_tier([], None)
    assert [await store.tier_of("twilio", call) for call in ("CA1", "CA2")] == ["silver", "gold"]

    await store.set_tier(["ada", "who never had one"], None)
    assert [await store.tier_of("twilio", call) for call in ("CA1", "CA2")] == [None, "gold"]
