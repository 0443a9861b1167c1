"""A sync that is killed, by a signal that cannot be caught, at any point: the next one makes everything good."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.fakes.knowledge import BagEmbedder
from voice_agent.adapters.chroma_index import ChromaIndex
from voice_agent.core.words import RedactedText
from voice_agent.knowledge.library import Library

ROOT = Path(__file__).parents[2]
DOCUMENTS = 12


def write(kb: Path, opening: str) -> None:
    for number in range(DOCUMENTS):
        (kb / f"{number:02}.md").write_text(f"# Shop {number}\nShop {number} opens at {opening}.\n\n## Sunday\nIt is closed on Sunday.")


async def killed(kb: Path, home: Path, steps: int) -> None:
    """After so many steps."""
    command = [sys.executable, "-m", "tests.fakes.sync", str(kb), str(home)]
    running = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert running.stdout is not None
    told = [(await running.stdout.readline()).decode() for _ in range(steps + 1)]
    running.kill()
    await running.wait()
    assert told[0] == "opened\n"
    assert all(told)


async def test_a_sync_that_is_killed_anywhere_is_made_good_by_the_next(tmp_path: Path) -> None:
    kb, home = tmp_path / "kb", tmp_path / "home"
    kb.mkdir()
    for opening, steps in (("nine", 5), ("ten", DOCUMENTS)):
        write(kb, opening)
        await killed(kb, home, steps)
    (kb / "11.md").unlink()

    index = ChromaIndex(home / "index", BagEmbedder.name)
    library = Library(index, BagEmbedder(), kb, home / "words")
    report = await library.sync(lambda _done, _total: None)
    digests = await index.digests()
    every = await index.search((await BagEmbedder().embed(["Shop opens"]))[0], 1000)
    finding = await library.find(RedactedText("When does Shop 3 open?"))
    index.close()

    assert report.problems == ()
    assert set(digests) == {f"{number:02}.md" for number in range(DOCUMENTS - 1)}
    assert sorted(hit.text for hit in every if "opens" in hit.text) == sorted(f"Shop {n} opens at ten." for n in range(DOCUMENTS - 1))
    assert len(every) == 2 * (DOCUMENTS - 1)
    assert finding.passages[0].text == "Shop 3 opens at ten."
    assert {path.stem for path in (home / "words").glob("*.words")} == set(digests.values())
