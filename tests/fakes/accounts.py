"""Accounts and an audit log that live in memory, with the same promises as those in the database."""

from voice_agent.errors import PortError
from voice_agent.ports import Account, Deed


class MemoryAccounts:
    def __init__(self, *accounts: Account) -> None:
        self._accounts = {account.name.casefold(): account for account in accounts}
        self.broken = False

    async def add(self, account: Account) -> None:
        if account.name.casefold() in self._accounts:
            raise PortError("taken", code="name-taken")
        self._accounts[account.name.casefold()] = account

    async def replace(self, account: Account) -> None:
        if account.name.casefold() not in self._accounts:
            raise PortError("not there", code="no-account")
        self._accounts[account.name.casefold()] = account

    async def remove(self, name: str) -> bool:
        return self._accounts.pop(name.casefold(), None) is not None

    async def find(self, name: str) -> Account | None:
        if self.broken:
            raise PortError("the database failed", code="store-failed")
        return self._accounts.get(name.casefold())

    async def all(self) -> list[Account]:
        return [self._accounts[name] for name in sorted(self._accounts)]


class MemoryAuditLog:
    def __init__(self) -> None:
        self.deeds: list[Deed] = []

    async def note(self, deed: Deed) -> None:
        self.deeds.append(deed)

    async def newest(self, count: int) -> list[Deed]:
        return self.deeds[::-1][:count]
