"""Callers for whom TaskRouter finds the person."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.fakes.house import BASE
from tests.fakes.stores import MemoryHumanQueue
from tests.fakes.twilio_line import Line, World, serving
from tests.server.twilio_calls import CALL, SCRIPT, a_call, on_desk, record, tags
from voice_agent.errors import PortError
from voice_agent.server.twilio import TaskRouter, person_of

WORKFLOW, WORKER, TASK, RESERVATION = "WW" + "1" * 32, "WK" + "2" * 32, "WT" + "3" * 32, "WR" + "4" * 32
OWN = "+15005550001"


class Router:
    """TaskRouter's side of what we ask of it."""

    def __init__(self) -> None:
        self.rejected: list[tuple[str, str]] = []
        self.broken: PortError | None = None

    async def reject(self, task: str, reservation: str) -> None:
        self.rejected.append((task, reservation))
        if self.broken:
            raise self.broken

    async def account_of(self, person: str) -> str | None:
        return next((name for name in ("Ada", "Grace") if person_of(name) == person), None)


@pytest.fixture
def world() -> World:
    world = World()
    world.queue = MemoryHumanQueue(lambda: world.now, routed=("twilio",))
    return world


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.fixture
async def line(world: World, router: Router) -> AsyncIterator[Line]:
    made = TaskRouter(workflow=WORKFLOW, own=OWN, reject=router.reject, account_of=router.account_of)
    async with serving(world.gate(router=made)) as line:
        yield line


def task_fields(*, agent: str = "Ada", **more: str) -> dict[str, str]:
    """As the callbacks of TaskRouter have them: no CallSid of their own."""
    worker = {"contact_uri": "+15005550006", **({"agent": agent} if agent else {})}
    attributes = json.dumps({"call_sid": "CA1", "from": "+15005550009", "queue": "claims"})
    sids = {"WorkerSid": WORKER, "TaskSid": TASK, "ReservationSid": RESERVATION}
    return {"CallSid": "-", "From": "-", "TaskAttributes": attributes, "WorkerAttributes": json.dumps(worker), **sids, **more}


async def assigned(line: Line, *, agent: str = "Ada") -> dict[str, Any]:
    answer = await line.tells("/twilio/task-assigned", **task_fields(agent=agent))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    instruction: dict[str, Any] = answer.json()
    return instruction


async def whispered(line: Line, *, agent: str = "Ada") -> str:
    """The path to which the worker's key goes, once they have answered."""
    instruction = await assigned(line, agent=agent)
    (gather,) = await line.asks(str(instruction["url"]).removeprefix(BASE), CallSid="CA-worker")
    return gather.attrib["action"].removeprefix(BASE)


async def test_a_handover_becomes_a_task_that_carries_the_brief_and_nothing_personal(world: World, line: Line) -> None:
    await a_call(world, handed_over=True, ended="transferred")

    (enqueue,) = await line.asks("/twilio/after-stream")

    assert enqueue.attrib["workflowSid"] == WORKFLOW
    assert (enqueue.attrib["waitUrl"], enqueue.attrib["action"]) == (f"{BASE}/twilio/wait", f"{BASE}/twilio/queue-left")
    (task,) = enqueue
    assert task.attrib == {"priority": "7"}
    assert json.loads(task.text or "") == {
        "type": "handover",
        "queue": "claims",
        "priority": 3,
        "call": CALL,
        "rule": "compensation",
        "headline": "Wants a refund to card 💳",
    }


async def test_a_caller_whose_assistant_never_came_becomes_a_task_of_the_fallback_queue(world: World, line: Line) -> None:
    *_, enqueue = await line.asks("/twilio/voice")

    assert json.loads(enqueue[0].text or "") == {"type": "handover", "queue": "support", "priority": 2}


async def test_nobody_at_the_desk_is_rung_for_them(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await world.queue.roster.set_status("Ada", "available", None)
    await world.queue.dispatch(20)

    assert await on_desk(world) == [("CA1", "waiting", "compensation")]


async def test_the_reserved_worker_is_called_and_the_reservation_left_open_until_they_are_joined(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)

    instruction = await assigned(line)

    url = instruction.pop("url")
    assert instruction.pop("status_callback_url") == url
    assert instruction == {"instruction": "call", "from": OWN, "timeout": 20, "accept": False}
    asked = dict(parse_qsl(urlsplit(url).query))
    assert asked == {"call": "CA1", "person": person_of("Ada"), "worker": WORKER, "task": TASK, "reservation": RESERVATION}
    assert await on_desk(world) == [("CA1", "waiting", "compensation")]


async def test_a_worker_reserved_for_a_caller_who_is_gone_is_let_go(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    await line.asks("/twilio/wait-key", Digits="1")

    assert await assigned(line) == {"instruction": "reject"}


async def test_they_hear_the_brief_on_their_own_leg_and_are_asked_for_a_key(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    path = str((await assigned(line))["url"]).removeprefix(BASE)

    (gather,) = await line.asks(path, CallSid="CA-worker")

    assert "Wants a refund to card" in (gather[0].text or "")
    assert gather.attrib["action"].startswith(f"{BASE}/twilio/task-key?")


@pytest.mark.parametrize(("agent", "stored"), [("Ada", "Ada"), ("", WORKER), ("Nobody", WORKER)])
async def test_a_worker_who_presses_1_is_joined_by_their_reservation_under_the_name_of_their_account(
    world: World, line: Line, router: Router, agent: str, stored: str
) -> None:
    await a_call(world, handed_over=True)
    path = await whispered(line, agent=agent)

    (dial,) = await line.asks(path, CallSid="CA-worker", Digits="1")
    (again,) = await line.asks(path, CallSid="CA-worker", Digits="1")

    assert [(d.tag, d[0].tag, d[0].attrib, d[0].text) for d in (dial, again)] == [
        ("Dial", "Queue", {"reservationSid": RESERVATION}, None)
    ] * 2
    (now,) = await world.queue.waiting()
    assert (now.state, now.agent) == ("bridged", stored)
    await line.asks("/twilio/queue-left", QueueResult="bridged")
    assert (await record(world)).disposition == "transferred"
    assert router.rejected == []


@pytest.mark.parametrize(
    "fields", [{"Digits": "2"}, {"Digits": ""}, {"CallStatus": "no-answer"}, {"CallStatus": "busy"}, {"CallStatus": "failed"}]
)
async def test_a_worker_who_does_not_take_the_call_is_given_back_to_taskrouter_once(
    world: World, line: Line, router: Router, fields: dict[str, str]
) -> None:
    await a_call(world, handed_over=True)
    path = await whispered(line)
    if "CallStatus" in fields:
        path = path.replace("task-key", "task-answered")

    assert tags(await line.asks(path, CallSid="CA-worker", **fields)) == ["Say", "Hangup"]
    await line.asks(path.replace("task-key", "task-answered"), CallSid="CA-worker", CallStatus="completed")

    assert router.rejected == [(TASK, RESERVATION)]
    assert await on_desk(world) == [("CA1", "waiting", "compensation")]


async def test_the_end_of_a_leg_that_was_joined_gives_nothing_back(world: World, line: Line, router: Router) -> None:
    await a_call(world, handed_over=True)
    path = await whispered(line)
    await line.asks(path, CallSid="CA-worker", Digits="1")
    await line.asks(path.replace("task-key", "task-answered"), CallSid="CA-worker", CallStatus="completed")

    assert router.rejected == []
    assert await on_desk(world) == [("CA1", "bridged", "compensation")]


async def test_the_end_of_a_leg_may_be_told_by_get(world: World, line: Line, router: Router) -> None:
    await a_call(world, handed_over=True)
    path = (await whispered(line)).replace("task-key", "task-answered")
    whole = f"{path}&{urlencode({'CallSid': 'CA-worker', 'CallStatus': 'no-answer'})}"
    signature = line.validator.compute_signature(BASE + whole, {})

    answer = await line.http.get(f"http://127.0.0.1:{line.port}{whole}", headers={"X-Twilio-Signature": signature})
    forged = await line.http.get(f"http://127.0.0.1:{line.port}{whole}&call=CA2", headers={"X-Twilio-Signature": signature})

    assert (answer.status_code, forged.status_code) == (200, 403)
    assert router.rejected == [(TASK, RESERVATION)]


async def test_a_worker_is_not_joined_to_a_caller_who_has_somebody(world: World, line: Line, router: Router) -> None:
    await a_call(world, handed_over=True)
    path = await whispered(line)
    await world.queue.accept(CALL, "Grace")

    say, hangup = await line.asks(path, CallSid="CA-worker", Digits="1")

    assert (say.text, hangup.tag) == (SCRIPT.left, "Hangup")
    assert router.rejected == [(TASK, RESERVATION)]


async def test_a_rejection_that_fails_keeps_nobody_waiting(
    world: World, line: Line, router: Router, caplog: pytest.LogCaptureFixture
) -> None:
    await a_call(world, handed_over=True)
    path = await whispered(line)
    router.broken = PortError("no answer", code="carrier-busy")

    assert tags(await line.asks(path, CallSid="CA-worker", Digits="2")) == ["Say", "Hangup"]
    assert "runs out by itself" in caplog.text


async def test_what_taskrouter_does_by_itself_is_noted_too(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    changes = world.queue.changes()

    for kind in ("reservation.created", "reservation.timeout", "reservation.accepted", "task.completed"):
        answer = await line.tells("/twilio/task-event", **task_fields(EventType=kind))
        assert (answer.status_code, answer.text) == (204, "")

    assert [(await anext(changes)).kind for _ in range(3)] == ["declined", "accepted", "joined"]


async def test_an_event_about_no_call_or_nobodys_changes_nothing(world: World, line: Line) -> None:
    no_call = await line.tells("/twilio/task-event", CallSid="-", EventType="worker.activity.update", TaskAttributes="{not json")
    unknown = await line.tells("/twilio/task-event", **task_fields(EventType="reservation.accepted"))

    assert (no_call.status_code, unknown.status_code) == (204, 204)
    assert await world.queue.waiting() == []


@pytest.mark.parametrize("path", ["/twilio/task-assigned", "/twilio/task-answered", "/twilio/task-key", "/twilio/task-event"])
async def test_only_twilio_is_answered(line: Line, path: str) -> None:
    assert (await line.post(path, signature="nonsense", headers=None, **task_fields(CallSid="CA1"))).status_code == 403


async def test_without_the_store_a_worker_is_still_called_and_joined(world: World, line: Line) -> None:
    await a_call(world, handed_over=True)
    world.store.broken = PortError("the disk is full", code="store-failed")

    path = await whispered(line)
    assert tags(await line.asks(path, CallSid="CA-worker", Digits="1")) == ["Dial"]
    assert tags(await line.asks(path, CallSid="CA-worker", Digits="2")) == ["Hangup"]
    assert (await line.tells("/twilio/task-event", **task_fields(EventType="reservation.accepted"))).status_code == 204
    assert tags(await line.asks(path.replace("task-key", "task-answered"), CallSid="CA-worker", CallStatus="busy")) == ["Hangup"]


async def test_without_taskrouter_its_routes_are_not_there(world: World) -> None:
    async with serving(world.gate()) as line:
        assert (await line.tells("/twilio/task-assigned", **task_fields())).status_code == 404
