"""Recall and precision of the redactor by kind, of triage by topic, and false alarms of the answer checker, as one JSON object.

A piece of personal data counts as found when an entity of its kind meets it, and as covered when nothing of it is left.
tests/data/triage.yaml is held out as a whole, so --half does not divide it.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import yaml

from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.adapters.presidio_redactor import PresidioRedactor, company_words
from voice_agent.core.words import RedactedText
from voice_agent.knowledge.intents import EmbeddingIntents, IntentPhrases
from voice_agent.knowledge.support import SupportChecker
from voice_agent.models import ModelStore, default_cache, lock_of
from voice_agent.ports import Entity

ROOT = Path(__file__).parents[1]
Row = Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["tune", "held_out"], default="held_out", help="which half of the data to measure on")
    half = parser.parse_args().half
    print(json.dumps(asyncio.run(_measure(half)), indent=2))


async def _measure(half: str) -> dict[str, object]:
    store = ModelStore(lock_of(), default_cache())
    return {
        "half": half,
        "redaction": await _redaction(store, [row for row in _data("redaction") if row["half"] == half]),
        "triage": await _triage(store, _data("triage")),
        "checker": _checker([row for row in _data("support") if row["half"] == half]),
    }


def _data(name: str) -> list[Row]:
    rows: list[Row] = yaml.safe_load((ROOT / "tests" / "data" / f"{name}.yaml").read_text())
    return rows


async def _redaction(store: ModelStore, rows: Sequence[Row]) -> dict[str, object]:
    keep = company_words(file.read_text() for file in sorted((ROOT / "kb").glob("*.md")))
    redactor = PresidioRedactor(store.path("spacy-en-md"), keep=keep)
    found, missed, mistaken = Counter[str](), Counter[str](), Counter[str]()
    covered, times = 0, []
    for row in rows:
        begin = perf_counter()
        entities = (await redactor.redact(row["text"])).entities
        times.append(perf_counter() - begin)
        spans = _spans(row)
        for span in spans:
            (found if any(_meet(span, e) for e in entities) else missed)[span.type] += 1
            covered += sum(min(e.end, span.end) - max(e.start, span.start) for e in entities if _touch(span, e)) >= span.end - span.start
        mistaken.update(e.type for e in entities if not any(_meet(span, e) for span in spans))
    redactor.close()
    kinds = sorted({*found, *missed, *mistaken})
    return {
        "utterances": len(rows),
        "all": _scores(found.total(), missed.total(), mistaken.total()) | {"covered": covered},
        "by_kind": {kind: _scores(found[kind], missed[kind], mistaken[kind]) for kind in kinds},
        "median_ms": _ms(times),
    }


def _spans(row: Row) -> list[Entity]:
    spans: list[Entity] = []
    at = 0
    for entity in row.get("entities") or ():
        start = row["text"].index(entity["text"], at)
        at = start + len(entity["text"])
        spans.append(Entity(type=entity["type"], start=start, end=at))
    return spans


def _touch(a: Entity, b: Entity) -> bool:
    return a.start < b.end and b.start < a.end


def _meet(a: Entity, b: Entity) -> bool:
    return a.type == b.type and _touch(a, b)


async def _triage(store: ModelStore, rows: Sequence[Row]) -> dict[str, object]:
    read = yaml.safe_load((ROOT / "config" / "escalation.yaml").read_text())
    phrases = IntentPhrases(
        asks=tuple(read["asks_for_person"]["phrases"]),
        asks_not=tuple(read["asks_for_person"]["not"]),
        topics={name: tuple(topic["phrases"]) for name, topic in read["topics"].items()},
        ordinary=tuple(read["ordinary"]),
    )
    embedder = OnnxEmbedder(store.path("minilm"))
    begin = perf_counter()
    recognizer = await EmbeddingIntents.build(embedder, phrases)
    build_s = round(perf_counter() - begin, 2)
    judged, times = [], []
    for row in rows:
        begin = perf_counter()
        judged.append((row, await recognizer.recognize(RedactedText(row["text"]))))
        times.append(perf_counter() - begin)
    embedder.close()
    by_topic = {topic: _counted([(row["topic"] == topic, i.topic == topic) for row, i in judged]) for topic in phrases.topics}
    return {
        "utterances": len(rows),
        "asks_for_person": _counted([(row["asks_for_person"], i.asks_for_person) for row, i in judged]),
        "topics_macro_f1": round(sum(scores["f1"] for scores in by_topic.values()) / len(by_topic), 3),
        "by_topic": by_topic,
        "build_s": build_s,
        "median_ms": _ms(times),
    }


def _checker(rows: Sequence[Row]) -> dict[str, object]:
    checker = SupportChecker()
    times: list[float] = []
    refused = 0
    for row in rows:
        begin = perf_counter()
        refused += not checker.check([row["passage"]], row["answer"]).supported
        times.append(perf_counter() - begin)
    return {"paraphrases": len(rows), "refused": refused, "false_alarms": round(refused / max(1, len(rows)), 3), "median_ms": _ms(times)}


def _counted(pairs: Sequence[tuple[bool, bool]]) -> dict[str, float]:
    """From (is, is said to be)."""
    count: Callable[[bool, bool], int] = lambda true, said: sum(pair == (true, said) for pair in pairs)  # noqa: E731
    return _scores(count(True, True), count(True, False), count(False, True))


def _scores(right: int, missed: int, mistaken: int) -> dict[str, float]:
    recall, precision = right / max(1, right + missed), right / max(1, right + mistaken)
    f1 = 2 * right / max(1, 2 * right + missed + mistaken)
    return {"count": right + missed, "recall": round(recall, 3), "precision": round(precision, 3), "f1": round(f1, 3)}


def _ms(times: Sequence[float]) -> float:
    return round(1000 * median(times), 2)


if __name__ == "__main__":
    main()
