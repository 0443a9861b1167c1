import asyncio
import time

import pytest

from tests.session.virtual_time import VirtualTimeLoop, now


async def test_an_hour_passes_in_no_time() -> None:
    began, really_began = now(), time.monotonic()
    await asyncio.sleep(3600)

    assert now() - began == pytest.approx(3600)
    assert time.monotonic() - really_began < 5


def test_a_test_that_can_never_go_on_fails_and_says_so() -> None:
    loop = VirtualTimeLoop()
    forever = loop.create_task(asyncio.Event().wait())
    with pytest.raises(AssertionError, match="the test hangs"):
        loop.run_until_complete(forever)
    forever.cancel()
    loop.run_until_complete(asyncio.gather(forever, return_exceptions=True))
    loop.close()
