"""What ties a part of a call to the call."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from voice_agent.core.words import CallId
from voice_agent.session.equipment import Equipment
from voice_agent.session.inbox import MakeEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    call: CallId
    equipment: Equipment
    post: Callable[[MakeEvent], None]
    """Tells the call; never waits."""
    spawn: Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
    """Starts a task that belongs to the call's task group."""
