"""litellm against a scripted server on real sockets: what goes wrong becomes a PortError that says so, and nothing leaks."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from tests.fakes.llm_server import LlmServer, llm_server, model_at, nobody_opens
from voice_agent.adapters.litellm_llm import Deployment, Limits, LiteLLMModel, LiteLLMRouter, unset_variables
from voice_agent.core.words import RedactedText
from voice_agent.errors import ConfigError, PortError
from voice_agent.ports import Message

QUESTION = (
    Message(role="system", content=RedactedText("Answer from the passages.")),
    Message(role="user", content=RedactedText("When do you open, marzipan?")),
)


@pytest.fixture
async def server() -> AsyncIterator[LlmServer]:
    async with llm_server() as script:
        yield script


def model(server: LlmServer, *, first: float = 20.0, total: float = 30.0) -> LiteLLMModel:
    return model_at(server.base, api_key="sk-secret-key", limits=Limits(connect=20, first_token=first, total=total, max_tokens=50))


async def answer(of: LiteLLMModel) -> str:
    return "".join([piece async for piece in of.stream(QUESTION)])


async def failure(of: LiteLLMModel) -> PortError:
    with pytest.raises(PortError) as caught:
        await answer(of)
    return caught.value


async def test_the_pieces_come_in_order_and_the_request_carries_the_settings(server: LlmServer) -> None:
    assert await answer(model(server)) == "We open at nine. See you soon."
    (request,) = server.requests
    assert request["messages"] == [{"role": m.role, "content": m.content} for m in QUESTION]
    assert (request["model"], request["stream"], request["max_tokens"], request["temperature"]) == ("scripted", True, 50, 0.0)
    assert b"Bearer sk-secret-key" in server.seen


async def test_a_piece_is_handed_on_before_the_next_one_exists(server: LlmServer) -> None:
    server.wait_between = asyncio.Event()
    async with aclosing(model(server).stream(QUESTION)) as pieces:
        assert await anext(pieces) == "We open "
        server.wait_between.set()
        assert await anext(pieces) == "at nine. "


async def test_who_stops_listening_closes_the_connection(server: LlmServer) -> None:
    server.wait_between = asyncio.Event()
    async with aclosing(model(server).stream(QUESTION)) as pieces:
        await anext(pieces)
    await asyncio.wait_for(server.closed_early.wait(), 10)


async def test_a_slow_first_token_is_given_up_in_time(server: LlmServer) -> None:
    server.wait_before = asyncio.Event()
    error = await failure(model(server, first=0.3))
    assert (error.code, error.retry) == ("too-slow", True)


async def test_an_answer_that_never_ends_is_given_up_in_time(server: LlmServer) -> None:
    server.wait_between = asyncio.Event()
    async with aclosing(model(server, total=1.5).stream(QUESTION)) as pieces:
        assert await anext(pieces) == "We open "
        with pytest.raises(PortError) as caught:
            await anext(pieces)
    assert caught.value.code == "too-slow"


@pytest.mark.parametrize("pieces", [(), ("", " ", "\n")])
async def test_200_without_a_word_is_a_failure(server: LlmServer, pieces: tuple[str, ...]) -> None:
    server.pieces = pieces
    error = await failure(model(server))
    assert (error.code, error.retry) == ("empty-answer", True)


async def test_an_answer_that_breaks_off_is_a_failure(server: LlmServer) -> None:
    server.finish = None
    error = await failure(model(server))
    assert (error.code, error.retry) == ("broken-stream", True)


async def test_an_answer_that_was_too_long_is_a_failure(server: LlmServer) -> None:
    server.finish = "length"
    assert (await failure(model(server))).code == "cut-off"


@pytest.mark.parametrize(
    ("status", "code", "retry"),
    [
        (429, "rate-limited", True),
        (500, "server-error", True),
        (503, "server-error", True),
        (401, "refused", False),
        (400, "refused", False),
    ],
)
async def test_an_http_error_says_whether_another_try_helps(server: LlmServer, status: int, code: str, retry: bool) -> None:
    server.status = status
    error = await failure(model(server))
    assert (error.code, error.retry) == (code, retry)
    assert len(server.requests) == 1, "nothing is retried behind our back"


@pytest.mark.parametrize("raw", [b"data: {not json\n\n", b"data: [1, 2]\n\n", b"\x00\xff\xfe garbage", b'data: {"choices": 5}\n\n'])
async def test_a_malformed_stream_is_a_failure(server: LlmServer, raw: bytes) -> None:
    server.raw = raw
    error = await failure(model(server))
    assert error.code in {"broken-stream", "empty-answer", "server-error"}
    assert error.retry


async def test_a_server_that_is_not_there_is_a_failure() -> None:
    error = await failure(model_at("http://127.0.0.1:9/v1"))
    assert (error.code, error.retry) == ("unreachable", True)


async def test_a_server_that_lets_nobody_in_is_given_up_before_a_slow_one_would_be() -> None:
    with nobody_opens() as base:
        error = await failure(model_at(base, limits=Limits(connect=0.3, first_token=60, total=60)))
    assert (error.code, error.retry) == ("unreachable", True)


async def test_models_of_one_router_keep_apart(server: LlmServer) -> None:
    async with llm_server() as other:
        other.pieces = ("Ten o'clock.",)
        places = [("openai/one", server.base, "key-one"), ("openai/two", other.base, None)]
        router = LiteLLMRouter([Deployment(model=name, api_base=base, api_key=key) for name, base, key in places], Limits(first_token=10))
        one, two = router.models

        assert (one.name, two.name) == ("openai/one", "openai/two")
        assert await answer(two) == "Ten o'clock."
        assert await answer(one) == "We open at nine. See you soon."
        assert [request["model"] for request in (*server.requests, *other.requests)] == ["one", "two"]
        assert b"key-one" in server.seen
        assert b"key-one" not in other.seen


async def test_no_key_of_the_environment_is_sent_to_a_server_of_ones_own(server: LlmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-openai-alone")
    await answer(model_at(server.base))
    assert b"sk-for-openai-alone" not in server.seen


def test_the_variables_that_a_provider_asks_for_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert unset_variables("openai/gpt-4.1-mini") == ("OPENAI_API_KEY",)
    monkeypatch.setenv("OPENAI_API_KEY", "set")
    assert unset_variables("openai/gpt-4.1-mini") == ()
    with pytest.raises(ConfigError, match='"nonsense/foo" names no provider'):
        unset_variables("nonsense/foo")


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_neither_the_words_nor_the_key_appear_in_errors_and_logs(
    server: LlmServer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.status, server.finish = status, None
    error = await failure(model(server))
    written = "".join([str(error), repr(error.__cause__), caplog.text.replace(server.base, "")])
    assert "marzipan" not in written
    assert "secret" not in written
    assert error.__cause__ is None


def test_nothing_is_sent_anywhere_but_to_the_model() -> None:
    """In a process of its own: the import, a request and its end open no connection but the one to the server."""
    program = """
import asyncio, socket
seen = []
connect = socket.socket.connect
def watched(self, address):
    seen.append(address[0] if isinstance(address, tuple) else address)
    return connect(self, address)
socket.socket.connect = watched
looked_up = []
getaddrinfo = socket.getaddrinfo
def watched_lookup(host, *rest, **more):
    looked_up.append(host)
    return getaddrinfo(host, *rest, **more)
socket.getaddrinfo = watched_lookup
from tests.fakes.llm_server import llm_server, model_at
from voice_agent.core.words import RedactedText
from voice_agent.ports import Message
async def main():
    async with llm_server() as server:
        pieces = [p async for p in model_at(server.base).stream([Message(role="user", content=RedactedText("hi"))])]
        assert pieces, pieces
asyncio.run(main())
hosts = {str(h) for h in (*seen, *looked_up)}
assert hosts <= {"127.0.0.1", "localhost", "None"}, hosts
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
