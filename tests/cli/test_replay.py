"""Recorded calls, decided again from the command line."""

from pathlib import Path

import pytest
import typer

from tests.cli.conftest import Results
from voice_agent.cli.replay import replay
from voice_agent.core import events as ev
from voice_agent.core.call import Call
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, SpeechId
from voice_agent.errors import ConfigError, InputError
from voice_agent.session.journal import Journal


def record(folder: Path) -> Path:
    """The journal of a caller who hears the notice and hangs up."""
    policy = Policy()
    call, journal = Call(policy=policy, rules=()), Journal(CallId("c1"))
    journal.open(folder, policy=policy, rules=(), wall=0.0)
    for event in (
        ev.CallStarted(at=0.0, call=CallId("c1"), carrier="phone", can_bridge=True),
        ev.SpeechSent(at=0.1, speech=SpeechId(1), duration=1.0),
        ev.SpeechPlayed(at=1.1, speech=SpeechId(1)),
        ev.CallerHungUp(at=2.0),
    ):
        journal.note(event, call.handle(event))
    journal.close()
    return folder / "1970-01-01" / "c1.jsonl"


def test_a_call_replays_to_the_same_decisions(tmp_path: Path, results: Results) -> None:
    path = record(tmp_path)
    replay([path])
    assert results() == [
        {
            "journal": str(path),
            "call": "c1",
            "same": True,
            "pairs": 4,
            "torn": False,
            "disposition": "contained",
            "difference": None,
        }
    ]


def test_another_policy_shows_where_the_call_would_have_gone_otherwise(tmp_path: Path, results: Results) -> None:
    path = record(tmp_path)
    (tmp_path / "policy.yaml").write_text("notice: [Good day.]\n")

    with pytest.raises(typer.Exit) as ended:
        replay([path], policy=tmp_path / "policy.yaml")

    (result,) = results()
    assert ended.value.exit_code == 1
    assert result["same"] is False
    difference = result["difference"]
    assert (difference["line"], difference["at"], difference["event"]) == (2, 0.0, "CallStarted")
    assert difference["actual"] == [{"command": "Speak", "speech": 1, "text": "Good day."}]
    assert len(difference["expected"]) == 2


def test_a_file_that_is_no_journal_is_named_and_the_results_before_it_stay(tmp_path: Path, results: Results) -> None:
    (tmp_path / "notes.jsonl").write_text("hello\n")
    with pytest.raises(InputError, match=r"notes\.jsonl, line 1: not JSON"):
        replay([record(tmp_path), tmp_path / "notes.jsonl"])
    assert len(results()) == 1


def test_a_wrong_policy_is_told_before_anything_is_replayed(tmp_path: Path, results: Results) -> None:
    (tmp_path / "policy.yaml").write_text("patience: 3\n")
    with pytest.raises(ConfigError, match=r"policy\.yaml:1: patience: is not a key of this file"):
        replay([record(tmp_path)], policy=tmp_path / "policy.yaml")
    assert results() == []
