"""The promises of a Redactor, kept by the scripted one and by presidio."""

import asyncio
from itertools import pairwise

import pytest

from tests.fakes.text import ScriptedRedactor
from voice_agent.adapters.presidio_redactor import PresidioRedactor
from voice_agent.errors import PortError
from voice_agent.ports import Redactor

CARD = "4111 1111 1111 1111"
PHONE = "312 555 0199"
KNOWN = {CARD: "CARD", PHONE: "PHONE"}
BOTH = f"My card number is {CARD} and my phone number is {PHONE}, thanks."


@pytest.fixture(params=["scripted", "presidio"])
def redactor(request: pytest.FixtureRequest) -> Redactor:
    if request.param == "scripted":
        return ScriptedRedactor(KNOWN)
    real: PresidioRedactor = request.getfixturevalue("presidio")
    return real


async def test_a_text_without_personal_data_comes_back_as_it_is(redactor: Redactor) -> None:
    for text in ("How long does a refund take?", "", "  two  spaces  ", "…"):
        redaction = await redactor.redact(text)
        assert (redaction.text, redaction.entities) == (text, ())


async def test_each_piece_is_replaced_by_its_type(redactor: Redactor) -> None:
    assert (await redactor.redact(BOTH)).text == "My card number is <CARD> and my phone number is <PHONE>, thanks."


async def test_the_offsets_point_into_the_text_given_in_order_and_without_overlap(redactor: Redactor) -> None:
    entities = (await redactor.redact(BOTH)).entities

    assert [(e.type, BOTH[e.start : e.end]) for e in entities] == [("CARD", CARD), ("PHONE", PHONE)]
    assert all(a.end <= b.start for a, b in pairwise(entities))


async def test_many_texts_at_once_do_not_get_mixed_up(redactor: Redactor) -> None:
    texts = [f"{number} words, and my card number is {CARD}" for number in range(20)]
    redactions = await asyncio.gather(*(redactor.redact(text) for text in texts))

    assert [r.text for r in redactions] == [text.replace(CARD, "<CARD>") for text in texts]


async def test_a_redactor_that_cannot_run_says_so_without_the_words(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if isinstance(redactor, ScriptedRedactor):
        redactor.broken = True
    else:
        assert isinstance(redactor, PresidioRedactor)

        def fail(text: str, language: str) -> None:
            raise ValueError(f"cannot digest {text}")

        monkeypatch.setattr(redactor._engine, "analyze", fail)
    with pytest.raises(PortError) as caught:
        await redactor.redact(BOTH)

    assert caught.value.code == "redactor-failed"
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert "4111" not in "".join(map(repr, chain)) + caplog.text
    assert chain[1:] == [None, None]
