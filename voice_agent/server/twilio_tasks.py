"""TaskRouter, when Twilio finds the people for its callers in place of the desk.

    <Enqueue workflowSid><Task> ─▶ POST /twilio/task-assigned ─▶ {"instruction": "call"}, to the worker's phone
    their leg:  POST /twilio/task-answered ─▶ <Gather> ─▶ POST /twilio/task-key ─▶ <Dial><Queue reservationSid>
    besides:    POST /twilio/task-event, on what became of a reservation

Twilio makes the task when it enqueues the caller, accepts the reservation when the two are joined, and ends the task with
the call (https://www.twilio.com/docs/taskrouter/twiml-queue-calls): so none is made twice, however often a webhook repeats.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from voice_agent.adapters.twilio import twiml
from voice_agent.adapters.twilio.twiml import Task
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Handover
from voice_agent.server.twilio_gate import Hook, TaskRouter, TwilioGate
from voice_agent.server.twilio_people import LOST_PRIORITY
from voice_agent.server.twilio_phones import person_of

log = logging.getLogger(__name__)

TASK_ASSIGNED, TASK_EVENT = "/twilio/task-assigned", "/twilio/task-event"
TASK_ANSWERED, TASK_KEY = "/twilio/task-answered", "/twilio/task-key"
RING_FOR = 20
"""Seconds."""
REJECT_WITHIN: Seconds = 3.0
"""So that the webhook is answered in time. A reservation that is not rejected runs out by itself, only later."""
HIGHEST = 10
"""TaskRouter takes the higher priority first, and we the lower."""


def task_of(gate: TwilioGate, found: Handover | None) -> Task | None:
    """What TaskRouter is told of a caller; None when it does not find the people. `found`: None when nothing is known."""
    if gate.router is None:
        return None
    priority = LOST_PRIORITY if found is None else found.priority
    told: dict[str, str | int] = {"type": "handover", "queue": gate.lost_queue, "priority": priority}
    if found is not None:
        told |= {"queue": found.queue, "call": found.call, "rule": found.brief.rule, "headline": twiml.spoken(found.brief.headline)}
    return Task(workflow=gate.router.workflow, attributes=told, priority=max(0, HIGHEST - priority))


def call_of_task(fields: Mapping[str, Sequence[str]]) -> str:
    """Twilio adds it to the attributes of the tasks that it makes of calls."""
    return str(_json(fields.get("TaskAttributes", [""])[-1]).get("call_sid", ""))


def call_of_event(fields: Mapping[str, Sequence[str]]) -> str:
    """As `call_of_task`; many events are about no call."""
    return call_of_task(fields) or "no call"


def _json(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Tasks:
    def __init__(self, gate: TwilioGate, router: TaskRouter) -> None:
        self._gate = gate
        self._router = router
        self._people = gate.people

    async def assigned(self, hook: Hook) -> str:
        """A worker is reserved for a caller: ring them, unless nobody owes this caller a person any more."""
        if await self._people.see_to(hook.call_sid) is None:
            return json.dumps({"instruction": "reject"})
        return self.call_worker(hook)

    def call_worker(self, hook: Hook) -> str:
        """At the `contact_uri` of their attributes. The reservation is accepted when they are joined, not before."""
        agent = str(_json(hook.get("WorkerAttributes")).get("agent", ""))
        asked = {name.lower().removesuffix("sid"): hook.get(name) for name in ("WorkerSid", "TaskSid", "ReservationSid")}
        url = self._gate.url(TASK_ANSWERED, call=hook.call_sid, person=person_of(agent) if agent else "", **asked)
        told = {"instruction": "call", "from": self._router.own, "url": url, "status_callback_url": url, "timeout": RING_FOR}
        return json.dumps({**told, "accept": False})

    async def answered(self, hook: Hook) -> str:
        """The worker's leg has begun, or is over."""
        if hook.leg_is_over:
            return await self._not_taken(hook)
        found = await self._people.find(hook.query.get("call", ""))
        return self._whisper(hook, "" if found is None else found.brief.headline)

    def whisper(self, hook: Hook) -> str:
        return twiml.hang_up() if hook.leg_is_over else self._whisper(hook, "")

    def _whisper(self, hook: Hook, headline: str) -> str:
        ours = {name: hook.query.get(name, "") for name in ("call", "person", "worker", "task", "reservation")}
        return twiml.whisper(self._gate.script, answer_url=self._gate.url(TASK_KEY, **ours), headline=headline)

    async def key(self, hook: Hook) -> str:
        if hook.get("Digits") != "1":
            return await self._not_taken(hook)
        found = await self._people.find(hook.query.get("call", ""))
        if found is None or not await self._may_join(found, await self._agent(hook)):
            await self._reject(hook)
            return twiml.say_and_hang_up(self._gate.script.left)
        await self._gate.store.remember_once(f"worker's leg {hook.call_sid}", self._gate.wall())
        return self.join_or_end(hook)

    def join_or_end(self, hook: Hook) -> str:
        if hook.get("Digits") != "1":
            return twiml.hang_up()
        return twiml.join(call_sid=hook.query.get("call", ""), reservation=hook.query.get("reservation", ""))

    async def event(self, hook: Hook) -> str:
        """What TaskRouter did with a reservation. Twilio tells the caller's own end by the queue they leave."""
        found = await self._people.find(hook.call_sid)
        if found is None:
            return ""
        agent = str(_json(hook.get("WorkerAttributes")).get("agent", "")) or hook.get("WorkerSid")
        if hook.get("EventType") == "reservation.accepted":
            await self._may_join(found, agent)
        elif hook.get("EventType") in ("reservation.rejected", "reservation.timeout", "reservation.canceled"):
            await self._gate.queue.decline(found.call, agent)
        return ""

    def nothing(self, _: Hook) -> str:
        return ""

    async def _agent(self, hook: Hook) -> str:
        person = hook.query.get("person", "")
        return (await self._router.account_of(person) if person else None) or hook.query.get("worker", "")

    async def _may_join(self, found: Handover, agent: str) -> bool:
        """TaskRouter decides how many calls a worker has; we, that nobody joins a caller who is gone or has somebody."""
        try:
            await self._gate.queue.accept(found.call, agent)
        except PortError as error:
            if error.code == "has-a-call":
                return True
            if error.code in ("not-waiting", "already-taken"):
                return False
            raise
        return await self._gate.queue.joined(found.call, agent)

    async def _not_taken(self, hook: Hook) -> str:
        """The first word about a leg counts: it ends after its key, too."""
        if await self._gate.store.remember_once(f"worker's leg {hook.call_sid}", self._gate.wall()):
            found = await self._people.find(hook.query.get("call", ""))
            if found is not None:
                await self._gate.queue.decline(found.call, await self._agent(hook))
            await self._reject(hook)
        return twiml.say_and_hang_up(self._gate.script.declined)

    async def _reject(self, hook: Hook) -> None:
        try:
            async with asyncio.timeout(REJECT_WITHIN):
                await self._router.reject(hook.query.get("task", ""), hook.query.get("reservation", ""))
        except (PortError, TimeoutError) as error:
            log.warning("a reservation for call %s runs out by itself: %s", hook.query.get("call", ""), error)
