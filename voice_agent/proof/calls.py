"""Whole calls, on every path that a call can take, and all that is served, sent and written on the way."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

import httpx
import uvicorn
from starlette.responses import Response

from voice_agent.core.events import ShutdownRequested
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import Account, Carrier
from voice_agent.proof.caller import Caller
from voice_agent.proof.faults import broken
from voice_agent.proof.people import PAUSE, Canary, Kind, Person, in_halves
from voice_agent.server.app import create_app
from voice_agent.server.calls import new_call_id
from voice_agent.server.house import House
from voice_agent.server.phone import CARRIER
from voice_agent.server.run import server_config

Path_ = Literal[
    "answered",
    "handed over",
    "keypad",
    "number in two turns",
    "called back, typed",
    "called back, said",
    "hung up",
    "recognizer down",
    "redactor down",
    "redactor late",
    "queue down",
    "recognizer bug",
    "redactor bug",
    "intents bug",
    "search bug",
    "writer bug",
    "shut down",
]
PATHS: tuple[Path_, ...] = get_args(Path_)
"""What becomes of a call. All of them meet a language model that answers, fails or hangs by turns."""

AT_ONCE = 12
MOST_TRIES = 12
"""Calls for what one person has to say: many end early, with a person."""
_KINDS: tuple[Kind, ...] = ("NAME", "ACCOUNT", "PHONE", "EMAIL", "ADDRESS", "NATIONAL_ID", "DATE_OF_BIRTH")
"""And then the card: from then on nobody listens for a while."""
_TO_PERSON = ("handed over", "queue down")
_OVER = ("waiting", "bridged", "ended")
QUESTIONS = (
    "How much is express delivery?",
    "What time does the Seattle store close on Sunday?",
    "How long is the warranty on the kettle?",
    "How do I send something back?",
)
_DESK = Account(name="The desk of the proof", role="supervisor", queues=(), password="-", changed=0.0)  # noqa: S106  opens nothing
_SERVED_WITHIN = 60.0


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the calls left behind outside the files."""

    pages: list[tuple[str, str]] = field(default_factory=list)
    """What was served, with where."""
    said: list[tuple[str, Canary]] = field(default_factory=list)
    """With the path of the call."""
    ends: dict[str, int] = field(default_factory=dict)
    """Calls by path."""
    typed: list[tuple[str, Canary]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    """What kept the proof from being whole."""


class Line:
    """The assistant, and whoever calls it and looks at its pages."""

    def __init__(self, house: House, client: httpx.AsyncClient, progress: Callable[[str, int, int], None]) -> None:
        self._house = house
        self._client = client
        self._progress = progress
        self._places = asyncio.Semaphore(AT_ONCE)
        self.seen = Seen()

    async def take_all(self, people: list[Person]) -> Seen:
        done = 0

        async def one(number: int, person: Person) -> None:
            nonlocal done
            async with self._places:
                await self._tell_all(PATHS[number % len(PATHS)], number, person)
            done += 1
            self._progress("calling", done, len(people))

        async with asyncio.TaskGroup() as group:
            for number, person in enumerate(people):
                group.create_task(one(number, person))
        await self._look("/desk")
        return self.seen

    async def _tell_all(self, path: Path_, number: int, person: Person) -> None:
        """In as many calls as it takes; the first goes the given way."""
        turn = number % len(_KINDS)
        left: list[Kind] = [*_KINDS[turn:], *_KINDS[:turn], "CARD"]
        for attempt in range(MOST_TRIES):
            if left:
                await self._call(path if attempt == 0 else "answered", number, person, left)
        if left:
            self.seen.trouble.append(f"person {number}: nobody listened to {', '.join(left)}")

    async def _call(self, path: Path_, number: int, person: Person, left: list[Kind]) -> None:
        call = new_call_id()
        self._house.calls.book(call, _SERVED_WITHIN)
        captions = self._house.calls.captions(call)
        if captions is None:
            raise RuntimeError("a call was booked and is not there")
        caller = Caller(captions)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look(f"/phone/calls/{call}/captions", "captions"))
            group.create_task(caller.follow())
            group.create_task(self._run(call, path, caller, person.one(left[0]).said))
            await caller.until("listening")
            await self._act(call, path, number, person, caller, left)
            caller.hangs_up()
        self.seen.ends[path] = self.seen.ends.get(path, 0) + 1
        await self._look(f"/phone/calls/{call}/report", "report")

    async def _run(self, call: CallId, path: Path_, caller: Caller, trigger: str) -> None:
        calls = self._house.calls
        # The parts are taken before anything waits, so that no other call gets them.
        calls.equipment = replace(broken(path, self._house.equipment, trigger), recognizer=caller.hears)
        leg: Carrier = caller.leg
        await calls.run(call=call, carrier_name=CARRIER, carrier_call="", can_bridge=True, carrier=leg)

    async def _act(self, call: CallId, path: Path_, number: int, person: Person, caller: Caller, left: list[Kind]) -> None:
        """What was heard is taken off `left`."""
        await self._first(call, path, person, caller, left)
        if path.startswith("recognizer"):
            caller.hears.broken = "bug" if path.endswith("bug") else "port"
        for place, kind in enumerate(tuple(left)):
            if caller.state in _OVER or (kind == "CARD" and path in _TO_PERSON):
                break
            if path == "hung up" and place == 2:
                caller.begins(person.one(kind).said)
                return
            asks = f" {QUESTIONS[(number + place) % len(QUESTIONS)]}" if place % 2 else ""
            await caller.says(person.one(kind).said + asks)
            if any(person.one(kind).said in each for each in caller.hears.heard):
                left.remove(kind)
                self.seen.said.append((path, person.one(kind)))
        if path == "shut down" and (session := self._house.calls.session(call)) is not None:
            session.post(ShutdownRequested)
        elif path in _TO_PERSON and caller.state not in _OVER:
            await caller.says("I would like to talk to a person, please.")
        if path in ("handed over", "shut down"):
            await self._taken(call, caller)

    async def _first(self, call: CallId, path: Path_, person: Person, caller: Caller, left: list[Kind]) -> None:
        """What the caller does on this path before they tell the rest."""
        match path:
            case "keypad":
                await self._types(path, person, caller)
            case "number in two turns":
                await self._halves(path, person, caller, left)
            case "called back, typed" | "called back, said":
                await self._called_back(call, path, person, caller, left)

    async def _types(self, path: Path_, person: Person, caller: Caller) -> None:
        for kind in ("CARD", "ACCOUNT", "NATIONAL_ID"):
            keys = person.one(kind).digits.replace("0", "")  # a 0 asks for a person
            typed = replace(person.one(kind), value=keys, digits=keys, said=f"{keys} on the keypad")
            self.seen.typed.append((path, typed))
            await caller.presses(f"{keys}#")

    async def _halves(self, path: Path_, person: Person, caller: Caller, left: list[Kind]) -> None:
        """A long number, with a pause in its middle that is longer than any that we wait for."""
        account = in_halves(person)
        for half in account.said.split(PAUSE):
            await caller.says(half)
        left.remove("ACCOUNT")
        self.seen.said.append((path, account))

    async def _called_back(self, call: CallId, path: Path_, person: Person, caller: Caller, left: list[Kind]) -> None:
        phone = person.one("PHONE")
        await caller.says("Could you call me back, please?")
        if path.endswith("typed"):
            self.seen.typed.append((path, replace(phone, said=f"{phone.digits} on the keypad")))
            await caller.presses(f"{phone.digits}#", answered=True)
        else:
            left.remove("PHONE")
            self.seen.said.append((path, phone))
            await caller.says(phone.said)
        await caller.says("Yes.")
        await caller.until("ended")
        try:
            kept = await self._house.calls.equipment.callbacks.number(call)
        except PortError:
            kept = ""
        if kept != phone.digits:
            self.seen.trouble.append(f"call {call} ({path}): no call back was promised")
        await self._look("/desk", "desk")

    async def _taken(self, call: CallId, caller: Caller) -> None:
        """A person takes the call at the desk, and reads all there is."""
        if not await caller.until("waiting"):
            self.seen.trouble.append(f"call {call} was not handed over")
            return
        await self._look("/desk/events", "queue", until=b"event: queue")
        await self._look(f"/desk/calls/{call}", "brief")
        answer = await self._client.post(f"/desk/calls/{call}/accept")
        self._keep("desk: the call taken", answer.text)
        await self._look(f"/desk/calls/{call}/captions", "captions at the desk", until=b"event: said")

    async def _look(self, address: str, name: str = "", until: bytes = b"\0") -> None:
        """What a page says; of a stream, what comes until it ends or has said enough."""
        body = b""
        async with self._client.stream("GET", address) as answer:
            if answer.status_code >= 500:
                self.seen.trouble.append(f"{address.partition('/calls/')[0]} answered {answer.status_code}")
            async for piece in answer.aiter_bytes():
                body += piece
                if until in body:
                    break
        self._keep(name or address, body.decode("utf-8", "replace"))

    def _keep(self, name: str, text: str) -> None:
        self.seen.pages.append((name, text))


@asynccontextmanager
async def open_line(house: House, progress: Callable[[str, int, int], None]) -> AsyncIterator[Line]:
    """The pages are served over a real socket, to somebody who has signed in."""
    await house.accounts.add(_DESK)
    server = uvicorn.Server(server_config(create_app(house)))
    server.config.host, server.config.port = "127.0.0.1", 0
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    answer = Response()
    house.access.sessions.begin(_DESK, answer, secure=False)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  uvicorn tells in no other way
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"cookie": cookie}, timeout=_SERVED_WITHIN) as client:
                yield Line(house, client, progress)
        finally:
            house.calls.closing.set()
            server.should_exit = True


@contextmanager
def _no_signals() -> Iterator[None]:
    """Ctrl-C stays the command line's."""
    yield


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Everything that anybody logs or prints, to a file; nothing to anywhere else."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    file = path.open("w", encoding="utf-8", buffering=1)
    handler = logging.StreamHandler(file)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stderr(file), redirect_stdout(file):  # some libraries log to either by themselves
            yield
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        file.close()
