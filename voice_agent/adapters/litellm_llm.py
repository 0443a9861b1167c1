"""A language model behind litellm: any hosted one, or any server that speaks OpenAI's protocol.

Only the answer's text leaves the adapter, and only the messages given enter the request. litellm's own habits are off: it
fetches no price list, logs no message, calls no callback and retries nothing (the caller of a phone line will not wait).
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from voice_agent.errors import PortError
from voice_agent.ports import Message

_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")


class LiteLLMModel:
    """A LanguageModel. litellm takes seconds to import, so that happens in `warm_up`, or else with the first answer."""

    def __init__(
        self,
        model: str,
        *,
        api_base: str | None = None,
        api_key: str | None = None,
        first_token_within: float = 6.0,
        total_within: float = 20.0,
        max_tokens: int = 200,
        temperature: float = 0.0,
    ) -> None:
        """`model` as litellm names it; times in seconds from the request on. Without a key litellm looks for the provider's variable."""
        self._model = model
        self._api_base = api_base
        self._api_key = api_key
        self._first_token_within = first_token_within
        self._total_within = total_within
        self._max_tokens = max_tokens
        self._temperature = temperature

    async def warm_up(self) -> None:
        """Import litellm, off the event loop."""
        await asyncio.to_thread(_litellm)

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """Pieces of text as they come.

        Raises:
            PortError: code "too-slow", "rate-limited", "server-error", "unreachable", "broken-stream" (all worth another
                try), "cut-off" (the answer was longer than max_tokens), "empty-answer" (200, but no text) or "refused".
        """
        litellm = await asyncio.to_thread(_litellm)
        begun = asyncio.get_running_loop().time()
        source: Any = None
        told, finish = False, None
        try:
            async with asyncio.timeout_at(begun + min(self._first_token_within, self._total_within)):
                source = await litellm.acompletion(**self._request(messages))
            chunks = aiter(source)
            while True:
                within = self._total_within if told else min(self._first_token_within, self._total_within)
                async with asyncio.timeout_at(begun + within):
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
                    await source.aclose()

    def _request(self, messages: Sequence[Message]) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "stream": True,
            "max_tokens": self._max_tokens,
            "temperature": self._temperature,
            "timeout": self._total_within,
            "num_retries": 0,
            "max_retries": 0,
            "no-log": True,
        }
        if self._api_base:
            request["api_base"] = self._api_base
        # A server of one's own often wants no key, and OpenAI's client then still insists on one.
        if self._api_key or self._api_base:
            request["api_key"] = self._api_key or "none"
        return request

    def _check_end(self, source: Any, finish: str | None, *, told: bool) -> None:
        if not told:
            raise PortError(f"The language model {self._model} answered without a word.", code="empty-answer", retry=True)
        if finish == "length":
            raise PortError(f"The answer of {self._model} was longer than {self._max_tokens} tokens.", code="cut-off")
        # litellm makes up a finish reason where the server sent none: then the connection ended early.
        if getattr(source, "received_finish_reason", "stop") is None:
            raise PortError(f"The answer of {self._model} broke off.", code="broken-stream", retry=True)

    def _as_port_error(self, error: Exception) -> PortError:
        """Without the library's message, which can quote the prompt."""
        names, status = _chain(error), getattr(error, "status_code", None)
        if any("Timeout" in name for name in names):
            return PortError(f"The language model {self._model} took too long.", code="too-slow", retry=True)
        if "ConnectError" in names:
            return PortError(f"The language model {self._model} cannot be reached.", code="unreachable", retry=True)
        if status == 429:
            return PortError(f"The language model {self._model} takes no more requests now (429).", code="rate-limited", retry=True)
        if "HTTPStatusError" not in names and (status is None or names[0] in {"MidStreamFallbackError", "APIError", "APIConnectionError"}):
            return PortError(f"The answer of {self._model} broke off or could not be read ({names[0]}).", code="broken-stream", retry=True)
        if isinstance(status, int) and status >= 500:
            return PortError(f"The language model {self._model} failed ({status}).", code="server-error", retry=True)
        return PortError(f"The language model {self._model} refused the request ({status} {names[0]}).", code="refused")


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
