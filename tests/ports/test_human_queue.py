"""The promises of a HumanQueue, kept by the one in memory and the one in the database."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from tests.fakes.stores import MemoryHumanQueue
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.human_queue import SqlHumanQueue
from voice_agent.adapters.sql.roster import SqlRoster
from voice_agent.core.attempts import Attempt
from voice_agent.core.brief import Brief
from voice_agent.core.words import CallId, Citation, Line, RedactedText
from voice_agent.errors import PortError
from voice_agent.ports import Estimate, Handover, HumanQueue, QueueChange, Roster

NOON = 1_750_000_000.1
RING_FOR = 20.0
T = RedactedText

CITATION = Citation(source="kb/refunds", title="Refunds – “when”", passage=T("Within 14 days\nof the return."))
BRIEF = Brief(
    headline=T("Wants a refund to <CARD> 💳"),
    caller="Unknown caller, not verified",
    tried=(Attempt(asked=T("Where is it?"), outcome="interrupted", heard=T("")),),
    open_question=T("When do I get it back?"),
    mood="upset",
    queue="claims",
    rule="compensation",
    reason=T("They want money back."),
    explanation="topic = 'refund_dispute'",
    citations=(CITATION,),
    redactions=("CARD", "NAME"),
    suggested_reply=T("Hello, I've read it."),
    transcript=(
        Line(speaker="caller", text=T("Where is it?"), at=0.1 + 0.2),
        Line(speaker="agent", text=T("Your refund"), at=3.25, interrupted=True, citations=(CITATION,)),
    ),
)


def handover(call: str = "one", *, priority: int = 3, since: float = NOON) -> Handover:
    return Handover(
        call=CallId(call),
        carrier="twilio",
        carrier_call=f"CA-{call}",
        queue="claims",
        priority=priority,
        brief=BRIEF,
        state="waiting",
        since=since,
        agent="",
    )


ONE, TWO = CallId("one"), CallId("two")


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sql"])
def queue(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[HumanQueue]:
    if request.param == "memory":
        yield MemoryHumanQueue(clock)
        return
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    # With so rare a look at other processes, what arrives within a test was told by this one.
    yield SqlHumanQueue(database, wall=clock, poll=3600)
    database.close()


async def closes(changes: AsyncIterator[QueueChange]) -> None:
    """As `aclosing` does; every subscription can be closed, although the port promises no more than an iterator."""
    await cast("AsyncGenerator[QueueChange, None]", changes).aclose()


async def take(changes: AsyncIterator[QueueChange], count: int) -> list[tuple[str, str, str]]:
    async with asyncio.timeout(10):
        taken = [await anext(changes) for _ in range(count)]
    return [(change.call, change.kind, change.agent) for change in taken]


async def test_what_is_offered_is_found_exactly_as_it_was(queue: HumanQueue) -> None:
    await queue.offer(handover())

    assert await queue.find(ONE) == handover()
    assert await queue.waiting() == [handover()]


async def test_a_call_never_offered_is_not_found(queue: HumanQueue) -> None:
    assert await queue.find(ONE) is None
    assert await queue.waiting() == []


async def test_the_most_urgent_come_first_then_those_who_wait_longest(queue: HumanQueue) -> None:
    assert await queue.offer(handover("late", since=NOON + 9)) == 1
    assert await queue.offer(handover("early", since=NOON)) == 1
    assert await queue.offer(handover("low", priority=5, since=NOON - 99)) == 3
    assert await queue.offer(handover("urgent", priority=1, since=NOON + 99)) == 1

    assert [h.call for h in await queue.waiting()] == ["urgent", "early", "late", "low"]


async def test_those_already_taken_do_not_count_for_the_position(queue: HumanQueue) -> None:
    await queue.offer(handover("one"))
    await queue.accept(ONE, "Ada")

    assert await queue.offer(handover("two", since=NOON + 1)) == 1


async def test_offering_a_waiting_call_again_changes_nothing(queue: HumanQueue) -> None:
    await queue.offer(handover())
    changes = queue.changes()
    position = await queue.offer(replace(handover(since=NOON + 50), queue="other"))
    await queue.withdraw(ONE)

    assert position == 1
    assert await take(changes, 1) == [("one", "withdrawn", "")]
    found = await queue.find(ONE)
    assert found is not None
    assert (found.since, found.queue) == (NOON, "claims")


@pytest.mark.parametrize("became", ["accepted", "completed", "withdrawn"])
async def test_repeating_an_offer_late_does_not_undo_what_became_of_it(queue: HumanQueue, became: str) -> None:
    await queue.offer(handover())
    await queue.accept(ONE, "Ada")
    if became == "completed":
        await queue.complete(ONE)
    if became == "withdrawn":
        await queue.withdraw(ONE)

    assert await queue.offer(handover()) == 0
    found = await queue.find(ONE)
    assert found is not None
    assert (found.state, found.agent) == (became, "Ada")


@pytest.mark.parametrize("became", ["accepted", "completed", "withdrawn"])
async def test_a_new_offer_puts_a_call_back_that_nobody_came_for_or_that_had_left(queue: HumanQueue, became: str) -> None:
    await queue.offer(handover())
    if became == "accepted":
        await queue.accept(ONE, "Ada")
    if became == "completed":
        await queue.complete(ONE)
    if became == "withdrawn":
        await queue.withdraw(ONE)

    assert await queue.offer(handover(since=NOON + 60)) == 1
    assert await queue.waiting() == [handover(since=NOON + 60)]


async def test_accepting_gives_the_handover_to_one_agent(queue: HumanQueue) -> None:
    await queue.offer(handover())

    taken = await queue.accept(ONE, "Ada")

    assert taken == replace(handover(), state="accepted", agent="Ada", taken=NOON)
    assert await queue.waiting() == [taken]


async def test_an_agent_with_a_call_is_refused_another(queue: HumanQueue) -> None:
    await queue.offer(handover("one"))
    await queue.offer(handover("two"))
    await queue.accept(ONE, "Ada")

    with pytest.raises(PortError) as refusal:
        await queue.accept(TWO, "Ada")

    assert refusal.value.code == "has-a-call"
    assert [(h.call, h.state) for h in await queue.waiting()] == [("one", "accepted"), ("two", "waiting")]


async def test_a_second_agent_is_told_that_the_call_is_taken(queue: HumanQueue) -> None:
    await queue.offer(handover())
    await queue.accept(ONE, "Ada")

    with pytest.raises(PortError) as refusal:
        await queue.accept(ONE, "Grace")

    assert refusal.value.code == "already-taken"
    found = await queue.find(ONE)
    assert found is not None
    assert found.agent == "Ada"


async def test_an_agent_who_clicks_twice_has_the_call_once(queue: HumanQueue) -> None:
    await queue.offer(handover())
    changes = queue.changes()
    first = await queue.accept(ONE, "Ada")

    assert await queue.accept(ONE, "Ada") == first
    await queue.complete(ONE)
    assert await take(changes, 2) == [("one", "accepted", "Ada"), ("one", "completed", "")]


async def test_of_many_agents_at_once_exactly_one_gets_the_call(queue: HumanQueue) -> None:
    await queue.offer(handover())

    answers = await asyncio.gather(*(queue.accept(ONE, f"agent {n}") for n in range(20)), return_exceptions=True)

    winners = [answer for answer in answers if isinstance(answer, Handover)]
    losers = [answer.code for answer in answers if isinstance(answer, PortError)]
    assert len(winners) == 1
    assert losers == ["already-taken"] * 19


@pytest.mark.parametrize("gone", ["never", "withdrawn", "completed"])
async def test_a_call_that_does_not_wait_cannot_be_accepted(queue: HumanQueue, gone: str) -> None:
    if gone != "never":
        await queue.offer(handover())
    if gone == "withdrawn":
        await queue.withdraw(ONE)
    if gone == "completed":
        await queue.complete(ONE)

    with pytest.raises(PortError) as refusal:
        await queue.accept(ONE, "Ada")

    assert refusal.value.code == "not-waiting"


async def test_a_declined_offer_stays_in_the_queue_and_the_call_is_told(queue: HumanQueue) -> None:
    await queue.offer(handover())
    changes = queue.changes()
    await queue.decline(ONE, "Ada")

    assert await take(changes, 1) == [("one", "declined", "Ada")]
    assert await queue.waiting() == [replace(handover(), tried=("Ada",))]


async def test_an_agent_who_accepted_and_then_declines_puts_the_call_back_in_its_place(queue: HumanQueue) -> None:
    await queue.offer(handover("one"))
    await queue.offer(handover("two", since=NOON + 1))
    await queue.accept(ONE, "Ada")
    await queue.decline(ONE, "Ada")

    assert [(h.call, h.state) for h in await queue.waiting()] == [("one", "waiting"), ("two", "waiting")]


async def test_nobody_can_decline_a_call_that_somebody_else_has_taken(queue: HumanQueue) -> None:
    await queue.offer(handover())
    await queue.accept(ONE, "Ada")
    await queue.decline(ONE, "Grace")

    found = await queue.find(ONE)
    assert found is not None
    assert (found.state, found.agent) == ("accepted", "Ada")


async def test_what_became_of_a_call_is_found_as_it_was_stored(queue: HumanQueue, clock: Clock) -> None:
    await queue.offer(handover("one"))
    await queue.decline(ONE, "Grace")
    await queue.dispatch(RING_FOR)
    clock.now += 1
    await queue.accept(ONE, "Ada")
    clock.now += 2
    assert await queue.joined(ONE, "Ada")
    clock.now += 4
    await queue.complete(ONE)

    over = replace(handover(), state="completed", agent="Ada", taken=NOON + 1, joined=NOON + 3, ended=NOON + 7)
    assert await queue.find(ONE) == replace(over, tried=("Grace",), exhausted=True)


async def test_only_the_agent_who_has_the_call_is_bridged(queue: HumanQueue) -> None:
    await queue.offer(handover("one"))
    await queue.accept(ONE, "Ada")
    changes = queue.changes()

    assert not await queue.joined(ONE, "Grace")
    assert await queue.joined(ONE, "Ada")
    assert await queue.joined(ONE, "Ada")
    await queue.withdraw(ONE)
    assert not await queue.joined(ONE, "Ada")

    assert await take(changes, 2) == [("one", "joined", "Ada"), ("one", "withdrawn", "")]


async def test_a_caller_whose_persons_line_broke_waits_again_before_the_others(queue: HumanQueue) -> None:
    await queue.offer(handover("one", since=NOON + 9))
    await queue.offer(handover("two", priority=2))
    await queue.accept(ONE, "Ada")
    await queue.joined(ONE, "Ada")
    changes = queue.changes()
    await queue.lost(ONE, "Ada")
    await queue.lost(ONE, "Ada")
    await queue.withdraw(ONE)
    await queue.lost(ONE, "Ada")
    await queue.withdraw(TWO)

    assert await take(changes, 3) == [("one", "lost", "Ada"), ("one", "withdrawn", ""), ("two", "withdrawn", "")]
    found = await queue.find(ONE)
    assert found is not None
    assert (found.priority, found.since) == (1, NOON + 9)


async def test_a_word_of_an_earlier_line_that_comes_late_breaks_no_other(queue: HumanQueue, clock: Clock) -> None:
    await queue.offer(handover("one"))
    for _ in range(2):
        clock.now += 5
        await queue.accept(ONE, "Ada")
        await queue.joined(ONE, "Ada")
        await queue.lost(ONE, "Ada", NOON + 5)

    found = await queue.find(ONE)
    assert found is not None
    assert (found.state, found.joined) == ("bridged", NOON + 10)


async def test_an_agent_ends_their_own_call_and_only_once_they_were_bridged(queue: HumanQueue) -> None:
    await queue.offer(handover("one"))
    await queue.accept(ONE, "Ada")
    changes = queue.changes()
    await queue.complete(ONE, "Ada")
    await queue.accept(ONE, "Ada")
    await queue.joined(ONE, "Ada")
    await queue.complete(ONE, "Grace")
    await queue.complete(ONE, "Ada")

    assert [kind for _, kind, _ in await take(changes, 4)] == ["declined", "accepted", "joined", "completed"]


async def test_when_everybody_has_been_tried_the_call_is_told_once(queue: HumanQueue) -> None:
    await queue.offer(handover("one"))
    changes = queue.changes()
    await queue.decline(ONE, "Ada")
    await queue.dispatch(RING_FOR)
    await queue.dispatch(RING_FOR)
    await queue.withdraw(ONE)

    assert [kind for _, kind, _ in await take(changes, 3)] == ["declined", "exhausted", "withdrawn"]


async def test_a_call_that_waits_or_rings_has_a_position_and_any_other_has_no_estimate(queue: HumanQueue) -> None:
    await queue.offer(handover("one"))
    await queue.offer(handover("two", since=NOON + 1))

    assert await queue.estimate(TWO) == Estimate(position=2, wait=None)
    await queue.accept(ONE, "Ada")
    assert await queue.estimate(ONE) is None
    assert await queue.estimate(CallId("never")) is None


async def test_leaving_the_queue_twice_or_without_waiting_is_no_error_and_no_news(queue: HumanQueue) -> None:
    changes = queue.changes()
    await queue.withdraw(ONE)
    await queue.complete(ONE)
    await queue.decline(ONE, "Ada")
    await queue.offer(handover())
    await queue.complete(ONE)
    await queue.withdraw(ONE)
    await queue.complete(ONE)
    await queue.offer(handover("two"))

    assert await take(changes, 3) == [("one", "waiting", ""), ("one", "completed", ""), ("two", "waiting", "")]
    assert [h.call for h in await queue.waiting()] == ["two"]


async def test_changes_are_told_from_the_moment_of_asking_to_every_listener(queue: HumanQueue) -> None:
    await queue.offer(handover("one"))
    first, second = queue.changes(), queue.changes()
    await queue.accept(ONE, "Ada")
    await queue.offer(handover("two"))

    news = [("one", "accepted", "Ada"), ("two", "waiting", "")]
    assert await take(first, 2) == news
    assert await take(second, 2) == news


async def test_a_listener_that_waits_is_woken(queue: HumanQueue) -> None:
    async with asyncio.TaskGroup() as tasks:
        heard = tasks.create_task(take(queue.changes(), 1))
        await queue.offer(handover())

    assert heard.result() == [("one", "waiting", "")]


async def test_a_listener_who_does_not_listen_delays_nobody(queue: HumanQueue) -> None:
    sleepy = queue.changes()
    async with asyncio.timeout(30):
        for n in range(300):
            await queue.offer(handover(f"call {n:03}", since=NOON + n))

    told = await take(sleepy, 300)
    assert [call for call, _, _ in told] == [f"call {n:03}" for n in range(300)]


async def test_a_listener_that_closes_hears_no_more_even_what_was_ready(queue: HumanQueue) -> None:
    changes = queue.changes()
    await queue.offer(handover())
    await closes(changes)

    async with asyncio.timeout(10):
        assert [change async for change in changes] == []


async def test_closing_frees_a_listener_that_waits(queue: HumanQueue) -> None:
    changes = queue.changes()

    async def listen() -> list[QueueChange]:
        return [change async for change in changes]

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        heard = tasks.create_task(listen())
        await queue.offer(handover())
        await closes(changes)

    assert [change.kind for change in heard.result()] in ([], ["waiting"])


@pytest.mark.parametrize("kind", ["memory", "sql"])
async def test_nobody_is_rung_for_callers_whose_carrier_finds_the_people_itself(kind: str, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/calls.db")
    memory = MemoryHumanQueue(lambda: NOON, routed=("twilio",))
    queue: HumanQueue = memory if kind == "memory" else SqlHumanQueue(database, wall=lambda: NOON, routed=("twilio",))
    roster: Roster = memory.roster if kind == "memory" else SqlRoster(database, wall=lambda: NOON)
    await queue.offer(handover("one"))
    await queue.offer(replace(handover("two"), carrier="phone page"))
    for agent in ("Ada", "Grace"):
        await roster.set_status(agent, "available", None)

    await queue.dispatch(20)

    assert {h.call: (h.state, h.agent) for h in await queue.waiting()} == {"one": ("waiting", ""), "two": ("ringing", "Ada")}
    assert (await queue.accept(ONE, "a worker of theirs")).state == "accepted"
    database.close()
