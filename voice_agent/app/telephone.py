"""Twilio's part of the house, made from the settings."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from voice_agent.ports import AccountStore
from voice_agent.session.equipment import Equipment
from voice_agent.settings import Settings

if TYPE_CHECKING:
    from voice_agent.server.calls import LiveCalls
    from voice_agent.server.twilio import Phones, TwilioGate


def gate(settings: Settings, equipment: Equipment, calls: "LiveCalls") -> "TwilioGate":
    from voice_agent.server.twilio import TwilioGate

    return TwilioGate(
        account_sid=settings.secrets.twilio_account_sid,
        auth_token=settings.secrets.twilio_auth_token,
        public_base_url=settings.secrets.public_base_url,
        store=equipment.store,
        queue=equipment.queue,
        callbacks=equipment.callbacks,
        open_call=calls.answer_twilio,
        accepting=lambda: calls.accepting,
        wall=equipment.wall,
        lost_queue=settings.policy.fallback_queue,
        caller_key=settings.secrets.caller_key,
    )


def phones(settings: Settings, made: "TwilioGate", accounts: AccountStore, stack: AsyncExitStack) -> "Phones | None":
    """None without Twilio, or without a number of ours to ring people from."""
    from voice_agent.adapters.twilio.rest import TwilioRest
    from voice_agent.server.twilio import Phones

    secrets = settings.secrets
    if made.missing or not secrets.twilio_phone_number or not secrets.twilio_account_sid or not secrets.twilio_auth_token:
        return None
    rest = TwilioRest(secrets.twilio_account_sid, secrets.twilio_auth_token)
    stack.callback(rest.close)
    return Phones(made, rest, own=secrets.twilio_phone_number, number_of=numbers(accounts, secrets.agent_phone_number))


def numbers(accounts: AccountStore, shared: str | None) -> Callable[[str], Awaitable[str | None]]:
    """The account's own phone, or the one that those without their own share."""

    async def number_of(agent: str) -> str | None:
        account = await accounts.find(agent)
        return (account.phone if account else "") or shared

    return number_of
