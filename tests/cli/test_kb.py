"""The documents, indexed and listed from the command line."""

from pathlib import Path

import pytest
import typer

from tests.cli.conftest import Results
from voice_agent.cli.kb import list_, sync
from voice_agent.errors import InputError
from voice_agent.models import ModelStore


@pytest.fixture
def config(tmp_path: Path, model_store: ModelStore) -> Path:
    model_store.path("minilm")
    (tmp_path / "config").mkdir()
    return tmp_path / "config"


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "hours.md").write_text("---\ntitle: Hours\nsource: hours\nupdated: 2026-05-19\n---\nWe open at nine.\n")
    (folder / "returns.md").write_text("# Returns\n\nYou have 45 days.\n")
    return folder


def test_sync_reads_what_changed_and_nothing_else(config: Path, kb: Path, results: Results) -> None:
    sync(kb, config=config)
    (kb / "hours.md").write_text("---\ntitle: Hours\nsource: hours\n---\nWe open at eight.\n")
    (kb / "returns.md").unlink()
    sync(kb, config=config)
    sync(kb, config=config)

    counts = [[line[key] for key in ("added", "changed", "removed", "unchanged")] for line in results()]
    assert counts == [[2, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]]


def test_two_folders_do_not_disturb_each_other(config: Path, kb: Path, tmp_path: Path, results: Results) -> None:
    other = tmp_path / "other" / "kb"
    other.mkdir(parents=True)
    (other / "a.md").write_text("We are closed.\n")
    sync(kb, config=config)
    sync(other, config=config)
    sync(kb, config=config)
    assert [line["unchanged"] for line in results()] == [0, 0, 2]


def test_a_document_that_cannot_be_read_is_told_and_the_others_are_indexed(
    config: Path, kb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kb / "broken.md").write_text("---\ntitle: x\n")
    with pytest.raises(typer.Exit) as ended:
        sync(kb, config=config)
    written = capsys.readouterr()
    assert ended.value.exit_code == 1
    assert '"added": 2' in written.out
    assert "broken.md:1: the front matter is never closed" in written.err


def test_list_tells_every_document_and_what_is_wrong_with_it(config: Path, kb: Path, results: Results) -> None:
    (kb / "broken.md").write_text("---\ntitle: x\n")
    list_(kb, config=config)
    broken, hours, returns = results()
    assert (broken["source"], "never closed" in broken["problem"]) == (None, True)
    assert hours == {
        "source": "hours",
        "title": "Hours",
        "updated": "2026-05-19",
        "audience": "public",
        "path": str(kb / "hours.md"),
        "passages": 1,
        "problem": None,
    }
    assert (returns["source"], returns["title"]) == ("returns.md", "Returns")


def test_a_folder_that_is_not_there_is_named(config: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: no such folder of documents"):
        list_(tmp_path / "nowhere", config=config)
