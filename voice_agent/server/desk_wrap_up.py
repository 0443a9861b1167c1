"""What the agent says of a call afterwards. It is skipped as easily as it is filled in; then calls ring for them again."""

from typing import Annotated, Literal

from fastapi import Form
from fastapi.responses import HTMLResponse

from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import Account, AgentVerdict, WrapUp
from voice_agent.server.desk_duty import DeskDuty
from voice_agent.server.desk_room import DeskRoom, why_not
from voice_agent.server.login import Me
from voice_agent.server.phone import AnyCall

LONGEST_NOTES = 1000
"""Characters."""

YesNo = Annotated[Literal["", "yes", "no"], Form()]
CameOfIt = Annotated[WrapUp | Literal[""], Form()]
Skip = Annotated[Literal["", "yes"], Form()]
Notes = Annotated[str, Form(max_length=LONGEST_NOTES)]

_SAID = {"": None, "yes": True, "no": False}


class DeskWrapUp:
    """One method for each route."""

    def __init__(self, room: DeskRoom, duty: DeskDuty) -> None:
        self._room = room
        self._duty = duty
        self._outcomes = room.house.equipment.outcomes
        self._redactor = room.house.equipment.redactor

    async def save(
        self,
        call: AnyCall,
        me: Me,
        disposition: CameOfIt = "",
        brief_useful: YesNo = "",
        escalation_right: YesNo = "",
        notes: Notes = "",
        skip: Skip = "",
    ) -> HTMLResponse:
        """Without a disposition nothing is kept either."""
        try:
            found = await self._room.seen(call, me)
            if found.agent != me.name:
                return self._room.notice("Only whoever had the call can say how it went.")
            if disposition and not skip:
                useful, right = _SAID[brief_useful], _SAID[escalation_right]
                await self._keep(call, me, disposition=disposition, useful=useful, right=right, notes=notes)
            await self._duty.back(me)
            duty = await self._duty.of(me, await self._room.waiting(me))
        except PortError as error:
            return self._room.notice(why_not(error))
        return self._room.pages.page("desk_wrapped_up.html", duty=duty)

    async def _keep(self, call: CallId, me: Account, *, disposition: WrapUp, useful: bool | None, right: bool | None, notes: str) -> None:
        redacted = await self._redactor.redact(notes.strip())
        verdict = AgentVerdict(
            agent=me.name,
            at=self._room.wall(),
            disposition=disposition,
            brief_useful=useful,
            escalation_right=right,
            notes=redacted.text,
        )
        await self._outcomes.note_verdict(call, verdict)
        await self._room.note(me, "wrapped up a call", call)
