"""What is stored of how a Twilio caller's call ended, when the session that had it is gone."""

from dataclasses import dataclass, field, replace

import pytest

from tests.fakes.outcomes import MemoryOutcomeStore
from tests.fakes.stores import MemoryCallbackStore, MemoryCallStore, MemoryHumanQueue
from tests.server.waiting import handover
from voice_agent.core.commands import Disposition
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import Outcome
from voice_agent.server.twilio_people import People

NOON = 1_750_000_000.0
CALL = CallId("c0ffee00c0ffee00")


@dataclass(kw_only=True)
class Scene:
    """A caller who is handed over 30 s into the call; the clock is the test's."""

    now: float = NOON
    store: MemoryCallStore = field(default_factory=MemoryCallStore)
    outcomes: MemoryOutcomeStore = field(default_factory=MemoryOutcomeStore)

    def __post_init__(self) -> None:
        self.queue = MemoryHumanQueue(wall=lambda: self.now)
        self.people = People(
            store=self.store,
            queue=self.queue,
            callbacks=MemoryCallbackStore(),
            outcomes=self.outcomes,
            wall=lambda: self.now,
            lost_queue="support",
            secret=b"x",
            recall=lambda _: (),
        )

    async def begins(self) -> None:
        await self.store.begin(CALL, "twilio", "CA1", self.now)
        self.now += 30
        await self.queue.offer(replace(handover(CALL, queue="claims"), since=self.now))
        await self.store.set_state(CALL, "handed-over")

    async def is_taken(self) -> None:
        await self.queue.accept(CALL, "Maya")
        self.now += 2
        await self.queue.joined(CALL, "Maya")


@pytest.fixture
async def scene() -> Scene:
    made = Scene()
    await made.begins()
    return made


def ended(disposition: Disposition, *, after: float, waiting: float, agent: str = "") -> Outcome:
    return Outcome(
        call=CALL,
        started=NOON,
        ended=NOON + after,
        disposition=disposition,
        queue="claims",
        rule="safety",
        agent=agent,
        time_to_escalation_s=30.0,
        waiting_s=waiting,
    )


async def test_a_caller_who_spoke_with_a_person_waited_until_the_two_were_joined(scene: Scene) -> None:
    scene.now += 20
    await scene.is_taken()
    scene.now += 100
    await scene.people.served("CA1")

    assert await scene.outcomes.find(CALL) == ended("transferred", after=152.0, waiting=22.0, agent="Maya")


async def test_a_caller_who_left_waited_until_then(scene: Scene) -> None:
    scene.now += 45
    await scene.people.gone("CA1")

    assert await scene.outcomes.find(CALL) == ended("abandoned", after=75.0, waiting=45.0)


async def test_a_caller_who_is_called_back_waited_until_they_asked_for_it(scene: Scene) -> None:
    scene.now += 15
    assert await scene.people.call_back("CA1", "15005550006")

    assert await scene.outcomes.find(CALL) == ended("callback", after=45.0, waiting=15.0)


async def test_that_a_served_caller_hung_up_changes_nothing(scene: Scene) -> None:
    await scene.is_taken()
    scene.now += 100
    await scene.people.served("CA1")
    await scene.people.gone("CA1")

    assert await scene.outcomes.find(CALL) == ended("transferred", after=132.0, waiting=2.0, agent="Maya")
    assert scene.store.records[CALL].disposition == "transferred"


async def test_what_the_session_knew_better_stays_known(scene: Scene) -> None:
    released = Outcome(
        call=CALL, started=NOON, ended=NOON + 31, disposition="transferred", queue="claims", rule="safety", time_to_escalation_s=27.5
    )
    await scene.outcomes.keep(released)
    scene.now += 45
    await scene.people.gone("CA1")

    found = await scene.outcomes.find(CALL)
    assert found is not None
    assert (found.disposition, found.time_to_escalation_s, found.waiting_s) == ("abandoned", 27.5, 45.0)


async def test_a_caller_whom_no_assistant_could_take_has_an_outcome_too() -> None:
    scene = Scene()
    await scene.people.see_to("CA9")
    scene.now += 10
    await scene.people.gone("CA9")

    (call,) = scene.store.records
    found = await scene.outcomes.find(call)
    assert found is not None
    assert (found.disposition, found.rule, found.waiting_s) == ("abandoned", "assistant unavailable", 10.0)


async def test_an_outcome_that_could_not_be_stored_is_stored_when_it_is_told_again(scene: Scene) -> None:
    scene.outcomes.broken = PortError("no", code="store-failed")
    with pytest.raises(PortError):
        await scene.people.gone("CA1")
    scene.outcomes.broken = None
    await scene.people.gone("CA1")

    found = await scene.outcomes.find(CALL)
    assert found is not None
    assert found.disposition == "abandoned"
