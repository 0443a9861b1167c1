"""What the redactor is worth on what callers say: the utterances of tests/data/redaction, and how they are counted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Literal

from voice_agent.ports import Entity, Redactor

FOLDER = Path(__file__).parent / "data" / "redaction"
Half = Literal["tune", "held_out"]
_MARKED = re.compile(r"\[([A-Z_]+) ([^\]]+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    text: str
    personal: tuple[Entity, ...]


@dataclass(slots=True, kw_only=True)
class Count:
    """Of one kind of personal data."""

    said: int = 0
    found: int = 0
    """Nothing of it left, and its kind is right."""
    removed: int = 0
    """Nothing of it left, under whatever kind."""
    mistaken: int = 0
    """Taken out where nothing of this kind was said."""

    @property
    def recall(self) -> float:
        return self.found / max(1, self.said)

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.mistaken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    utterances: int
    without_personal_data: int
    spoilt: int
    """Of those without: something was taken out of them all the same."""
    kinds: dict[str, Count] = field(default_factory=dict)
    median_ms: float
    """Wall clock, one utterance after the other."""
    remarks: tuple[str, ...]
    """Each utterance where something is wrong, with what came of it."""

    @property
    def all(self) -> Count:
        counts = self.kinds.values()
        return Count(
            said=sum(c.said for c in counts),
            found=sum(c.found for c in counts),
            removed=sum(c.removed for c in counts),
            mistaken=sum(c.mistaken for c in counts),
        )


def read_utterances(half: Half) -> list[Utterance]:
    lines = (FOLDER / f"{half}.txt").read_text().splitlines()
    return [_read(line) for line in lines if line and not line.startswith("#")]


def _read(line: str) -> Utterance:
    text, at, personal = "", 0, []
    for mark in _MARKED.finditer(line):
        text += line[at : mark.start()]
        personal.append(Entity(type=mark[1], start=len(text), end=len(text) + len(mark[2])))
        text += mark[2]
        at = mark.end()
    return Utterance(text=text + line[at:], personal=tuple(personal))


async def measure(redactor: Redactor, utterances: Sequence[Utterance]) -> Measured:
    kinds: dict[str, Count] = {}
    times, remarks, spoilt = [], [], 0
    for utterance in utterances:
        begin = perf_counter()
        redaction = await redactor.redact(utterance.text)
        times.append(perf_counter() - begin)
        right = _count(utterance, redaction.entities, kinds)
        spoilt += not utterance.personal and bool(redaction.entities)
        if not right:
            remarks.append(f"{utterance.text}  →  {redaction.text}")
    return Measured(
        utterances=len(utterances),
        without_personal_data=sum(not u.personal for u in utterances),
        spoilt=spoilt,
        kinds=dict(sorted(kinds.items())),
        median_ms=round(1000 * median(times), 2),
        remarks=tuple(remarks),
    )


def _count(utterance: Utterance, entities: Sequence[Entity], kinds: dict[str, Count]) -> bool:
    right = True
    for span in utterance.personal:
        count = kinds.setdefault(span.type, Count())
        gone = {at for e in entities for at in range(e.start, e.end)}
        left = [at for at in range(span.start, span.end) if utterance.text[at].isalnum() and at not in gone]
        found = not left and any(_meet(span, e) for e in entities)
        count.said += 1
        count.removed += not left
        count.found += found
        right = right and found
    for entity in entities:
        if not any(_meet(span, entity) for span in utterance.personal):
            kinds.setdefault(entity.type, Count()).mistaken += 1
            right = False
    return right


def _meet(a: Entity, b: Entity) -> bool:
    return a.type == b.type and a.start < b.end and b.start < a.end
