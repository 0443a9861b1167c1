"""Stores that live in memory, with the same promises as the ones in the database."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

from voice_agent.core.commands import Disposition
from voice_agent.core.dispatch import OPEN, AgentStatus, Board, Estimate, OnDuty, QueueChange
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import CallbackRequest, CallRecord, CallState, Handover

T = TypeVar("T")


class MemoryCallStore:
    def __init__(self) -> None:
        self.records: dict[CallId, CallRecord] = {}
        self.callers: dict[tuple[str, str], str] = {}
        self.noted: dict[tuple[str, str], float] = {}
        """When each of them was told."""
        self.tiers: dict[str, str] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._keys: dict[str, float] = {}
        self.broken: Exception | None = None
        """Raised by every method while set."""

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken

    async def begin(self, call: CallId, carrier: str, carrier_call: str, now: float) -> None:
        self._check()
        record = CallRecord(call=call, carrier=carrier, carrier_call=carrier_call, state="live", started=now, ended=None, disposition=None)
        self.records.setdefault(call, record)

    async def set_state(self, call: CallId, state: CallState) -> None:
        self.records[call] = replace(self._known(call), state=state)

    async def finish(self, call: CallId, disposition: Disposition, now: float) -> None:
        record = self._known(call)
        state: CallState = "handed-over" if record.state == "handed-over" else "ended"
        self.records[call] = replace(record, state=state, ended=now, disposition=disposition)

    async def find_by_carrier(self, carrier: str, carrier_call: str) -> CallRecord | None:
        self._check()
        found = [r for r in self.records.values() if (r.carrier, r.carrier_call) == (carrier, carrier_call)]
        return max(found, key=lambda record: record.started, default=None)

    async def note_caller(self, carrier: str, carrier_call: str, caller: str, now: float) -> None:
        self._check()
        self.callers[carrier, carrier_call], self.noted[carrier, carrier_call] = caller, now

    async def contacts(self, carrier: str, carrier_call: str) -> tuple[float, ...]:
        self._check()
        caller = self.callers.get((carrier, carrier_call))
        return tuple(sorted(self.noted[call] for call, theirs in self.callers.items() if theirs == caller))

    async def tier_of(self, carrier: str, carrier_call: str) -> str | None:
        self._check()
        return self.tiers.get(self.callers.get((carrier, carrier_call), ""))

    async def set_tier(self, callers: Collection[str], tier: str | None) -> None:
        self._check()
        for caller in callers:
            self.tiers.pop(caller, None)
            if tier is not None:
                self.tiers[caller] = tier

    async def issue_token(self, binding: str, now: float, lifetime: Seconds) -> str:
        self._check()
        token = secrets.token_urlsafe(32)
        self._tokens[token] = (binding, now + lifetime)
        return token

    async def redeem_token(self, token: str, binding: str, now: float) -> bool:
        self._check()
        bound, expires = self._tokens.get(token, ("", now))
        if bound != binding or expires <= now:
            return False
        del self._tokens[token]
        return True

    async def remember_once(self, key: str, now: float) -> bool:
        self._check()
        if self._keys.get(key, float("-inf")) > now - 24 * 3600:
            return False
        self._keys[key] = now
        return True

    def _known(self, call: CallId) -> CallRecord:
        self._check()
        if call not in self.records:
            raise PortError(f"there is no call {call} in the store", code="unknown-call")
        return self.records[call]


class MemoryCallbackStore:
    def __init__(self) -> None:
        self.asked: dict[CallId, CallbackRequest] = {}
        self.numbers: dict[CallId, str] = {}
        self.tell: Callable[[QueueChange], None] = lambda _: None
        self.broken: Exception | None = None
        """Raised by `ask` while set."""

    async def ask(self, request: CallbackRequest, number: str) -> None:
        if self.broken is not None:
            raise self.broken
        if request.call not in self.asked:
            self.asked[request.call], self.numbers[request.call] = request, number
            self.tell(QueueChange(call=request.call, kind="callback"))

    async def open(self) -> list[CallbackRequest]:
        waiting = [request for call, request in self.asked.items() if call in self.numbers]
        return sorted(waiting, key=lambda request: (request.priority, request.since, request.call))

    async def number(self, call: CallId) -> str:
        if call not in self.numbers:
            raise PortError("nobody waits to be called back from this call", code="not-waiting")
        return self.numbers[call]

    async def done(self, call: CallId) -> None:
        self.numbers.pop(call, None)


class MemoryHumanQueue:
    def __init__(self, wall: Callable[[], float] = lambda: 1_750_000_000.0, *, routed: tuple[str, ...] = ()) -> None:
        """`wall`: UNIX seconds, of its roster too. `routed`: carriers that find the people for their callers themselves."""
        self._routed = routed
        self._handovers: dict[CallId, Handover] = {}
        self._readers: list[MemoryChanges] = []
        self.wall = wall
        self.roster = MemoryRoster(self)
        self.broken: Exception | None = None
        """Raised by every method while set."""

    async def offer(self, handover: Handover) -> int:
        self._step(lambda board: board.offer(handover))
        return self.board().position(handover.call)

    async def waiting(self) -> list[Handover]:
        self._check()
        found = [h for h in self._handovers.values() if h.state in OPEN]
        return sorted(found, key=lambda h: (h.priority, h.since, h.call))

    async def find(self, call: CallId) -> Handover | None:
        self._check()
        return self._handovers.get(call)

    async def estimate(self, call: CallId) -> Estimate | None:
        def handled(queue: str) -> list[float]:
            over = [h for h in self._handovers.values() if h.queue == queue and h.state == "completed"]
            return [h.ended - h.joined for h in sorted(over, key=lambda h: -(h.ended or 0)) if h.ended and h.joined][:50]

        found = await self.find(call)
        return None if found is None else self.board().estimate(call, handled(found.queue))

    async def accept(self, call: CallId, agent: str) -> Handover:
        refusal = self._step(lambda board: board.accept(call, agent))
        if refusal is not None:
            raise PortError("the call cannot be taken", code=refusal)
        return self._handovers[call]

    async def decline(self, call: CallId, agent: str) -> None:
        self._step(lambda board: board.decline(call, agent))

    async def joined(self, call: CallId, agent: str) -> bool:
        return self._step(lambda board: board.join(call, agent))

    async def lost(self, call: CallId, agent: str, joined: float | None = None) -> None:
        self._step(lambda board: board.lose(call, agent, joined))

    async def complete(self, call: CallId, agent: str = "") -> None:
        self._step(lambda board: board.leave(call, agent) if agent else board.end(call, "completed"))

    async def withdraw(self, call: CallId) -> None:
        self._step(lambda board: board.end(call, "withdrawn"))

    async def dispatch(self, ring_for: Seconds) -> None:
        self._check()
        rung_for = [h for h in self._handovers.values() if h.state != "waiting" or h.carrier not in self._routed]
        board = Board(rung_for, self.roster.agents.values(), self.wall())
        board.dispatch(ring_for)
        self.keep(board)

    def changes(self) -> "MemoryChanges":
        reader = MemoryChanges()
        self._readers.append(reader)
        return reader

    def board(self) -> Board[Handover]:
        return Board(self._handovers.values(), self.roster.agents.values(), self.wall())

    def keep(self, board: Board[Handover]) -> None:
        self._handovers.update(board.changed_waits)
        self.roster.agents.update(board.changed_agents)
        for change in board.changes:
            self.tell(change)

    def tell(self, change: QueueChange) -> None:
        for reader in self._readers:
            reader.tell(change)

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken

    def _step(self, step: Callable[[Board[Handover]], T]) -> T:
        self._check()
        board = self.board()
        result = step(board)
        self.keep(board)
        return result


class MemoryRoster:
    def __init__(self, queue: MemoryHumanQueue) -> None:
        self._queue = queue
        self.agents: dict[str, OnDuty] = {}
        self.broken: Exception | None = None
        """Raised by every method while set."""

    async def set_status(self, agent: str, status: AgentStatus, queues: tuple[str, ...] | None) -> None:
        self._check()
        board = self._queue.board()
        board.come(agent, status, queues)
        self._queue.keep(board)

    async def seen(self, agent: str) -> None:
        self._check()
        now = self._queue.wall()
        new = OnDuty(agent=agent, status="away", queues=(), since=now, seen=now)
        found = self.agents.setdefault(agent, new)
        self.agents[agent] = replace(found, seen=max(found.seen, now))

    async def find(self, agent: str) -> OnDuty | None:
        self._check()
        return self.agents.get(agent)

    async def on_duty(self) -> list[OnDuty]:
        self._check()
        return [each for _, each in sorted(self.agents.items()) if each.is_on_duty(self._queue.wall())]

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken


class MemoryChanges:
    def __init__(self) -> None:
        self._ready: deque[QueueChange] = deque(maxlen=1000)
        self._more = asyncio.Event()
        self._closed = False

    def tell(self, change: QueueChange) -> None:
        self._ready.append(change)
        self._more.set()

    def __aiter__(self) -> "MemoryChanges":
        return self

    async def __anext__(self) -> QueueChange:
        while not self._ready:
            if self._closed:
                raise StopAsyncIteration
            self._more.clear()
            await self._more.wait()
        return self._ready.popleft()

    async def aclose(self) -> None:
        self._closed = True
        self._ready.clear()
        self._more.set()
