"""Twilio's part of the house."""

from tests.fakes.accounts import MemoryAccounts
from voice_agent.app import telephone
from voice_agent.ports import Account

MAYA = Account(name="Maya", role="agent", queues=("support",), password="", changed=0.0, phone="+15005550006")
ADA = Account(name="Ada", role="admin", queues=(), password="", changed=0.0)


async def test_a_person_is_rung_at_their_own_phone_and_otherwise_at_the_one_that_is_shared() -> None:
    accounts = MemoryAccounts(MAYA, ADA)
    shared, alone = telephone.numbers(accounts, "+15005550001"), telephone.numbers(accounts, None)

    assert [await shared(name) for name in ("Maya", "Ada", "Nobody")] == ["+15005550006", "+15005550001", "+15005550001"]
    assert [await alone(name) for name in ("Maya", "Ada", "Nobody")] == ["+15005550006", None, None]
