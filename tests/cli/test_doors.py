"""The doors with their real models, on a knowledge base of two documents."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Feed, Results
from tests.recordings import SPEECH
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.wav import read_wav, write_wav
from voice_agent.cli import doors
from voice_agent.errors import InputError
from voice_agent.models import ModelStore

ROOT = Path(__file__).parents[2]
ESCALATION = """\
queues: {sales: {title: Sales}, support: {title: Support}}
topics: {fraud: {phrases: [somebody used my card without my permission, I think I have been scammed]}}
rules:
  - {name: asked, when: {asks_for_person: true}, then: transfer, queue: sales, reason: The caller asked., say: One moment.}
  - {name: fraud, when: {topic: fraud}, then: transfer, queue: support, reason: It may be fraud., say: One moment.}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore) -> Path:
    """With data and rules of its own. The models must be there: `model_store` says so otherwise."""
    model_store.path("spacy-en-md")
    folder = tmp_path_factory.mktemp("home") / "config"
    folder.mkdir()
    (folder / "escalation.yaml").write_text(ESCALATION)
    return folder


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kb")
    (folder / "hours.md").write_text(
        "---\ntitle: Store hours\nsource: store-hours\n---\n\n## Weekdays\nThe Harbor Street store opens at nine on weekdays.\n"
    )
    (folder / "returns.md").write_text("# Returns\n\nYou have 45 days from delivery to return a kettle.\n")
    return folder


def run(*arguments: str, given: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "voice_agent", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, cwd=ROOT, input=given, env=dict(os.environ))


def test_redact_as_a_program_writes_results_only_and_stops_at_a_wrong_line(config: Path, kb: Path) -> None:
    given = '{"text": "my name is John Smith and my email is john at example dot com"}\n{"text": "hello"}\n{"txt": 1}\n{"text": "never"}\n'
    done = run("redact", "--config", str(config), "--kb", str(kb), given=given)

    assert done.returncode == 2
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["text"] == "my name is <NAME> and my email is <EMAIL>"
    assert first["entities"][0] == {"type": "NAME", "start": 11, "end": 21}
    assert second == {"text": "hello", "entities": []}
    assert done.stderr.startswith('voice-agent: stdin, line 3: "text" is missing')
    assert len(done.stderr.splitlines()) == 1


def test_verify_as_a_program_is_quick_to_start_and_says_what_is_wrong() -> None:
    given = json.dumps({"passages": ["You can return it within 30 days."], "answer": "You can return it within 60 days."})
    done = run("verify", given=given)

    assert (done.returncode, done.stderr) == (0, "")
    verdict = json.loads(done.stdout)
    assert verdict["supported"] is False
    assert verdict["score"] < 0.5
    assert verdict["sentences"][0]["supported"] is False
    assert "30 days" in verdict["sentences"][0]["why"]


def test_ask_answers_from_the_given_documents_or_not_at_all(feed: Feed, results: Results, config: Path, kb: Path) -> None:
    feed({"question": "When does the Harbor Street store open?"}, {"question": "Can I talk to a human being please?"})
    doors.ask(config=config, kb=kb)

    answered, escalated = results()
    assert answered["action"] == "answer"
    assert "nine" in answered["answer"]
    assert answered["citations"][0]["source"] == "store-hours"
    assert answered["seconds"] > 0
    assert escalated["action"] == "escalate"
    assert set(answered) == {"action", "answer", "citations", "confidence", "reason", "seconds"}


def test_search_finds_a_document_without_front_matter_by_its_path(feed: Feed, results: Results, config: Path, kb: Path) -> None:
    feed({"query": "how long can I return a kettle"})
    doors.search(config=config, kb=kb)

    ((best, *_),) = [line["hits"] for line in results()]
    assert (best["source"], best["passage"]) == ("returns.md", "You have 45 days from delivery to return a kettle.")
    assert 0 < best["score"] <= 1


def test_triage_and_brief_see_the_same_conversation(feed: Feed, results: Results, config: Path, kb: Path) -> None:
    turns = [
        {"speaker": "caller", "text": "My name is John Smith, where is my order?"},
        {"speaker": "agent", "text": "Orders take two days."},
        {"speaker": "caller", "text": "Let me talk to a person."},
    ]
    feed({"turns": turns}, {"text": "When do you open?"}, {"text": "Somebody has used my card!"})
    doors.triage(config=config, kb=kb)
    first, second, third = results()
    feed({"turns": turns})
    doors.brief(config=config, kb=kb)
    (brief,) = results()

    assert (first["decision"], first["rule"], first["queue"]) == ("transfer", "asked", "sales")
    assert first["facts"]["asks_for_person"] is True
    assert (second["decision"], second["rule"], second["queue"], second["reason"]) == ("continue", None, None, None)
    assert second["facts"]["topic"] is None
    assert (third["rule"], third["facts"]["topic"]) == ("fraud", "fraud")
    assert (brief["rule"], brief["queue"], brief["redactions"]) == ("asked", "sales", ["NAME"])
    assert brief["headline"] == "My name is <NAME>, where is my order?"
    assert "John" not in json.dumps(brief)


def test_transcribe_hears_words_where_there_are_some_and_none_in_silence(results: Results, tmp_path: Path, config: Path) -> None:
    spoken = SPEECH / "az_weather.wav"
    silence = tmp_path / "silence.wav"
    write_wav(silence, Pcm(samples=read_wav(spoken).samples // 4096, rate=read_wav(spoken).rate))

    doors.transcribe([spoken, silence], config=config)

    heard, nothing = results()
    assert "weather" in heard["text"].lower()
    assert (heard["path"], heard["audio_s"]) == (str(spoken), pytest.approx(2.03, abs=0.01))
    assert heard["seconds"] > 0
    assert nothing["text"] == ""


def test_transcribe_names_a_file_that_is_no_recording(config: Path) -> None:
    with pytest.raises(InputError, match=r"NOTICE\.md: is not a WAV file"):
        doors.transcribe([SPEECH / "NOTICE.md"], config=config)
