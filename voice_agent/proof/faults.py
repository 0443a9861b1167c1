"""Parts that break in the middle of a call, each with the caller's words in its error wherever it has them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

from voice_agent.core.words import CallId, Line, Passage, RedactedText, Seconds
from voice_agent.errors import PortError
from voice_agent.ports import (
    AnswerSentence,
    AnswerWriter,
    Estimate,
    Finding,
    Handover,
    HumanQueue,
    Intent,
    QueueChange,
    Redaction,
    Redactor,
)
from voice_agent.session.equipment import Equipment
from voice_agent.session.vault import REDACT_WITHIN

_LATE: Seconds = REDACT_WITHIN + 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakingRedactor:
    """`how`: "down", "bug" or "late", from the utterance on that holds `trigger`."""

    redactor: Redactor
    how: str
    trigger: str

    async def redact(self, text: str, *, after: str = "") -> Redaction:
        if self.trigger in text:
            if self.how == "down":
                raise PortError(f"cannot redact {text!r}", code="redactor-failed")
            if self.how == "bug":
                raise RuntimeError(f"cannot redact {text!r}")
            await asyncio.sleep(_LATE)
        return await self.redactor.redact(text, after=after)


class BrokenIntents:
    async def recognize(self, text: RedactedText) -> Intent:
        raise RuntimeError(f"cannot understand {text!r}")


class BrokenKnowledge:
    async def find(self, query: RedactedText) -> Finding:
        raise RuntimeError(f"cannot search for {query!r}")


class BrokenWriter:
    async def write(self, question: RedactedText, passages: Sequence[Passage], history: Sequence[Line]) -> AsyncIterator[AnswerSentence]:
        raise RuntimeError(f"cannot answer {question!r}")
        yield AnswerSentence(text=question, citations=())


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenQueue:
    """Takes no caller, and quotes the brief."""

    queue: HumanQueue

    async def offer(self, handover: Handover) -> int:
        raise PortError(f"cannot store {handover.brief}", code="store-failed")

    async def waiting(self) -> list[Handover]:
        return await self.queue.waiting()

    async def find(self, call: CallId) -> Handover | None:
        return None

    async def accept(self, call: CallId, agent: str) -> Handover:
        raise PortError("nobody waits", code="not-waiting")

    async def estimate(self, call: CallId) -> Estimate | None:
        return None

    async def decline(self, call: CallId, agent: str) -> None:
        pass

    async def joined(self, call: CallId, agent: str) -> bool:
        return False

    async def lost(self, call: CallId, agent: str, joined: float | None = None) -> None:
        pass

    async def complete(self, call: CallId, agent: str = "") -> None:
        pass

    async def withdraw(self, call: CallId) -> None:
        pass

    async def dispatch(self, ring_for: Seconds) -> None:
        pass

    def changes(self) -> AsyncIterator[QueueChange]:
        return self.queue.changes()


def broken(path: str, equipment: Equipment, trigger: str) -> Equipment:
    """The parts of a call on this path."""
    writer: Callable[[], AnswerWriter] = BrokenWriter
    match path:
        case "redactor down" | "redactor bug" | "redactor late":
            how = path.rpartition(" ")[2]
            return replace(equipment, redactor=BreakingRedactor(redactor=equipment.redactor, how=how, trigger=trigger))
        case "intents bug":
            return replace(equipment, intents=BrokenIntents())
        case "search bug":
            return replace(equipment, knowledge=BrokenKnowledge())
        case "writer bug":
            return replace(equipment, writer=writer)
        case "queue down":
            return replace(equipment, queue=BrokenQueue(queue=equipment.queue))
        case _:
            return equipment
