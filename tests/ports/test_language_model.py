"""The promises of a LanguageModel, kept by the scripted one and by litellm against a scripted server."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from tests.fakes.llm_server import LlmServer, llm_server, model_at
from tests.fakes.text import ScriptedModel
from voice_agent.adapters.litellm_llm import LiteLLMModel
from voice_agent.core.words import RedactedText
from voice_agent.errors import PortError
from voice_agent.ports import Message

MESSAGES = (Message(role="user", content=RedactedText("When do you open?")),)
Model = ScriptedModel | LiteLLMModel


@pytest.fixture
async def server() -> AsyncIterator[LlmServer]:
    async with llm_server() as script:
        yield script


def made(kind: str, server: LlmServer, *pieces: str, fails: bool = False) -> Model:
    if kind == "scripted":
        failure = PortError("The language model failed (500).", code="server-error", retry=True)
        return ScriptedModel(*pieces, failure=failure if fails else None)
    server.pieces = pieces
    server.status = 500 if fails else 200
    return model_at(server.base)


@pytest.mark.parametrize("kind", ["scripted", "litellm"])
async def test_the_pieces_together_are_the_answer(kind: str, server: LlmServer) -> None:
    model = made(kind, server, "At ", "nine", ".")

    assert "".join([piece async for piece in model.stream(MESSAGES)]) == "At nine."


@pytest.mark.parametrize("kind", ["scripted", "litellm"])
async def test_an_answer_without_a_word_is_a_failure(kind: str, server: LlmServer) -> None:
    model = made(kind, server, "", " ")
    with pytest.raises(PortError) as caught:
        [piece async for piece in model.stream(MESSAGES)]

    assert caught.value.code == "empty-answer"


@pytest.mark.parametrize("kind", ["scripted", "litellm"])
async def test_a_failure_says_whether_another_try_may_help(kind: str, server: LlmServer) -> None:
    model = made(kind, server, fails=True)
    with pytest.raises(PortError) as caught:
        [piece async for piece in model.stream(MESSAGES)]

    assert (caught.value.code, caught.value.retry) == ("server-error", True)


@pytest.mark.parametrize("kind", ["scripted", "litellm"])
async def test_who_has_heard_enough_may_leave_and_ask_again(kind: str, server: LlmServer) -> None:
    model = made(kind, server, "At ", "nine", ".")
    for _ in range(2):
        async with aclosing(model.stream(MESSAGES)) as pieces:
            assert await anext(pieces) == "At "


@pytest.mark.parametrize("kind", ["scripted", "litellm"])
async def test_a_model_has_the_name_that_the_configuration_gives_it(kind: str, server: LlmServer) -> None:
    assert made(kind, server).name in {"scripted", "openai/scripted"}
