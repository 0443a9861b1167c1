"""The house of a proof: every part real but ears and voice, with data in a folder of its own, and a language model that is listened to."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from voice_agent.app import parts
from voice_agent.app.house import Progress, equipment_of, make_house, no_progress, open_mind
from voice_agent.proof.caller import Detects, Hears, Hums
from voice_agent.settings import Settings

if TYPE_CHECKING:
    from voice_agent.server.house import House

MOST_CALLS = 1000


@asynccontextmanager
async def open_proof(settings: Settings, folder: Path, model_base: str, progress: Progress = no_progress) -> AsyncGenerator["House", None]:
    """`model_base`: of the language model's server. An index that is there is copied into `folder`, so that it need not be made anew."""
    ours = _settings(settings, folder, model_base)
    index = settings.data_dir / "knowledge"
    if index.is_dir():
        await asyncio.to_thread(shutil.copytree, index, folder / "knowledge", dirs_exist_ok=True)
    async with AsyncExitStack() as stack:
        database = await asyncio.to_thread(parts.database, ours)
        stack.callback(database.close)
        mind = await stack.enter_async_context(open_mind(ours, progress))
        equipment = equipment_of(ours, mind, Hears(), Hums(), Detects, database)
        accounts, audit = parts.accounts(database)
        yield make_house(ours, equipment, accounts, audit, stack)


def _settings(settings: Settings, folder: Path, model_base: str) -> Settings:
    """As they are, but for where data is kept, and the language model: it is waited for only shortly, and asked again however it failed."""
    changed = {"model": "openai/proof", "api_base": model_base, "fallbacks": (), "strong": None}
    limits = {"first_token_s": 1.0, "wait_s": 2.0, "total_s": 4.0, "rest_s": 0.0, "tokens_per_call": 10_000_000}
    return replace(
        settings,
        server=settings.server.model_copy(update={"data_dir": folder, "max_calls": MOST_CALLS}),
        llm=settings.llm.model_copy(update={**changed, **limits}),
        llm_keys={},
    )
