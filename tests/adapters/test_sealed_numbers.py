"""Numbers to call back on are encrypted in the database, under a key that is not in it."""

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ports.test_callback_store import NUMBER, ONE, REQUEST, TWO
from voice_agent.adapters.sql.callback_store import SqlCallbackStore
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.sealed import Seal, secret_of
from voice_agent.errors import PortError


def assert_nowhere_in(folder: Path) -> None:
    files = list(folder.iterdir())
    assert files
    assert not any(NUMBER.encode() in file.read_bytes() for file in files)


async def test_a_copy_of_the_database_tells_no_number_and_after_done_not_even_an_encrypted_one(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    store = SqlCallbackStore(database, Seal(b"one secret"))
    await store.ask(REQUEST, NUMBER)
    await store.ask(replace(REQUEST, call=TWO), NUMBER)
    others = SqlCallbackStore(database, Seal(b"another secret"))
    with pytest.raises(PortError) as refusal:
        await others.number(ONE)
    assert refusal.value.code == "other-key"
    assert NUMBER not in str(refusal.value)
    assert await store.number(ONE) == NUMBER
    assert_nowhere_in(tmp_path)

    await store.done(ONE)
    assert await store.number(TWO) == NUMBER
    with pytest.raises(PortError, match="nobody waits"):
        await store.number(ONE)
    database.close()


def test_a_number_that_is_sealed_for_one_call_opens_for_no_other_and_never_looks_the_same_twice() -> None:
    seal = Seal(b"secret")
    first, second = seal.close(NUMBER, "one"), seal.close(NUMBER, "one")
    assert first != second
    assert seal.open(second, "one") == NUMBER
    with pytest.raises(PortError):
        seal.open(first, "two")


def test_without_a_key_of_its_own_one_is_made_that_only_its_owner_can_read(tmp_path: Path) -> None:
    file = tmp_path / "var" / "callback.key"
    made: list[bytes] = []
    starts = [threading.Thread(target=lambda: made.append(secret_of(file, None))) for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert set(made) == {file.read_bytes()}
    assert len(made[0]) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["callback.key"]
    assert secret_of(file, "a key from the environment") == b"a key from the environment"
