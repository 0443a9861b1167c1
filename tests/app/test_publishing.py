"""A policy that is edited while the server runs."""

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fakes.house import Stage
from voice_agent.app.publishing import Publisher
from voice_agent.app.queue_states import QueueStates
from voice_agent.errors import PortError
from voice_agent.ports import IntentRecognizer
from voice_agent.server.calls import LiveCalls
from voice_agent.settings import SHIPPED, Settings, load_settings
from voice_agent.settings.generations import Generations


@dataclass
class Town:
    """A publisher on a copy of the shipped configuration."""

    config: Path
    publisher: Publisher
    stage: Stage
    rehearsed: list[str] = field(default_factory=list)
    broken: bool = False

    @property
    def calls(self) -> LiveCalls:
        return self.publisher.calls

    def greet(self, words: str) -> None:
        """An admin gives policy.yaml its greeting."""
        path = self.config / "policy.yaml"
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("greeting:")]
        path.write_text("\n".join([*lines, f'greeting: "{words}"']), "utf-8")

    def edit(self, old: str, new: str) -> None:
        path = self.config / "escalation.yaml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    config = Path(shutil.copytree(SHIPPED, tmp_path / "config"))
    stage = Stage(journals=tmp_path / "journals")
    settings = load_settings(config, {})
    calls = LiveCalls(equipment=stage.equipment(), max_calls=2)

    async def recognizer(_: Settings) -> IntentRecognizer:
        if made.broken:
            raise PortError("the embedder is full", code="busy", retry=True)
        return calls.equipment.intents

    async def rehearse(changed: Settings) -> None:
        made.rehearsed.append(changed.policy.greeting)

    publisher = Publisher(
        calls=calls,
        generations=Generations(tmp_path / "var" / "generations"),
        folder=config,
        read=lambda: load_settings(config, {}),
        recognizer=recognizer,
        rehearse=rehearse,
        queues=QueueStates({}, queue=stage.queue, roster=stage.queue.roster, wall=lambda: 1000.0),
        wall=lambda: 1000.0,
    )
    publisher.begin(settings)
    made = Town(config=config, publisher=publisher, stage=stage)
    return made


async def test_an_edit_is_rehearsed_and_in_force_for_the_next_call_under_the_next_number(town: Town) -> None:
    assert town.calls.equipment.generation == 1
    town.greet("Hello there.")

    await town.publisher.publish()

    assert town.rehearsed == ["Hello there."]
    assert (town.calls.equipment.generation, town.calls.equipment.policy.greeting) == (2, "Hello there.")


async def test_a_broken_edit_leaves_the_generation_in_force_and_says_so_with_its_line(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    before = town.calls.equipment
    town.edit("then: transfer", "then: transport")

    await town.publisher.publish()

    assert town.calls.equipment is before
    assert "the edit is not in force; generation 1 stays" in caplog.text
    assert "escalation.yaml:" in caplog.text
    assert [each.number for each in town.publisher.generations.all()] == [1]


async def test_an_edit_that_cannot_be_made_ready_is_not_in_force_and_is_told(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    before = town.calls.equipment
    town.broken = True
    town.edit("priority: 2", "priority: 1")

    await town.publisher.publish()

    assert town.calls.equipment is before
    assert "could not be made ready; generation 1 stays" in caplog.text


async def test_an_edit_that_is_taken_back_makes_no_generation(town: Town) -> None:
    before = (town.config / "policy.yaml").read_text("utf-8")
    town.greet("Hello there.")
    (town.config / "policy.yaml").write_text(before, "utf-8")

    await town.publisher.publish()

    assert town.calls.equipment.generation == 1


async def test_a_server_that_starts_again_goes_on_with_the_generation_it_had(town: Town) -> None:
    town.publisher.begin(load_settings(town.config, {}))
    assert town.calls.equipment.generation == 1


async def test_a_file_that_is_saved_is_published_while_the_server_runs(town: Town) -> None:
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        watching = group.create_task(town.publisher.watch())
        number = 0
        while town.calls.equipment.generation == 1:
            # The watch may begin behind the first save: saved again, it is seen.
            number += 1
            town.greet(f"Hello number {number}.")
            await asyncio.sleep(0.02)
        watching.cancel()
    assert town.calls.equipment.policy.greeting.startswith("Hello number")


async def test_hours_that_are_published_hold_from_then_on(town: Town) -> None:
    (town.config / "escalation.yaml").write_text("queues: {support: {hours: [Sat 10:00-14:00], time_zone: Europe/Berlin}}\n", "utf-8")
    await town.publisher.publish()
    await town.publisher.queues.look()

    assert [(state.queue, state.business_hours) for state in town.publisher.queues.now] == [("support", False)]
