"""A number to be called back on: typed, or said and taken from the vault; spoken back, stored, and in nothing that is written."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.fakes.text import ScriptedRedactor
from tests.session.live import CALL
from tests.session.stage import BRIEF, Stage, T
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.callback import LAST_DIGITS, WHOLE_NUMBER
from voice_agent.session.dialled import Dialled
from voice_agent.session.inbox import MakeEvent
from voice_agent.session.records import Records
from voice_agent.session.ties import Ties
from voice_agent.session.vault import Vault

NUMBER, LONGER, SHORT = "312 555 0142", "212 555 0199 extension 31", "555 0142"
STORE = do.StoreCallback(queue="claims", priority=3, brief=BRIEF)


def never(_work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    raise AssertionError("nothing of this is a task")


class Call:
    """What a session ties together, with what it was told."""

    def __init__(self, stage: Stage, kinds: frozenset[str]) -> None:
        self.told: list[MakeEvent] = []
        self.records = Records(call=CALL, within=1.0)
        self.vault = Vault(ScriptedRedactor(dict.fromkeys((NUMBER, LONGER, SHORT), "PHONE")), {"callback": kinds})
        ties = Ties(call=CALL, equipment=stage.equipment(), post=self.told.append, spawn=never)
        self.dialled = Dialled(ties, self.records, self.vault)

    async def says(self, number: str) -> None:
        text = await self.vault.redact(f"It's {number}.", begin=0.0, end=1.0)
        self.dialled.take(do.TakeNumber(placeholder=text.removeprefix("It's ").removesuffix(".")))

    def events(self) -> list[ev.Event]:
        return [make(at=1.0) for make in self.told]


@pytest.mark.parametrize(
    ("said", "digits", "aloud"),
    [
        (NUMBER, 10, "3 1 2, 5 5 5, 0 1 4 2"),
        (SHORT, 7, "5 5 5, 0 1 4 2"),
        (LONGER, 10, "2 1 2, 5 5 5, 0 1 9 9"),
    ],
)
async def test_a_number_that_is_said_is_taken_for_its_purpose_and_only_its_length_is_told(
    stage: Stage, said: str, digits: int, aloud: str
) -> None:
    call = Call(stage, frozenset({"PHONE"}))
    await call.says(said)

    assert call.events() == [ev.NumberTaken(at=1.0, placeholder="<PHONE_1>", purpose="callback", digits=digits)]
    assert call.dialled.aloud(T(f"I heard {WHOLE_NUMBER}.")) == f"I heard {aloud}."
    assert call.dialled.aloud(T(f"It ends in {LAST_DIGITS}.")) == f"It ends in {aloud[-3:]}."


async def test_what_privacy_yaml_does_not_allow_for_call_backs_is_not_taken(stage: Stage) -> None:
    call = Call(stage, frozenset())
    await call.says(NUMBER)

    assert call.events() == [ev.NumberTaken(at=1.0, placeholder="<PHONE_1>", purpose="callback", digits=0)]
    assert call.dialled.aloud(T(f"I heard {WHOLE_NUMBER}.")) == "I heard ."


async def test_the_number_that_was_said_is_stored_and_gone_with_the_call(stage: Stage) -> None:
    call = Call(stage, frozenset({"PHONE"}))
    await call.says(NUMBER)
    call.dialled.store(STORE)
    await call.records.finish(1.0)

    assert await stage.callbacks.number(CALL) == "3125550142"
    assert call.events()[1:] == [ev.CallbackStored(at=1.0)]
    call.dialled.close()
    assert call.dialled.aloud(T(WHOLE_NUMBER)) == ""


async def test_a_number_that_is_typed_takes_the_place_of_one_that_was_misheard(stage: Stage) -> None:
    call = Call(stage, frozenset({"PHONE"}))
    await call.says(NUMBER)
    call.dialled.gather()
    for key in "2025550177":
        assert call.dialled.pressed(1.0, key) == ev.DigitGiven(at=1.0)

    assert call.dialled.aloud(T(LAST_DIGITS)) == "7 7"
