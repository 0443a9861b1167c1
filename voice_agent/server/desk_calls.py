"""The calls of the desk: the brief, the conversation, and what an agent does with a call."""

import re
from typing import Annotated

from fastapi import Form, HTTPException
from fastapi.responses import HTMLResponse, Response

from voice_agent.core.brief import Brief
from voice_agent.errors import PortError, RefusedError
from voice_agent.ports import Handover
from voice_agent.server import phone
from voice_agent.server.captions import caption_events, transcript_events
from voice_agent.server.desk_audio import DeskAudio
from voice_agent.server.desk_room import DeskRoom, why_not
from voice_agent.server.login import Me
from voice_agent.server.phone import AnyCall
from voice_agent.server.streams import EventStream

CALLBACK = "callback"
"""The purpose of `privacy.yaml` for which a person may look at what a caller said."""
_PLACEHOLDER = re.compile(r"<[A-Z_]+_\d+>")
Placeholder = Annotated[str, Form(pattern=_PLACEHOLDER.pattern, max_length=40)]


class DeskCalls:
    """One method for each route."""

    def __init__(self, room: DeskRoom, audio: DeskAudio) -> None:
        self._room = room
        self._house = room.house
        self._queue = room.queue
        self._audio = audio

    async def brief(self, call: AnyCall, me: Me) -> HTMLResponse:
        """The brief of a call that somebody has taken, to read."""
        try:
            found = await self._room.seen(call, me)
            await self._room.note(me, "read a brief", call)
            return self._panel(found, mine=found.agent == me.name)
        except PortError as error:
            return self._room.notice(why_not(error))

    async def captions(self, call: AnyCall, me: Me) -> EventStream:
        """Live; of a call that has left this process, what was said until then."""
        try:
            found = await self._room.seen(call, me)
        except PortError as error:
            raise HTTPException(404, why_not(error)) from error
        await self._room.note(me, "followed the conversation", call)
        live = self._house.calls.captions(call)
        if live is not None:
            return EventStream(caption_events(live), self._house.calls.closing)
        return EventStream(transcript_events(found.brief.transcript), self._house.calls.closing)

    async def accept(self, call: AnyCall, me: Me) -> HTMLResponse:
        try:
            before = await self._room.seen(call, me)
            taken = await self._queue.accept(call, me.name)
            await self._room.note(me, "took a call", call)
            if taken.carrier == phone.CARRIER:
                return await self._accepted_here(taken)
            if self._house.ring is not None and before.state in ("waiting", "ringing"):
                await self._house.ring(taken)
            return self._panel(taken, mine=True)
        except PortError as error:
            return self._room.notice(why_not(error))

    async def _accepted_here(self, taken: Handover) -> HTMLResponse:
        if self._house.calls.session(taken.call) is None:
            await self._queue.withdraw(taken.call)
            return self._room.notice("The caller has just hung up.")
        return self._panel(taken, mine=True, token=await self._audio.token(taken.call))

    async def decline(self, call: AnyCall, me: Me) -> HTMLResponse:
        try:
            await self._room.seen(call, me)
            await self._queue.decline(call, me.name)
            await self._room.note(me, "declined a call", call)
        except PortError as error:
            return self._room.notice(why_not(error))
        return self._room.pages.page("desk_empty.html")

    async def complete(self, call: AnyCall, me: Me) -> Response:
        """The page shows the wrap-up by itself."""
        try:
            found = await self._room.seen(call, me)
            if found.agent != me.name:
                return self._room.notice("Only whoever has the call can end it.")
            await self._queue.complete(call, me.name)
            await self._room.note(me, "completed a call", call)
        except PortError as error:
            return self._room.notice(why_not(error))
        return Response(status_code=204)

    async def reveal(self, call: AnyCall, placeholder: Placeholder, me: Me) -> HTMLResponse:
        """A number the caller gave, to call back on: for the person who has the call, while it lasts."""
        try:
            found = await self._room.seen(call, me)
            session = self._house.calls.session(call)
            if found.agent != me.name or session is None:
                return self._room.notice("Only the person on the call can see this, and only while it lasts.")
            original = session.reveal(placeholder, purpose=CALLBACK, person=me.name)
        except PortError as error:
            return self._room.notice(why_not(error))
        except RefusedError as refusal:
            return self._room.notice(str(refusal))
        await self._room.note(me, f"looked at {placeholder} for a {CALLBACK}", call)
        return self._room.pages.page("desk_original.html", original=original)

    def _panel(self, handover: Handover, *, mine: bool, token: str = "") -> HTMLResponse:
        """`token`: for the audio; empty when this page does not carry it."""
        ringing = self._house.ring is not None
        brief = handover.brief
        numbers = [each for each in _placeholders(brief) if token and self._may_reveal(each)]
        return self._room.pages.page(
            "desk_panel.html", handover=handover, brief=brief, mine=mine, token=token, ringing=ringing, numbers=numbers
        )

    def _may_reveal(self, placeholder: str) -> bool:
        return placeholder.strip("<>").rpartition("_")[0] in self._house.equipment.purposes.get(CALLBACK, ())


def _placeholders(brief: Brief) -> list[str]:
    """Numbered ones, each once, as the caller said them."""
    said = " ".join(line.text for line in brief.transcript if line.speaker == "caller")
    return list(dict.fromkeys(_PLACEHOLDER.findall(said)))
