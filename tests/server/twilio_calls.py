"""Calls of Twilio's at some point of their way, and what their answers look like."""

import xml.etree.ElementTree as ET

from tests.fakes.house import BASE
from tests.fakes.twilio_line import NOON, World
from tests.ports.test_human_queue import BRIEF
from voice_agent.adapters.twilio.twiml import Script
from voice_agent.core.commands import Disposition
from voice_agent.core.words import CallId
from voice_agent.ports import CallRecord, Handover

CALL = CallId("our own id")
SCRIPT = Script()


def handover(call: CallId = CALL, *, priority: int = 3, since: float = NOON) -> Handover:
    return Handover(
        call=call,
        carrier="twilio",
        carrier_call="CA1",
        queue="claims",
        priority=priority,
        brief=BRIEF,
        since=since,
    )


async def a_call(world: World, *, ended: Disposition | None = None, handed_over: bool = False) -> None:
    await world.store.begin(CALL, "twilio", "CA1", NOON)
    if handed_over:
        await world.queue.offer(handover())
        await world.store.set_state(CALL, "handed-over")
    if ended is not None:
        await world.store.finish(CALL, ended, NOON + 60)


async def record(world: World) -> CallRecord:
    found = await world.store.find_by_carrier("twilio", "CA1")
    assert found is not None
    return found


async def on_desk(world: World) -> list[tuple[str, str, str]]:
    return [(h.carrier_call, h.state, h.brief.rule) for h in await world.queue.waiting()]


def tags(verbs: list[ET.Element]) -> list[str]:
    return [verb.tag for verb in verbs]


def check_enqueue(verb: ET.Element) -> None:
    assert (verb.tag, verb.text) == ("Enqueue", "esc-CA1")
    assert verb.attrib["waitUrl"] == f"{BASE}/twilio/wait"
    assert verb.attrib["action"] == f"{BASE}/twilio/queue-left"


def check_apology(verbs: list[ET.Element]) -> None:
    *_, say, enqueue = verbs
    assert (say.tag, say.text) == ("Say", SCRIPT.sorry)
    check_enqueue(enqueue)
