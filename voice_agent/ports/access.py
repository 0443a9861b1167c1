"""Who may use the pages, and what was done there."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

Role = Literal["agent", "supervisor", "admin"]
"""An agent sees the calls of their queues; a supervisor every call; an admin, besides, everything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    name: str
    """As colleagues and callers know them; unique, whatever its case."""
    role: Role
    queues: tuple[str, ...]
    """Whose calls an agent is offered; of no meaning for the other roles."""
    password: str = field(repr=False)
    """An argon2 hash; empty until its owner has chosen one."""
    changed: float
    """When the password or the role last changed, UNIX seconds: sessions from before do not hold."""
    phone: str = field(default="", repr=False)
    """In E.164: rung for callers from the telephone network. Empty for none of their own."""


class AccountStore(Protocol):
    async def add(self, account: Account) -> None:
        """PortError(code="name-taken") when there is one of this name."""
        ...

    async def replace(self, account: Account) -> None:
        """PortError(code="no-account") when there is none of this name."""
        ...

    async def remove(self, name: str) -> bool:
        """False when there was none."""
        ...

    async def find(self, name: str) -> Account | None: ...

    async def all(self) -> list[Account]:
        """By name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A look, a change, an export, an erasure, a sign-in."""

    at: float
    """UNIX seconds."""
    who: str
    """An account's name; "-" for nobody who is signed in, "command line" for whoever has the machine."""
    what: str
    """Such as "signed in" or "read a brief"."""
    about: str
    """What it was done to: a call's id, an account; never what a caller said."""


class AuditLog(Protocol):
    """Deeds are added and never changed."""

    async def note(self, deed: Deed) -> None: ...

    async def newest(self, count: int) -> list[Deed]:
        """The latest first."""
        ...
