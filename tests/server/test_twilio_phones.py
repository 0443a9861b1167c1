"""The person's own leg: rung, told what it is about, and joined to the caller, or not."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.fakes.house import BASE
from tests.fakes.stores import MemoryChanges
from tests.fakes.twilio_api import FakeTwilio
from tests.fakes.twilio_api import serving as serving_twilio
from tests.fakes.twilio_line import Line, World, serving
from tests.server.twilio_calls import CALL, SCRIPT, a_call, handover, on_desk, tags
from voice_agent.adapters.twilio.rest import TwilioRest
from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import OnDuty
from voice_agent.server.twilio import Phones

PHONES = {"Ada Lovelace": "+15005550006", "Grace": "+15005550007"}
OWN = "+15005550001"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def line(world: World) -> AsyncIterator[Line]:
    async with serving(world.gate()) as line:
        yield line


@pytest.fixture
def twilio(prism: str) -> FakeTwilio:
    return FakeTwilio(prism)


@pytest.fixture
def rest(twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioRest]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving_twilio(twilio) as url:
        rest = TwilioRest("AC" + "0" * 32, "auth token", base_url=url)
        yield rest
        rest.close()


@pytest.fixture
def phones(world: World, rest: TwilioRest) -> Phones:
    async def number_of(agent: str) -> str | None:
        return PHONES.get(agent)

    return Phones(world.gate(), rest, own=OWN, number_of=number_of)


async def offered(world: World, agent: str = "Ada Lovelace") -> None:
    """The call rings for an agent."""
    await a_call(world, handed_over=True)
    await world.queue.roster.set_status(agent, "available", None)
    await world.queue.dispatch(20)
    assert await on_desk(world) == [("CA1", "ringing", "compensation")]


async def rung(world: World, phones: Phones, twilio: FakeTwilio) -> str:
    """An offer whose phone rings. The path that Twilio will ask about that leg."""
    await offered(world)
    await ring(world, phones)
    return twilio.asked[-1].fields["StatusCallback"].removeprefix(BASE)


async def ring(world: World, phones: Phones) -> None:
    found = await world.queue.find(CALL)
    assert found is not None
    await phones.ring(found)


async def on_duty(world: World, agent: str) -> OnDuty:
    found = await world.queue.roster.find(agent)
    assert found is not None
    return found


# ---------------------------------------------------------------- ringing


async def test_their_own_phone_is_rung_for_as_long_as_the_desk_rings_and_they_are_told_the_brief(
    world: World, phones: Phones, twilio: FakeTwilio
) -> None:
    path = await rung(world, phones, twilio)

    (asked,) = twilio.asked
    assert (asked.fields["To"], asked.fields["From"], asked.fields["Timeout"]) == (PHONES["Ada Lovelace"], OWN, "20")
    gather = ET.fromstring(asked.fields["Twiml"])[0]  # noqa: S314  our own text
    assert gather.attrib["action"] == BASE + path
    assert "Wants a refund to card" in (gather[0].text or "")
    assert "Ada" not in path
    assert "500555" not in path


async def test_one_offer_rings_one_phone_once_however_often_it_is_told(world: World, phones: Phones, twilio: FakeTwilio) -> None:
    await rung(world, phones, twilio)
    await ring(world, phones)
    await world.queue.accept(CALL, "Ada Lovelace")

    assert len(twilio.asked) == 1


async def test_who_accepts_from_the_list_at_the_desk_is_rung_too(world: World, phones: Phones, twilio: FakeTwilio) -> None:
    await a_call(world, handed_over=True)
    taken = await world.queue.accept(CALL, "Grace")
    await phones.ring(taken)
    await phones.ring(taken)

    assert [asked.fields["To"] for asked in twilio.asked] == [PHONES["Grace"]]


async def test_a_second_offer_to_the_same_person_rings_again(world: World, phones: Phones, twilio: FakeTwilio) -> None:
    await rung(world, phones, twilio)
    world.now += 20
    await world.queue.dispatch(20)
    await world.queue.roster.set_status("Ada Lovelace", "available", None)
    await world.queue.dispatch(20)
    await ring(world, phones)

    assert len(twilio.asked) == 2


async def test_who_has_no_phone_gives_the_call_back_so_that_another_is_rung(world: World, phones: Phones) -> None:
    await offered(world, "Nobody")
    await world.queue.roster.set_status("Grace", "available", None)

    with pytest.raises(PortError) as failure:
        await ring(world, phones)
    await world.queue.dispatch(20)

    assert failure.value.code == "no-phone"
    (now,) = await world.queue.waiting()
    assert (now.state, now.agent) == ("ringing", "Grace")
    assert (await on_duty(world, "Nobody")).status == "available"


async def test_a_phone_that_cannot_be_rung_gives_the_call_back(world: World, phones: Phones, twilio: FakeTwilio) -> None:
    await offered(world)
    twilio.answers = [(500, {"code": 20500, "status": 500, "message": "oops"})]

    with pytest.raises(PortError) as failure:
        await ring(world, phones)

    assert failure.value.code == "carrier-unsure"
    assert len(twilio.asked) == 1
    assert await on_desk(world) == [("CA1", "waiting", "compensation")]


@asynccontextmanager
async def following(phones: Phones) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(phones.follow())
        await asyncio.sleep(0)
        yield
        task.cancel()


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110  it happens on a thread of the REST client
            await asyncio.sleep(0.01)


async def test_every_offer_of_the_queue_rings_a_phone_and_those_of_the_phone_page_none(
    world: World, phones: Phones, twilio: FakeTwilio
) -> None:
    async with following(phones):
        await world.queue.offer(replace(handover(CallId("page"), priority=1), carrier="phone page", carrier_call=""))
        await world.queue.roster.set_status("Grace", "available", None)
        await world.queue.dispatch(20)
        await offered_besides(world)
        await until(lambda: bool(twilio.asked))

    assert [asked.fields["To"] for asked in twilio.asked] == [PHONES["Ada Lovelace"]]


async def offered_besides(world: World) -> None:
    await a_call(world, handed_over=True)
    await world.queue.roster.set_status("Ada Lovelace", "available", None)
    await world.queue.dispatch(20)


async def test_a_queue_that_cannot_be_read_at_first_is_followed_after_a_pause(
    world: World, phones: Phones, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, answers = world.queue.changes, [PortError("locked", code="store-failed")]

    def unreadable_once() -> MemoryChanges:
        if answers:
            raise answers.pop()
        return changes()

    monkeypatch.setattr(world.queue, "changes", unreadable_once)
    async with following(phones):
        await until(lambda: bool(world.pauses))
        await offered(world)
        await until(lambda: bool(twilio.asked))

    assert "cannot be followed" in caplog.text
    assert len(twilio.asked) == 1


async def caller_leaves(world: World, line: Line) -> None:
    await line.asks("/twilio/queue-left", QueueResult="hangup", CallStatus="completed")


async def time_is_up(world: World, line: Line) -> None:
    world.now += 20
    await world.queue.dispatch(20)


async def they_decline_at_the_desk(world: World, line: Line) -> None:
    await world.queue.decline(CALL, "Ada Lovelace")


@pytest.mark.parametrize("over", [caller_leaves, time_is_up, they_decline_at_the_desk])
async def test_a_phone_that_rings_in_vain_stops(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio, over: Callable[[World, Line], Awaitable[None]]
) -> None:
    async with following(phones):
        await offered(world)
        await until(lambda: len(twilio.asked) == 1)
        await over(world, line)
        await until(lambda: len(twilio.asked) == 2)

    assert twilio.asked[1].path.endswith(f"/Calls/CA{'a' * 32}.json")
    assert twilio.asked[1].fields == {"Status": "canceled"}


async def test_a_phone_whose_caller_left_while_it_was_being_rung_stops_at_once(world: World, phones: Phones, twilio: FakeTwilio) -> None:
    await offered(world)
    found = await world.queue.find(CALL)
    assert found is not None
    await world.queue.withdraw(CALL)
    await phones.ring(found)

    assert [asked.fields.get("Status") for asked in twilio.asked] == [None, "canceled"]


async def test_a_phone_that_has_stopped_by_itself_is_no_trouble(
    world: World, phones: Phones, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    await offered(world)
    found = await world.queue.find(CALL)
    assert found is not None
    await world.queue.withdraw(CALL)
    twilio.answers = [(201, {"sid": "CA" + "b" * 32}), (400, {"code": 21220, "status": 400, "message": "not in progress"})]
    await phones.ring(found)

    assert len(twilio.asked) == 2
    assert "in vain" not in caplog.text


# ---------------------------------------------------------------- their key


async def test_a_person_who_presses_1_is_joined_to_the_caller(world: World, line: Line, phones: Phones, twilio: FakeTwilio) -> None:
    path = await rung(world, phones, twilio)

    (dial,) = await line.asks(path, CallSid="CA-person", Digits="1")

    assert (dial.tag, dial[0].tag, dial[0].text, dial[0].attrib) == ("Dial", "Queue", "esc-CA1", {})
    (now,) = await world.queue.waiting()
    assert (now.state, now.agent) == ("bridged", "Ada Lovelace")


async def test_their_key_told_twice_and_the_end_of_their_leg_change_nothing(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio
) -> None:
    path = await rung(world, phones, twilio)
    first = await line.asks(path, CallSid="CA-person", Digits="1")
    again = await line.asks(path, CallSid="CA-person", Digits="1")
    await line.asks(path, CallSid="CA-person", CallStatus="completed")

    assert tags(first) == tags(again) == ["Dial"]
    assert await on_desk(world) == [("CA1", "bridged", "compensation")]


async def test_who_accepted_at_the_desk_is_joined_when_they_press_1(world: World, line: Line, phones: Phones, twilio: FakeTwilio) -> None:
    path = await rung(world, phones, twilio)
    await world.queue.accept(CALL, "Ada Lovelace")

    assert tags(await line.asks(path, CallSid="CA-person", Digits="1")) == ["Dial"]
    assert await on_desk(world) == [("CA1", "bridged", "compensation")]


@pytest.mark.parametrize("at_desk", [False, True])
@pytest.mark.parametrize(
    "fields",
    [
        {"Digits": "2"},
        {"Digits": ""},
        {"CallStatus": "no-answer"},
        {"CallStatus": "busy"},
        {"CallStatus": "failed"},
        {"CallStatus": "completed"},
    ],
    ids=["another key", "no key", "no answer", "busy", "failed", "hung up without a key"],
)
async def test_a_person_who_does_not_take_the_call_gives_it_back_and_the_next_is_rung(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio, fields: dict[str, str], *, at_desk: bool
) -> None:
    path = await rung(world, phones, twilio)
    await world.queue.roster.set_status("Grace", "available", None)
    if at_desk:
        await world.queue.accept(CALL, "Ada Lovelace")
    changes = world.queue.changes()

    assert tags(await line.asks(path, CallSid="CA-person", **fields)) == ["Say", "Hangup"]
    assert (await anext(changes)).kind == "declined"
    await world.queue.dispatch(20)
    (now,) = await world.queue.waiting()
    assert (now.state, now.agent) == ("ringing", "Grace")


async def test_the_end_of_a_leg_that_declined_does_not_undo_what_came_after(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio
) -> None:
    path = await rung(world, phones, twilio)
    await line.asks(path, CallSid="CA-person", Digits="2")
    await world.queue.accept(CALL, "Ada Lovelace")
    await line.asks(path, CallSid="CA-person", CallStatus="completed")
    await line.asks(path, CallSid="CA-person", Digits="2")

    assert await on_desk(world) == [("CA1", "accepted", "compensation")]


async def test_a_late_word_of_an_earlier_ring_does_not_decline_the_new_one(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio
) -> None:
    path = await rung(world, phones, twilio)
    world.now += 20
    await world.queue.dispatch(20)
    await world.queue.roster.set_status("Ada Lovelace", "available", None)
    await world.queue.dispatch(20)

    await line.asks(path, CallSid="CA-person", CallStatus="no-answer")

    (now,) = await world.queue.waiting()
    assert (now.state, now.agent) == ("ringing", "Ada Lovelace")


async def test_who_answers_just_too_late_still_gets_a_caller_who_waits(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio
) -> None:
    path = await rung(world, phones, twilio)
    world.now += 20
    await world.queue.dispatch(20)
    assert await on_desk(world) == [("CA1", "waiting", "compensation")]

    assert tags(await line.asks(path, CallSid="CA-person", Digits="1")) == ["Dial"]
    assert await on_desk(world) == [("CA1", "bridged", "compensation")]


async def test_who_answers_too_late_is_not_joined_to_a_caller_who_rings_for_somebody_else(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio
) -> None:
    path = await rung(world, phones, twilio)
    await world.queue.roster.set_status("Grace", "available", None)
    world.now += 20
    await world.queue.dispatch(20)
    await world.queue.roster.seen("Grace")
    await world.queue.dispatch(20)

    say, hangup = await line.asks(path, CallSid="CA-person", Digits="1")

    assert (say.text, hangup.tag) == (SCRIPT.left, "Hangup")
    assert {h.agent for h in await world.queue.waiting()} <= {"Grace", ""}


async def test_a_person_is_not_joined_to_a_caller_whom_somebody_else_has(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio
) -> None:
    path = await rung(world, phones, twilio)
    await world.queue.decline(CALL, "Ada Lovelace")
    await world.queue.accept(CALL, "Grace")

    say, hangup = await line.asks(path, CallSid="CA-person", Digits="1")

    assert (say.text, hangup.tag) == (SCRIPT.left, "Hangup")
    assert await on_desk(world) == [("CA1", "accepted", "compensation")]


async def test_a_person_is_told_when_the_caller_has_left(world: World, line: Line, phones: Phones, twilio: FakeTwilio) -> None:
    path = await rung(world, phones, twilio)
    await line.asks("/twilio/queue-left", QueueResult="hangup", CallStatus="completed")

    say, hangup = await line.asks(path, CallSid="CA-person", Digits="1")

    assert (say.text, hangup.tag) == (SCRIPT.left, "Hangup")


async def test_nobody_is_joined_who_was_never_offered_the_call(world: World, line: Line, phones: Phones, twilio: FakeTwilio) -> None:
    path = await rung(world, phones, twilio)

    assert tags(await line.asks(path.replace("person=", "person=0"), CallSid="CA-person", Digits="1")) == ["Say", "Hangup"]
    assert await on_desk(world) == [("CA1", "ringing", "compensation")]


async def test_no_phone_number_is_logged(
    world: World, line: Line, phones: Phones, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="voice_agent")
    twilio.answers = [(429, {"code": 20429, "status": 429, "message": "to +15005550006"})]
    path = await rung(world, phones, twilio)
    await line.asks(path, CallSid="CA-person", Digits="1", To=PHONES["Ada Lovelace"])

    assert caplog.records
    assert "500555" not in caplog.text
