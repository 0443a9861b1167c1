"""The desk: the page of the people who take calls, and what it is told while it is open."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from voice_agent.core.words import Seconds
from voice_agent.errors import PortError
from voice_agent.ports import Account, Handover, QueueChange
from voice_agent.server.described import described
from voice_agent.server.desk_audio import DeskAudio
from voice_agent.server.desk_callbacks import DeskCallbacks
from voice_agent.server.desk_calls import DeskCalls
from voice_agent.server.desk_duty import DeskDuty
from voice_agent.server.desk_room import DeskRoom
from voice_agent.server.desk_wrap_up import DeskWrapUp
from voice_agent.server.house import House
from voice_agent.server.login import Me
from voice_agent.server.pages import Pages
from voice_agent.server.streams import EventStream, event

log = logging.getLogger(__name__)

BEAT: Seconds = 5.0
"""Between two beats, each of which the page answers: the roster forgets whom it has not seen for three of them."""


def routes(house: House, pages: Pages) -> APIRouter:
    room = DeskRoom(house, pages)
    audio, duty, callbacks = DeskAudio(house), DeskDuty(room), DeskCallbacks(room)
    page, calls, wrap_up = DeskPage(room, duty, callbacks), DeskCalls(room, audio), DeskWrapUp(room, duty)
    router = APIRouter(prefix="/desk")
    shown, refused = described(HTMLResponse), described(HTMLResponse, 409)
    router.add_api_route("", page.page, methods=["GET"], **shown)
    router.add_api_route("/events", page.events, methods=["GET"], include_in_schema=False)
    router.add_api_route("/duty", duty.choose, methods=["POST"], **refused)
    router.add_api_route("/here", duty.here, methods=["POST"], status_code=204, **refused)
    router.add_api_route("/calls/{call}", calls.brief, methods=["GET"], **refused)
    router.add_api_route("/calls/{call}/captions", calls.captions, methods=["GET"], include_in_schema=False)
    router.add_api_route("/calls/{call}/accept", calls.accept, methods=["POST"], **refused)
    router.add_api_route("/calls/{call}/decline", calls.decline, methods=["POST"], **refused)
    router.add_api_route("/calls/{call}/complete", calls.complete, methods=["POST"], status_code=204, **refused)
    router.add_api_route("/calls/{call}/reveal", calls.reveal, methods=["POST"], **refused)
    router.add_api_route("/calls/{call}/wrap-up", wrap_up.save, methods=["POST"], **refused)
    router.add_api_route("/callbacks/{call}/number", callbacks.number, methods=["POST"], **refused)
    router.add_api_route("/callbacks/{call}/done", callbacks.called_back, methods=["POST"], **refused)
    router.add_api_websocket_route("/audio/{call}", audio.audio)
    return router


class DeskPage:
    def __init__(self, room: DeskRoom, duty: DeskDuty, callbacks: DeskCallbacks) -> None:
        self._room = room
        self._duty = duty
        self._callbacks = callbacks

    async def page(self, me: Me) -> HTMLResponse:
        return self._room.pages.page("desk.html", me=me)

    async def events(self, me: Me) -> EventStream:
        """`queue`, `ring` and `duty`, fragments of the page, at once and whenever they change; `beat`, which the page answers."""
        await self._duty.here(me)
        return EventStream(self._told(me), self._room.house.calls.closing)

    async def _told(self, me: Account) -> AsyncGenerator[bytes, None]:
        changes = cast("AsyncGenerator[QueueChange, None]", self._room.queue.changes())
        last: dict[str, object] = {}
        beat = asyncio.get_running_loop().time() + BEAT
        async with aclosing(changes):
            while True:
                for name, (known_by, html) in (await self._parts(me)).items():
                    if last.get(name) != known_by:
                        last[name] = known_by
                        yield event(name, html)
                if not await _changed(changes, before=beat):
                    beat += BEAT
                    yield event("beat", "")

    async def _parts(self, me: Account) -> dict[str, tuple[object, str]]:
        """Each with what it is known by: the clocks in it do not make it another one."""
        fragment, now = self._room.pages.fragment, self._room.wall()
        try:
            handovers = await self._room.waiting(me)
            callbacks = await self._callbacks.open(me)
            duty = await self._duty.of(me, handovers)
        except PortError as error:
            log.error("the queue cannot be read: %s", error.code)  # noqa: TRY400  no bug
            return {"queue": ("broken", fragment("desk_broken.html"))}
        rings = next((each for each in handovers if each.state == "ringing" and each.agent == me.name), None)
        listed = ([_known_by(each) for each in handovers], [each.call for each in callbacks])
        return {
            "ring": (_known_by(rings), self._ring(rings) if rings else ""),
            "duty": (duty, fragment("desk_duty.html", duty=duty)),
            "queue": (listed, fragment("desk_queue.html", handovers=handovers, callbacks=callbacks, now=now, me=me)),
        }

    def _ring(self, handover: Handover) -> str:
        now = self._room.wall()
        left = max((handover.ring_until or now) - now, 0.0)
        of = self._room.house.equipment.policy.ring_for
        return self._room.pages.fragment("desk_ring.html", handover=handover, now=now, left=left, of=max(of, left))


def _known_by(handover: Handover | None) -> tuple[object, ...]:
    return () if handover is None else (handover.call, handover.state, handover.agent, handover.since, handover.ring_until)


async def _changed(changes: AsyncGenerator[QueueChange, None], *, before: Seconds) -> bool:
    """False when nothing has until then, on the loop's clock. Whoever waits for a change may be cancelled, and misses none."""
    try:
        async with asyncio.timeout_at(before):
            await anext(changes)
    except TimeoutError:
        return False
    return True
