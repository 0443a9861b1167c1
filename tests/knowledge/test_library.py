"""A library stays in step with its folder, whatever happens in between."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes.knowledge import BagEmbedder, MemoryIndex
from voice_agent.core.words import RedactedText
from voice_agent.errors import InputError
from voice_agent.knowledge.library import Library, SyncReport

FILES = {
    "returns.md": "---\ntitle: Returns\nsource: returns\n---\nYou can return a kettle for 30 days.\n\n## Sale\nSale items have 14 days.",
    "hours.md": "---\ntitle: Hours\nsource: hours\n---\nThe Austin shop opens at nine.",
}


class Shop:
    """A folder of documents and all that belongs to it, as a process would find it after a restart."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "kb"
        self.words = place / "words"
        self.folder.mkdir()
        self.index = MemoryIndex()
        self.embedder = BagEmbedder()
        self.progress: list[tuple[int, int]] = []
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def open(self) -> Library:
        self.progress.clear()
        self.embedder.read_texts.clear()
        return Library(self.index, self.embedder, self.folder, self.words)

    async def sync(self, library: Library | None = None) -> SyncReport:
        return await (library or self.open()).sync(lambda done, total: self.progress.append((done, total)))

    async def found(self, library: Library, query: str) -> list[str]:
        return [passage.text for passage in (await library.find(RedactedText(query))).passages]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


async def test_every_passage_is_indexed_and_progress_counts_passages(shop: Shop) -> None:
    library = shop.open()

    report = await shop.sync(library)

    assert counts(report) == (2, 0, 0, 0)
    assert shop.progress == [(1, 3), (3, 3)]
    assert (await shop.found(library, "when does the Austin shop open"))[0] == "The Austin shop opens at nine."


async def test_an_unchanged_folder_is_not_read_again_and_nothing_is_said(shop: Shop) -> None:
    await shop.sync()

    report = await shop.sync()

    assert counts(report) == (0, 0, 0, 2)
    assert shop.progress == []
    assert shop.embedder.read_texts == []


async def test_only_the_document_that_changed_is_read_again(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    shop.embedder.read_texts.clear()
    shop.write("hours.md", FILES["hours.md"].replace("nine", "ten"))

    report = await shop.sync(library)

    assert counts(report) == (0, 1, 0, 1)
    assert shop.embedder.read_texts == ["Hours. The Austin shop opens at ten."]
    assert (await shop.found(library, "Austin shop opens"))[0] == "The Austin shop opens at ten."


async def test_a_deleted_document_is_never_found_again(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    (shop.folder / "hours.md").unlink()

    report = await shop.sync(library)

    assert counts(report) == (0, 0, 1, 1)
    assert "The Austin shop opens at nine." not in await shop.found(library, "Austin shop opens")
    assert len(list(shop.words.glob("*.words"))) == 1


async def test_a_renamed_source_replaces_the_old_one(shop: Shop) -> None:
    await shop.sync()
    shop.write("hours.md", FILES["hours.md"].replace("source: hours", "source: opening"))

    assert counts(await shop.sync()) == (1, 0, 1, 1)
    assert set(await shop.index.digests()) == {"returns", "opening"}


async def test_a_broken_document_is_reported_and_the_others_are_indexed(shop: Shop) -> None:
    shop.write("broken.md", "---\ntitle: Broken\n")

    report = await shop.sync()

    assert counts(report) == (2, 0, 0, 0)
    assert [str(problem).startswith(f"{shop.folder / 'broken.md'}:1:") for problem in report.problems] == [True]


async def test_two_documents_with_one_source_are_reported_and_the_first_counts(shop: Shop) -> None:
    shop.write("zz.md", "---\nsource: hours\n---\nSomething else.")

    report = await shop.sync()

    assert counts(report) == (2, 0, 0, 0)
    (problem,) = report.problems
    assert "zz.md" in str(problem)
    assert "hours.md" in str(problem)


async def test_a_folder_that_is_not_there_is_a_clear_error(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: no such folder"):
        await Library(shop.index, shop.embedder, tmp_path / "nowhere", shop.words).sync(lambda _done, _total: None)


async def test_a_document_that_becomes_one_for_agents_is_out_of_force_at_once(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    shop.write("hours.md", FILES["hours.md"].replace("source: hours", "source: hours\naudience: agents"))

    report = await shop.sync(library)

    assert (counts(report), report.for_agents) == ((0, 0, 1, 1), 1)
    assert "The Austin shop opens at nine." not in await shop.found(library, "Austin shop opens")
    assert set(await shop.index.digests()) == {"returns"}


async def test_what_is_deleted_is_gone_before_what_is_new_has_been_read(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    (shop.folder / "hours.md").unlink()
    shop.write("new.md", "The Boston shop opens at ten.")
    shop.embedder.broken_after = 0
    with pytest.raises(ConnectionAbortedError):
        await shop.sync(library)
    shop.embedder.broken_after = None

    assert "The Austin shop opens at nine." not in await shop.found(library, "Austin shop opens")
    lexicon = (await library.candidates(RedactedText("austin")))[2]
    assert (lexicon.holds("austin"), lexicon.holds("kettle")) == (False, True)


async def test_a_changed_document_answers_as_before_until_the_new_one_is_ready(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    shop.write("hours.md", FILES["hours.md"].replace("nine", "ten"))
    shop.write("long.md", "\n\n".join(f"# Part {n}\nParagraph number {n}." for n in range(9)))
    asked: list[list[str]] = []

    async def ask() -> None:
        while not asked or asked[-1] == ["The Austin shop opens at nine."]:
            asked.append((await shop.found(library, "Austin shop opens"))[:1])
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        group.create_task(ask())
        group.create_task(shop.sync(library))

    assert asked[0] == ["The Austin shop opens at nine."]
    assert asked[-1] == ["The Austin shop opens at ten."]


async def test_short_documents_come_first_and_an_interrupted_sync_leaves_the_rest_to_the_next(shop: Shop) -> None:
    shop.write("long.md", "\n\n".join(f"# Part {n}\nParagraph number {n}." for n in range(9)))
    library = shop.open()

    report = await library.sync(lambda _done, _total: None, lambda: "Hours. The Austin shop opens at nine." in shop.embedder.read_texts)

    assert counts(report) == (1, 0, 0, 0)
    assert await shop.found(library, "Austin shop opens") == ["The Austin shop opens at nine."]
    assert counts(await shop.sync(library)) == (2, 0, 0, 1)


@pytest.mark.parametrize("texts_read", [0, 1, 2])
async def test_a_sync_cut_off_at_any_point_is_completed_by_the_next(shop: Shop, texts_read: int) -> None:
    shop.embedder.broken_after = texts_read
    with pytest.raises(ConnectionAbortedError):
        await shop.sync()
    shop.embedder.broken_after = None

    library = shop.open()
    await shop.sync(library)

    assert set(await shop.index.digests()) == {"returns", "hours"}
    assert sorted(await shop.found(library, "kettle sale Austin shop")) == [
        "Sale items have 14 days.",
        "The Austin shop opens at nine.",
        "You can return a kettle for 30 days.",
    ]


async def test_a_document_that_the_index_lost_is_put_back_though_its_file_is_unchanged(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    await shop.index.remove("hours")

    await shop.sync(library)

    assert set(await shop.index.digests()) == {"returns", "hours"}
    assert (await shop.found(library, "Austin shop opens"))[0] == "The Austin shop opens at nine."


async def test_what_nothing_reads_any_more_is_removed_but_not_what_another_process_is_writing(shop: Shop) -> None:
    shop.words.mkdir()
    for name in ("gone.words", "old.npz", "new.1.part"):
        (shop.words / name).touch()

    await shop.sync()

    assert not [path for path in shop.words.iterdir() if path.name in ("gone.words", "old.npz")]
    assert (shop.words / "new.1.part").exists()


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "zeroed", "foreign"])
async def test_what_was_kept_of_a_reading_heals_when_it_is_damaged(shop: Shop, damage: str) -> None:
    healthy = shop.open()
    await shop.sync(healthy)
    expected = await healthy.find(RedactedText("Austin shop opens"))
    for path in shop.words.glob("*.words"):
        content = path.read_bytes()
        if damage == "missing":
            path.unlink()
        else:
            head, body = content.split(b"\n", 1)
            zeroed = head + b"\n" + bytes(len(body))
            path.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "zeroed": zeroed, "foreign": b"hello"}[damage])

    library = shop.open()
    await shop.sync(library)

    assert await library.find(RedactedText("Austin shop opens")) == expected


async def test_before_its_first_sync_a_library_knows_nothing(shop: Shop) -> None:
    finding = await shop.open().find(RedactedText("When does the shop open?"))

    assert finding.passages == ()
    assert finding.confidence == 0.0


async def test_an_empty_folder_knows_nothing(shop: Shop) -> None:
    for path in shop.folder.iterdir():
        path.unlink()
    library = shop.open()

    assert counts(await shop.sync(library)) == (0, 0, 0, 0)
    assert (await library.find(RedactedText("When does the shop open?"))).confidence == 0.0


async def test_a_passage_that_is_no_longer_in_force_can_still_be_written_from(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    (old,) = [p for p in (await library.find(RedactedText("Austin shop"))).passages if p.source == "hours"]
    before = await library.words_of(old)
    (shop.folder / "hours.md").unlink()
    await shop.sync(library)

    after = await library.words_of(old)

    assert after.words == before.words
    assert (after.vectors == before.vectors).all()


LATE = "asked:\n  Sale:\n    - whitewall bargain gone wrong\n"


async def test_a_passage_is_found_by_what_callers_ask_of_it_and_nothing_of_that_is_said(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    before = await library.find(RedactedText("whitewall bargain"))
    shop.write("returns.md.meta.yaml", LATE)

    report = await shop.sync(library)
    after = await library.find(RedactedText("whitewall bargain"))

    assert counts(report) == (0, 1, 0, 1)
    assert after.passages[0].text == "Sale items have 14 days."
    assert after.passages[0].score > before.passages[0].score
    assert "gone wrong" not in repr(after)


async def test_what_callers_ask_is_known_after_a_restart_without_reading_it_again(shop: Shop) -> None:
    shop.write("returns.md.meta.yaml", LATE)
    await shop.sync()
    library = shop.open()

    await shop.sync(library)

    assert shop.embedder.read_texts == []
    assert (await shop.found(library, "whitewall bargain"))[0] == "Sale items have 14 days."


async def test_a_question_that_is_known_to_have_no_answer_is_less_likely_to_be_answered(shop: Shop) -> None:
    library = shop.open()
    await shop.sync(library)
    before = (await library.find(RedactedText("can I return a kettle as a gift"))).confidence
    shop.write("not_answered.yaml", "- can I return a kettle as a gift\n")

    await shop.sync(library)

    assert (await library.find(RedactedText("can I return a kettle as a gift"))).confidence < before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("asked: [a]", "not_answered.yaml:1: must be a list of questions"),
        ("- a\n- {b: c}", "not_answered.yaml:2: must be a question"),
        ("- a\n- [b", "not_answered.yaml:2: is not valid YAML"),
    ],
)
async def test_a_broken_list_of_what_is_not_answered_is_reported_and_the_one_before_stays(shop: Shop, text: str, told: str) -> None:
    library = shop.open()
    shop.write("not_answered.yaml", "- can I return a kettle as a gift\n")
    await shop.sync(library)
    before = (await library.find(RedactedText("can I return a kettle as a gift"))).confidence
    shop.write("not_answered.yaml", text)

    report = await shop.sync(library)

    (problem,) = report.problems
    assert told in str(problem)
    assert (await library.find(RedactedText("can I return a kettle as a gift"))).confidence == before
