"""Placeholders that are stable within a call, and the few originals that may be asked for."""

import asyncio

import pytest

from tests.fakes.text import ScriptedRedactor
from voice_agent.errors import PortError, RefusedError
from voice_agent.ports import Redaction
from voice_agent.session.vault import Vault

PHONE, OTHER, CARD = "312 555 0199", "312 555 0100", "4111 1111 1111 1111"
CALLBACK = {"callback": frozenset({"PHONE"})}


def vault(redactor: ScriptedRedactor | None = None) -> Vault:
    return Vault(redactor or ScriptedRedactor({PHONE: "PHONE", "3125550199": "PHONE", OTHER: "PHONE", CARD: "CARD"}), CALLBACK)


async def test_placeholders_are_numbered_by_kind_and_the_same_number_keeps_its_own() -> None:
    call = vault()

    first = await call.redact(f"I'm on {PHONE} or {OTHER}, card {CARD}.", begin=0.0, end=2.0)
    second = await call.redact("As I said, 3125550199.", begin=5.0, end=7.0)

    assert first == "I'm on <PHONE_1> or <PHONE_2>, card <CARD_1>."
    assert second == "As I said, <PHONE_1>."


async def test_what_is_said_again_in_a_longer_span_takes_no_new_number() -> None:
    call = vault()
    await call.redact(f"call {OTHER}", begin=1.0, end=2.0)

    longer = await call.redact(f"call {PHONE}", begin=1.0, end=3.0)

    assert longer == "call <PHONE_1>"
    assert call.reveal("<PHONE_1>", "callback") == "3125550199"


async def test_a_late_result_for_an_earlier_span_takes_no_number_from_a_later_one() -> None:
    call = vault()
    await call.redact(f"call {PHONE}", begin=5.0, end=6.0)

    assert await call.redact(f"or {OTHER}", begin=1.0, end=2.0) == "or <PHONE_2>"
    assert call.reveal("<PHONE_1>", "callback") == "3125550199"


@pytest.mark.parametrize(
    ("placeholder", "purpose", "code"),
    [("<CARD_1>", "callback", "not-allowed"), ("<PHONE_1>", "curiosity", "not-allowed"), ("<PHONE_7>", "callback", "not-kept")],
)
async def test_an_original_is_given_only_for_a_purpose_that_may_have_it(placeholder: str, purpose: str, code: str) -> None:
    call = vault()
    await call.redact(f"{PHONE} and {CARD}", begin=0.0, end=1.0)

    with pytest.raises(RefusedError) as refusal:
        call.reveal(placeholder, purpose)
    assert refusal.value.code == code


async def test_nothing_can_be_read_in_memory_and_nothing_at_all_after_the_call() -> None:
    call = vault()
    await call.redact(f"{PHONE} and {CARD}", begin=0.0, end=1.0)
    held = repr({name: getattr(call, name) for name in vars(call) if name != "_redactor"})
    call.close()

    assert "3125550199" not in held
    assert PHONE not in held
    assert "4111" not in held
    with pytest.raises(RefusedError):
        call.reveal("<PHONE_1>", "callback")
    with pytest.raises(PortError):
        await call.redact(f"{PHONE}", begin=2.0, end=3.0)


async def test_the_redactor_is_told_what_was_said_before() -> None:
    told: list[str] = []

    class Listening(ScriptedRedactor):
        async def redact(self, text: str, *, after: str = "") -> Redaction:
            told.append(after)
            return await super().redact(text, after=after)

    call = vault(Listening({CARD: "CARD"}))
    await call.redact(f"my card is {CARD}", begin=0.0, end=1.0)
    await call.redact("and then", begin=0.0, end=2.0)
    await call.redact("the rest", begin=2.5, end=3.0)

    assert told == ["", "", "and then"]


async def test_a_redactor_that_is_too_slow_has_failed() -> None:
    class Slow(ScriptedRedactor):
        async def redact(self, text: str, *, after: str = "") -> Redaction:
            await asyncio.sleep(60)
            return await super().redact(text)

    with pytest.raises(PortError) as failure:
        await vault(Slow({})).redact("hello", begin=0.0, end=1.0)
    assert failure.value.code == "redactor-slow"
