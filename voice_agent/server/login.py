"""Signing in and out, and choosing a password by a one-time link."""

import logging
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Account, AccountStore, CallStore, Deed
from voice_agent.server.attempts import Attempts
from voice_agent.server.described import described
from voice_agent.server.doorkeeper import LOCAL_HOSTS
from voice_agent.server.house import House
from voice_agent.server.pages import Pages
from voice_agent.server.passwords import MOST, Passwords, complaint

log = logging.getLogger(__name__)

LINK_LIFETIME: Seconds = 24 * 3600.0
LONGEST_NAME = 60
HOME = "/desk"

Name = Annotated[str, Form(max_length=LONGEST_NAME)]
Password = Annotated[str, Form(max_length=4 * MOST)]
Text = Annotated[str, Form(max_length=500)]


def routes(house: House, pages: Pages) -> APIRouter:
    login = Login(house, pages)
    router = APIRouter()
    router.add_api_route("/login", login.page, methods=["GET"], **described(HTMLResponse))
    router.add_api_route("/login", login.sign_in, methods=["POST"], **described(HTMLResponse, 303, 401, 429, 503))
    router.add_api_route("/logout", login.sign_out, methods=["POST"], **described(HTMLResponse, 303))
    router.add_api_route("/setup", login.setup_page, methods=["GET"], **described(HTMLResponse))
    router.add_api_route("/setup", login.set_up, methods=["POST"], **described(HTMLResponse, 303, 403))
    return router


async def signed_in(request: Request) -> Account:
    """For routes that the doorkeeper lets nobody else reach."""
    account: Account = request.state.account
    return account


Me = Annotated[Account, Depends(signed_in)]


async def setup_link(store: CallStore, account: Account, now: float) -> str:
    """A path, good once and for a day, at which the account's owner chooses a password."""
    token = await store.issue_token(_binding(account), now, LINK_LIFETIME)
    return "/setup?" + urlencode({"name": account.name, "token": token})


async def first_link(accounts: AccountStore, store: CallStore, now: float) -> str:
    """The path at which the first admin makes their account; empty when there is an admin."""
    if any(account.role == "admin" and account.password for account in await accounts.all()):
        return ""
    return "/setup?" + urlencode({"token": await store.issue_token(_FIRST, now, LINK_LIFETIME)})


_FIRST = "first-admin"


def _binding(account: Account) -> str:
    """Of one state of the account: when it has changed, older links are void."""
    return f"invited:{account.name.casefold()}:{account.changed}"


class Login:
    """One method for each route."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._accounts = house.accounts
        self._audit = house.audit
        self._sessions = house.access.sessions
        self._store = house.equipment.store
        self._wall = house.equipment.wall
        self._monotonic = house.equipment.monotonic
        self._pages = pages
        self._passwords = Passwords()
        self._by_name, self._by_address = Attempts(free=5), Attempts(free=30)

    async def page(self, next: str = HOME) -> HTMLResponse:  # noqa: A002  the name in the address
        return self._pages.page("login.html", next=_local(next), name="", trouble="")

    async def sign_in(self, request: Request, name: Name = "", password: Password = "", next: Text = HOME) -> Response:  # noqa: A002
        name, now = name.strip(), self._monotonic()
        address = request.client.host if request.client else ""
        keys = ((self._by_name, f"{name.casefold()} {address}"), (self._by_address, address))
        if wait := max(attempts.wait(key, now) for attempts, key in keys):
            return self._refused(name, next, f"Too many tries. Please wait {_said(wait)}.", 429, wait)
        try:
            account = await self._accounts.find(name)
        except PortError as error:
            log.error("an account could not be looked up: %s", error.code)  # noqa: TRY400  no bug
            return self._refused(name, next, "Something is wrong on our side. Please try again in a minute.", 503)
        if not await self._passwords.holds(password, account.password if account else "") or account is None:
            for attempts, key in keys:
                attempts.failed(key, now)
            await self._note(account.name if account else "-", "failed to sign in", "")
            return self._refused(name, next, "This name and this password do not belong together.", 401)
        self._by_name.succeeded(keys[0][1])
        await self._note(account.name, "signed in", "")
        return self._let_in(request, account, _local(next))

    async def sign_out(self, request: Request, me: Me) -> Response:
        await self._note(me.name, "signed out", "")
        answer = RedirectResponse("/login", 303)
        self._sessions.end(answer)
        return answer

    # ------------------------------------------------------------ the one-time link

    async def setup_page(self, token: str = "", name: str = "") -> HTMLResponse:
        return self._pages.page("setup.html", name=name, token=token, invited=bool(name), trouble="")

    async def set_up(self, request: Request, token: Text = "", name: Name = "", password: Password = "", invited: Text = "") -> Response:
        """`invited`: not empty for an account that is there; else the first admin makes theirs."""
        name = " ".join(name.split())
        trouble = complaint(password) or ("" if name else "Please enter your name.")
        if trouble:
            return self._pages.page("setup.html", 403, name=name, token=token, invited=invited, trouble=trouble)
        try:
            account = await self._accounts.find(name)
            account = await (self._chosen(account, token, password) if invited else self._first(account, name, token, password))
        except PortError as error:
            log.error("an account could not be set up: %s", error.code)  # noqa: TRY400  no bug
            account = None
        if account is None:
            trouble = "This link has been used, or is too old."
            return self._pages.page("setup.html", 403, name=name, token="", invited=invited, trouble=trouble)
        await self._note(account.name, "chose a password", "")
        return self._let_in(request, account, HOME)

    async def _chosen(self, account: Account | None, token: str, password: str) -> Account | None:
        now = self._wall()
        if account is None or not await self._store.redeem_token(token, _binding(account), now):
            return None
        changed = replace(account, password=await self._passwords.hashed(password), changed=now)
        await self._accounts.replace(changed)
        return changed

    async def _first(self, namesake: Account | None, name: str, token: str, password: str) -> Account | None:
        now = self._wall()
        if namesake is not None or not await self._store.redeem_token(token, _FIRST, now):
            return None
        admin = Account(name=name, role="admin", queues=(), password=await self._passwords.hashed(password), changed=now)
        await self._accounts.add(admin)
        return admin

    def _let_in(self, request: Request, account: Account, where: str) -> Response:
        answer = RedirectResponse(where, 303)
        self._sessions.begin(account, answer, secure=(request.url.hostname or "") not in _LOCAL)
        return answer

    def _refused(self, name: str, where: str, trouble: str, status: int, wait: Seconds = 0.0) -> HTMLResponse:
        answer = self._pages.page("login.html", status, next=_local(where), name=name, trouble=trouble)
        if wait:
            answer.headers["retry-after"] = str(int(wait) + 1)
        return answer

    async def _note(self, who: str, what: str, about: str) -> None:
        try:
            await self._audit.note(Deed(at=self._wall(), who=who, what=what, about=about))
        except PortError as error:
            log.error("the audit log could not be written: %s", error.code)  # noqa: TRY400  no bug


_LOCAL = tuple(host.strip("[]") for host in LOCAL_HOSTS)
"""Browsers treat these as safe without TLS."""


def _local(path: str) -> str:
    """Where to go next, on this site only."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else HOME


def _said(wait: Seconds) -> str:
    seconds = int(wait) + 1
    return f"{seconds} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"
