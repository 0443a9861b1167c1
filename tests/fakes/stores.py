"""A CallStore and a HumanQueue that live in memory, with the same promises as the ones in the database."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from voice_agent.core.commands import Disposition
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import CallbackRequest, CallRecord, CallState, Handover, QueueChange


class MemoryCallStore:
    def __init__(self) -> None:
        self.records: dict[CallId, CallRecord] = {}
        self.callers: dict[tuple[str, str], str] = {}
        self.noted: dict[tuple[str, str], float] = {}
        """When each of them was told."""
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
    def __init__(self) -> None:
        self._handovers: dict[CallId, Handover] = {}
        self._readers: list[MemoryChanges] = []
        self.broken: Exception | None = None
        """Raised by every method while set."""

    async def offer(self, handover: Handover) -> int:
        found = self._found(handover.call)
        if found is None or (found.state != "waiting" and found.since != handover.since):
            self._put(replace(handover, state="waiting", agent=""), QueueChange(call=handover.call, kind="waiting"))
        calls = [h.call for h in await self.waiting() if h.state == "waiting"]
        return calls.index(handover.call) + 1 if handover.call in calls else 0

    async def waiting(self) -> list[Handover]:
        self._check()
        found = [h for h in self._handovers.values() if h.state in ("waiting", "accepted")]
        return sorted(found, key=lambda h: (h.priority, h.since, h.call))

    async def find(self, call: CallId) -> Handover | None:
        return self._found(call)

    async def accept(self, call: CallId, agent: str) -> Handover:
        found = self._found(call)
        if found is None or found.state not in ("waiting", "accepted"):
            raise PortError("this call no longer waits", code="not-waiting")
        if found.state == "accepted":
            if found.agent != agent:
                raise PortError("somebody else has taken this call", code="already-taken")
            return found
        taken = replace(found, state="accepted", agent=agent)
        self._put(taken, QueueChange(call=call, kind="accepted", agent=agent))
        return taken

    async def decline(self, call: CallId, agent: str) -> None:
        found = self._found(call)
        if found is not None and (found.state == "waiting" or (found.state, found.agent) == ("accepted", agent)):
            self._put(replace(found, state="waiting", agent=""), QueueChange(call=call, kind="declined", agent=agent))

    async def complete(self, call: CallId) -> None:
        found = self._found(call)
        if found is not None and found.state in ("waiting", "accepted"):
            self._put(replace(found, state="completed"), QueueChange(call=call, kind="completed"))

    async def withdraw(self, call: CallId) -> None:
        found = self._found(call)
        if found is not None and found.state in ("waiting", "accepted"):
            self._put(replace(found, state="withdrawn"), QueueChange(call=call, kind="withdrawn"))

    def changes(self) -> "MemoryChanges":
        reader = MemoryChanges()
        self._readers.append(reader)
        return reader

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken

    def _found(self, call: CallId) -> Handover | None:
        self._check()
        return self._handovers.get(call)

    def _put(self, handover: Handover, change: QueueChange) -> None:
        self._handovers[handover.call] = handover
        self.tell(change)

    def tell(self, change: QueueChange) -> None:
        for reader in self._readers:
            reader.tell(change)


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
