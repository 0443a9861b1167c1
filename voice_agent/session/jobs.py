"""The work for a caller's turn: hearing words, understanding them, searching, answering.

Each piece is a task with a limit of its own; what comes of it reaches the call with the turn's id. A turn that is
abandoned is cancelled, but nothing rests on that: work that cannot be stopped comes back late, for a turn that is gone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from voice_agent.core.commands import Generate, Retrieve, Transcribe, Understand
from voice_agent.core.events import REDACT, AnswerDelta, AnswerFinished, JobFailed, Retrieved, Transcribed, Understood
from voice_agent.core.words import Seconds, TurnId
from voice_agent.errors import PortError
from voice_agent.session.ear import Ear
from voice_agent.session.inbox import closing
from voice_agent.session.ties import Ties
from voice_agent.session.vault import Vault


class Jobs:
    def __init__(self, ties: Ties, *, ear: Ear, vault: Vault, room: Callable[[], Awaitable[None]]) -> None:
        """`room` waits while the call has too much to take in."""
        self._ties = ties
        self._equipment = ties.equipment
        self._ear = ear
        self._vault = vault
        self._room = room
        self._writer = ties.equipment.writer()
        self._running: dict[TurnId, set[asyncio.Task[None]]] = {}

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def transcribe(self, command: Transcribe) -> None:
        # Its parts have limits of their own.
        self._start(command.turn, "transcribe", None, partial(self._transcribe, command))

    def understand(self, command: Understand) -> None:
        self._start(command.turn, "understand", self._equipment.policy.think_within, partial(self._understand, command))

    def retrieve(self, command: Retrieve) -> None:
        self._start(command.turn, "retrieve", self._equipment.policy.think_within, partial(self._retrieve, command))

    def generate(self, command: Generate) -> None:
        # Its limit is for each sentence, and starts again with every one.
        self._start(command.turn, "generate", None, partial(self._generate, command))

    def abandon(self, turn: TurnId) -> None:
        for task in self._running.pop(turn, ()):
            task.cancel()

    def _start(self, turn: TurnId, job: str, within: Seconds | None, work: Callable[[], Awaitable[None]]) -> None:
        task = self._ties.spawn(self._limited(turn, job, within, work))
        self._running.setdefault(turn, set()).add(task)

    def _finished(self, turn: TurnId) -> None:
        tasks = self._running.get(turn, set())
        tasks.difference_update([asyncio.current_task()])
        if not tasks:
            self._running.pop(turn, None)

    async def _limited(self, turn: TurnId, job: str, within: Seconds | None, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(within):
                await work()
        except PortError as error:
            self._ties.post(partial(JobFailed, turn=turn, job=job, code=error.code))
        except TimeoutError:
            self._ties.post(partial(JobFailed, turn=turn, job=job, code="timeout"))
        finally:
            self._finished(turn)

    async def _transcribe(self, command: Transcribe) -> None:
        """The only place where a caller's words exist as they were said."""
        async with asyncio.timeout(self._equipment.policy.transcribe_within):
            heard = await self._equipment.recognizer.transcribe(self._ear.span(command.begin, command.end))
        try:
            text = await self._vault.redact(heard.text, begin=command.begin, end=command.end)
        except PortError as error:
            self._ties.post(partial(JobFailed, turn=command.turn, job=REDACT, code=error.code))
            return
        self._ties.post(
            partial(
                Transcribed,
                turn=command.turn,
                text=text,
                no_speech=heard.no_speech,
                confidence=heard.confidence,
                foreign=heard.foreign,
            )
        )

    async def _understand(self, command: Understand) -> None:
        intent = await self._equipment.intents.recognize(command.text)
        self._ties.post(
            partial(
                Understood,
                turn=command.turn,
                asks_for_person=intent.asks_for_person,
                topic=intent.topic,
                frustration=intent.frustration,
                language_not_spoken=intent.language_not_spoken,
            )
        )

    async def _retrieve(self, command: Retrieve) -> None:
        finding = await self._equipment.knowledge.find(command.query)
        self._ties.post(
            partial(
                Retrieved,
                turn=command.turn,
                passages=finding.passages,
                confidence=finding.confidence,
                clarify=finding.clarify,
                reason=finding.reason,
            )
        )

    async def _generate(self, command: Generate) -> None:
        policy = self._equipment.policy
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(policy.think_within) as limit:
            writing = self._writer.write(command.question, command.passages, command.history)
            async with closing(writing) as sentences:
                async for sentence in sentences:
                    if limit.expired():
                        raise TimeoutError  # a writer that ignored being cancelled
                    self._ties.post(
                        partial(
                            AnswerDelta,
                            turn=command.turn,
                            text=sentence.text,
                            citations=sentence.citations,
                            model=sentence.model,
                            prompt=sentence.prompt,
                            more=sentence.more,
                        )
                    )
                    await self._room()
                    limit.reschedule(loop.time() + policy.sentence_within)
        self._ties.post(partial(AnswerFinished, turn=command.turn))
