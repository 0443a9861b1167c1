"""Whether an agent takes calls: what they say themselves, what their page proves by answering, and how the desk shows it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Form
from fastapi.responses import HTMLResponse, Response

from voice_agent.errors import PortError
from voice_agent.ports import Account, Handover, OnDuty
from voice_agent.server.desk_room import DeskRoom, why_not
from voice_agent.server.login import Me

Choice = Annotated[Literal["available", "away"], Form()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An agent's status, as their page shows it."""

    kind: Literal["available", "busy", "wrap-up", "away"]
    on: bool | None
    """Calls ring for them, or will when theirs is over; None: they are about to say."""
    missed: bool
    """They are away because they did not answer."""
    queues: tuple[str, ...] | None
    """Whose calls ring for them; None: of every queue."""
    call: str = ""
    """The call they have, empty for none; and its state."""
    state: str = ""


class DeskDuty:
    """One method for each route."""

    def __init__(self, room: DeskRoom) -> None:
        self._room = room
        self._roster = room.house.equipment.roster

    async def choose(self, status: Choice, me: Me) -> HTMLResponse:
        try:
            await self._roster.set_status(me.name, status, served_by(me))
            return self._room.pages.page("desk_duty.html", duty=await self.of(me, await self._room.waiting(me)))
        except PortError as error:
            return self._room.notice(why_not(error))

    async def here(self, me: Me) -> Response:
        """The page's answer to a beat of its events. A laptop that was closed sends none, though its connection may stand for minutes."""
        try:
            await self._roster.seen(me.name)
        except PortError as error:
            return self._room.notice(why_not(error))
        return Response(status_code=204)

    async def back(self, me: Account) -> None:
        """Out of the wrap-up; who has gone away meanwhile stays away."""
        found = await self._roster.find(me.name)
        if found is not None and found.status == "wrap-up":
            await self._roster.set_status(me.name, "available", served_by(me))

    async def of(self, me: Account, handovers: list[Handover]) -> Duty:
        found = await self._roster.find(me.name)
        mine = next((each for each in handovers if each.agent == me.name and each.state in ("accepted", "bridged")), None)
        return _shown(me, found, mine)


def served_by(me: Account) -> tuple[str, ...] | None:
    return me.queues if me.role == "agent" else None


def _shown(me: Account, found: OnDuty | None, mine: Handover | None) -> Duty:
    status = "away" if found is None else found.status
    return Duty(
        kind="busy" if mine is not None else status,
        on=None if status == "wrap-up" else status == "available",
        missed=found is not None and found.missed and mine is None,
        queues=served_by(me),
        call=mine.call if mine is not None else "",
        state=mine.state if mine is not None else "",
    )
