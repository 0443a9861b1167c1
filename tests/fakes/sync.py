"""A process that brings an index in step, to be killed: `python -m tests.fakes.sync KB HOME`. Tells each step on a line."""

import asyncio
import sys
from pathlib import Path

from tests.fakes.knowledge import BagEmbedder
from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.knowledge.library import Library


async def main(kb: Path, home: Path) -> None:
    index, embedder = ChromaIndex(home / "index", BagEmbedder.name), BagEmbedder()
    library = Library(index, embedder, kb, home / "words")
    print("opened", flush=True)  # noqa: T201
    await library.sync(lambda done, total: print(done, total, flush=True))  # noqa: T201
    index.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
