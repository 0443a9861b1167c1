"""A made-up knowledge base of many passages: how long it takes to index, and how long a search of it takes."""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.core.words import RedactedText
from voice_agent.knowledge.library import Library
from voice_agent.models import ModelStore, default_cache, lock_of

_SECTIONS = 6
"""Of each document, about as in kb/."""
_THINGS = "kettle toaster grinder fridge vacuum oven mixer heater fan scale juicer washer dryer freezer lamp blender iron camera".split()  # noqa: SIM905
_PARTS = "filter tank lid motor button display hose valve battery charger door handle belt blade tray sensor switch cable".split()  # noqa: SIM905
_SAYINGS = (
    "The {part} of the {name} should be cleaned every {number} weeks with warm water and a soft cloth.",
    "A new {part} costs {number} dollars and is delivered within {days} working days.",
    "If the {part} makes a noise, switch the {thing} off, wait {number} minutes and start it again.",
    "The {name} weighs {number} pounds and uses {watts} watts while the {part} is moving.",
)


def write_documents(folder: Path, passages: int) -> None:
    chance = random.Random(0)  # noqa: S311 - the same documents each time
    for number in range(-(-passages // _SECTIONS)):
        thing = chance.choice(_THINGS)
        name = f"{chance.choice(_PARTS).title()}ex {number} {thing}"
        lines = ["---", f"title: {name}", f"source: thing-{number}", "---"]
        for section in range(min(_SECTIONS, passages - number * _SECTIONS)):
            part = chance.choice(_PARTS)
            said = chance.sample(_SAYINGS, 3)
            facts = {"name": name, "thing": thing, "part": part, "number": chance.randint(2, 99), "days": chance.randint(2, 9)}
            text = " ".join(sentence.format(watts=chance.randint(20, 2000), **facts) for sentence in said)
            lines += [f"## The {part}, section {section}", text]
        (folder / f"{number}.md").write_text("\n".join(lines), encoding="utf-8")


def questions(count: int) -> list[RedactedText]:
    chance = random.Random(1)  # noqa: S311 - the same questions each time
    forms = ("How often do I clean the {} of my {}?", "what does a new {} for the {} cost", "Why is the {} of the {} so loud?")
    return [RedactedText(chance.choice(forms).format(chance.choice(_PARTS), chance.choice(_THINGS))) for _ in range(count)]


async def measure(home: Path, passages: int, searches: int) -> dict[str, Any]:
    folder = home / "kb"
    folder.mkdir()
    write_documents(folder, passages)
    embedder = OnnxEmbedder(ModelStore(lock_of(), default_cache()).path("minilm"))
    index = ChromaIndex(home / "index", embedder.name)
    library = Library(index, embedder, folder, home / "words")
    begin = time.perf_counter()
    await library.sync(lambda done, total: print(f"\r{done} of {total} passages", end="", file=sys.stderr))
    print(file=sys.stderr)
    indexed = time.perf_counter() - begin
    begin = time.perf_counter()
    await library.sync(lambda _done, _total: None)
    again = time.perf_counter() - begin
    wall, cpu = [], []
    for question in questions(searches):
        begin, busy = time.perf_counter(), time.process_time()
        await library.find(question)
        wall.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - busy)
    place = int(searches * 0.95)
    return {
        "passages": passages,
        "index_s": round(indexed, 1),
        "sync_again_s": round(again, 2),
        "search_p50_ms": round(sorted(wall)[searches // 2] * 1000, 1),
        "search_p95_ms": round(sorted(wall)[place] * 1000, 1),
        "search_p95_cpu_ms": round(sorted(cpu)[place] * 1000, 1),
    }


async def main(arguments: Sequence[str]) -> None:
    """Print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--searches", type=int, default=200)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        print(json.dumps(await measure(Path(home), options.passages, options.searches), indent=1))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
