"""A real Session in the middle of a pretended world."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.fakes.telephone import Telephone
from tests.session.stage import Stage
from tests.session.virtual_time import now
from voice_agent.core.events import CallStarted
from voice_agent.core.words import CallId
from voice_agent.session.brain import Brain
from voice_agent.session.captions import Captions
from voice_agent.session.session import Session

CALL = CallId("c-1")


@dataclass(kw_only=True)
class Live:
    session: Session
    phone: Telephone
    captions: Captions
    running: "asyncio.Task[None]"

    async def until(self, seconds: float) -> None:
        """Since the call began."""
        await asyncio.sleep(seconds - now())


def make_session(stage: Stage, brain: Brain, phone: Telephone, *, can_bridge: bool = True, call: CallId = CALL) -> tuple[Session, Captions]:
    captions = Captions()
    session = Session(
        started=CallStarted(at=0.0, call=call, carrier="phone" if can_bridge else "twilio", can_bridge=can_bridge),
        carrier_call="" if can_bridge else "CA1",
        carrier=phone,
        equipment=stage.equipment(),
        brain=brain,
        captions=captions,
    )
    return session, captions


@asynccontextmanager
async def live(stage: Stage, brain: Brain, *, phone: Telephone | None = None, can_bridge: bool = True) -> AsyncIterator[Live]:
    """A call that has just begun. It ends by itself or is hung up behind the test, and must leave no task."""
    before = asyncio.all_tasks()
    phone = phone or Telephone(monotonic=now)
    session, captions = make_session(stage, brain, phone, can_bridge=can_bridge)
    running = asyncio.create_task(session.run())
    try:
        yield Live(session=session, phone=phone, captions=captions, running=running)
        phone.hangs_up()
    finally:
        await running
    assert asyncio.all_tasks() == before, "a task of the call lives on"
