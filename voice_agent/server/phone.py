"""The phone page, and the line behind it: calls from a browser, or from the command line, over the carrier's own protocol."""

import asyncio
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, WebSocket
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, JSONResponse

from voice_agent.adapters.twilio.stream import TwilioStream, open_stream
from voice_agent.core.words import CallId, Line, Seconds
from voice_agent.errors import InputError, PortError, ProtocolError, RefusedError
from voice_agent.ports import HumanQueue
from voice_agent.server.calls import new_call_id
from voice_agent.server.captions import caption_events
from voice_agent.server.described import described
from voice_agent.server.house import House
from voice_agent.server.pages import Pages
from voice_agent.server.sockets import GOING_AWAY, OUR_FAULT, POLICY, MediaSocket
from voice_agent.server.streams import EventStream
from voice_agent.session.journal import read_journal
from voice_agent.session.replay import broken_off
from voice_agent.session.report import report

log = logging.getLogger(__name__)

TOKEN_LIFETIME: Seconds = 60.0
"""From asking for a call until its media stream starts (DESIGN.md, section 4)."""
HOLD: Seconds = TOKEN_LIFETIME + 10.0
"""A line is kept a little longer, so that whoever has a token has a line."""
BACK_WITHIN: Seconds = 120.0
"""For a caller whose call broke off: later, they make a new one."""
CARRIER = "phone"

AnyCall = Annotated[CallId, InPath(pattern=r"^[0-9A-Za-z_-]{8,64}$")]


def routes(house: House, pages: Pages) -> APIRouter:
    phone = Phone(house, pages)
    router = APIRouter(prefix="/phone")
    router.add_api_route("", phone.page, methods=["GET"], **described(HTMLResponse))
    router.add_api_route("/calls", phone.begin, methods=["POST"], **described(JSONResponse, 503))
    router.add_api_route("/calls/{call}/again", phone.again, methods=["POST"], **described(JSONResponse, 404, 503))
    router.add_api_websocket_route("/media", phone.media)
    router.add_api_route("/calls/{call}/captions", phone.captions, methods=["GET"], include_in_schema=False)
    router.add_api_route("/calls/{call}/report", phone.report, methods=["GET"], **described(JSONResponse, 404, 500))
    return router


class Phone:
    """One method for each route. What is about one call needs its id, and nobody can guess that."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._calls = house.calls
        self._store = house.equipment.store
        self._queue = house.equipment.queue
        self._wall = house.equipment.wall
        self._journals = house.equipment.journals
        self._pages = pages

    async def page(self) -> HTMLResponse:
        return self._pages.page("phone.html")

    async def begin(self) -> dict[str, str]:
        """A line for one call, and the token that its media stream must bring."""
        return await self._line()

    async def again(self, call: AnyCall) -> dict[str, str]:
        """As `begin`, for a caller whose call broke off by our fault: it leads to a person, who reads what had been said.

        Whoever lost the answer may ask once more.
        """
        since = self._wall() - BACK_WITHIN
        before = None if self._calls.session(call) else await asyncio.to_thread(broken_off, self._journals, call, since=since)
        if before is None:
            raise HTTPException(404, "There is no call to go on with. Please call again.")
        log.warning("call %s broke off: its caller is back, and goes to a person", call)
        line = await self._line(before)
        try:
            await self._queue.withdraw(call)
            await self._store.finish(call, "failed", self._wall())
        except PortError as error:
            log.error("call %s: that it broke off could not be stored: %s", call, error.code)  # noqa: TRY400  no bug
        return line

    async def _line(self, before: tuple[Line, ...] | None = None) -> dict[str, str]:
        call = new_call_id()
        try:
            self._calls.book(call, HOLD, before=before)
            token = await self._store.issue_token(_binding(call), self._wall(), TOKEN_LIFETIME)
        except RefusedError as refusal:
            raise HTTPException(503, str(refusal), {"retry-after": "10"}) from refusal
        except PortError as error:
            log.error("a call could not be begun: %s", error.code)  # noqa: TRY400  no bug
            raise HTTPException(503, "Something is wrong on our side. Please try again in a minute.", {"retry-after": "60"}) from error
        return {"call": call, "token": token, "media": "/phone/media", "captions": f"/phone/calls/{call}/captions"}

    async def media(self, websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            start, stream = await open_stream(MediaSocket(websocket))
        except (ProtocolError, PortError):
            return  # closed and logged by open_stream
        call = CallId(start.call_sid)
        if not await self._redeemed(call, start.parameters.get("token", "")):
            log.warning("refused: a media stream of the phone page has no token that holds")
            await stream.end(POLICY, "the token does not hold: ask for a call first, and start within a minute")
            return
        await self._run(call, stream)

    async def captions(self, call: AnyCall) -> EventStream:
        found = self._calls.captions(call)
        if found is None:
            raise HTTPException(404, "There is no such call, or it is over.")
        return EventStream(caption_events(found), self._calls.closing)

    async def report(self, call: AnyCall) -> dict[str, Any]:
        """What the journal says of a call, as JSON; see session/report.py."""
        return await asyncio.to_thread(_report, self._journals, call)

    async def _redeemed(self, call: CallId, token: str) -> bool:
        try:
            return await self._store.redeem_token(token, _binding(call), self._wall())
        except PortError as error:
            log.error("a token could not be checked: %s", error.code)  # noqa: TRY400  no bug
            return False

    async def _run(self, call: CallId, stream: TwilioStream) -> None:
        try:
            await self._calls.run(call=call, carrier_name=CARRIER, carrier_call="", can_bridge=True, carrier=stream)
        except RefusedError as refusal:  # the server began to shut down in between
            await stream.end(GOING_AWAY, str(refusal))
        except BaseException:
            await stream.end(OUR_FAULT, "")
            raise
        await stream.end(GOING_AWAY if self._calls.closing.is_set() else 1000, "")


async def forget_lost_callers(queue: HumanQueue) -> None:
    """At the start: callers of the phone page who waited for a person when the process before this one died are gone."""
    for handover in await queue.waiting():
        if handover.carrier == CARRIER:
            await queue.withdraw(handover.call)


def _binding(call: CallId) -> str:
    return f"phone:{call}"


def _report(journals: Path, call: CallId) -> dict[str, Any]:
    for path in journals.glob(f"*/{call}.jsonl"):
        try:
            return asdict(report(read_journal(path)))
        except InputError as error:
            raise HTTPException(500, "The journal of this call cannot be read; the server's log says why.") from error
    raise HTTPException(404, "There is no journal of such a call.")
