"""Who is signed in: a signed cookie names the account, and the account, looked up each time, says what it may do."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Account, AccountStore

log = logging.getLogger(__name__)

COOKIE = "session"
LIFETIME: Seconds = 12 * 3600.0
"""A working day."""


def new_key() -> str:
    """For a server that is not given one: its sessions end with it."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    accounts: AccountStore
    wall: Callable[[], float]
    key: str = field(default_factory=new_key, repr=False)
    """Signs the cookies. Servers that share it know each other's sessions."""

    async def account(self, connection: HTTPConnection) -> Account | None:
        """Whoever is signed in. A session from before the account's last change does not hold, nor does one that is too old."""
        try:
            name, began = self._signer.loads(connection.cookies.get(COOKIE, ""))
        except (BadSignature, ValueError, TypeError):
            return None
        if self.wall() - began > LIFETIME:
            return None
        try:
            account = await self.accounts.find(name)
        except PortError as error:
            log.error("an account could not be looked up: %s", error.code)  # noqa: TRY400  no bug
            return None
        return account if account is not None and account.password and began >= account.changed else None

    def begin(self, account: Account, answer: Response, *, secure: bool) -> None:
        """`secure`: the browser sends the cookie over TLS only."""
        cookie = self._signer.dumps([account.name, self.wall()])
        answer.set_cookie(COOKIE, cookie, max_age=int(LIFETIME), path="/", httponly=True, samesite="strict", secure=secure)

    def end(self, answer: Response) -> None:
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")

    @property
    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.key, salt="session")
