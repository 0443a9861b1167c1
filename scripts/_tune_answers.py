"""Fits the numbers in voice_agent/knowledge/answering.json and measures what they are worth.

Ranking: softmax regression over the candidates of each question, the passages with the right words being right.
Sentences: the same over the sentences of the first passages.
Confidence: logistic regression. Beside the questions that no document answers, each answerable one is asked again with the
documents that answer it taken away.

All three are fitted on the sample documents with the questions that their owners wrote down and without them, so that the numbers
hold for both. The list of what is not answered (kb/not_answered.yaml) is made of tuning questions: in fitting, a question is never
compared with its own like there, and the tune half is measured without the list.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
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
from voice_agent.knowledge.documents import BESIDE, document_paths, load_document
from voice_agent.knowledge.extractive import ExtractiveWriter
from voice_agent.knowledge.library import Library, lexicon_of
from voice_agent.knowledge.not_answered import NOT_ANSWERED
from voice_agent.knowledge.support import SupportChecker
from voice_agent.knowledge.tuned import tuned
from voice_agent.models import ModelStore, default_cache, load_lock
from voice_agent.ports import Vectors

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = ROOT / "voice_agent" / "knowledge" / "answering.json"
DATA = ROOT / "tests" / "data"
KB = ROOT / "kb"
_OF_KB = (DATA / "questions.yaml", DATA / "tuning" / "kettlewick.yaml", DATA / "tuning" / "callers.yaml")
SETS = (
    (KB, (NOT_ANSWERED,), _OF_KB),
    (KB, (NOT_ANSWERED, BESIDE), _OF_KB),
    (DATA / "tuning" / "northwind", (), (DATA / "tuning" / "northwind.yaml",)),
)
"""Documents, the files that are left out of them by how their names end, and what is asked of them."""
_SAME = 0.9
"""Cosine of two questions, from which on they ask the same in about the same words."""
_WEIGHTS = {"answerable": 1.0, "unanswerable": 1.5, "underspecified": 0.3, "taken away": 0.03}
"""An answer made up does more harm than one withheld. There are many questions with their documents taken away, and they are not
what callers ask: they only keep the fit honest about near misses. Most underspecified ones are told by a rule already."""
_WITH_QUESTIONS = 1.5
"""Times the weight of an unanswerable one where owners wrote questions down: there more can be asked for. In five-fold cross-validation
about 6.5 % of the answers are then withheld, and 5 % of the unanswerable are let through."""
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


async def examples(library: Library, folder: Path, questions: Sequence[Question], listed: Vectors) -> list[Example]:
    """The questions as they are, and the answerable ones without the documents that answer them."""
    documents = [load_document(path, folder) for path in document_paths(folder)]
    found = []
    for asked in questions:
        question, candidates, lexicon = await library.candidates(RedactedText(asked.text))
        unlike = [near for near in map(float, listed @ question.vector) if near < _SAME]
        question = replace(question, unanswered=max(unlike, default=0.0))
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
    asks_more = [example.kind == "unanswerable" and example.features["has_questions"] > 0 for example in found]
    count = np.array([_WEIGHTS[example.kind] for example in found]) * np.where(asks_more, _WITH_QUESTIONS, 1.0)
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


async def open_library(folder: Path, left_out: Sequence[str], home: Path, embedder: OnnxEmbedder) -> tuple[Library, Path]:
    """A library in a temporary place, and its folder there."""
    place = Path(tempfile.mkdtemp(dir=home))
    copied = place / folder.name
    shutil.copytree(folder, copied, ignore=shutil.ignore_patterns(*(f"*{ending}" for ending in left_out)))
    library = Library(ChromaIndex(place / "index", embedder.name), embedder, copied, place / "words")
    await library.sync(lambda _done, _total: None)
    return library, copied


async def tune(home: Path, embedder: OnnxEmbedder) -> dict[str, Any]:
    """Both fits, on the tune halves of every set."""
    sets = []
    for folder, left_out, files in SETS:
        questions = [asked for file in files for asked in read_questions(file, "tune")]
        listed = await embedder.embed(yaml.safe_load((folder / NOT_ANSWERED).read_text("utf-8")) if left_out == (NOT_ANSWERED,) else [])
        sets.append((*await open_library(folder, left_out, home, embedder), questions, listed))
    asked = [(library, questions) for library, _, questions, _ in sets]
    ranking = tuned()["ranking"] = await fit_ranking(asked)
    sentences = tuned()["sentences"] = await fit_sentences(asked)
    found = [example for each in sets for example in await examples(*each)]
    return {"made_by": "scripts/tune-answers --write", "ranking": ranking, "sentences": sentences, "confidence": fit_confidence(found)}


async def main(arguments: Sequence[str]) -> None:
    """Print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the numbers in force")
    parser.add_argument("--measure", choices=("tune", "held_out"), help="only measure the numbers in force, on one half")
    parser.add_argument("--bare", action="store_true", help="measure without the questions that the documents' owners wrote down")
    options = parser.parse_args(arguments)
    embedder = OnnxEmbedder(ModelStore(load_lock(ROOT / "config" / "models.lock.yaml"), default_cache()).path("minilm"))
    with tempfile.TemporaryDirectory() as home:
        if options.measure:
            left_out = [*([NOT_ANSWERED] if options.measure == "tune" else []), *([BESIDE, NOT_ANSWERED] if options.bare else [])]
            library, _ = await open_library(KB, left_out, Path(home), embedder)
            print(json.dumps(await measure(library, read_questions(DATA / "questions.yaml", options.measure)), indent=1))
            return
        numbers = json.dumps(await tune(Path(home), embedder), indent=1)
        if options.write:
            NUMBERS.write_text(numbers + "\n", encoding="utf-8")
        print(numbers)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
