"""The parts together: opened at the same time where they can be, closed at the end."""

import asyncio
import importlib
import logging
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from voice_agent.app import parts
from voice_agent.app.dispatching import Dispatching
from voice_agent.app.publishing import Publisher
from voice_agent.app.queue_states import QueueStates
from voice_agent.app.telephone import telephone
from voice_agent.app.watching import DocumentWatch
from voice_agent.app.writing import answer_writer
from voice_agent.ports import (
    AccountStore,
    AnswerWriter,
    AuditLog,
    IntentRecognizer,
    KnowledgeBase,
    Redactor,
    SpeechToText,
    TextToSpeech,
    VoiceDetector,
)
from voice_agent.session.equipment import Equipment
from voice_agent.session.standing import StandingVoice, standing_phrases
from voice_agent.settings import Settings, load_settings
from voice_agent.settings.generations import Generations

if TYPE_CHECKING:
    from voice_agent.adapters.sql.database import Database
    from voice_agent.server.calls import LiveCalls
    from voice_agent.server.house import House

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is to do. Never when there is nothing to do."""


def no_progress(what: str, done: int, total: int) -> None:
    """For those who do not watch."""


class _Closable(Protocol):
    def close(self) -> None: ...


class _Warmable(Protocol):
    def close(self) -> None: ...

    async def warm_up(self) -> None: ...


C = TypeVar("C", bound=_Closable)
W = TypeVar("W", bound=_Warmable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """What it takes to answer a question."""

    redactor: Redactor
    intents: IntentRecognizer
    knowledge: KnowledgeBase
    watch: Callable[[], Coroutine[Any, Any, None]]
    """Keeps the knowledge in step with the documents, until it is cancelled."""
    writer: Callable[[], AnswerWriter]
    """Makes one for each call."""
    recognizer: Callable[[Settings], Awaitable[IntentRecognizer]]
    """Learns the phrases of a changed configuration."""


@asynccontextmanager
async def open_understanding(settings: Settings) -> AsyncGenerator[tuple[Redactor, IntentRecognizer], None]:
    """What it takes to know what a caller wants."""
    await _import_what_is_shared()
    async with AsyncExitStack() as stack:
        async with asyncio.TaskGroup() as group:
            redacting = group.create_task(_opened(stack, partial(parts.redactor, settings)))
            embedding = group.create_task(_opened(stack, partial(parts.embedder, settings)))
        yield redacting.result(), await parts.intents(settings, embedding.result())


@asynccontextmanager
async def open_mind(settings: Settings, progress: Progress = no_progress) -> AsyncGenerator[Mind, None]:
    """Loads what it takes to answer, and brings the index in step with the documents; those that cannot be read are logged."""
    await _import_what_is_shared()
    async with AsyncExitStack() as stack:
        async with asyncio.TaskGroup() as group:
            redacting = group.create_task(_opened(stack, partial(parts.redactor, settings)))
            reading = await _opened(stack, partial(parts.embedder, settings))
            recognizer = partial(parts.intents, embedder=reading)
            recognizing = group.create_task(recognizer(settings))
            library = await stack.enter_async_context(parts.open_library(settings, reading))
            report = await library.sync(partial(progress, "reading the documents"))
            for problem in report.problems:
                log.warning("documents: not as they are written: %s", problem)
            watch = DocumentWatch(library, settings.knowledge.folder.resolve(), report.problems)
            answering = await answer_writer(settings, library)
        yield Mind(
            redactor=redacting.result(),
            intents=recognizing.result(),
            knowledge=library,
            writer=answering,
            watch=watch.run,
            recognizer=recognizer,
        )


@asynccontextmanager
async def open_house(settings: Settings, progress: Progress = no_progress) -> AsyncGenerator["House", None]:
    """Everything that serving takes, loaded and warm."""
    from voice_agent.server.login import first_link

    await _import_what_is_shared()
    async with AsyncExitStack() as stack:
        async with asyncio.TaskGroup() as group:
            hearing = group.create_task(_warm(stack, partial(parts.recognizer, settings)))
            speaking = group.create_task(_warm(stack, partial(parts.voice, settings)))
            detecting = group.create_task(asyncio.to_thread(parts.detector, settings))
            storing = group.create_task(_opened(stack, partial(parts.database, settings)))
            mind = await stack.enter_async_context(open_mind(settings, progress))
            voice = parts.standing_voice(settings, await speaking)
            await voice.prepare(standing_phrases(settings.policy, settings.rules), partial(progress, "rehearsing the standing sentences"))
        equipment = equipment_of(settings, mind, hearing.result(), voice, detecting.result(), storing.result())
        accounts, audit = parts.accounts(storing.result())
        made = make_house(settings, equipment, accounts, audit, stack)
        link = await first_link(accounts, equipment.store, time.time())
        keeping = parts.keeping(settings, storing.result()).run
        queues = QueueStates(settings.escalation.limits, queue=equipment.queue, roster=equipment.roster, wall=equipment.wall)
        made.calls.equipment = replace(made.calls.equipment, queues=lambda: queues.now)
        publishing = _publisher(settings, mind, voice, made.calls, queues).watch
        ringing = Dispatching(equipment.queue, ring_for=lambda: made.calls.equipment.policy.ring_for).run
        yield replace(made, first_link=link, upkeep=(*made.upkeep, ringing, queues.run, mind.watch, publishing, keeping))


def _publisher(settings: Settings, mind: Mind, voice: StandingVoice, calls: "LiveCalls", queues: QueueStates) -> Publisher:
    """Puts the policy that the server started with on record."""
    publisher = Publisher(
        calls=calls,
        generations=Generations(settings.data_dir / "generations"),
        folder=settings.config_dir,
        read=lambda: load_settings(settings.config_dir, os.environ),
        recognizer=mind.recognizer,
        rehearse=lambda changed: voice.prepare(standing_phrases(changed.policy, changed.rules), lambda _done, _total: None),
        queues=queues,
        wall=time.time,
    )
    publisher.begin(settings)
    return publisher


def equipment_of(
    settings: Settings,
    mind: Mind,
    recognizer: SpeechToText,
    voice: TextToSpeech,
    detector: Callable[[], VoiceDetector],
    database: "Database",
) -> Equipment:
    from voice_agent.adapters.sql.call_store import SqlCallStore
    from voice_agent.adapters.sql.human_queue import SqlHumanQueue
    from voice_agent.adapters.sql.outcome_store import SqlOutcomeStore
    from voice_agent.adapters.sql.roster import SqlRoster
    from voice_agent.server.twilio import CARRIER as TWILIO

    return Equipment(
        detector=detector,
        recognizer=recognizer,
        redactor=mind.redactor,
        intents=mind.intents,
        knowledge=mind.knowledge,
        writer=mind.writer,
        voice=voice,
        queue=SqlHumanQueue(database, routed=(TWILIO,) if settings.server.task_router else ()),
        roster=SqlRoster(database),
        store=SqlCallStore(database),
        callbacks=parts.callbacks(settings, database),
        outcomes=SqlOutcomeStore(database),
        policy=settings.policy,
        rules=settings.rules,
        purposes=settings.privacy.purposes,
        journals=settings.data_dir / "journals",
        monotonic=time.monotonic,
        wall=time.time,
    )


def make_house(settings: Settings, equipment: Equipment, accounts: AccountStore, audit: AuditLog, stack: AsyncExitStack) -> "House":
    from voice_agent.server.calls import LiveCalls
    from voice_agent.server.doorkeeper import Access
    from voice_agent.server.house import House
    from voice_agent.server.sessions import Sessions, new_key

    key = settings.secrets.session_secret or new_key()
    sessions = Sessions(accounts=accounts, wall=equipment.wall, key=key)
    calls = LiveCalls(equipment=equipment, max_calls=settings.server.max_calls)
    twilio = telephone(settings, equipment, calls, accounts, stack)
    return House(
        company=settings.knowledge.company,
        equipment=equipment,
        calls=calls,
        access=Access(sessions=sessions, allowed_hosts=settings.server.hosts, demo=settings.server.anybody_may_call),
        accounts=accounts,
        audit=audit,
        twilio=twilio.gate,
        ring=twilio.ring,
        upkeep=twilio.upkeep,
    )


async def _import_what_is_shared() -> None:
    """Parts are loaded on threads at the same time, and two threads that import onnxruntime at once can lock each other out."""
    await asyncio.to_thread(importlib.import_module, "onnxruntime")


async def _opened(stack: AsyncExitStack, make: Callable[[], C]) -> C:
    """Make a part on a thread, and close it with the stack."""
    part = await asyncio.to_thread(make)
    stack.callback(part.close)
    return part


async def _warm(stack: AsyncExitStack, make: Callable[[], W]) -> W:
    part = await _opened(stack, make)
    await part.warm_up()
    return part
