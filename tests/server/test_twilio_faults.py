"""Whatever happens, in whatever order, and whatever fails: no caller of Twilio's is lost, and none is given to two people.

Twilio is acted out, with the real routes behind it; the steps and the faults are hypothesis's.
"""

import asyncio
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.fakes.twilio_line import World
from tests.fakes.twilio_network import Leg, Network
from tests.ports.test_human_queue import BRIEF
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import OPEN, Handover
from voice_agent.server.twilio import Phones

AGENTS = ("Ada", "Grace")
RING_FOR = 20
FAULTS = st.sampled_from(["none", "none", "none", "store", "queue", "twice", "unreachable", "answer lost"])
PICK = st.integers(0, 100)


def any_of(things: list[Any], pick: int) -> Any:
    return things[pick % len(things)]


class Callers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.world = World()
        self.network = Network(self.world)

        async def number_of(agent: str) -> str | None:
            return f"+1500555000{AGENTS.index(agent)}"

        self.phones = Phones(self.world.gate(), self.network, own="+15005550100", number_of=number_of)

    def run(self, step: Any) -> Any:
        return self.loop.run(step)

    def teardown(self) -> None:
        self.run(self.calm_down())
        self.run(self.network.aclose())
        self.loop.close()

    # ------------------------------------------------------------ callers

    @precondition(lambda self: len(self.network.legs) < 12)
    @rule(fault=FAULTS, room=st.booleans())
    def a_caller_calls(self, fault: Any, *, room: bool) -> None:
        self.network.fault, self.world.room = fault, room
        self.run(self.network.calls(f"CA{len(self.network.legs)}"))

    @precondition(lambda self: self.network.callers("streaming"))
    @rule(pick=PICK, fault=FAULTS, how=st.sampled_from(["handed over", "crashed early", "crashed late", "failed"]))
    def the_assistant_is_done(self, pick: int, fault: Any, how: str) -> None:
        leg = any_of(self.network.callers("streaming"), pick)
        self.run(self.assistant(leg, how))
        self.network.fault = fault
        self.run(self.network.stream_ends(leg))

    async def assistant(self, leg: Leg, how: str) -> None:
        """What a session stores before its stream closes."""
        store, now = self.world.store, self.world.now
        if how == "crashed early":
            return
        call = CallId(f"call of {leg.sid}")
        await store.begin(call, "twilio", leg.sid, now)
        if how == "failed":
            await store.finish(call, "failed", now)
        if how == "handed over":
            offered = Handover(call=call, carrier="twilio", carrier_call=leg.sid, queue="support", priority=2, brief=BRIEF, since=now)
            await self.world.queue.offer(offered)
            await store.set_state(call, "handed-over")
            await store.finish(call, "transferred", now)

    @precondition(lambda self: self.network.callers("queued"))
    @rule(pick=PICK, fault=FAULTS)
    def twilio_asks_what_to_play(self, pick: int, fault: Any) -> None:
        self.network.fault = fault
        self.run(self.network.asks_what_to_play(any_of(self.network.callers("queued"), pick)))

    @precondition(lambda self: any(leg.key for leg in self.network.callers("queued")))
    @rule(pick=PICK, fault=FAULTS, key=st.sampled_from("12"))
    def a_waiting_caller_presses_a_key(self, pick: int, fault: Any, key: str) -> None:
        self.network.fault = fault
        self.run(self.network.presses(any_of([leg for leg in self.network.callers("queued") if leg.key], pick), key))

    @precondition(lambda self: len(self.network.callers("streaming", "queued", "bridged")) > 1)
    @rule(pick=PICK, fault=FAULTS)
    def a_caller_hangs_up(self, pick: int, fault: Any) -> None:
        self.network.fault = fault if fault in ("twice", "answer lost") else "none"
        self.run(self.network.hangs_up(any_of(self.network.callers("streaming", "queued", "bridged"), pick)))

    # ------------------------------------------------------------ people

    @rule(agent=st.sampled_from(AGENTS), status=st.sampled_from(["available", "available", "available", "away"]))
    def an_agent_comes_or_goes(self, agent: str, status: Any) -> None:
        self.run(self.world.queue.roster.set_status(agent, status, None))

    @rule(agent=st.sampled_from(AGENTS), pick=PICK, what=st.sampled_from(["accepts", "declines"]))
    def an_agent_acts_at_the_desk(self, agent: str, pick: int, what: str) -> None:
        self.run(self.at_desk(agent, pick, what))

    async def at_desk(self, agent: str, pick: int, what: str) -> None:
        waiting = [each for each in await self.world.queue.waiting() if each.state in ("waiting", "ringing")]
        if not waiting:
            return
        chosen = any_of(waiting, pick)
        try:
            if what == "declines":
                await self.world.queue.decline(chosen.call, agent)
                return
            taken = await self.world.queue.accept(chosen.call, agent)
            if chosen.state == "waiting":
                await self.phones.ring(taken)
        except PortError:
            return

    @rule(seconds=st.sampled_from([1, 5, 16, 25]), dial_fault=st.sampled_from(["none", "none", "refused", "unsure"]))
    def time_passes(self, seconds: int, dial_fault: Any) -> None:
        self.network.dial_fault = dial_fault
        self.run(self.pass_time(seconds))
        self.network.dial_fault = "none"

    async def pass_time(self, seconds: int) -> None:
        self.world.now += seconds
        for agent in AGENTS:
            if (await self.world.queue.roster.find(agent)) is not None:
                await self.world.queue.roster.seen(agent)
        await self.world.queue.dispatch(RING_FOR)
        for each in await self.world.queue.waiting():
            if each.state == "ringing":
                try:
                    await self.phones.ring(each)
                except PortError:
                    continue

    @precondition(lambda self: self.network.persons("ringing"))
    @rule(pick=PICK, how=st.sampled_from(["takes it", "takes it", "takes it", "answers", "no-answer", "busy", "failed"]), fault=FAULTS)
    def a_phone_that_rings(self, pick: int, how: str, fault: Any) -> None:
        leg = any_of(self.network.persons("ringing"), pick)
        if how not in ("answers", "takes it"):
            self.network.does_not_answer(leg, how)
            return
        self.run(self.network.answers(leg))
        if how == "takes it":
            self.network.fault = fault
            self.run(self.network.presses(leg, "1"))

    @precondition(lambda self: self.network.persons("gathering"))
    @rule(pick=PICK, key=st.sampled_from(["1", "1", "1", "2", ""]), fault=FAULTS)
    def a_person_presses_a_key(self, pick: int, key: str, fault: Any) -> None:
        self.network.fault = fault
        self.run(self.network.presses(any_of(self.network.persons("gathering"), pick), key))

    @precondition(lambda self: self.network.persons("gathering", "dialling", "bridged"))
    @rule(pick=PICK)
    def a_person_hangs_up(self, pick: int) -> None:
        self.run(self.network.hangs_up(any_of(self.network.persons("gathering", "dialling", "bridged"), pick)))

    @precondition(lambda self: self.network.pending)
    @rule(pick=PICK, twice=st.booleans())
    def twilio_tells_that_a_leg_is_over(self, pick: int, *, twice: bool) -> None:
        self.run(self.network.tell(pick % len(self.network.pending), twice=twice))

    # ------------------------------------------------------------ what always holds

    @invariant()
    def nobody_is_sent_away(self) -> None:
        for leg in self.network.callers("over"):
            ours = leg.why_over != "hung up"
            promised = "call you back" in " ".join(leg.said)
            assert not ours or leg.was_bridged or promised, f"{leg.sid}: {leg.why_over}"

    @invariant()
    def nobody_is_promised_a_call_back_that_is_not_stored(self) -> None:
        for leg in self.network.callers("over"):
            if "call you back" in " ".join(leg.said) and not leg.was_bridged:
                record = self.run(self.world.store.find_by_carrier("twilio", leg.sid))
                assert record is not None
                assert self.run(self.world.callbacks.number(record.call)) == "15005550009"

    @invariant()
    def nobody_is_with_two_people(self) -> None:
        pairs = [(leg.sid, leg.other.sid) for leg in self.network.callers("bridged") if leg.other]
        assert len({person for _, person in pairs}) == len(pairs)
        assert all(leg.was_bridged <= 1 for leg in self.network.callers("bridged", "over"))

    # ------------------------------------------------------------ and in the end

    async def calm_down(self) -> None:
        """Nothing fails any more, every word arrives, and time goes by: all that is stored is true again, and people come."""
        self.network.fault = "none"
        self.world.room = True
        for _ in range(5):  # longer than anything may take
            for leg in self.network.persons("ringing"):
                self.network.does_not_answer(leg, "no-answer")
            for leg in self.network.persons("gathering", "dialling"):
                await self.network.hangs_up(leg)
            while self.network.pending:
                await self.network.tell(0)
            for leg in self.network.callers("queued"):
                await self.network.asks_what_to_play(leg)
            await self.pass_time(25)
        stored = {each.carrier_call: each for each in await self.world.queue.waiting()}
        for leg in self.network.callers("queued"):
            assert leg.sid in stored, f"{leg.sid} waits, and nobody knows"
            assert stored[leg.sid].state in ("waiting", "ringing"), f"{leg.sid} waits, and is said to be {stored[leg.sid].state}"
        still_there = {leg.sid for leg in self.network.callers("streaming", "queued", "bridged", "elsewhere")}
        assert set(stored) <= still_there, "a person is rung for somebody who has left"
        assert all(each.state in OPEN for each in stored.values())


Callers.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
TestCallers = Callers.TestCase
