"""What only the stores in the database promise: other processes, restarts, and honest failure."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.ports.test_human_queue import BRIEF, handover, take
from voice_agent.adapters.sql.call_store import SqlCallStore
from voice_agent.adapters.sql.changes import KEPT_CHANGES
from voice_agent.adapters.sql.database import Database, open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.adapters.sql.roster import SqlRoster
from voice_agent.core.words import CallId, RedactedText
from voice_agent.errors import ConfigError, PortError

NOON = 1_750_000_000.0
CALL = CallId("one")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/data/calls.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url, busy_timeout=0.05)
    yield database
    database.close()


@pytest.fixture
def other(url: str, database: Database) -> Iterator[Database]:
    """As another process would open it: nothing but the file is shared."""
    other = open_database(url, busy_timeout=0.05)
    yield other
    other.close()


_AS_BEFORE_THE_ROSTER = """
ALTER TABLE handovers RENAME TO new;
CREATE TABLE handovers (
    call VARCHAR NOT NULL PRIMARY KEY, carrier VARCHAR NOT NULL, carrier_call VARCHAR NOT NULL, queue VARCHAR NOT NULL,
    priority INTEGER NOT NULL, brief TEXT NOT NULL, state VARCHAR NOT NULL, since FLOAT NOT NULL, agent VARCHAR NOT NULL
);
INSERT INTO handovers SELECT call, carrier, carrier_call, queue, priority, brief, state, since, agent FROM new;
DROP TABLE new;
DROP TABLE agents_on_duty;
"""


async def test_a_database_from_before_goes_on_with_what_is_in_it(url: str, tmp_path: Path) -> None:
    new = open_database(url)
    await SqlHumanQueue(new).offer(handover())
    new.close()
    old = sqlite3.connect(tmp_path / "data" / "calls.db")
    old.executescript(_AS_BEFORE_THE_ROSTER)
    old.close()

    after = open_database(url)
    try:
        assert await SqlHumanQueue(after).waiting() == [handover()]
        await SqlRoster(after).set_status("Ada", "available", None)
        await SqlHumanQueue(after).dispatch(20.0)
        assert [each.state for each in await SqlHumanQueue(after).waiting()] == ["ringing"]
        indexes = await after.read(lambda connection: connection.exec_driver_sql("PRAGMA index_list(handovers)").mappings().all())
        assert {"handovers_by_urgency", "handovers_by_end"} <= {index["name"] for index in indexes}
    finally:
        after.close()


async def test_a_dispatch_with_nothing_to_do_waits_for_nobody_who_writes(url: str, database: Database) -> None:
    queue = SqlHumanQueue(database)
    await queue.offer(handover())
    holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        await queue.dispatch(20.0)
        await SqlRoster(database).on_duty()
    finally:
        holder.execute("ROLLBACK")
        holder.close()


async def test_what_was_stored_is_there_after_a_restart(url: str) -> None:
    before = open_database(url)
    await SqlHumanQueue(before).offer(handover())
    await SqlCallStore(before).begin(CALL, "twilio", "CA1", NOON)
    token = await SqlCallStore(before).issue_token("CA1", NOON, 60)
    before.close()

    after = open_database(url)
    try:
        assert await SqlHumanQueue(after).find(CALL) == handover()
        assert await SqlCallStore(after).find_by_carrier("twilio", "CA1") is not None
        assert await SqlCallStore(after).redeem_token(token, "CA1", NOON)
    finally:
        after.close()


async def test_a_token_cannot_be_read_from_the_files(url: str, database: Database, tmp_path: Path) -> None:
    token = await SqlCallStore(database).issue_token("CA1", NOON, 60)

    files = [path.read_bytes() for path in (tmp_path / "data").iterdir()]
    assert any(b"CA1" in content for content in files)
    assert not any(token.encode() in content for content in files)


async def test_a_change_made_by_another_process_is_heard(database: Database, other: Database) -> None:
    heard = SqlHumanQueue(database, poll=0.01).changes()
    await SqlHumanQueue(other).offer(handover())
    await SqlHumanQueue(other).accept(CALL, "Ada")

    assert await take(heard, 2) == [("one", "waiting", ""), ("one", "accepted", "Ada")]


async def test_a_listener_survives_a_database_that_cannot_be_read_for_a_while(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    queue = SqlHumanQueue(database, poll=0.01)
    changes = queue.changes()
    await database.write(lambda connection: connection.exec_driver_sql("ALTER TABLE handover_changes RENAME TO away"))

    async with asyncio.TaskGroup() as tasks:
        heard = tasks.create_task(take(changes, 1))
        while "trying again" not in caplog.text:
            await database.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
        await database.write(lambda connection: connection.exec_driver_sql("ALTER TABLE away RENAME TO handover_changes"))
        await queue.offer(handover())

    assert heard.result() == [("one", "waiting", "")]


async def test_a_listener_who_sleeps_through_more_changes_than_are_kept_hears_the_newest(database: Database) -> None:
    queue = SqlHumanQueue(database)
    changes = queue.changes()
    await queue.offer(handover("first"))
    for _ in range(KEPT_CHANGES // 2):
        await queue.accept(CallId("first"), "Ada")
        await queue.decline(CallId("first"), "Ada")

    told = await take(changes, KEPT_CHANGES)

    assert told == [("first", "accepted", "Ada"), ("first", "declined", "Ada")] * (KEPT_CHANGES // 2)
    rows = await database.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM handover_changes").scalar_one())
    assert rows == KEPT_CHANGES


_ACCEPT_ALL = """
import asyncio, sys
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.core.words import CallId
from voice_agent.errors import PortError

async def main(url, agent):
    queue = SqlHumanQueue(open_database(url, busy_timeout=30))
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(40):
        try:
            await queue.accept(CallId(f"call {n:02}"), f"{agent} {n}")
        except PortError as error:
            assert error.code == "already-taken", error
        else:
            print(f"call {n:02}")

asyncio.run(main(*sys.argv[1:]))
"""

_OPEN = """
import sys
from voice_agent.adapters.sql.database import open_database
print("ready", flush=True)
sys.stdin.readline()
open_database(sys.argv[1]).close()
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", script, *arguments], stdin=PIPE, stdout=PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go_together(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


async def test_of_agents_in_several_processes_exactly_one_gets_each_call(url: str, database: Database) -> None:
    queue = SqlHumanQueue(database)
    for n in range(40):
        await queue.offer(handover(f"call {n:02}"))
    agents = [start(_ACCEPT_ALL, url, name) for name in ("Ada", "Grace", "Joan")]
    go_together(agents)
    taken = [call for agent in agents for call in agent.communicate(timeout=60)[0].splitlines()]

    assert [agent.returncode for agent in agents] == [0, 0, 0]
    assert sorted(taken) == [f"call {n:02}" for n in range(40)]


async def test_dispatched_by_several_processes_at_once_each_call_rings_for_one_agent_and_each_agent_for_one_call(
    url: str, database: Database, other: Database
) -> None:
    queues = [SqlHumanQueue(each) for each in (database, other, database, other)]
    for n in range(8):
        await queues[0].offer(handover(f"call {n}"))
        await SqlRoster(database).set_status(f"agent {n % 5}", "available", None)
    changes = queues[0].changes()

    async with asyncio.timeout(30):
        while await asyncio.gather(*(queue.dispatch(20.0) for queue in queues), return_exceptions=True) != [None] * 4:
            continue  # one was kept waiting longer than its short patience, and does it again

    told = await take(changes, 5)
    assert sorted(agent for _, _, agent in told) == [f"agent {n}" for n in range(5)]
    assert sorted(call for call, _, _ in told) == [f"call {n}" for n in range(5)]
    assert [each.state for each in await queues[0].waiting()].count("ringing") == 5


def test_several_processes_may_make_the_database_at_the_same_moment(url: str) -> None:
    processes = [start(_OPEN, url) for _ in range(4)]
    go_together(processes)
    for process in processes:
        process.communicate(timeout=60)

    assert [process.returncode for process in processes] == [0] * 4


async def test_a_database_that_somebody_else_keeps_locked_is_worth_another_try(url: str, database: Database) -> None:
    holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    queue = SqlHumanQueue(database)
    try:
        with pytest.raises(PortError) as failure:
            await queue.offer(handover())
        assert (failure.value.code, failure.value.retry) == ("store-failed", True)
        assert await queue.waiting() == []
    finally:
        holder.execute("ROLLBACK")
        holder.close()

    assert await queue.offer(handover()) == 1


async def test_a_failure_says_what_failed_and_nothing_of_what_was_to_be_stored(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE handovers"))
    queue = SqlHumanQueue(database)

    with pytest.raises(PortError) as failure:
        await queue.offer(replace(handover(), brief=replace(BRIEF, headline=RedactedText("a very private matter"))))

    assert (failure.value.code, failure.value.retry) == ("store-failed", False)
    assert "no such table: handovers" in str(failure.value)
    assert "no such table: handovers" in caplog.text
    assert "private" not in str(failure.value) + caplog.text + repr(failure.value.__cause__)


async def test_a_job_that_fails_leaves_nothing_behind(database: Database) -> None:
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE handover_changes"))
    queue = SqlHumanQueue(database)

    with pytest.raises(PortError):
        await queue.offer(handover())

    assert await queue.find(CALL) is None


def test_a_file_that_is_no_database_is_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "calls.db").write_text("my shopping list, which is longer than a header " * 20)

    with pytest.raises(PortError, match="not a database") as failure:
        open_database(url)
    assert failure.value.code == "store-failed"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(PortError, match="folder of the database"):
        open_database(f"sqlite:///{tmp_path}/data/calls.db")


@pytest.mark.parametrize("wrong", ["", "calls.db", "sqlite://", "sqlite:///:memory:", "postgresql://user:secret@db/calls"])
def test_a_url_that_names_no_sqlite_file_is_refused_and_the_message_shows_a_right_one(wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///data/calls\.db") as refusal:
        open_database(wrong)
    assert "secret" not in str(refusal.value)


def test_only_its_owner_may_read_the_database(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/calls.db").close()

    assert (tmp_path / "calls.db").stat().st_mode & 0o777 == 0o600
