"""What is in force of a folder's documents, whatever is done to their files."""

from pathlib import Path

import pytest

from tests.pdf import Words, pdf
from voice_agent.knowledge import pdf as pdf_reader
from voice_agent.knowledge.folder import DocumentFolder, Folder

GOOD = "---\nsource: hours\n---\nWe open at nine."


class Shop:
    def __init__(self, place: Path) -> None:
        self.kb = place / "kb"
        self.kb.mkdir()
        self.kept = place / "kept"
        self.write("hours.md", GOOD)

    def write(self, name: str, text: str) -> None:
        (self.kb / name).write_text(text)

    def read(self) -> Folder:
        """As a process that has just begun."""
        return DocumentFolder(self.kb, self.kept).read()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def said(folder: Folder) -> list[str]:
    return [passage.text for document in folder.documents for passage in document.passages]


@pytest.mark.parametrize(
    "broken",
    ["---\nsource: hours\nWe open at ten.", "---\nsource: [1]\n---\nWe open at ten.", "", "---\nupdated: x\n---\nWe open at ten."],
)
def test_a_broken_edit_leaves_the_version_before_it_in_force_also_after_a_restart(shop: Shop, broken: str) -> None:
    folder = DocumentFolder(shop.kb, shop.kept)
    folder.read()
    shop.write("hours.md", broken)

    for found in (folder.read(), folder.read(), shop.read()):
        assert said(found) == ["We open at nine."]
        assert [str(problem).startswith(str(shop.kb / "hours.md")) for problem in found.problems] == [True]

    shop.write("hours.md", GOOD.replace("nine", "ten"))
    assert said(shop.read()) == ["We open at ten."]
    assert shop.read().problems == ()


def test_a_document_that_was_never_right_is_not_in_force(shop: Shop) -> None:
    shop.write("hours.md", "---\nbroken")

    found = shop.read()

    assert (found.documents, len(found.problems)) == ((), 1)


def test_a_document_for_agents_is_not_for_callers(shop: Shop) -> None:
    shop.read()
    shop.write("hours.md", GOOD.replace("---\nWe", "audience: agents\n---\nWe"))

    found = shop.read()

    assert said(found) == []
    assert [document.source for document in found.for_agents] == ["hours"]


@pytest.mark.parametrize("fields", ["audience: agnets", "audience: agents\nupdated: soon"])
def test_when_it_is_not_sure_that_callers_may_hear_it_no_version_of_it_is_in_force(shop: Shop, fields: str) -> None:
    folder = DocumentFolder(shop.kb, shop.kept)
    folder.read()
    shop.write("hours.md", GOOD.replace("---\nWe", f"{fields}\n---\nWe"))

    for found in (folder.read(), shop.read()):
        assert (found.documents, found.for_agents, len(found.problems)) == ((), (), 1)


def test_a_deleted_document_is_forgotten(shop: Shop) -> None:
    shop.read()
    (shop.kb / "hours.md").unlink()
    assert said(shop.read()) == []
    assert list(shop.kept.iterdir()) == []

    shop.write("hours.md", "---\nbroken")
    assert said(shop.read()) == []


def test_what_was_understood_once_is_not_understood_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.kb / "care.pdf").write_bytes(pdf([Words(text="Clean it.", top=50)], title="Care"))
    first = shop.read()
    monkeypatch.delattr(pdf_reader, "pages")

    assert shop.read() == first


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"digest": 1}', b"\xff"])
def test_a_damaged_copy_is_made_anew(shop: Shop, damage: bytes) -> None:
    first = shop.read()
    (copy,) = shop.kept.iterdir()
    copy.write_bytes(damage)

    assert shop.read() == first


def test_of_two_documents_with_one_source_the_first_is_in_force_and_the_other_told(shop: Shop) -> None:
    shop.write("z.md", GOOD.replace("nine", "ten"))

    found = shop.read()

    assert said(found) == ["We open at nine."]
    assert ["z.md: has the source 'hours'" in str(problem) for problem in found.problems] == [True]
