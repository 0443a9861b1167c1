"""What calls are told of the queues of people."""

import pytest

from tests.fakes.stores import MemoryHumanQueue
from tests.session.stage import BRIEF
from voice_agent.app.queue_states import QueueStates
from voice_agent.core.escalation import QueueState
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import Handover
from voice_agent.settings.escalation import QueueLimits

NOW = 1_750_000_000.0


@pytest.fixture
def queue() -> MemoryHumanQueue:
    return MemoryHumanQueue(lambda: NOW)


async def looked_at(queue: MemoryHumanQueue, **limits: QueueLimits) -> tuple[QueueState, ...]:
    states = QueueStates(limits, queue=queue, roster=queue.roster, wall=lambda: NOW)
    assert states.now == ()
    await states.look()
    return states.now


def handover(call: str, queue: str = "support") -> Handover:
    return Handover(call=CallId(call), carrier="phone", carrier_call="", queue=queue, priority=2, brief=BRIEF, since=NOW)


async def test_a_queue_is_staffed_while_somebody_is_on_duty_for_it(queue: MemoryHumanQueue) -> None:
    await queue.roster.set_status("Alex", "available", ("support",))

    states = await looked_at(queue, support=QueueLimits(), claims=QueueLimits())

    assert states == (QueueState(queue="support"), QueueState(queue="claims", staffed=False))


async def test_a_queue_is_full_when_as_many_wait_as_may_and_whoever_has_been_taken_waits_no_more(queue: MemoryHumanQueue) -> None:
    limits = QueueLimits(max_waiting=2)
    await queue.offer(handover("a"))
    await queue.offer(handover("b"))
    await queue.offer(handover("c", "claims"))
    (full,) = await looked_at(queue, support=limits)
    await queue.accept(CallId("a"), "Alex")
    (free,) = await looked_at(queue, support=limits)

    assert (full.full, full.open, free.full) == (True, False, False)


async def test_while_the_database_does_not_work_nobody_is_turned_away(queue: MemoryHumanQueue) -> None:
    queue.broken = PortError("no", code="queue-down")

    assert await looked_at(queue, support=QueueLimits(max_waiting=1)) == (QueueState(queue="support"),)
