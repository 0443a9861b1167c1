"""What every route of the desk goes by: which calls an account may see, what stands in the audit log, and how a refusal is told."""

import logging

from fastapi.responses import HTMLResponse

from voice_agent.core.words import CallId
from voice_agent.errors import PortError
from voice_agent.ports import Account, Deed, Handover
from voice_agent.server.house import House
from voice_agent.server.pages import Pages

log = logging.getLogger(__name__)


class DeskRoom:
    def __init__(self, house: House, pages: Pages) -> None:
        self.house = house
        self.pages = pages
        self.queue = house.equipment.queue
        self.wall = house.equipment.wall

    async def waiting(self, me: Account) -> list[Handover]:
        """The calls that this account may see, most urgent first."""
        return [each for each in await self.queue.waiting() if may_see(me, each)]

    async def seen(self, call: CallId, me: Account) -> Handover:
        """A call of the queue that this account may see. PortError(code="not-waiting") as well when there is one that it may not."""
        found = await self.queue.find(call)
        if found is None or not may_see(me, found):
            raise PortError("this call is not in the queue", code="not-waiting")
        return found

    async def note(self, me: Account, what: str, call: CallId) -> None:
        """A log that fails keeps no caller from a person."""
        try:
            await self.house.audit.note(Deed(at=self.wall(), who=me.name, what=what, about=call))
        except PortError as error:
            log.error("the audit log could not be written: %s", error.code)  # noqa: TRY400  no bug

    def notice(self, text: str) -> HTMLResponse:
        """A refusal; it goes to the page's notice, wherever the answer would have gone."""
        answer = self.pages.page("desk_notice.html", 409, text=text)
        answer.headers["hx-retarget"] = "#notice"
        answer.headers["hx-reswap"] = "innerHTML"
        return answer


def may_see(me: Account, handover: Handover) -> bool:
    """Agents see what is offered to them, and what they have taken."""
    return me.role != "agent" or handover.queue in me.queues or handover.agent == me.name


def why_not(error: PortError) -> str:
    match error.code:
        case "already-taken":
            return "Somebody else has just taken this call."
        case "not-waiting":
            return "This caller no longer waits."
        case "no-phone":
            return "There is no phone number to ring you on. An admin sets it: scripts/voice-agent accounts phone NAME NUMBER."
        case "routed":
            return "Twilio's TaskRouter finds the person for this caller."
        case "has-a-call":
            return "You have a call already."
        case _:
            log.error("the desk: %s: %s", error.code, error)
            return f"That did not work ({error.code}). The call is still in the queue; please try again."
