"""How often the right document is found first for a caller's next question, with and without what was said before it."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.adapters.onnx_embedder import OnnxEmbedder
from voice_agent.core.follow_ups import in_context
from voice_agent.core.words import Citation, Line, RedactedText
from voice_agent.knowledge.library import Library
from voice_agent.models import ModelStore, default_cache, lock_of

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "tests" / "data" / "follow_ups.yaml"


async def measure(library: Library, pairs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """hit@1 of the second questions; those that lean on the first apart from those that turn to something new."""
    seen: dict[str, list[bool]] = {}
    for pair in pairs:
        right = {pair["source"]} if isinstance(pair["source"], str) else set(pair["source"])
        kind = "leaning" if pair["leans"] else "new subject"
        asked = RedactedText(pair["next"])
        for how, query in (("alone", asked), ("in context", in_context(asked, await _before(library, pair["first"])))):
            _, found, _ = await library.candidates(query)
            seen.setdefault(f"{kind}, {how}", []).append(bool(found) and found[0].passage.source in right)
            if how == "in context":
                seen.setdefault(f"{kind}: told rightly", []).append((query != asked) == pair["leans"])
    return {"pairs": len(pairs), **{name: round(sum(values) / len(values), 3) for name, values in sorted(seen.items())}}


async def _before(library: Library, first: str) -> list[Line]:
    """The conversation when the first question has been answered from what is found for it."""
    _, found, _ = await library.candidates(RedactedText(first))
    best = found[0].passage
    cited = Citation(source=best.source, title=best.title, passage=best.text)
    return [Line(speaker="caller", text=RedactedText(first)), Line(speaker="agent", text=best.text, citations=(cited,))]


async def main(arguments: Sequence[str]) -> None:
    """Print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("tune", "held_out"), default="held_out", help="which half of the pairs")
    options = parser.parse_args(arguments)
    embedder = OnnxEmbedder(ModelStore(lock_of(), default_cache()).path("minilm"))
    pairs = [pair for pair in yaml.safe_load(QUESTIONS.read_text(encoding="utf-8")) if pair["half"] == options.half]
    with tempfile.TemporaryDirectory() as home:
        library = Library(ChromaIndex(Path(home) / "index", embedder.name), embedder, ROOT / "kb", Path(home) / "words")
        await library.sync(lambda _done, _total: None)
        print(json.dumps(await measure(library, pairs), indent=1))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
