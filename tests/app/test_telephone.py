"""Twilio's part of the house."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.accounts import MemoryAccounts, MemoryAuditLog
from tests.fakes.house import Stage
from tests.server.twilio_calls import CALL, handover
from voice_agent.app.house import make_house
from voice_agent.app.telephone import numbers
from voice_agent.errors import ConfigError, PortError
from voice_agent.ports import Account
from voice_agent.server.twilio import person_of
from voice_agent.settings import Settings, load_settings
from voice_agent.settings.sections import TaskRouterSettings

MAYA = Account(name="Maya", role="agent", queues=("support",), password="", changed=0.0, phone="+15005550006")
ADA = Account(name="Ada", role="admin", queues=(), password="", changed=0.0)


async def test_a_person_is_rung_at_their_own_phone_and_otherwise_at_the_one_that_is_shared() -> None:
    accounts = MemoryAccounts(MAYA, ADA)
    shared, alone = numbers(accounts, "+15005550001"), numbers(accounts, None)

    assert [await shared(name) for name in ("Maya", "Ada", "Nobody")] == ["+15005550006", "+15005550001", "+15005550001"]
    assert [await alone(name) for name in ("Maya", "Ada", "Nobody")] == ["+15005550006", None, None]


def routed(*, own: str = "+15550100") -> Settings:
    """TaskRouter finds the people."""
    secrets = {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "x",
        "PUBLIC_BASE_URL": "https://a.example.com",
        "TWILIO_PHONE_NUMBER": own,
    }
    settings = load_settings(None, secrets)
    router = TaskRouterSettings(workspace="WS" + "0" * 32, workflow="WW" + "1" * 32)
    return replace(settings, server=settings.server.model_copy(update={"task_router": router}))


async def test_with_taskrouter_nobody_takes_a_call_of_twilios_by_hand_and_no_phone_is_rung_from_here(tmp_path: Path) -> None:
    stage = Stage(journals=tmp_path)
    await stage.queue.offer(handover())
    taken = await stage.queue.accept(CALL, "Maya")
    async with AsyncExitStack() as stack:
        made = make_house(routed(), stage.equipment(), MemoryAccounts(MAYA), MemoryAuditLog(), stack)
        assert made.upkeep == ()
        assert made.twilio.router is not None
        assert (made.twilio.router.workflow, made.twilio.router.own) == ("WW" + "1" * 32, "+15550100")
        assert [await made.twilio.router.account_of(person_of(name)) for name in ("Maya", "Ada")] == ["Maya", None]
        assert made.ring is not None
        with pytest.raises(PortError, match="TaskRouter finds"):
            await made.ring(taken)

    found = await stage.queue.find(CALL)
    assert found is not None
    assert found.state == "waiting"


def test_taskrouter_needs_a_number_to_ring_its_workers_from(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"server\.yaml: task_router: .*TWILIO_PHONE_NUMBER"):
        make_house(routed(own=""), Stage(journals=tmp_path).equipment(), MemoryAccounts(), MemoryAuditLog(), AsyncExitStack())
