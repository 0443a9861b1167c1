"""The promises of an AccountStore and an AuditLog, kept by those in memory and those in the database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.accounts import MemoryAccounts, MemoryAuditLog
from voice_agent.adapters.sql.accounts import SqlAccounts, SqlAuditLog
from voice_agent.adapters.sql.database import open_database
from voice_agent.errors import PortError
from voice_agent.ports import Account, AccountStore, AuditLog, Deed

MAYA = Account(name="Maya", role="agent", queues=("support", "claims"), password="$argon2id$x", changed=1.5, phone="+15005550006")
ADA = Account(name="ada", role="admin", queues=(), password="", changed=2.0)


@pytest.fixture(params=["memory", "sql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[AccountStore, AuditLog]]:
    if request.param == "memory":
        yield MemoryAccounts(), MemoryAuditLog()
        return
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    yield SqlAccounts(database), SqlAuditLog(database)
    database.close()


@pytest.fixture
def accounts(both: tuple[AccountStore, AuditLog]) -> AccountStore:
    return both[0]


@pytest.fixture
def audit(both: tuple[AccountStore, AuditLog]) -> AuditLog:
    return both[1]


async def test_an_account_is_found_by_its_name_in_any_case(accounts: AccountStore) -> None:
    await accounts.add(MAYA)
    await accounts.add(replace(MAYA, name="Émile"))
    assert await accounts.find("mAYA") == MAYA
    assert await accounts.find("émile") is not None
    assert await accounts.find("may") is None


async def test_a_name_is_given_once_whatever_its_case(accounts: AccountStore) -> None:
    await accounts.add(MAYA)
    with pytest.raises(PortError) as refused:
        await accounts.add(replace(ADA, name="MAYA"))
    assert refused.value.code == "name-taken"
    assert await accounts.find("maya") == MAYA


async def test_accounts_are_listed_by_name(accounts: AccountStore) -> None:
    await accounts.add(MAYA)
    await accounts.add(ADA)
    assert await accounts.all() == [ADA, MAYA]


async def test_an_account_is_replaced_and_one_that_is_not_there_is_refused(accounts: AccountStore) -> None:
    await accounts.add(MAYA)
    changed = replace(MAYA, role="supervisor", changed=9.0)
    await accounts.replace(changed)
    assert await accounts.all() == [changed]
    with pytest.raises(PortError) as refused:
        await accounts.replace(ADA)
    assert refused.value.code == "no-account"


async def test_a_removed_account_is_gone(accounts: AccountStore) -> None:
    await accounts.add(MAYA)
    assert await accounts.remove("maya") is True
    assert await accounts.find("Maya") is None
    assert await accounts.remove("maya") is False


async def test_deeds_come_back_latest_first_and_no_more_than_asked_for(audit: AuditLog) -> None:
    deeds = [Deed(at=float(number), who="Maya", what="read a brief", about=f"call-{number}") for number in range(3)]
    for deed in deeds:
        await audit.note(deed)
    assert await audit.newest(2) == [deeds[2], deeds[1]]


def test_an_account_does_not_show_its_password_when_it_is_printed() -> None:
    assert "argon2" not in repr(MAYA)
