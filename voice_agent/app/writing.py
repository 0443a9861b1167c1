"""Who writes the answers: the documents' own sentences, or language models that say nothing else than they do."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from voice_agent.app.parts import checker
from voice_agent.ports import AnswerWriter
from voice_agent.settings import SHIPPED, Settings

if TYPE_CHECKING:
    from voice_agent.adapters.litellm_llm import LiteLLMRouter
    from voice_agent.knowledge.library import Library

PROMPT = "answer.md"


async def answer_writer(settings: Settings, library: "Library") -> Callable[[], AnswerWriter]:
    """Makes a writer for each call. Where a language model is configured, its library is loaded now: it takes seconds."""
    from voice_agent.knowledge.extractive import ExtractiveWriter

    plain = ExtractiveWriter(library)
    router = language_models(settings)
    if router is None:
        return lambda: plain
    from voice_agent.knowledge.generated import GeneratedWriter
    from voice_agent.knowledge.line_up import LineUp
    from voice_agent.knowledge.prompts import read_prompt

    chosen = settings.llm
    own = settings.config_dir / "prompts" / PROMPT
    prompt = await asyncio.to_thread(read_prompt, own if own.exists() else SHIPPED / "prompts" / PROMPT)
    await router.warm_up()
    usual, fallbacks = router.models[:1], router.models[1 : 1 + len(chosen.fallbacks)]
    strong = router.models[1 + len(chosen.fallbacks) :]
    line_up = LineUp(fast=usual + fallbacks, strong=strong + usual + fallbacks, rest=chosen.rest_s, monotonic=time.monotonic)
    return lambda: GeneratedWriter(
        line_up=line_up, checker=checker(), fallback=plain, prompt=prompt, patience=chosen.wait_s, tokens=chosen.tokens_per_call
    )


def language_models(settings: Settings) -> "LiteLLMRouter | None":
    """The usual model, then its fallbacks, then the strong one; those that are configured."""
    from voice_agent.adapters.litellm_llm import Deployment, Limits, LiteLLMRouter

    chosen = settings.llm
    if chosen.model is None:
        return None
    deployments = [
        Deployment(model=each.model, api_base=each.api_base, api_key=settings.llm_keys.get(each.key_variable or ""))
        for each in chosen.models
    ]
    return LiteLLMRouter(
        deployments,
        Limits(
            connect=chosen.connect_s,
            first_token=chosen.first_token_s,
            total=chosen.total_s,
            max_tokens=chosen.max_tokens,
            temperature=chosen.temperature,
        ),
    )


def unset_variables(model: str) -> tuple[str, ...]:
    """The environment variables that a language model's provider asks for and that are not set; ConfigError when nobody knows it."""
    from voice_agent.adapters import litellm_llm

    return litellm_llm.unset_variables(model)
