"""The desk's callers who are to be called back."""

from fastapi.responses import HTMLResponse

from voice_agent.errors import PortError
from voice_agent.ports import Account, CallbackRequest
from voice_agent.server.desk_room import DeskRoom, why_not
from voice_agent.server.login import Me
from voice_agent.server.phone import AnyCall

NO_CALLBACK = "Somebody else has dealt with this call back."


class DeskCallbacks:
    """One method for each route."""

    def __init__(self, room: DeskRoom) -> None:
        self._room = room
        self._store = room.house.equipment.callbacks

    async def open(self, me: Account) -> list[CallbackRequest]:
        """Those that this account may see."""
        return [each for each in await self._store.open() if me.role != "agent" or each.queue in me.queues]

    async def number(self, call: AnyCall, me: Me) -> HTMLResponse:
        """Of somebody who is to be called back."""
        try:
            if all(each.call != call for each in await self.open(me)):
                return self._room.notice(NO_CALLBACK)
            number = await self._store.number(call)
        except PortError as error:
            return self._room.notice(NO_CALLBACK if error.code == "not-waiting" else why_not(error))
        await self._room.note(me, "looked at a number to call back", call)
        return self._room.pages.page("desk_original.html", original=number)

    async def called_back(self, call: AnyCall, me: Me) -> HTMLResponse:
        try:
            if any(each.call == call for each in await self.open(me)):
                await self._store.done(call)
                await self._room.note(me, "called back", call)
        except PortError as error:
            return self._room.notice(why_not(error))
        return HTMLResponse("")
