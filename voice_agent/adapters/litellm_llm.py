"""Language models behind litellm's Router: any hosted one, or any server that speaks OpenAI's protocol.

The Router holds the deployments and their connections. It retries nothing and falls back nowhere: it does not know our
deadlines, and takes an answer of no tokens for a success. Time is kept here, around it, and who is asked next is decided by
those who ask. Only the answer's text leaves the adapter, and only the messages given enter the request. litellm's own
habits are off: it fetches no price list, logs no message and calls no callback.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from voice_agent.errors import ConfigError, PortError
from voice_agent.ports import Message

_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
_CLOSE_WITHIN = 1.0
"""seconds. A connection that cannot be closed in good order is left to the garbage collector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A model, and where it is."""

    model: str
    """As litellm names it."""
    api_base: str | None = None
    """Where it is served, if not at the provider's usual address."""
    api_key: str | None = field(default=None, repr=False)
    """Without one, litellm looks for the provider's variable; for an `api_base` it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one request. Seconds count from its beginning."""

    connect: float = 2.0
    """To a server that is there."""
    first_token: float = 3.0
    total: float = 12.0
    max_tokens: int = 200
    temperature: float = 0.0


class LiteLLMRouter:
    """The deployments, by their place. litellm takes seconds to import: that happens in `warm_up`, or else with the first answer."""

    def __init__(self, deployments: Sequence[Deployment], limits: Limits) -> None:
        self.deployments = tuple(deployments)
        self.limits = limits
        self._router: Any = None
        self.models = tuple(LiteLLMModel(self, place, deployment.model) for place, deployment in enumerate(deployments))
        """A LanguageModel each, in order."""

    async def warm_up(self) -> None:
        """Import litellm, and what it imports with a first request only: a second of computing that no caller should wait for."""
        if self._router is None:
            self._router = await asyncio.to_thread(self._open)
            await _ask_nobody()

    async def complete(self, place: int, messages: Sequence[Message]) -> Any:
        """The stream of chunks, as litellm has it."""
        return await self._router.acompletion(
            model=str(place), messages=[{"role": m.role, "content": m.content} for m in messages], stream=True, **{"no-log": True}
        )

    def _open(self) -> Any:
        return _litellm().Router(
            model_list=[
                {"model_name": str(place), "litellm_params": self._parameters(deployment)}
                for place, deployment in enumerate(self.deployments)
            ],
            num_retries=0,
            max_fallbacks=0,
            disable_cooldowns=True,
        )

    def _parameters(self, deployment: Deployment) -> dict[str, Any]:
        limits = self.limits
        # To httpx only connecting has a limit of its own: the others are silences, and are kept in `LiteLLMModel.stream`.
        timeout = httpx.Timeout(limits.total, connect=min(limits.connect, limits.total))
        parameters: dict[str, Any] = {
            "model": deployment.model,
            "max_tokens": limits.max_tokens,
            "temperature": limits.temperature,
            "timeout": timeout,
            "num_retries": 0,
            "max_retries": 0,
        }
        if deployment.api_base:
            parameters["api_base"] = deployment.api_base
        # A server of one's own often wants no key, and OpenAI's client then still insists on one.
        if deployment.api_key or deployment.api_base:
            parameters["api_key"] = deployment.api_key or "none"
        return parameters


class LiteLLMModel:
    """A LanguageModel: one deployment of the router."""

    def __init__(self, router: LiteLLMRouter, place: int, name: str) -> None:
        self.name = name
        self._router = router
        self._place = place

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """Pieces of text as they come.

        Raises:
            PortError: code "too-slow", "rate-limited", "server-error", "unreachable", "broken-stream" (all worth another
                try), "cut-off" (the answer was longer than max_tokens), "empty-answer" (200, but no text) or "refused".
        """
        await self._router.warm_up()
        limits = self._router.limits
        begun = asyncio.get_running_loop().time()
        first, last = begun + min(limits.first_token, limits.total), begun + limits.total
        source: Any = None
        told, finish = False, None
        try:
            async with asyncio.timeout_at(first):
                source = await self._router.complete(self._place, messages)
            chunks = aiter(source)
            while True:
                async with asyncio.timeout_at(last if told else first):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                text, reason = _read(chunk)
                finish = reason or finish
                if text:
                    told = told or not text.isspace()
                    yield text
            self._check_end(source, finish, told=told)
        except PortError:
            raise
        except Exception as error:  # noqa: BLE001 - litellm raises its own, openai's and httpx's, and bare ones for a broken stream
            raise self._as_port_error(error) from None
        finally:
            if source is not None:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(_CLOSE_WITHIN):
                        await source.aclose()

    def _check_end(self, source: Any, finish: str | None, *, told: bool) -> None:
        if not told:
            raise PortError(f"The language model {self.name} answered without a word.", code="empty-answer", retry=True)
        if finish == "length":
            raise PortError(f"The answer of {self.name} was longer than {self._router.limits.max_tokens} tokens.", code="cut-off")
        # litellm hands on a finish reason even where the server sent none, because the connection ended early; its own list tells.
        if not any(_read(chunk)[1] for chunk in source.chunks):
            raise PortError(f"The answer of {self.name} broke off.", code="broken-stream", retry=True)

    def _as_port_error(self, error: Exception) -> PortError:
        """Without the library's message, which can quote the prompt."""
        names, status = _chain(error), getattr(error, "status_code", None)
        if "ConnectError" in names or "ConnectTimeout" in names:
            return PortError(f"The language model {self.name} cannot be reached.", code="unreachable", retry=True)
        if any("Timeout" in name for name in names):
            return PortError(f"The language model {self.name} took too long.", code="too-slow", retry=True)
        if status == 429:
            return PortError(f"The language model {self.name} takes no more requests now (429).", code="rate-limited", retry=True)
        if "HTTPStatusError" not in names and (status is None or names[0] in {"MidStreamFallbackError", "APIError", "APIConnectionError"}):
            return PortError(f"The answer of {self.name} broke off or could not be read ({names[0]}).", code="broken-stream", retry=True)
        if isinstance(status, int) and status >= 500:
            return PortError(f"The language model {self.name} failed ({status}).", code="server-error", retry=True)
        return PortError(f"The language model {self.name} refused the request ({status} {names[0]}).", code="refused")


def _chain(error: BaseException) -> list[str]:
    """The names of the error and of all that led to it: litellm hides what happened under errors of its own."""
    names: list[str] = []
    at: BaseException | None = error
    while at is not None and len(names) < 20:
        names.append(type(at).__name__)
        at = at.__cause__ or at.__context__
    return names


def _read(chunk: Any) -> tuple[str, str | None]:
    """The text and the finish reason of one chunk; some providers send chunks with neither."""
    if not chunk.choices:
        return "", None
    choice = chunk.choices[0]
    return choice.delta.content or "", choice.finish_reason


def unset_variables(model: str) -> tuple[str, ...]:
    """The environment variables that the model's provider asks for and that are not set.

    Raises:
        ConfigError: litellm knows no such provider.
    """
    litellm = _litellm()
    try:
        litellm.get_llm_provider(model)
    except litellm.BadRequestError:
        raise ConfigError(f'"{model}" names no provider that litellm knows; write it as provider/model.', code="config") from None
    return tuple(litellm.validate_environment(model)["missing_keys"])


async def _ask_nobody() -> None:
    """A request that goes the whole way, to a port of our own that refuses it."""
    with socket.socket() as port, contextlib.suppress(Exception):
        port.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{port.getsockname()[1]}/v1"
        question = [{"role": "user", "content": "-"}]
        await _litellm().acompletion(model="openai/-", messages=question, stream=True, api_base=base, api_key="none", max_retries=0)


def _litellm() -> Any:
    # Before the import: it would fetch a list of prices from the internet.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm  # noqa: PLC0415 - seconds, and only where a language model is configured

    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.disable_streaming_logging = True
    # httpx, whose connections close with the stream; aiohttp's sessions outlive the event loop.
    litellm.disable_aiohttp_transport = True
    for name in _LOGGERS:
        logging.getLogger(name).disabled = True
    # OpenAI's client writes whole requests at the level DEBUG.
    logging.getLogger("openai").setLevel(logging.WARNING)
    return litellm
