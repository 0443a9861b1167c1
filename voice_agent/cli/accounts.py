"""`voice-agent accounts`: the people who may use the desk, and what they did there."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from voice_agent.cli import group
from voice_agent.cli.lines import Config, settings_of, write
from voice_agent.errors import InputError
from voice_agent.ports import Account, AccountStore, AuditLog, CallStore, Deed
from voice_agent.settings import Settings
from voice_agent.settings.mistakes import known

app = group("The people who may use the desk. Everything done here, and at the desk, stands in the audit log.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="As colleagues and callers know the person.", show_default=False)]
RoleOption = Annotated[
    Literal["agent", "supervisor", "admin"], typer.Option("--role", help="agent: the calls of their queues; supervisor: all calls; admin.")
]
Queues = Annotated[list[str], typer.Option("--queue", metavar="QUEUE", help="A queue whose calls an agent is offered; may be given again.")]
Phone = Annotated[
    str | None,
    typer.Option("--phone", metavar="NUMBER", help="Rung for callers from the telephone network: +, country code, digits; - for none."),
]
Count = Annotated[int, typer.Option("--last", min=1, max=100_000, metavar="N", help="The latest N deeds.")]


@app.command()
def add(
    name: Name,
    role: RoleOption = "agent",
    queue: Queues = [],  # noqa: B006  typer's way
    phone: Phone = None,
    config: Config = None,
) -> None:
    """Make an account.

    Writes {"name", "role", "queues", "link"}: at the link, good once and for a day, its owner chooses a password.
    """
    settings = settings_of(config)
    queues = tuple(dict.fromkeys(queue))
    _check(settings, name, role, queues)

    async def job(desk: _Desk) -> None:
        account = Account(name=name, role=role, queues=queues, password="", changed=time.time(), phone=_number(phone))
        await desk.accounts.add(account)
        await desk.note("made an account", name)
        write({"name": name, "role": role, "queues": queues, "link": await desk.link(account)})

    _run(settings, job)


@app.command(name="list")
def list_(config: Config = None) -> None:
    """List the accounts: {"name", "role", "queues", "active", "phone"}.

    An account is active when its owner has chosen a password. Of its phone the last two digits are shown.
    """

    async def job(desk: _Desk) -> None:
        for each in await desk.accounts.all():
            phone = f"…{each.phone[-2:]}" if each.phone else ""
            write({"name": each.name, "role": each.role, "queues": each.queues, "active": bool(each.password), "phone": phone})

    _run(settings_of(config), job)


@app.command()
def link(name: Name, config: Config = None) -> None:
    """Give an account a new link to choose a password; the old password and its sessions end. Writes {"name", "link"}."""

    async def job(desk: _Desk) -> None:
        account = replace(await desk.find(name), password="", changed=time.time())
        await desk.accounts.replace(account)
        await desk.note("made a new link", account.name)
        write({"name": account.name, "link": await desk.link(account)})

    _run(settings_of(config), job)


@app.command(name="phone")
def phone_(name: Name, number: Annotated[str, typer.Argument(metavar="NUMBER", show_default=False)], config: Config = None) -> None:
    """Set the phone that is rung for callers from the telephone network: +, country code, digits; - for none. Writes {"name", "phone"}."""
    phone = _number(number)

    async def job(desk: _Desk) -> None:
        account = replace(await desk.find(name), phone=phone)
        await desk.accounts.replace(account)
        await desk.note("set a phone" if phone else "took a phone away", account.name)
        write({"name": account.name, "phone": f"…{phone[-2:]}" if phone else ""})

    _run(settings_of(config), job)


@app.command()
def remove(name: Name, config: Config = None) -> None:
    """Remove an account; its sessions end at once. Writes {"removed"}."""

    async def job(desk: _Desk) -> None:
        account = await desk.find(name)
        await desk.accounts.remove(account.name)
        await desk.note("removed an account", account.name)
        write({"removed": account.name})

    _run(settings_of(config), job)


@app.command()
def log(last: Count = 100, config: Config = None) -> None:
    """Show the audit log, latest first: {"at" (UTC), "who", "what", "about"}."""

    async def job(desk: _Desk) -> None:
        for deed in await desk.audit.newest(last):
            write({**asdict(deed), "at": datetime.fromtimestamp(deed.at, UTC).isoformat(timespec="seconds")})

    _run(settings_of(config), job)


class _Desk:
    def __init__(self, settings: Settings, accounts: AccountStore, audit: AuditLog, store: CallStore) -> None:
        self.accounts = accounts
        self.audit = audit
        self._store = store
        self._base = settings.secrets.public_base_url or f"http://{settings.server.host}:{settings.server.port}"

    async def find(self, name: str) -> Account:
        account = await self.accounts.find(name)
        if account is None:
            names = [each.name for each in await self.accounts.all()]
            raise InputError(f"there is no account {name!r}; {known(name, names, 'accounts')}", code="no-account")
        return account

    async def link(self, account: Account) -> str:
        from voice_agent.server.login import setup_link

        return self._base + await setup_link(self._store, account, time.time())

    async def note(self, what: str, about: str) -> None:
        await self.audit.note(Deed(at=time.time(), who="command line", what=what, about=about))


def _run(settings: Settings, job: Callable[[_Desk], Awaitable[None]]) -> None:
    from voice_agent.app import parts

    database = parts.database(settings)

    async def run() -> None:
        await job(_Desk(settings, *parts.accounts(database), parts.call_store(database)))

    try:
        asyncio.run(run())
    finally:
        database.close()


def _number(given: str | None) -> str:
    """In E.164, or empty. A mistake is told without the number."""
    if given is None or given == "-":
        return ""
    number = re.sub(r"[\s().-]", "", given)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise InputError("the phone is no number of the form +15550105678: write it with + and country code.", code="bad-phone")
    return number


def _check(settings: Settings, name: str, role: str, queues: tuple[str, ...]) -> None:
    titles = settings.escalation.queues
    if not name.strip() or name != " ".join(name.split()) or len(name) > 60:
        raise InputError(f"{name!r} is no name; write 1 to 60 characters without spaces around them.", code="bad-name")
    for queue in queues:
        if queue not in titles:
            raise InputError(f"--queue {queue}: is not a queue of escalation.yaml; {known(queue, titles, 'queues')}", code="no-queue")
    if role == "agent" and not queues:
        raise InputError(f"an agent needs at least one --queue, such as {', '.join(titles)}.", code="no-queue")
    if role != "agent" and queues:
        raise InputError(f"a {role} sees every queue; leave --queue out.", code="bad-role")
