"""Everything the routes need, made by the composition root."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from voice_agent.ports import AccountStore, AuditLog, Handover
from voice_agent.server.calls import LiveCalls
from voice_agent.server.doorkeeper import Access
from voice_agent.server.twilio import TwilioGate
from voice_agent.session.equipment import Equipment


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    company: str
    """The name callers know."""
    equipment: Equipment
    """Loaded: a call never waits for a model."""
    calls: LiveCalls
    access: Access
    twilio: TwilioGate
    accounts: AccountStore
    audit: AuditLog
    ring: Callable[[Handover], Awaitable[None]] | None
    """Calls the phone of the person who accepted a caller of Twilio's (`twilio.ring_person`); None when there is no number to call."""
    first_link: str = ""
    """The path at which the first admin makes their account; empty when there is an admin."""
    upkeep: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()
    """What goes on for as long as the house is open; it never ends by itself, nor fails."""
