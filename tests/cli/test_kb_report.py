"""What is told to the owners of the documents, from the command line."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Results
from tests.review.test_questions import FINISHED, LEAST, WRITTEN, recording, retrieved, understood
from voice_agent.cli.kb_report import report
from voice_agent.errors import InputError
from voice_agent.models import ModelStore
from voice_agent.session import codec
from voice_agent.session.journal import Recording


@pytest.fixture
def config(tmp_path: Path, model_store: ModelStore) -> Path:
    model_store.path("minilm")
    (tmp_path / "config").mkdir()
    return tmp_path / "config"


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "hours.md").write_text("---\ntitle: Hours\nsource: hours\nupdated: 2020-01-01\n---\nWe open at nine.\n")
    (folder / "new.md").write_text("---\ntitle: New hours <b>\nsource: new\nupdated: 2120-01-01\n---\nWe open at ten.\n")
    (folder / "safe.md").write_text("---\naudience: agents\n---\nWe open the safe at ten.\n")
    (folder / "broken.md").write_text("---\ntitle: x\n")
    return folder


def keep(journals: Path, name: str, made: Recording) -> None:
    day = journals / "2026-11-20"
    day.mkdir(parents=True, exist_ok=True)
    lines = [codec.dump(made.header), *(codec.dump_pair(pair.event, pair.commands) for pair in made.pairs)]
    (day / name).write_text("\n".join(lines) + "\n")


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    folder = tmp_path / "journals"
    keep(folder, "a.jsonl", recording(understood(), retrieved(LEAST), WRITTEN, FINISHED))
    keep(folder, "b.jsonl", recording(understood(), retrieved(0.1), query="Is <NAME> <script> in Miami?"))
    (folder / "2026-11-20" / "c.jsonl").write_text("{}\n")
    return folder


def test_everything_is_told_as_json(config: Path, kb: Path, journals: Path, results: Results) -> None:
    report(journals=journals, as_json=True, kb=kb, config=config)

    (told,) = results()
    assert (told["documents"], told["for_agents"]) == (2, 1)
    assert told["asked"] == {"calls": 2, "first": "2026-11-20", "last": "2026-11-20", "answered": 1, "asked_back": 0, "not_answered": 1}
    assert [(group["example"], group["not_answered"]) for group in told["unanswered"]] == [("Is <NAME> <script> in Miami?", 1)]
    assert [pair["why"] for pair in told["contradictions"]] == ['One says "nine", the other "ten".']
    assert [(each["source"], each["path"], each["updated"], each["answers"]) for each in told["stale"]] == [
        ("hours", "hours.md", "2020-01-01", 1)
    ]
    assert [each["source"] for each in told["unused"]] == ["new"]
    assert "broken.md:1: the front matter is never closed" in told["problems"][0]


def test_the_page_shows_it_without_a_network_and_without_markup_of_others(
    config: Path, kb: Path, journals: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(journals=journals, out=tmp_path / "report.html", kb=kb, config=config)

    page = (tmp_path / "report.html").read_text()
    assert "Is &lt;NAME&gt; &lt;script&gt; in Miami?" in page
    assert "New hours &lt;b&gt;" in page
    assert re.findall(r"(?:src|href)=\"(?!#)", page) == []
    written = capsys.readouterr()
    assert written.out == ""
    assert "c.jsonl" in written.err
    assert "1 answered, 0 asked back, 1 not answered" in written.err
    assert all("asked:" in told and "not_answered.yaml" in told for told in (page, written.err)), "what to do about the one not answered"


def test_without_journals_it_says_what_it_cannot_know(config: Path, kb: Path, tmp_path: Path, results: Results) -> None:
    report(as_json=True, out=tmp_path / "report.html", kb=kb, config=config)

    (told,) = results()
    assert (told["asked"]["calls"], told["unanswered"], told["unused"]) == (0, [], [])
    assert "Unknown: there are no answers yet." in (tmp_path / "report.html").read_text()


def test_what_counts_as_stale_is_configured(config: Path, kb: Path, results: Results) -> None:
    (config / "knowledge.yaml").write_text("stale_after_days: 36500\n")
    report(as_json=True, kb=kb, config=config)
    assert results()[0]["stale"] == []


def test_a_folder_that_is_not_there_is_named(config: Path, kb: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder of journals"):
        report(journals=tmp_path / "nowhere", kb=kb, config=config)
    with pytest.raises(InputError, match="its folder does not exist"):
        report(out=tmp_path / "nowhere" / "x.html", kb=kb, config=config)
