"""Callers, agents, two processes and crashes in any order: no caller is lost, none is with two people, no agent has two callers.

The real store and the one in memory are taken through the same steps, on one clock, and are the same after each.
"""

import asyncio
import tempfile
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, select

from tests.fakes.stores import MemoryHumanQueue
from tests.ports.test_human_queue import BRIEF, RING_FOR, Clock
from voice_agent.adapters.sql.board import on_duty, wait_fields
from voice_agent.adapters.sql.database import Database, open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.adapters.sql.roster import SqlRoster
from voice_agent.adapters.sql.tables import agents, handovers
from voice_agent.core.dispatch import OPEN, UNSEEN_AFTER, OnDuty, Wait
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import Handover, HumanQueue, Roster

T = TypeVar("T")
Fate = Literal["", "before", "after"]
"""Of a write: the process dies before it is stored, or after, and never hears of it."""
Step = Callable[[HumanQueue, Roster], Coroutine[Any, Any, object]]

CALLS = ("one", "two", "three")
AGENTS = ("Ada", "Grace")
QUEUES: dict[str, tuple[str, ...] | None] = {"Ada": ("claims",), "Grace": None, "Mary": None}
QUEUE_OF = {"one": "claims", "two": "claims", "three": "billing"}


class CrashError(Exception):
    """The process is gone."""


class MortalDatabase(Database):
    """Dies at its next write when it is told to: inside the transaction, after all of its work, or behind it."""

    fate: Fate = ""

    async def write(self, job: Callable[[Connection], T]) -> T:
        fate, self.fate = self.fate, ""

        def dying(connection: Connection) -> T:
            result = job(connection)
            if fate == "before":
                raise CrashError
            return result

        try:
            result = await super().write(dying)
        except PortError:
            if fate:
                raise CrashError from None
            raise
        if fate == "after":
            raise CrashError
        return result


@dataclass
class Caller:
    here: bool = False
    """On the line."""
    outbox: deque[tuple[str, Step]] = field(default_factory=deque)
    """What their call has to store, in this order and at least once each."""

    def has(self, what: str, step: Step) -> None:
        self.outbox.append((what, step))

    @property
    def offering(self) -> bool:
        return any(what == "offer" for what, _ in self.outbox)


class Storm(RuleBasedStateMachine):
    """On the store in memory alone: quick, so that it gets far."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.memory = MemoryHumanQueue(self.clock)
        self.callers = {call: Caller() for call in CALLS}
        self.open_pages = set(AGENTS)
        self.lines: dict[str, tuple[str, float | None]] = {}
        """Who speaks with which caller, and since when, by the call."""
        self.said: list[Step] = []
        """By agents and webhooks: any of it may come again, at any time."""
        self.crash: Fate = ""

    def teardown(self) -> None:
        self.settle()

    def take(self, step: Step, *, again: bool = False) -> tuple[bool, object]:
        """Whether its end was heard of, and what it was: an answer, or the code of a refusal."""
        self.clock.now += 0.001
        if again:
            self.said.append(step)
        crash, self.crash = self.crash, ""
        answer = self.in_memory(step) if crash != "before" else None
        return not crash, answer

    def in_memory(self, step: Step) -> object:
        return _at_once(_answer(step(self.memory, self.memory.roster)))

    def waits(self) -> dict[str, Wait]:
        kept = [_at_once(self.memory.find(CallId(call))) for call in CALLS]
        return {each.call: each for each in kept if each is not None}

    def those(self, *states: str) -> list[tuple[str, str]]:
        return sorted((call, wait.agent) for call, wait in self.waits().items() if wait.state in states)

    # ------------------------------------------------------------ time and crashes

    @initialize(available=st.sets(st.sampled_from(AGENTS)), here=st.sets(st.sampled_from(CALLS)))
    def begin(self, available: set[str], here: set[str]) -> None:
        for agent in sorted(available):
            self.take(_status(agent, "available"))
        for call in sorted(here):
            self.a_caller_needs_a_person(call, priority=3)

    @rule(seconds=st.sampled_from((0.0, 1.0, 5.0, 14.0, 16.0, 21.0)), unseen=st.sets(st.sampled_from(AGENTS), max_size=1))
    def time_passes(self, seconds: float, unseen: set[str]) -> None:
        self.clock.now += seconds
        for agent in sorted(self.open_pages - unseen):
            self.take(_seen(agent))
        self.somebody_is_rung()

    @rule()
    def somebody_is_rung(self) -> None:
        if self.take(lambda queue, _: queue.dispatch(RING_FOR))[0]:
            self.nobody_is_forgotten()

    @rule(crash=st.sampled_from(("before", "after")))
    def a_process_is_about_to_die(self, crash: Fate) -> None:
        self.crash = crash

    # ------------------------------------------------------------ callers

    @rule(call=st.sampled_from(CALLS), priority=st.sampled_from((1, 3)))
    def a_caller_needs_a_person(self, call: str, priority: int) -> None:
        caller = self.callers[call]
        if not caller.here:
            caller.here = True
            self.clock.now += 0.001
            new = _handover(call, priority=priority, since=self.clock.now)
            caller.has("offer", lambda queue, _: queue.offer(new))
        self.something_is_stored_of_a_call(call)

    @precondition(lambda self: any(caller.here for caller in self.callers.values()))
    @rule(data=st.data(), at_once=st.booleans())
    def a_caller_leaves(self, data: st.DataObject, at_once: bool) -> None:
        call = data.draw(st.sampled_from([call for call, caller in self.callers.items() if caller.here]))
        caller, name = self.callers[call], CallId(call)
        caller.here = False
        if self.lines.pop(call, None):
            caller.has("complete", lambda queue, _: queue.complete(name))
        else:
            caller.has("withdraw", lambda queue, _: queue.withdraw(name))
        if at_once:
            self.something_is_stored_of_a_call(call)

    @rule(call=st.sampled_from(CALLS))
    def something_is_stored_of_a_call(self, call: str) -> None:
        caller = self.callers[call]
        if caller.outbox and self.take(caller.outbox[0][1])[0]:
            caller.outbox.popleft()

    # ------------------------------------------------------------ agents

    @rule(agent=st.sampled_from(AGENTS))
    def a_laptop_is_closed_or_opened(self, agent: str) -> None:
        self.open_pages ^= {agent}

    @rule(agent=st.sampled_from(AGENTS), status=st.sampled_from(("available", "available", "away")))
    def an_agent_comes_or_goes(self, agent: str, status: Literal["available", "away"]) -> None:
        self.take(_status(agent, status), again=True)

    @precondition(lambda self: bool(self.those("waiting")))
    @rule(data=st.data(), agent=st.sampled_from(AGENTS), connects=st.booleans())
    def an_agent_takes_a_call_of_the_list(self, data: st.DataObject, agent: str, connects: bool) -> None:
        self.an_agent_takes_a_call(data.draw(st.sampled_from(self.those("waiting")))[0], agent, connects)

    @rule(call=st.sampled_from(CALLS), agent=st.sampled_from(AGENTS), connects=st.booleans())
    def an_agent_takes_a_call(self, call: str, agent: str, connects: bool) -> None:
        self.take(lambda queue, _: queue.accept(CallId(call), agent), again=True)
        if connects:
            self.connect(call, agent)

    @precondition(lambda self: bool(self.those("ringing")))
    @rule(data=st.data(), answer=st.sampled_from(("takes", "takes and speaks", "declines")))
    def the_agent_for_whom_it_rings_answers(self, data: st.DataObject, answer: str) -> None:
        call, agent = data.draw(st.sampled_from(self.those("ringing")))
        if answer == "declines":
            self.take(lambda queue, _: queue.decline(CallId(call), agent), again=True)
        else:
            self.an_agent_takes_a_call(call, agent, answer == "takes and speaks")

    @rule(call=st.sampled_from(CALLS), agent=st.sampled_from(AGENTS))
    def an_agent_declines(self, call: str, agent: str) -> None:
        self.take(lambda queue, _: queue.decline(CallId(call), agent), again=True)

    @rule(call=st.sampled_from(CALLS), agent=st.sampled_from(AGENTS))
    def somebodys_line_is_there(self, call: str, agent: str) -> None:
        self.connect(call, agent)

    @precondition(lambda self: bool(self.those("accepted")))
    @rule(data=st.data())
    def the_line_of_who_took_the_call_is_there(self, data: st.DataObject) -> None:
        self.connect(*data.draw(st.sampled_from(self.those("accepted"))))

    @rule(call=st.sampled_from(CALLS), agent=st.sampled_from(AGENTS))
    def an_agent_says_that_the_call_is_over(self, call: str, agent: str) -> None:
        theirs = (call, agent) in self.those("bridged")
        over = self.those("completed")
        self.take(lambda queue, _: queue.complete(CallId(call), agent), again=True)
        assert theirs or self.those("completed") == over
        self.who_was_told_goodbye_is_gone()

    @precondition(lambda self: bool(self.lines))
    @rule(data=st.data())
    def who_speaks_says_that_the_call_is_over(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(sorted(self.lines)))
        self.an_agent_says_that_the_call_is_over(call, self.lines[call][0])

    @precondition(lambda self: bool(self.lines))
    @rule(data=st.data(), told_by=st.sampled_from(("the call", "a webhook", "both")))
    def an_agents_line_breaks(self, data: st.DataObject, told_by: str) -> None:
        self.break_line(data.draw(st.sampled_from(sorted(self.lines))), told_by)

    @precondition(lambda self: bool(self.said))
    @rule(data=st.data())
    def something_said_before_comes_again(self, data: st.DataObject) -> None:
        self.take(self.said[data.draw(st.integers(0, len(self.said) - 1))])
        self.who_was_told_goodbye_is_gone()

    def break_line(self, call: str, told_by: str) -> None:
        agent, joined = self.lines.pop(call)

        def at_the_call(queue: HumanQueue, _: Roster) -> Coroutine[Any, Any, object]:
            return queue.lost(CallId(call), agent)

        def by_webhook(queue: HumanQueue, _: Roster) -> Coroutine[Any, Any, object]:
            return queue.lost(CallId(call), agent, joined)

        if told_by != "the call":
            self.said.append(by_webhook)
        # It is told until it is stored, by one or the other.
        self.callers[call].has("lost", by_webhook if told_by == "a webhook" else at_the_call)

    def connect(self, call: str, agent: str) -> None:
        """As whoever bridges does: when all is stored, and asking first."""
        caller = self.callers[call]
        if call in self.lines or caller.outbox or not caller.here:
            return
        heard, theirs = self.take(lambda queue, _: queue.joined(CallId(call), agent))
        if heard and theirs:
            self.lines[call] = (agent, self.waits()[call].joined)
        elif not heard:
            # It died on the way, and the caller is found again.
            caller.has("lost", lambda queue, _: queue.lost(CallId(call), agent))

    def who_was_told_goodbye_is_gone(self) -> None:
        for call, _ in self.those("completed"):
            if not self.callers[call].offering:
                self.callers[call].here = False
                self.lines.pop(call, None)

    # ------------------------------------------------------------ what must hold

    @invariant()
    def no_agent_has_two_callers_and_no_caller_two_agents(self) -> None:
        having = [agent for _, agent in self.those("ringing", "accepted", "bridged")]
        assert all(having)
        assert len(set(having)) == len(having)
        assert all(not agent for _, agent in self.those("waiting"))
        speaking = [agent for agent, _ in self.lines.values()]
        assert len(set(speaking)) == len(speaking)

    @invariant()
    def who_speaks_is_stored_so(self) -> None:
        waits = self.waits()
        for call, (agent, joined) in self.lines.items():
            assert (waits[call].state, waits[call].agent, waits[call].joined) == ("bridged", agent, joined)

    @invariant()
    def no_caller_is_lost(self) -> None:
        waits = self.waits()
        for call, caller in self.callers.items():
            if caller.here and not caller.outbox:
                assert waits[call].state in OPEN
                assert waits[call].state != "bridged" or call in self.lines
                assert (waits[call].state == "ringing") == (waits[call].ring_until is not None)

    def nobody_is_forgotten(self) -> None:
        """After a dispatch nobody rings or is accepted for ever, and nobody waits for whom an agent is free."""
        now, waits, present = self.clock.now, self.waits(), self.memory.roster.agents
        busy = {agent for _, agent in self.those("ringing", "accepted", "bridged")}
        on_duty = [agent for agent in present.values() if agent.status != "away" and now < agent.seen + UNSEEN_AFTER]
        for wait in waits.values():
            if wait.state == "ringing":
                assert now < (wait.ring_until or 0) <= now + RING_FOR
                assert (present[wait.agent].status, wait.agent in wait.tried) == ("available", False)
                assert present[wait.agent] in on_duty
            if wait.state == "accepted":
                seen = present[wait.agent].seen if wait.agent in present else 0.0
                assert now < max(seen, wait.taken or 0.0) + UNSEEN_AFTER
            if wait.state == "waiting":
                untried = [agent for agent in on_duty if agent.serves(wait.queue) and agent.agent not in wait.tried]
                assert all(agent.status == "wrap-up" or agent.agent in busy for agent in untried)
                assert untried or wait.exhausted or not wait.tried

    def settle(self) -> None:
        """In the end, one willing agent reaches everybody who is still there."""
        self.crash = ""
        for call in list(self.lines):
            self.break_line(call, "the call")
        for call, caller in self.callers.items():
            while caller.outbox:
                self.something_is_stored_of_a_call(call)
        still_here = {call for call, caller in self.callers.items() if caller.here}
        served = set()
        for _ in range(3 * len(CALLS)):
            self.clock.now += RING_FOR + 1
            self.take(_status("Mary", "available"))
            self.take(lambda queue, _: queue.dispatch(RING_FOR))
            for call, agent in self.those("ringing"):
                if agent == "Mary":
                    self.serve(CallId(call), agent)
                    served.add(call)
        assert served == still_here

    def serve(self, call: CallId, agent: str) -> None:
        self.take(lambda queue, _: queue.accept(call, agent))
        assert self.take(lambda queue, _: queue.joined(call, agent)) == (True, True)
        self.take(lambda queue, _: queue.complete(call, agent))


class StormOnDisk(Storm):
    """On both, by two processes: after each step the two are the same."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.processes = [self.opened(), self.opened()]
        self.running = 0

    def opened(self) -> MortalDatabase:
        database = open_database(f"sqlite:///{self.folder.name}/calls.db")
        assert isinstance(database, MortalDatabase)
        return database

    def teardown(self) -> None:
        super().teardown()
        for database in self.processes:
            database.close()
        self.loop.close()
        self.folder.cleanup()

    def take(self, step: Step, *, again: bool = False) -> tuple[bool, object]:
        database, crash = self.processes[self.running], self.crash
        heard, expected = super().take(step, again=again)
        database.fate = crash
        try:
            answer = self.loop.run(_answer(step(SqlHumanQueue(database, wall=self.clock), SqlRoster(database, wall=self.clock))))
        except CrashError:
            database.close()
            self.processes[self.running] = self.opened()
            return heard, expected
        if database.fate:
            # Nothing was written that it could have died of.
            database.fate = ""
            self.in_memory(step)
            return not crash, answer
        assert not crash
        assert _comparable(answer) == _comparable(expected)
        return heard, expected

    @rule(process=st.sampled_from((0, 1)))
    def the_other_process_is_asked(self, process: int) -> None:
        self.running = process

    @invariant()
    def both_are_the_same(self) -> None:
        def read(connection: Connection) -> tuple[dict[str, object], dict[str, OnDuty]]:
            waits = (Wait(**wait_fields(row)) for row in connection.execute(select(handovers)).mappings())
            present = (on_duty(row) for row in connection.execute(select(agents)).mappings())
            return {wait.call: wait for wait in waits}, {agent.agent: agent for agent in present}

        waits = {call: _comparable(wait) for call, wait in self.waits().items()}
        assert self.processes[0].read_now(read) == (waits, self.memory.roster.agents)


def _status(agent: str, status: Literal["available", "away"]) -> Step:
    return lambda _, roster: roster.set_status(agent, status, QUEUES[agent])


def _seen(agent: str) -> Step:
    return lambda _, roster: roster.seen(agent)


def _at_once(step: Coroutine[Any, Any, T]) -> T:
    """What waits for nothing needs no loop."""
    try:
        step.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    raise AssertionError


async def _answer(step: Coroutine[Any, Any, object]) -> object:
    try:
        return await step
    except PortError as error:
        return error.code


def _comparable(value: object) -> object:
    """Without what only a whole handover has."""
    if not isinstance(value, Handover):
        return value
    return Wait(**{name: getattr(value, name) for name in Wait.__slots__})


def _handover(call: str, *, priority: int, since: float) -> Handover:
    return Handover(
        call=CallId(call), carrier="browser", carrier_call="", queue=QUEUE_OF[call], priority=priority, brief=BRIEF, since=since
    )


def bounded(*, examples: int, steps: int) -> settings:
    """The same ones each time: this is no place to find out that a test may fail."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def test_no_caller_is_lost_and_none_is_with_two_people_whatever_happens_in_whatever_order() -> None:
    run_state_machine_as_test(Storm, settings=bounded(examples=120, steps=50))


def test_the_database_does_the_same_in_two_processes_that_may_die_in_the_middle_of_any_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice_agent.adapters.sql.database.Database", MortalDatabase)
    run_state_machine_as_test(StormOnDisk, settings=bounded(examples=12, steps=40))
