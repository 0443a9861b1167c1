"""Fits the numbers in voice_agent/knowledge/answering.json and measures what they are worth.

Ranking: softmax regression over the candidates of each question, the passages with the right words being right.
Sentences: the same over the sentences of the first passages.
Confidence: logistic regression. Beside the questions that no document answers, each answerable one is asked again with the
documents that answer it taken away.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.core.words import RedactedText
from voice_agent.evaluation.figures import figures
from voice_agent.evaluation.outcomes import Outcome, checked
from voice_agent.evaluation.questions import Question, read_questions
from voice_agent.knowledge import picking
from voice_agent.knowledge.candidates import likenesses
from voice_agent.knowledge.confidence import features
from voice_agent.knowledge.documents import document_paths, load_document
from voice_agent.knowledge.extractive import ExtractiveWriter
from voice_agent.knowledge.library import Library, lexicon_of
from voice_agent.knowledge.support import SupportChecker
from voice_agent.knowledge.tuned import tuned
from voice_agent.models import ModelStore, default_cache, load_lock

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = ROOT / "voice_agent" / "knowledge" / "answering.json"
DATA = ROOT / "tests" / "data"
SETS = (
    (ROOT / "kb", (DATA / "questions.yaml", DATA / "tuning" / "kettlewick.yaml", DATA / "tuning" / "callers.yaml")),
    (DATA / "tuning" / "northwind", (DATA / "tuning" / "northwind.yaml",)),
)
"""Documents, and what is asked of them; the first is what is measured."""
_WEIGHTS = {"answerable": 1.0, "unanswerable": 1.5, "underspecified": 0.3, "taken away": 0.03}
"""An answer made up does more harm than one withheld. There are many questions with their documents taken away, and they are not
what callers ask: they only keep the fit honest about near misses. Most underspecified ones are told by a rule already."""
_LINE = 0.5
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question, asked of a knowledge base."""

    asked: Question
    kind: str
    features: dict[str, float]


# ---------------------------------------------------------------- measuring


async def measure(library: Library, questions: Sequence[Question]) -> dict[str, Any]:
    """Search and answers alone, without redaction and rules; `voice-agent evaluate` measures with them, and shows each question."""
    writer, checker = ExtractiveWriter(library), SupportChecker()
    outcomes: list[Outcome] = []
    lengths: list[int] = []
    for asked in questions:
        begin = time.perf_counter()
        finding = await library.find(RedactedText(asked.text))
        answers = finding.confidence >= _LINE and bool(finding.passages)
        spoken = [s async for s in writer.write(RedactedText(asked.text), finding.passages, ()) if not s.more] if answers else []
        seconds = time.perf_counter() - begin
        lengths += [len(spoken)] * answers
        outcomes.append(
            Outcome(
                question=asked,
                action="answer" if answers else "clarify" if finding.clarify else "abstain",
                answer=" ".join(s.text for s in spoken),
                sentences=checked(checker, spoken),
                found=finding.passages,
                confidence=finding.confidence,
                reason=finding.reason,
                seconds=seconds,
            )
        )
    shown = {each.name: each.value for each in figures(outcomes)}
    return {"questions": len(questions), **shown, "sentences": round(float(np.mean(lengths)), 2) if lengths else 0.0}


# ---------------------------------------------------------------- fitting


async def fit_ranking(libraries: Sequence[tuple[Library, Sequence[Question]]]) -> dict[str, float]:
    """Weights that sum to 1."""
    groups: list[_Group] = []
    for library, questions in libraries:
        for asked in questions:
            if asked.kind == "answerable":
                question, found, _ = await library.candidates(RedactedText(asked.text))
                right = [c.passage.source in asked.sources and not asked.missing(c.passage.text) for c in found]
                groups.append(([likenesses(question, each) for each in found], right))
    weights = {name: max(0.0, weight) for name, weight in _softmax_regression(groups, strength=0.005).items()}
    return {name: round(weight / sum(weights.values()), 3) for name, weight in weights.items()}


async def fit_sentences(libraries: Sequence[tuple[Library, Sequence[Question]]]) -> dict[str, float]:
    """Weights of a unit's likenesses, after the ranking is fitted."""
    groups: list[_Group] = []
    for library, questions in libraries:
        for asked in questions:
            if asked.kind == "answerable":
                question, found, _ = await library.candidates(RedactedText(asked.text))
                among = picking.units(question, [(each.passage, each.words) for each in found])
                right = [u.passage.source in asked.sources and not asked.missing(" ".join(u.sentences)) for u in among]
                groups.append(([unit.likenesses for unit in among], right))
    return {name: round(weight, 3) for name, weight in _softmax_regression(groups, strength=0.01).items()}


_Group = tuple[list[dict[str, float]], list[bool]]
"""What can be chosen from, and which of it is right."""


def _softmax_regression(groups: Sequence[_Group], strength: float) -> dict[str, float]:
    """Weights, in the values' own units, with which what is right is chosen likeliest."""
    names = list(groups[0][0][0])
    given = [(np.array([list(each.values()) for each in values]), np.array(right)) for values, right in groups if any(right)]
    spread = np.concatenate([values for values, _ in given]).std(axis=0) + 1e-9
    weights = np.zeros(len(names))
    for _ in range(1000):
        slope = strength * weights
        for values, right in given:
            total = (values / spread) @ weights
            chance = np.exp(total - total.max())
            chance /= chance.sum()
            slope += ((chance - chance * right / (chance * right).sum()) @ (values / spread)) / len(given)
        weights -= 0.5 * slope
    return {name: float(weight) for name, weight in zip(names, weights / spread, strict=True)}


async def examples(library: Library, folder: Path, questions: Sequence[Question]) -> list[Example]:
    """The questions as they are, and the answerable ones without the documents that answer them."""
    documents = [load_document(path, folder) for path in document_paths(folder)]
    found = []
    for asked in questions:
        question, candidates, lexicon = await library.candidates(RedactedText(asked.text))
        found.append(Example(asked=asked, kind=asked.kind, features=features(question, candidates, lexicon)))
        if asked.kind == "answerable":
            others = [candidate for candidate in candidates if candidate.passage.source not in asked.sources]
            rest = lexicon_of([document for document in documents if document.source not in asked.sources])
            found.append(Example(asked=asked, kind="taken away", features=features(question, others, rest)))
    return found


def fit_confidence(found: Sequence[Example], strength: float = 8.0) -> dict[str, Any]:
    """Bias and weights, in the features' own units. `strength` holds the weights small; cross-validation hardly cares for it."""
    names = list(found[0].features)
    rows = np.array([[example.features[name] for name in names] for example in found])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    given = np.c_[(rows - mean) / spread, np.ones(len(rows))]
    right = np.array([example.kind == "answerable" for example in found], np.float64)
    count = np.array([_WEIGHTS[example.kind] for example in found])
    held = strength * np.diag(np.r_[np.ones(len(names)), 0.0])
    weights = np.zeros(len(names) + 1)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(given @ weights, -30, 30)))
        slope = given.T @ (count * (chance - right)) + held @ weights
        curve = (given.T * (count * chance * (1 - chance) + 1e-6)) @ given + held
        weights -= np.linalg.solve(curve, slope)
    raw = weights[:-1] / spread
    bias = float(weights[-1] - raw @ mean)
    return {"bias": round(bias, 4), "weights": {name: round(float(value), 4) for name, value in zip(names, raw, strict=True)}}


# ---------------------------------------------------------------- the command line


async def open_library(folder: Path, home: Path, embedder: OnnxEmbedder) -> Library:
    """A library in a temporary place."""
    place = home / folder.name
    library = Library(ChromaIndex(place / "index", embedder.name), embedder, folder, place / "words")
    await library.sync(lambda _done, _total: None)
    return library


async def tune(home: Path, embedder: OnnxEmbedder) -> dict[str, Any]:
    """Both fits, on the tune halves of every set."""
    sets = []
    for folder, files in SETS:
        questions = [asked for file in files for asked in read_questions(file, "tune")]
        sets.append((await open_library(folder, home, embedder), folder, questions))
    asked = [(library, questions) for library, _, questions in sets]
    ranking = tuned()["ranking"] = await fit_ranking(asked)
    sentences = tuned()["sentences"] = await fit_sentences(asked)
    found = [example for library, folder, questions in sets for example in await examples(library, folder, questions)]
    return {"made_by": "scripts/tune-answers --write", "ranking": ranking, "sentences": sentences, "confidence": fit_confidence(found)}


async def main(arguments: Sequence[str]) -> None:
    """Print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the numbers in force")
    parser.add_argument("--measure", choices=("tune", "held_out"), help="only measure the numbers in force, on one half")
    options = parser.parse_args(arguments)
    embedder = OnnxEmbedder(ModelStore(load_lock(ROOT / "config" / "models.lock.yaml"), default_cache()).path("minilm"))
    with tempfile.TemporaryDirectory() as home:
        if options.measure:
            folder, (file, *_) = SETS[0]
            library = await open_library(folder, Path(home), embedder)
            print(json.dumps(await measure(library, read_questions(file, options.measure)), indent=1))
            return
        numbers = json.dumps(await tune(Path(home), embedder), indent=1)
        if options.write:
            NUMBERS.write_text(numbers + "\n", encoding="utf-8")
        print(numbers)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
