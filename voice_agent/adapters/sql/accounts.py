"""Accounts and the audit log, in the database."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from voice_agent.adapters.sql.database import Database
from voice_agent.adapters.sql.tables import accounts, deeds
from voice_agent.errors import PortError
from voice_agent.ports import Account, Deed


class SqlAccounts:
    """An AccountStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: Account) -> None:
        def job(connection: Connection) -> None:
            if connection.execute(select(accounts.c.key).where(_is(account.name))).first() is not None:
                raise PortError(f"there is an account {account.name!r} already", code="name-taken")
            connection.execute(insert(accounts).values(**_columns(account)))

        await self._database.write(job)

    async def replace(self, account: Account) -> None:
        def job(connection: Connection) -> None:
            if connection.execute(update(accounts).where(_is(account.name)).values(**_columns(account))).rowcount == 0:
                raise PortError(f"there is no account {account.name!r}", code="no-account")

        await self._database.write(job)

    async def remove(self, name: str) -> bool:
        return await self._database.write(lambda connection: connection.execute(delete(accounts).where(_is(name))).rowcount == 1)

    async def find(self, name: str) -> Account | None:
        wanted = select(accounts).where(_is(name))
        row = await self._database.read(lambda connection: connection.execute(wanted).mappings().first())
        return None if row is None else _account(row)

    async def all(self) -> list[Account]:
        rows = await self._database.read(lambda c: c.execute(select(accounts).order_by(accounts.c.key)).mappings().all())
        return [_account(row) for row in rows]


class SqlAuditLog:
    """An AuditLog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, deed: Deed) -> None:
        values = {"at": deed.at, "who": deed.who, "what": deed.what, "about": deed.about}
        await self._database.write(lambda connection: connection.execute(insert(deeds).values(**values)))

    async def newest(self, count: int) -> list[Deed]:
        latest = select(deeds).order_by(deeds.c.seq.desc()).limit(count)
        rows = await self._database.read(lambda connection: connection.execute(latest).mappings().all())
        return [Deed(at=row["at"], who=row["who"], what=row["what"], about=row["about"]) for row in rows]


def _is(name: str) -> Any:
    return accounts.c.key == name.casefold()


def _columns(account: Account) -> dict[str, object]:
    return {
        "key": account.name.casefold(),
        "name": account.name,
        "role": account.role,
        "queues": json.dumps(account.queues),
        "password": account.password,
        "changed": account.changed,
        "phone": account.phone,
    }


def _account(row: Mapping[Any, Any]) -> Account:
    return Account(
        name=row["name"],
        role=row["role"],
        queues=tuple(json.loads(row["queues"])),
        password=row["password"],
        changed=row["changed"],
        phone=row["phone"],
    )
