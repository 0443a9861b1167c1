"""The promises of a Roster, and of the HumanQueue that rings for it, kept by those in memory and those in the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.stores import MemoryHumanQueue
from tests.ports.test_human_queue import NOON, ONE, RING_FOR, TWO, Clock, handover, take
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.adapters.sql.roster import SqlRoster
from voice_agent.core.words import CallId
from voice_agent.ports import Estimate, HumanQueue, OnDuty, Roster


@dataclass
class House:
    queue: HumanQueue
    roster: Roster
    clock: Clock


@pytest.fixture(params=["memory", "sql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    clock = Clock()
    if request.param == "memory":
        queue = MemoryHumanQueue(clock)
        yield House(queue, queue.roster, clock)
        return
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    yield House(SqlHumanQueue(database, wall=clock, poll=3600), SqlRoster(database, wall=clock), clock)
    database.close()


async def names(roster: Roster) -> list[str]:
    return [each.agent for each in await roster.on_duty()]


async def test_an_agent_is_found_as_they_said_they_are(house: House) -> None:
    await house.roster.set_status("Ada", "available", ("claims", "“sales” – <all>"))
    await house.roster.set_status("Grace", "away", None)

    expected = OnDuty(agent="Ada", status="available", queues=("claims", "“sales” – <all>"), since=NOON, seen=NOON)
    assert await house.roster.find("Ada") == expected
    assert await house.roster.find("Grace") == OnDuty(agent="Grace", status="away", queues=None, since=NOON, seen=NOON)
    assert await house.roster.find("Joan") is None
    assert await house.roster.on_duty() == [expected]


async def test_whose_page_is_not_heard_of_is_off_duty_until_it_is(house: House) -> None:
    await house.roster.set_status("Ada", "available", None)
    await house.roster.set_status("Grace", "wrap-up", None)
    house.clock.now += 10
    await house.roster.seen("Ada")
    house.clock.now += 5
    assert await names(house.roster) == ["Ada"]

    await house.roster.seen("Grace")
    assert await names(house.roster) == ["Ada", "Grace"]


async def test_being_seen_again_with_an_older_time_takes_nothing_back(house: House) -> None:
    await house.roster.set_status("Ada", "available", None)
    house.clock.now -= 10
    await house.roster.seen("Ada")

    found = await house.roster.find("Ada")
    assert found is not None
    assert found.seen == NOON


async def test_who_is_seen_for_the_first_time_is_away(house: House) -> None:
    await house.roster.seen("Ada")

    assert await house.roster.find("Ada") == OnDuty(agent="Ada", status="away", queues=(), since=NOON, seen=NOON)
    assert await names(house.roster) == []


async def test_a_call_rings_for_an_agent_on_duty_until_its_time_is_over_and_then_for_the_next(house: House) -> None:
    await house.roster.set_status("Ada", "available", ("claims",))
    await house.roster.set_status("Grace", "available", ("claims",))
    changes = house.queue.changes()
    await house.queue.offer(handover())
    await house.queue.dispatch(RING_FOR)
    rung = await house.queue.find(ONE)
    assert rung is not None
    assert (rung.state, rung.agent, rung.ring_until) == ("ringing", "Ada", NOON + RING_FOR)

    house.clock.now += RING_FOR
    await house.roster.seen("Grace")
    await house.roster.seen("Ada")
    await house.queue.dispatch(RING_FOR)

    assert await take(changes, 4) == [
        ("one", "waiting", ""),
        ("one", "ringing", "Ada"),
        ("one", "unanswered", "Ada"),
        ("one", "ringing", "Grace"),
    ]
    missed = await house.roster.find("Ada")
    assert missed is not None
    assert (missed.status, missed.missed) == ("away", True)


async def test_who_comes_back_is_rung_for_the_call_they_missed(house: House) -> None:
    await house.roster.set_status("Ada", "available", None)
    await house.queue.offer(handover())
    await house.queue.dispatch(RING_FOR)
    house.clock.now += RING_FOR
    await house.queue.dispatch(RING_FOR)
    await house.roster.set_status("Ada", "available", None)
    await house.queue.dispatch(RING_FOR)

    rung = await house.queue.find(ONE)
    assert rung is not None
    assert (rung.state, rung.agent) == ("ringing", "Ada")


async def test_an_accepted_call_whose_agent_is_gone_waits_again(house: House) -> None:
    await house.roster.set_status("Ada", "available", None)
    await house.queue.offer(handover())
    await house.queue.accept(ONE, "Ada")
    changes = house.queue.changes()
    house.clock.now += 10
    await house.roster.seen("Ada")
    house.clock.now += 14
    await house.queue.dispatch(RING_FOR)
    house.clock.now += 1
    await house.queue.dispatch(RING_FOR)

    assert await take(changes, 2) == [("one", "lost", "Ada"), ("one", "exhausted", "")]


async def test_an_accepted_call_whose_agent_is_there_and_never_joined_waits_again(house: House) -> None:
    await house.roster.set_status("Ada", "available", None)
    await house.queue.offer(handover())
    await house.queue.accept(ONE, "Ada")
    for seconds, state in ((74, "accepted"), (1, "waiting")):
        house.clock.now += seconds
        await house.roster.seen("Ada")
        await house.queue.dispatch(RING_FOR)
        found = await house.queue.find(ONE)
        assert found is not None
        assert found.state == state


async def test_after_a_call_the_agent_is_not_rung_until_they_are_available_again(house: House) -> None:
    await house.roster.set_status("Ada", "available", None)
    await house.queue.offer(handover("one"))
    await house.queue.offer(handover("two"))
    await house.queue.accept(ONE, "Ada")
    await house.queue.joined(ONE, "Ada")
    await house.queue.complete(ONE)
    await house.queue.dispatch(RING_FOR)
    found, waits = await house.roster.find("Ada"), await house.queue.find(TWO)
    assert found is not None
    assert waits is not None
    assert (found.status, waits.state) == ("wrap-up", "waiting")

    await house.roster.set_status("Ada", "available", None)
    await house.queue.dispatch(RING_FOR)
    waits = await house.queue.find(TWO)
    assert waits is not None
    assert (waits.state, waits.agent) == ("ringing", "Ada")


async def test_the_waiting_time_is_the_median_of_the_last_calls_of_the_queue(house: House) -> None:
    for n, minutes in enumerate((90, 2, 1, 30, 3)):
        call = CallId(f"before {n}")
        await house.queue.offer(handover(call))
        await house.queue.accept(call, "Ada")
        await house.queue.joined(call, "Ada")
        house.clock.now += minutes * 60
        await house.queue.complete(call)
    await house.queue.offer(handover("never joined"))
    await house.queue.complete(CallId("never joined"))
    await house.roster.set_status("Ada", "available", ("claims",))
    await house.roster.set_status("Grace", "available", ("other",))
    await house.queue.offer(handover("one"))
    await house.queue.offer(handover("two", since=NOON + 1))

    assert await house.queue.estimate(ONE) == Estimate(position=1, wait=180)
    assert await house.queue.estimate(TWO) == Estimate(position=2, wait=360)


async def test_calls_longer_ago_than_the_last_fifty_count_no_more(house: House) -> None:
    for n in range(53):
        call = CallId(f"before {n}")
        await house.queue.offer(handover(call))
        await house.queue.accept(call, "Ada")
        await house.queue.joined(call, "Ada")
        house.clock.now += 900 if n < 27 else 60
        await house.queue.complete(call)
    await house.roster.set_status("Ada", "available", ("claims",))
    await house.queue.offer(handover("one"))

    assert await house.queue.estimate(ONE) == Estimate(position=1, wait=60)
