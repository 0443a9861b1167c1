"""Recall and precision of the redactor by kind, of triage by topic, and what the answer checker lets pass and refuses, as one JSON object.

A piece of personal data counts as found when nothing of it is left and its kind is right, and as removed when nothing of it is left.
"""

import argparse
import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import yaml

from tests.redaction import Count, Half, Measured, measure, read_utterances
from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.adapters.presidio_redactor import PresidioRedactor, company_words
from voice_agent.core.sentences import split_sentences
from voice_agent.core.words import RedactedText
from voice_agent.evaluation.swaps import Swap, half_of, swaps
from voice_agent.knowledge.documents import Document, document_paths, load_document
from voice_agent.knowledge.intents import EmbeddingIntents, IntentPhrases
from voice_agent.knowledge.support import SupportChecker
from voice_agent.models import ModelStore, default_cache, lock_of

ROOT = Path(__file__).parents[1]
Row = Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["tune", "held_out"], default="held_out", help="which half of the data to measure on")
    parser.add_argument("--redaction", action="store_true", help="redaction only, as a table; of the tune half with every mistake")
    given = parser.parse_args()
    store = ModelStore(lock_of(), default_cache())
    if given.redaction:
        _print_table(given.half, asyncio.run(_redaction(store, given.half)))
    else:
        print(json.dumps(asyncio.run(_measure(store, given.half)), indent=2))


async def _measure(store: ModelStore, half: Half) -> dict[str, object]:
    return {
        "half": half,
        "redaction": _as_json(await _redaction(store, half)),
        "triage": await _triage(store, [row for row in (*_data("triage"), *_data("tuning/asking")) if row.get("half", "tune") == half]),
        "checker": _checker([row for row in _data("support") if row["half"] == half], half),
    }


def _data(name: str) -> list[Row]:
    rows: list[Row] = yaml.safe_load((ROOT / "tests" / "data" / f"{name}.yaml").read_text())
    return rows


async def _redaction(store: ModelStore, half: Half) -> Measured:
    keep = company_words((file.read_text() for file in sorted((ROOT / "kb").glob("*.md"))), ["Kettlewick"])
    redactor = PresidioRedactor(store.path("spacy-en-md"), keep=keep)
    try:
        return await measure(redactor, read_utterances(half))
    finally:
        redactor.close()


def _as_json(measured: Measured) -> dict[str, object]:
    def counted(count: Count) -> dict[str, float]:
        return asdict(count) | {"recall": round(count.recall, 3), "precision": round(count.precision, 3)}

    return {
        "utterances": measured.utterances,
        "without_personal_data": measured.without_personal_data,
        "spoilt": measured.spoilt,
        "all": counted(measured.all),
        "by_kind": {kind: counted(count) for kind, count in measured.kinds.items()},
        "median_ms": measured.median_ms,
    }


def _print_table(half: str, measured: Measured) -> None:
    print(f"{'kind':<14} {'said':>5} {'recall':>7} {'removed':>8} {'precision':>10}")
    for kind, count in [*measured.kinds.items(), ("all", measured.all)]:
        print(f"{kind:<14} {count.said:>5} {count.recall:>7.3f} {count.removed / max(1, count.said):>8.3f} {count.precision:>10.3f}")
    spoilt = f"{measured.spoilt} of {measured.without_personal_data} without personal data were changed"
    print(f"{half}: {measured.utterances} utterances; {spoilt}; median {measured.median_ms} ms an utterance")
    if half == "tune":
        print("", "Where something is wrong:", *measured.remarks, sep="\n")


async def _triage(store: ModelStore, rows: Sequence[Row]) -> dict[str, object]:
    read = yaml.safe_load((ROOT / "config" / "escalation.yaml").read_text())
    phrases = IntentPhrases(
        asks=tuple(read["asks_for_person"]["phrases"]),
        asks_not=tuple(read["asks_for_person"]["not"]),
        topics={name: tuple(topic["phrases"]) for name, topic in read["topics"].items()},
        ordinary=tuple(read["ordinary"]),
    )
    embedder = OnnxEmbedder(store.path("minilm"))
    with TemporaryDirectory() as folder:
        kept = Path(folder) / "phrases.npz"
        begin = perf_counter()
        await EmbeddingIntents.build(embedder, phrases, kept)
        first = perf_counter()
        # The embedder remembers too; a second start has a fresh one.
        again = OnnxEmbedder(store.path("minilm"))
        ready = perf_counter()
        recognizer = await EmbeddingIntents.build(again, phrases, kept)
        build_s = [round(first - begin, 2), round(perf_counter() - ready, 2)]
    judged, times, cpu = [], [], []
    for row in rows:
        begin, began = perf_counter(), process_time()
        judged.append((row, await recognizer.recognize(RedactedText(row["text"]))))
        times.append(perf_counter() - begin)
        cpu.append(process_time() - began)
    embedder.close()
    again.close()
    about = [(row, i) for row, i in judged if "topic" in row]
    by_topic = {topic: _counted([(row["topic"] == topic, i.topic == topic) for row, i in about]) for topic in phrases.topics}
    return {
        "utterances": len(rows),
        "asks_for_person": _counted([(row["asks_for_person"], i.asks_for_person) for row, i in judged]),
        "topics_macro_f1": round(sum(scores["f1"] for scores in by_topic.values()) / len(by_topic), 3),
        "by_topic": by_topic,
        "build_s_without_and_with_kept_vectors": build_s,
        "median_ms": _ms(times),
        "p95_ms": _ms95(times),
        "cpu_median_ms": _ms(cpu),
        "cpu_p95_ms": _ms95(cpu),
    }


def _checker(rows: Sequence[Row], half: str) -> dict[str, object]:
    """False alarms on true paraphrases and on the documents' own sentences; swaps caught in both, by kind."""
    checker = SupportChecker()
    paraphrases = [(row["passage"], row["answer"]) for row in rows]
    own = [(p.text, s) for d in _documents() for p in d.passages if half_of(p.text) == half for s in split_sentences(p.text)]
    times: list[float] = []

    def passes(passage: str, sentence: str) -> bool:
        begin = perf_counter()
        supported = checker.check([passage], sentence).supported
        times.append(perf_counter() - begin)
        return supported

    refused = sum(not passes(*pair) for pair in paraphrases)
    return {
        "paraphrases": len(rows),
        "refused": refused,
        "false_alarms": round(refused / max(1, len(rows)), 3),
        "own_sentences": len(own),
        "own_sentences_refused": sum(not passes(*pair) for pair in own),
        "swaps_in_own_sentences": _caught(swaps(own, seed=1), passes),
        "swaps_in_paraphrases": _caught(swaps(paraphrases, seed=1), passes),
        "median_ms": _ms(times),
    }


def _documents() -> list[Document]:
    return [load_document(path, ROOT / "kb") for path in document_paths(ROOT / "kb")]


def _caught(made: Sequence[Swap], passes: Callable[[str, str], bool]) -> dict[str, object]:
    results = [(swap.kind, not passes(swap.passage, swap.sentence)) for swap in made]
    kinds = sorted({kind for kind, _ in results})

    def share(caught: Sequence[bool]) -> dict[str, float]:
        return {"count": len(caught), "caught": round(sum(caught) / max(1, len(caught)), 3)}

    # A thing in place of another often makes no sense at all: it is shown, and not counted with what a caller would believe.
    return {"all": share([caught for kind, caught in results if kind != "thing"])} | {
        kind: share([caught for each, caught in results if each == kind]) for kind in kinds
    }


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


def _ms95(times: Sequence[float]) -> float:
    return round(1000 * quantiles(times, n=20)[-1], 2)


if __name__ == "__main__":
    main()
