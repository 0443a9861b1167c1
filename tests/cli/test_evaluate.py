"""`voice-agent evaluate`, with the real search over two small documents."""

import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from voice_agent.cli.evaluate import evaluate
from voice_agent.cli.evaluate_table import show_figures, show_questions
from voice_agent.errors import InputError
from voice_agent.evaluation.outcomes import Outcome
from voice_agent.evaluation.questions import Question
from voice_agent.models import ModelStore


@pytest.fixture
def config(tmp_path: Path, model_store: ModelStore) -> Path:
    for model in ("minilm", "spacy-en-md"):
        model_store.path(model)
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "returns.md").write_text("---\nsource: returns\n---\n# Returns\n\nYou have 45 days from delivery to return a kettle.\n")
    (folder / "hours.md").write_text("---\nsource: hours\n---\n# Hours\n\nThe Harbor Street store opens at nine and closes at six.\n")
    return folder


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.yaml"
    file.write_text(
        "- {id: good, question: 'How many days do I have to return a kettle?', source: returns, must_say: ['45 days'], half: tune}\n"
        "- {id: bad, question: 'When does the Harbor Street store open?', source: hours, must_say: ['at seven'], half: tune}\n"
        "- {id: far, question: 'Who won the world cup in nineteen fifty?', kind: unanswerable, half: held_out}\n"
    )
    return file


def test_the_figures_go_to_stdout_and_the_table_to_people(
    config: Path, kb: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(questions, as_json=True, out=tmp_path / "out.json", config=config, kb=kb)

    shown = capsys.readouterr()
    (line,) = shown.out.splitlines()
    told = json.loads(line)
    assert {name: told["figures"][name]["value"] for name in ("hit@1", "right", "abstention_recall", "faithfulness")} == {
        "hit@1": 1.0,
        "right": 0.5,
        "abstention_recall": 1.0,
        "faithfulness": 1.0,
    }
    assert [(each["id"], each["grade"]) for each in told["by_question"]] == [("bad", "wrong"), ("good", "right"), ("far", "right")]
    assert told["by_question"][0]["remarks"] == ['The answer does not say "at seven".']
    assert 'The answer does not say "at seven".' in shown.err
    assert json.loads((tmp_path / "out.json").read_text()) == told


def test_a_source_that_is_no_documents_is_told_before_anything_is_asked(config: Path, kb: Path, tmp_path: Path) -> None:
    file = tmp_path / "typo.yaml"
    file.write_text("- {question: a, source: retuns}\n")
    with pytest.raises(InputError, match=r'typo\.yaml:1: source: there is no document "retuns"; did you mean "returns"\?'):
        evaluate(file, config=config, kb=kb)


def test_without_json_the_table_is_the_result_and_counts_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Question(
        id="q1",
        line=1,
        text="Do you sell [bicycles]?",
        kind="unanswerable",
        sources=frozenset(),
        must_say=(),
        must_not_say=(),
        half=None,
        speech=False,
    )
    outcome = Outcome(question=asked, action="answer", answer="We do.", sentences=(), found=(), confidence=0.7, reason="", seconds=0.01)
    show_figures([outcome], console := Console(width=120))
    show_questions([outcome, outcome], console, 1)

    shown = capsys.readouterr().out
    assert "answered all the same  Do you sell [bicycles]?  (q1)" in shown
    assert "said: We do." in shown
    assert "1 more; --show 2 shows them all." in shown
    assert re.search(r"abstention_recall +│ unanswerable: not answered +│ +≥ 0.920 │ +0.000 │ +1 │ missed", shown)
    assert re.search(r"hit@1 .*≥ 0.900 │ +– │ +0 │ +│", shown)
