"""What a caller's number tells: calls before, and a tier. Looked up while the call is answered, which never waits for it."""

import asyncio
import logging
from functools import partial

from voice_agent.core.events import CallerRecognised
from voice_agent.errors import PortError
from voice_agent.ports.outcomes import REPEAT_WITHIN
from voice_agent.session.ties import Ties

_log = logging.getLogger(__name__)


async def recognise_caller(ties: Ties, *, carrier: str, carrier_call: str) -> None:
    """Tells the call, if the number is known."""
    equipment = ties.equipment
    try:
        async with asyncio.timeout(equipment.policy.queue_within):
            begun = await equipment.store.contacts(carrier, carrier_call)
            tier = await equipment.store.tier_of(carrier, carrier_call)
    except (PortError, TimeoutError) as error:
        _log.warning("call %s: whether its caller is known could not be looked up: %s", ties.call, getattr(error, "code", "timeout"))
        return
    if begun:
        since = equipment.wall() - REPEAT_WITHIN
        week = sum(at >= since for at in begun)
        ties.post(partial(CallerRecognised, calls_before=len(begun) - 1, calls_this_week=week, tier=tier))
