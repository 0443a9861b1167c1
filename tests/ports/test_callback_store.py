"""The promises of a CallbackStore, kept by the one in memory and the one in the database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.stores import MemoryCallbackStore
from tests.ports.test_human_queue import BRIEF
from voice_agent.adapters.sql.callback_store import SqlCallbackStore
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.sealed import Seal
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import CallbackRequest, CallbackStore

ONE, TWO = CallId("one"), CallId("two")
REQUEST = CallbackRequest(call=ONE, queue="claims", priority=3, brief=BRIEF, since=1_750_000_000.1)
NUMBER = "3125550142"


@pytest.fixture(params=["memory", "sql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CallbackStore]:
    if request.param == "memory":
        yield MemoryCallbackStore()
        return
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    yield SqlCallbackStore(database, Seal(b"a secret"))
    database.close()


async def test_what_was_asked_for_is_listed_with_its_brief_and_without_the_number(store: CallbackStore) -> None:
    await store.ask(REQUEST, NUMBER)

    assert await store.open() == [REQUEST]
    assert await store.number(ONE) == NUMBER


async def test_the_urgent_come_first_and_then_those_who_wait_longest(store: CallbackStore) -> None:
    three = CallId("three")
    await store.ask(REQUEST, NUMBER)
    await store.ask(replace(REQUEST, call=TWO, since=REQUEST.since - 5), NUMBER)
    await store.ask(replace(REQUEST, call=three, priority=1, since=REQUEST.since + 5), NUMBER)

    assert [each.call for each in await store.open()] == [three, TWO, ONE]


async def test_asking_again_for_the_same_call_changes_nothing(store: CallbackStore) -> None:
    await store.ask(REQUEST, NUMBER)
    await store.ask(replace(REQUEST, queue="support"), "999")

    assert await store.open() == [REQUEST]
    assert await store.number(ONE) == NUMBER


async def test_what_is_done_is_listed_no_more_and_its_number_is_gone(store: CallbackStore) -> None:
    await store.ask(REQUEST, NUMBER)
    await store.done(ONE)
    await store.done(ONE)

    assert await store.open() == []
    with pytest.raises(PortError) as refusal:
        await store.number(ONE)
    assert refusal.value.code == "not-waiting"


async def test_of_a_call_that_never_asked_there_is_no_number(store: CallbackStore) -> None:
    with pytest.raises(PortError) as refusal:
        await store.number(TWO)
    assert refusal.value.code == "not-waiting"
    await store.done(TWO)
