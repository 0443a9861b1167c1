"""Available or away; for whom a call rings, and what becomes of it when they decline, do not answer, or are gone."""

import asyncio
import re

import pytest

from tests.fakes.house import Stage
from tests.fakes.stores import MemoryHumanQueue
from tests.server.agent import at_the_desk
from tests.server.conftest import Server, Serving
from tests.server.waiting import ON_THE_PHONE, handover
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.server import desk as desk_page

RING_FOR = 20.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(stage: Stage, clock: Clock) -> Stage:
    stage.wall = clock
    stage.queue = MemoryHumanQueue(clock)
    return stage


async def ring(server: Server) -> None:
    await server.stage.queue.dispatch(RING_FOR)


async def test_whoever_opens_the_desk_is_away_until_they_say_otherwise(server: Server) -> None:
    async with at_the_desk(server, "Daniel") as daniel:
        assert "<strong>Away</strong>" in await daniel.sees("Away", "duty")
        shown = (await daniel.act("duty", status="available")).text
        await server.stage.queue.offer(handover())
        await ring(server)
        assert "kettle" in await daniel.sees("Incoming call", "ring")

    assert "<strong>Available</strong>" in shown
    assert "Calls ring here: Support." in shown


async def test_a_call_rings_for_the_available_with_what_they_need_to_decide_and_not_for_others(server: Server, clock: Clock) -> None:
    await server.stage.queue.offer(handover(said="My kettle <CARD> leaks & <b>smokes</b>"))
    async with at_the_desk(server) as maya, at_the_desk(server, "Daniel") as daniel:
        await daniel.is_now("available")
        clock.now += 5
        await ring(server)
        card = await daniel.sees("Incoming call", "ring")
        listed = await maya.sees("Rings for Daniel")

    for fact in ("Support", "kettle", "leaks &amp; &lt;b&gt;", ">card</span>", "Upset", "High", "Telephone", "/accept", "/decline"):
        assert fact in card
    assert re.search(r'data-left="20.0" data-of="20.0"', card)
    assert "/accept" not in listed, "it rings for somebody else"
    assert maya.told["ring"].qsize() == 1, "that nothing rings, at the beginning"


async def test_a_declined_call_stops_ringing_and_rings_for_the_next(server: Server) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server, "Daniel") as daniel, at_the_desk(server) as maya:
        await daniel.is_now("available")
        await ring(server)
        await daniel.sees("Incoming call", "ring")
        await maya.is_now("available")

        await daniel.post(ON_THE_PHONE, "decline")
        await daniel.stops_ringing()
        await ring(server)
        await maya.sees("Incoming call", "ring")
        assert "<strong>Available</strong>" in (await daniel.act("duty", status="available")).text


async def test_whoever_does_not_answer_is_away_is_told_why_and_comes_back_with_one_click(server: Server, clock: Clock) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server, "Daniel") as daniel:
        await daniel.is_now("available")
        await ring(server)
        await daniel.sees("Incoming call", "ring")
        clock.now += RING_FOR
        await daniel.act("here")
        await ring(server)

        await daniel.stops_ringing()
        shown = await daniel.sees("You were set away because", "duty")
        assert "I am back" in shown
        assert "You were set away" not in (await daniel.act("duty", status="available")).text
        await ring(server)
        await daniel.sees("Incoming call", "ring")


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_closed_laptop_returns_the_call_and_it_rings_for_the_next(server: Server, clock: Clock, accepted: bool) -> None:
    await server.stage.queue.offer(handover())
    async with at_the_desk(server) as maya:
        async with at_the_desk(server, "Daniel") as daniel:
            await daniel.is_now("available")
            await ring(server)
            await daniel.sees("Incoming call", "ring")
            if accepted:
                await daniel.post(ON_THE_PHONE, "accept")
        await maya.is_now("available")
        for _ in range(3):
            clock.now += 5
            await maya.act("here")
            await ring(server)

        await maya.sees("Incoming call", "ring")


async def test_a_page_whose_connection_stands_but_that_answers_no_beat_counts_as_closed(server: Server, clock: Clock) -> None:
    """The connection of a laptop that sleeps may stand for minutes."""
    await server.stage.queue.offer(handover())
    async with at_the_desk(server, "Daniel") as asleep, at_the_desk(server) as maya:
        await asleep.is_now("available")
        await maya.is_now("available")
        clock.now += 15
        await maya.act("here")
        await ring(server)

        await maya.sees("Incoming call", "ring")
        assert [each.agent for each in await server.stage.queue.roster.on_duty()] == ["Maya"]


async def test_the_page_is_asked_to_answer_in_time(serving: Serving, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_page, "BEAT", 0.02)
    async with serving(stage) as server, at_the_desk(server) as maya:
        assert [await maya.told["beat"].get() for _ in range(2)] == ["", ""]
        assert 'hx-trigger="sse:beat"' in (await server.http.get("/desk")).text


async def test_two_calls_never_ring_for_one_agent_at_a_time(server: Server) -> None:
    async with at_the_desk(server, "Daniel") as daniel:
        await daniel.is_now("available")
        await server.stage.queue.offer(handover())
        await server.stage.queue.offer(handover(CallId("second-second"), said="Second in line it is"))
        await asyncio.gather(ring(server), ring(server))
        await daniel.sees("kettle", "ring")
        await daniel.post(ON_THE_PHONE, "accept")
        await daniel.stops_ringing()
        await ring(server)
        refused = await daniel.post("second-second", "accept")

    assert {each.call: each.state for each in await server.stage.queue.waiting()} == {ON_THE_PHONE: "accepted", "second-second": "waiting"}
    assert refused.status_code == 409
    assert "You have a call already" in refused.text


async def test_a_roster_that_fails_is_a_notice_and_the_list_goes_on(server: Server) -> None:
    async with at_the_desk(server) as maya:
        await maya.sees("Nobody is waiting")
        server.stage.queue.roster.broken = PortError("the database is locked", code="locked")
        answers = [await maya.act("duty", status="available"), await maya.act("here")]
        server.stage.queue.roster.broken = None
        await server.stage.queue.offer(handover())
        await maya.sees("kettle")

    assert [(answer.status_code, "locked" in answer.text) for answer in answers] == [(409, True), (409, True)]
