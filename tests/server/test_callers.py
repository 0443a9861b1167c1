"""Whose call it is: known by a hash, and their number to nobody."""

import logging
from pathlib import Path

import pytest

from tests.fakes.twilio_line import World, serving
from voice_agent.adapters.sql.call_store import SqlCallStore
from voice_agent.adapters.sql.database import open_database
from voice_agent.errors import PortError
from voice_agent.server.callers import caller_of

KEY = "a key of the test that is long enough"
NUMBER = "+15005550009"


async def test_a_call_is_noted_as_its_callers_by_a_hash_of_the_number() -> None:
    world = World()
    async with serving(world.gate(caller_key=KEY)) as line:
        await line.asks("/twilio/voice", CallSid="CA1", From=NUMBER)
        await line.asks("/twilio/voice", CallSid="CA2", From="anonymous")
    assert world.store.callers == {("twilio", "CA1"): caller_of(KEY, NUMBER)}


async def test_without_a_key_a_call_is_nobodys() -> None:
    world = World()
    async with serving(world.gate()) as line:
        await line.asks("/twilio/voice", From=NUMBER)
    assert world.store.callers == {}


@pytest.mark.parametrize("trouble", [None, PortError("the disk is full", code="store-failed"), RuntimeError("a bug")])
async def test_a_callers_number_reaches_neither_a_log_nor_the_database(
    trouble: Exception | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world = World()
    world.store.broken = trouble
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    store = world.store if trouble else SqlCallStore(database)
    async with serving(world.gate(store=store, caller_key=KEY)) as line:
        for path in ("/twilio/voice", "/twilio/after-stream", "/twilio/wait", "/twilio/queue-left"):
            assert (await line.post(path, From=NUMBER)).status_code == 200
        await line.post("/twilio/voice", signature="wrong", From=NUMBER)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("calls.db*"))  # noqa: ASYNC240  nothing else runs
    database.close()
    assert NUMBER.strip("+") not in caplog.text
    assert NUMBER.strip("+").encode() not in kept
    assert trouble is not None or (caller_of(KEY, NUMBER) or "").encode() in kept
