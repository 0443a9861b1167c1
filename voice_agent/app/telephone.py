"""Twilio's part of the house, made from the settings."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from voice_agent.errors import ConfigError, PortError
from voice_agent.ports import AccountStore, Handover, HumanQueue
from voice_agent.session.equipment import Equipment
from voice_agent.session.replay import broken_off
from voice_agent.settings import Secrets, Settings

if TYPE_CHECKING:
    from voice_agent.adapters.twilio.rest import TwilioRest
    from voice_agent.server.calls import LiveCalls
    from voice_agent.server.twilio import TaskRouter, TwilioGate


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephone:
    gate: "TwilioGate"
    ring: Callable[[Handover], Awaitable[None]] | None = None
    """As of the house."""
    upkeep: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()


def telephone(settings: Settings, equipment: Equipment, calls: "LiveCalls", accounts: AccountStore, stack: AsyncExitStack) -> Telephone:
    """Phones are rung only when Twilio is set up with a number of ours to ring them from."""
    from voice_agent.server.twilio import Phones

    secrets = settings.secrets
    rest = _rest(secrets, stack)
    router = None if rest is None else _router(settings, accounts, rest)
    made = _gate(settings, equipment, calls, router)
    if router is not None:
        return Telephone(gate=made, ring=partial(_refuse, equipment.queue))
    if made.missing or rest is None or not secrets.twilio_phone_number:
        return Telephone(gate=made)
    phones = Phones(made, rest, own=secrets.twilio_phone_number, number_of=numbers(accounts, secrets.agent_phone_number))
    return Telephone(gate=made, ring=phones.ring, upkeep=(phones.follow,))


def _gate(settings: Settings, equipment: Equipment, calls: "LiveCalls", router: "TaskRouter | None") -> "TwilioGate":
    from voice_agent.server.twilio import TwilioGate

    return TwilioGate(
        account_sid=settings.secrets.twilio_account_sid,
        auth_token=settings.secrets.twilio_auth_token,
        public_base_url=settings.secrets.public_base_url,
        store=equipment.store,
        queue=equipment.queue,
        callbacks=equipment.callbacks,
        outcomes=equipment.outcomes,
        open_call=calls.answer_twilio,
        accepting=lambda: calls.accepting,
        wall=equipment.wall,
        queues=lambda: calls.equipment.queues() if calls.equipment.queues else (),
        lost_queue=settings.policy.fallback_queue,
        recall=lambda call: broken_off(equipment.journals, call, since=0.0) or (),
        caller_key=settings.secrets.caller_key,
        router=router,
    )


def _rest(secrets: Secrets, stack: AsyncExitStack) -> "TwilioRest | None":
    from voice_agent.adapters.twilio.rest import TwilioRest

    if not secrets.twilio_account_sid or not secrets.twilio_auth_token:
        return None
    rest = TwilioRest(secrets.twilio_account_sid, secrets.twilio_auth_token)
    stack.callback(rest.close)
    return rest


def numbers(accounts: AccountStore, shared: str | None) -> Callable[[str], Awaitable[str | None]]:
    """The account's own phone, or the one that those without their own share."""

    async def number_of(agent: str) -> str | None:
        account = await accounts.find(agent)
        return (account.phone if account else "") or shared

    return number_of


def _router(settings: Settings, accounts: AccountStore, rest: "TwilioRest") -> "TaskRouter | None":
    from voice_agent.server.twilio import TaskRouter, person_of

    chosen, own = settings.server.task_router, settings.secrets.twilio_phone_number
    if chosen is None:
        return None
    if not own:
        said = f"{settings.config_dir}/server.yaml: task_router: its workers are rung from TWILIO_PHONE_NUMBER, which is not set"
        raise ConfigError(f"{said}; set it in the environment.", code="config")

    async def account_of(person: str) -> str | None:
        return next((each.name for each in await accounts.all() if person_of(each.name) == person), None)

    reject = partial(rest.reject_reservation, chosen.workspace, activity=chosen.away)
    return TaskRouter(workflow=chosen.workflow, own=own, reject=reject, account_of=account_of)


async def _refuse(queue: HumanQueue, handover: Handover) -> None:
    """Nobody can be joined by hand to a caller who waits at TaskRouter."""
    await queue.decline(handover.call, handover.agent)
    raise PortError("TaskRouter finds the person for this caller", code="routed")
