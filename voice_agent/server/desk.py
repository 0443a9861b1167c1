"""The desk: callers who wait for a person, their briefs, and the audio of those on the phone page."""

import logging
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, cast

from fastapi import APIRouter, Form, HTTPException, WebSocket
from fastapi.responses import HTMLResponse

from voice_agent.adapters.twilio.stream import TwilioStream, open_stream
from voice_agent.core.brief import Brief
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError, ProtocolError, RefusedError
from voice_agent.ports import Account, CallbackRequest, Deed, Handover, QueueChange
from voice_agent.server import phone
from voice_agent.server.captions import caption_events, transcript_events
from voice_agent.server.described import described
from voice_agent.server.house import House
from voice_agent.server.login import Me
from voice_agent.server.pages import Pages
from voice_agent.server.phone import AnyCall
from voice_agent.server.sockets import GOING_AWAY, POLICY, MediaSocket
from voice_agent.server.streams import EventStream, event

log = logging.getLogger(__name__)

CALLBACK = "callback"
"""The purpose of `privacy.yaml` for which a person may look at what a caller said."""
_PLACEHOLDER = re.compile(r"<[A-Z_]+_\d+>")
Placeholder = Annotated[str, Form(pattern=_PLACEHOLDER.pattern, max_length=40)]

NO_CALLBACK = "Somebody else has dealt with this call back."
TOKEN_LIFETIME: Seconds = 60.0
"""From accepting a call until the person's audio connects."""


def routes(house: House, pages: Pages) -> APIRouter:
    desk = Desk(house, pages)
    router = APIRouter(prefix="/desk")
    router.add_api_route("", desk.page, methods=["GET"], **described(HTMLResponse, 409))
    router.add_api_route("/events", desk.events, methods=["GET"], include_in_schema=False)
    router.add_api_route("/calls/{call}", desk.brief, methods=["GET"], **described(HTMLResponse, 409))
    router.add_api_route("/calls/{call}/captions", desk.captions, methods=["GET"], include_in_schema=False)
    router.add_api_route("/calls/{call}/accept", desk.accept, methods=["POST"], **described(HTMLResponse, 409))
    router.add_api_route("/calls/{call}/decline", desk.decline, methods=["POST"], **described(HTMLResponse, 409))
    router.add_api_route("/calls/{call}/complete", desk.complete, methods=["POST"], **described(HTMLResponse, 409))
    router.add_api_route("/calls/{call}/reveal", desk.reveal, methods=["POST"], **described(HTMLResponse, 409))
    router.add_api_route("/callbacks/{call}/number", desk.number, methods=["POST"], **described(HTMLResponse, 409))
    router.add_api_route("/callbacks/{call}/done", desk.called_back, methods=["POST"], **described(HTMLResponse, 409))
    router.add_api_websocket_route("/audio/{call}", desk.audio)
    return router


class Desk:
    """One method for each route. Answers are fragments of HTML, for htmx; a refusal goes to the page's notice."""

    def __init__(self, house: House, pages: Pages) -> None:
        self._house = house
        self._queue = house.equipment.queue
        self._store = house.equipment.store
        self._callbacks = house.equipment.callbacks
        self._wall = house.equipment.wall
        self._pages = pages

    # ------------------------------------------------------------ the queue

    async def page(self, me: Me) -> HTMLResponse:
        return self._pages.page("desk.html", me=me)

    async def events(self, me: Me) -> EventStream:
        """`queue`: the waiting calls, at once and after every change."""
        return EventStream(self._queue_events(me), self._house.calls.closing)

    async def _queue_events(self, me: Account) -> AsyncGenerator[bytes, None]:
        changes = cast("AsyncGenerator[QueueChange, None]", self._queue.changes())
        async with aclosing(changes):
            yield event("queue", await self._list(me))
            async for _ in changes:
                yield event("queue", await self._list(me))

    async def _list(self, me: Account) -> str:
        try:
            handovers = [each for each in await self._queue.waiting() if _may_see(me, each)]
            callbacks = await self._to_call_back(me)
        except PortError as error:
            log.error("the queue cannot be read: %s", error.code)  # noqa: TRY400  no bug
            return self._pages.fragment("desk_broken.html")
        return self._pages.fragment("desk_queue.html", handovers=handovers, callbacks=callbacks, now=self._wall())

    # ------------------------------------------------------------ one call

    async def brief(self, call: AnyCall, me: Me) -> HTMLResponse:
        """The brief of a call that somebody has taken, to read."""
        try:
            found = await self._seen(call, me)
            await self._note(me, "read a brief", call)
            return self._panel(found, mine=found.agent == me.name)
        except PortError as error:
            return self._notice(_why_not(error))

    async def captions(self, call: AnyCall, me: Me) -> EventStream:
        """Live; of a call that has left this process, what was said until then."""
        try:
            found = await self._seen(call, me)
        except PortError as error:
            raise HTTPException(404, _why_not(error)) from error
        await self._note(me, "followed the conversation", call)
        live = self._house.calls.captions(call)
        if live is not None:
            return EventStream(caption_events(live), self._house.calls.closing)
        return EventStream(transcript_events(found.brief.transcript), self._house.calls.closing)

    async def _seen(self, call: CallId, me: Account) -> Handover:
        """A call of the queue that this account may see. PortError(code="not-waiting") as well when there is one that it may not."""
        found = await self._queue.find(call)
        if found is None or not _may_see(me, found):
            raise PortError("this call is not in the queue", code="not-waiting")
        return found

    async def accept(self, call: AnyCall, me: Me) -> HTMLResponse:
        try:
            before = await self._seen(call, me)
            taken = await self._queue.accept(call, me.name)
            await self._note(me, "took a call", call)
            if taken.carrier == phone.CARRIER:
                return await self._accepted_here(taken)
            if self._house.ring is not None and before.state == "waiting":
                await self._house.ring(taken)
            return self._panel(taken, mine=True)
        except PortError as error:
            return self._notice(_why_not(error))

    async def _accepted_here(self, taken: Handover) -> HTMLResponse:
        if self._house.calls.session(taken.call) is None:
            await self._queue.withdraw(taken.call)
            return self._notice("The caller has just hung up.")
        token = await self._store.issue_token(_binding(taken.call), self._wall(), TOKEN_LIFETIME)
        return self._panel(taken, mine=True, token=token)

    async def reveal(self, call: AnyCall, placeholder: Placeholder, me: Me) -> HTMLResponse:
        """A number the caller gave, to call back on: for the person who has the call, while it lasts."""
        try:
            found = await self._seen(call, me)
            session = self._house.calls.session(call)
            if found.agent != me.name or session is None:
                return self._notice("Only the person on the call can see this, and only while it lasts.")
            original = session.reveal(placeholder, purpose=CALLBACK, person=me.name)
        except PortError as error:
            return self._notice(_why_not(error))
        except RefusedError as refusal:
            return self._notice(str(refusal))
        await self._note(me, f"looked at {placeholder} for a {CALLBACK}", call)
        return self._pages.page("desk_original.html", original=original)

    async def _to_call_back(self, me: Account) -> list[CallbackRequest]:
        return [each for each in await self._callbacks.open() if me.role != "agent" or each.queue in me.queues]

    async def number(self, call: AnyCall, me: Me) -> HTMLResponse:
        """Of somebody who is to be called back."""
        try:
            if all(each.call != call for each in await self._to_call_back(me)):
                return self._notice(NO_CALLBACK)
            number = await self._callbacks.number(call)
        except PortError as error:
            return self._notice(NO_CALLBACK if error.code == "not-waiting" else _why_not(error))
        await self._note(me, "looked at a number to call back", call)
        return self._pages.page("desk_original.html", original=number)

    async def called_back(self, call: AnyCall, me: Me) -> HTMLResponse:
        try:
            if any(each.call == call for each in await self._to_call_back(me)):
                await self._callbacks.done(call)
                await self._note(me, "called back", call)
        except PortError as error:
            return self._notice(_why_not(error))
        return HTMLResponse("")

    async def decline(self, call: AnyCall, me: Me) -> HTMLResponse:
        try:
            await self._seen(call, me)
            await self._queue.decline(call, me.name)
            await self._note(me, "declined a call", call)
        except PortError as error:
            return self._notice(_why_not(error))
        return self._pages.page("desk_empty.html")

    async def complete(self, call: AnyCall, me: Me) -> HTMLResponse:
        try:
            found = await self._seen(call, me)
            if found.agent != me.name:
                return self._notice("Only whoever has the call can end it.")
            await self._queue.complete(call)
            await self._note(me, "completed a call", call)
        except PortError as error:
            return self._notice(_why_not(error))
        return self._pages.page("desk_empty.html")

    async def _note(self, me: Account, what: str, call: CallId) -> None:
        """A log that fails keeps no caller from a person."""
        try:
            await self._house.audit.note(Deed(at=self._wall(), who=me.name, what=what, about=call))
        except PortError as error:
            log.error("the audit log could not be written: %s", error.code)  # noqa: TRY400  no bug

    def _panel(self, handover: Handover, *, mine: bool, token: str = "") -> HTMLResponse:
        """`token`: for the audio; empty when this page does not carry it."""
        ringing = self._house.ring is not None
        brief = handover.brief
        numbers = [each for each in _placeholders(brief) if token and self._may_reveal(each)]
        return self._pages.page("desk_panel.html", handover=handover, brief=brief, mine=mine, token=token, ringing=ringing, numbers=numbers)

    def _may_reveal(self, placeholder: str) -> bool:
        return placeholder.strip("<>").rpartition("_")[0] in self._house.equipment.purposes.get(CALLBACK, ())

    def _notice(self, text: str) -> HTMLResponse:
        answer = self._pages.page("desk_notice.html", 409, text=text)
        answer.headers["hx-retarget"] = "#notice"
        return answer

    # ------------------------------------------------------------ audio

    async def audio(self, websocket: WebSocket, call: AnyCall) -> None:
        """The person's audio, over the carrier's protocol. Only for whoever accepted: the token is theirs, and works once."""
        await websocket.accept()
        try:
            start, stream = await open_stream(MediaSocket(websocket))
        except (ProtocolError, PortError):
            return  # closed and logged by open_stream
        if not await self._redeemed(call, start.parameters.get("token", "")):
            log.warning("refused: the desk's audio for call %s has no token that holds", call)
            await stream.end(POLICY, "the token does not hold: accept the call again")
            return
        await self._join(call, stream)

    async def _redeemed(self, call: CallId, token: str) -> bool:
        try:
            return await self._store.redeem_token(token, _binding(call), self._wall())
        except PortError as error:
            log.error("a token could not be checked: %s", error.code)  # noqa: TRY400  no bug
            return False

    async def _join(self, call: CallId, stream: TwilioStream) -> None:
        session = self._house.calls.session(call)
        if session is None:
            await stream.end(POLICY, "the caller has hung up")
            return
        try:
            await session.join_person(stream)
        except RefusedError as refusal:
            await stream.end(POLICY, str(refusal))
        await stream.end(GOING_AWAY if self._house.calls.closing.is_set() else 1000, "")


def _may_see(me: Account, handover: Handover) -> bool:
    """Agents see what is offered to them, and what they have taken."""
    return me.role != "agent" or handover.queue in me.queues or handover.agent == me.name


def _placeholders(brief: Brief) -> list[str]:
    """Numbered ones, each once, as the caller said them."""
    said = " ".join(line.text for line in brief.transcript if line.speaker == "caller")
    return list(dict.fromkeys(_PLACEHOLDER.findall(said)))


def _binding(call: CallId) -> str:
    return f"desk:{call}"


def _why_not(error: PortError) -> str:
    match error.code:
        case "already-taken":
            return "Somebody else has just taken this call."
        case "not-waiting":
            return "This caller no longer waits."
        case _:
            log.error("the desk: %s: %s", error.code, error)
            return f"That did not work ({error.code}). The call is still in the queue; please try again."
