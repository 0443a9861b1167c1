"""What becomes of a call in the queue."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.session.live import CALL
from tests.session.stage import Stage
from voice_agent.session.following import Following
from voice_agent.session.ties import Ties


def refuse(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    raise RuntimeError("the task group is shutting down")


async def test_a_call_that_is_being_ended_can_still_store_an_offer_though_nobody_listens_any_more(stage: Stage) -> None:
    ties = Ties(call=CALL, equipment=stage.equipment(), post=lambda _: None, spawn=refuse)
    following = Following(ties, changed=lambda _: None, seen=lambda _found, _estimate: None)

    following.listen()

    following.stop()
