"""The rules of escalation, checked, tested and tried on recorded calls."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from tests.cli.conftest import Results
from voice_agent.cli.config import check, diff, history, rollback, run_cases
from voice_agent.core import events as ev
from voice_agent.core.call import Call
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, RedactedText
from voice_agent.errors import ConfigError, InputError
from voice_agent.session.journal import Journal
from voice_agent.settings import SHIPPED, load_settings
from voice_agent.settings.generations import Generations


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the shipped configuration."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "config"))


def edit(config: Path, old: str, new: str, name: str = "escalation.yaml") -> Path:
    path = config / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_the_shipped_rules_can_all_be_reached_and_each_has_a_case(results: Results, capsys: pytest.CaptureFixture[str]) -> None:
    check()
    (found,) = results()
    assert found["unreachable"] == found["advice"] == []
    assert found["cases"] >= found["rules"]


def test_a_rule_below_one_that_takes_its_calls_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = edit(config, "when: {unanswered_in_row: {at_least: 3}}", "when: {unanswered_in_row: {at_least: 1}}")

    with pytest.raises(typer.Exit) as ended:
        check(config=config)

    assert ended.value.exit_code == 1
    assert f'{path}: rule "two-unanswered" is never reached: whenever it matches, "three-unanswered"' in capsys.readouterr().err


def test_a_topic_without_a_rule_and_a_rule_without_a_case_are_told(config: Path, results: Results) -> None:
    edit(config, "\n  legal:", "\n  press:\n    phrases: [I am calling from the newspaper]\n  legal:")
    edit(config, '  - {say: "You will be hearing from my lawyer.", rule: legal}\n', "", "escalation_tests.yaml")

    check(config=config)

    (found,) = results()
    assert found["advice"] == [
        'topic "press": no rule asks for it.',
        'rule "legal": no case of escalation_tests.yaml triggers it; add one.',
    ]


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        ("{say: hello, rule: legl}", 'did you mean "legal"?'),
        ("{facts: {silence_in_row: 3}}", 'did you mean "silences_in_row"?'),
        ("{facts: {silences_in_row: three}}", '"three" is not a number'),
        ("{rule: legal}", "give either `say`"),
        ("{say: hello, rules: legal}", "is not a key of this file"),
    ],
)
def test_a_mistake_in_a_case_is_told_with_its_line(config: Path, case: str, complaint: str) -> None:
    path = config / "escalation_tests.yaml"
    path.write_text(f"cases:\n  - {case}\n", "utf-8")

    with pytest.raises(ConfigError) as refused:
        check(config=config)

    assert str(refused.value).startswith(f"{path}:2: ")
    assert complaint in str(refused.value)


def test_the_shipped_rules_decide_every_shipped_case_as_it_says(results: Results) -> None:
    run_cases()
    (counts,) = results()
    assert counts["failed"] == 0


def test_a_case_that_is_decided_otherwise_is_shown_with_the_reason(config: Path, results: Results) -> None:
    (config / "escalation_tests.yaml").write_text('cases:\n  - {facts: {key: "0"}, rule: legal}\n  - {facts: {key: "5"}}\n', "utf-8")

    with pytest.raises(typer.Exit) as ended:
        run_cases(config=config)

    case, counts = results()
    assert ended.value.exit_code == 1
    assert (case["line"], case["facts"], case["expected"], case["decided"]) == (2, {"key": "0"}, "legal", "pressed-zero")
    assert "key = '0'" in case["explain"]
    assert counts == {"cases": 2, "failed": 1}


def test_without_cases_the_door_says_where_to_write_some(config: Path) -> None:
    (config / "escalation_tests.yaml").unlink()
    with pytest.raises(InputError, match=r"escalation_tests\.yaml: there are no cases yet"):
        run_cases(config=config)


def record(folder: Path, call_id: str, *presses: str) -> None:
    """The journal of a caller who presses keys, under the shipped rules."""
    settings = load_settings(None, {})
    policy = replace(Policy(), notice=(RedactedText("Hello."),))
    call, journal = Call(policy=policy, rules=settings.rules), Journal(CallId(call_id))
    journal.open(folder, policy=policy, rules=settings.rules, wall=0.0)
    keys = (ev.KeyPressed(at=2.0 + number, key=key) for number, key in enumerate(presses))
    for event in (ev.CallStarted(at=0.0, call=CallId(call_id), carrier="phone", can_bridge=True), *keys, ev.CallerHungUp(at=9.0)):
        journal.note(event, call.handle(event))
    journal.close()


def test_a_changed_rule_names_the_calls_it_would_have_changed(config: Path, tmp_path: Path, results: Results) -> None:
    record(tmp_path / "journals", "zero", "0")
    record(tmp_path / "journals", "five", "5")
    path = edit(config, 'when: {key: "0"}\n    then: transfer\n    queue: support', 'when: {key: "0"}\n    then: offer\n    queue: claims')

    diff(over=tmp_path / "journals", file=path)

    changed, counts = results()
    assert changed["call"] == "zero"
    assert changed["was"] == {"turn": 0, "at": 2.0, "decision": "transfer", "rule": "pressed-zero", "queue": "support"}
    assert changed["would_be"] == {"turn": 0, "at": 2.0, "decision": "offer", "rule": "pressed-zero", "queue": "claims"}
    assert counts == {"calls": 2, "changed": 1, "unread": 0}


def test_a_rule_taken_away_leaves_the_caller_with_the_assistant(config: Path, tmp_path: Path, results: Results) -> None:
    record(tmp_path / "journals", "zero", "0")
    path = edit(config, 'when: {key: "0"}', 'when: {key: "9"}')

    diff(over=tmp_path / "journals", file=path)

    changed, _ = results()
    assert changed["would_be"] is None


def test_the_rules_in_force_change_nothing(tmp_path: Path, results: Results) -> None:
    record(tmp_path / "journals", "zero", "0")
    diff(over=tmp_path / "journals")
    assert results() == [{"calls": 1, "changed": 0, "unread": 0}]


def test_a_file_that_is_no_journal_is_told_and_the_others_are_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(tmp_path / "journals", "zero", "0")
    (tmp_path / "journals" / "odd.jsonl").write_text("{}\n")

    diff(over=tmp_path / "journals")

    out, err = capsys.readouterr()
    assert "odd.jsonl, line 1" in err
    assert out.splitlines() == ['{"calls": 1, "changed": 0, "unread": 1}']


def publish(config: Path) -> None:
    """As a running server does with an edit."""
    Generations(config.parent / "var" / "generations").publish(load_settings(config, {}).policy_files, 0.0)


def test_the_last_edit_is_undone_by_one_command_even_when_the_files_are_broken_by_now(config: Path, results: Results) -> None:
    publish(config)
    path = edit(config, "priority: 1", "priority: 5")
    publish(config)
    edit(config, "then: transfer", "then: nothing")
    history(config=config)
    assert [each["generation"] for each in results()] == [1, 2]

    rollback(config=config)

    (told,) = results()
    assert told["generation"] == 1
    assert path.read_text("utf-8") == (SHIPPED / "escalation.yaml").read_text("utf-8")
    assert "then: nothing" in Path(told["kept"][0]).read_text("utf-8")


def test_the_first_generation_has_none_to_go_back_to(config: Path) -> None:
    publish(config)
    with pytest.raises(InputError, match="there is no earlier generation"):
        rollback(config=config)
