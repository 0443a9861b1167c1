"""Calls that are over, from the command line."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Results
from tests.world import RULES, World
from voice_agent.adapters.sql.database import open_database
from voice_agent.adapters.sql.outcome_store import SqlOutcomeStore
from voice_agent.cli import open_door
from voice_agent.core.policy import Policy
from voice_agent.core.words import CallId, RedactedText
from voice_agent.errors import InputError
from voice_agent.ports import AgentVerdict, Outcome
from voice_agent.session.journal import Journal
from voice_agent.settings import SHIPPED

MONDAY = 1_750_000_000.0
DAY = 24 * 3600.0
TRANSFERRED = Outcome(
    call=CallId("aaaa1111"),
    started=MONDAY,
    ended=MONDAY + 95,
    disposition="transferred",
    queue="claims",
    rule="complaint",
    agent="Maya",
    time_to_escalation_s=20.0,
    waiting_s=10.0,
)
CONTAINED = Outcome(call=CallId("aaaa2222"), started=MONDAY + DAY, ended=MONDAY + DAY + 30, disposition="contained")
ABANDONED = replace(
    TRANSFERRED,
    call=CallId("bbbb3333"),
    started=MONDAY + 2 * DAY,
    ended=MONDAY + 2 * DAY + 200,
    disposition="abandoned",
    rule="asked",
    agent="",
    time_to_escalation_s=40.0,
    waiting_s=60.0,
)
WRONG = AgentVerdict(
    agent="Maya",
    at=MONDAY + 400,
    disposition="no-need",
    brief_useful=True,
    escalation_right=False,
    notes=RedactedText("<NAME_1> only asked when."),
)

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "config"))


@pytest.fixture
async def stored(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/var/calls.db")
    store = SqlOutcomeStore(database)
    for outcome in (TRANSFERRED, CONTAINED, ABANDONED):
        await store.keep(outcome)
    await store.note_verdict(TRANSFERRED.call, WRONG)
    database.close()


@pytest.fixture
def run(config: Path, stored: None, results: Results) -> Run:
    def door(*arguments: str) -> list[dict[str, Any]]:
        open_door("calls").main([*arguments, "--config", str(config)], standalone_mode=False)
        return results()

    return door


def journal_of(world: World, call: CallId, folder: Path) -> None:
    journal = Journal(call)
    journal.open(folder / "journals", policy=Policy(), rules=RULES, wall=MONDAY)
    for event, commands in world.log:
        journal.note(event, commands)
    journal.close()


def test_calls_are_listed_latest_first_one_a_line(run: Run) -> None:
    found = run()

    assert [each["call"] for each in found] == ["bbbb3333", "aaaa2222", "aaaa1111"]
    assert found[2] == {
        "call": "aaaa1111",
        "started": "2025-06-15T15:06:40+00:00",
        "ended": "2025-06-15T15:08:15+00:00",
        "disposition": "transferred",
        "queue": "claims",
        "rule": "complaint",
        "agent": "Maya",
        "time_to_escalation_s": 20.0,
        "waiting_s": 10.0,
        "repeat_contact": None,
        "verdict": {
            "agent": "Maya",
            "at": "2025-06-15T15:13:20+00:00",
            "disposition": "no-need",
            "brief_useful": True,
            "escalation_right": False,
            "notes": "<NAME_1> only asked when.",
        },
    }


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--since", "2025-06-16"), ["bbbb3333", "aaaa2222"]),
        (("--since", "2025-06-17T00:00:00+02:00"), ["bbbb3333"]),
        (("--since", "12h"), []),
        (("--disposition", "contained"), ["aaaa2222"]),
        (("--queue", "claims"), ["bbbb3333", "aaaa1111"]),
        (("--rule", "asked"), ["bbbb3333"]),
        (("--agent", "Maya"), ["aaaa1111"]),
        (("--repeat",), []),
        (("--verdict", "wrong"), ["aaaa1111"]),
        (("--last", "1"), ["bbbb3333"]),
    ],
)
def test_a_list_can_be_narrowed(run: Run, options: tuple[str, ...], found: list[str]) -> None:
    assert [each["call"] for each in run(*options)] == found


def test_a_time_that_is_none_is_refused_with_what_would_be_one(run: Run) -> None:
    with pytest.raises(InputError, match="--since yesterday: is no time; write 12h"):
        run("--since", "yesterday")


def test_figures_are_counted(run: Run) -> None:
    (found,) = run("figures")

    assert found == {
        "calls": 3,
        "dispositions": {"abandoned": 1, "contained": 1, "transferred": 1},
        "containment": pytest.approx(1 / 3),
        "escalated": 2,
        "rules": [{"rule": "asked", "calls": 1, "judged": 0, "wrong": 0}, {"rule": "complaint", "calls": 1, "judged": 1, "wrong": 1}],
        "median_time_to_escalation_s": 30.0,
        "median_waiting_s": 35.0,
        "known_callers": 0,
        "repeat_contacts": None,
        "judged": 1,
        "judged_wrong": 1.0,
        "briefs_useful": 1.0,
    }
    assert run("figures", "--since", "1h")[0]["containment"] is None


def test_a_call_is_shown_with_its_outcome_brief_words_and_verdict(run: Run, tmp_path: Path) -> None:
    world = World(topics={"broken": "complaint"})
    world.caller_says("My order number is 4421 and the lid is broken.", at=9.0)
    world.run(until=30.0)
    journal_of(world, TRANSFERRED.call, tmp_path / "var")

    (story,) = run("show", "aaaa1")

    assert story["call"] == "aaaa1111"
    assert (story["outcome"]["waiting_s"], story["verdict"]["disposition"]) == (10.0, "no-need")
    assert story["brief"]["explanation"] == "Rule 'complaint' matched: topic = 'complaint' (is 'complaint')."
    assert story["brief"]["facts"] == [{"kind": "order", "text": "4421"}]
    assert "My order number is 4421 and the lid is broken." in [turn["text"] for turn in story["report"]["turns"]]


def test_a_call_without_a_journal_or_a_brief_is_shown_as_far_as_it_is_known(run: Run) -> None:
    (story,) = run("show", "aaaa2222")

    assert (story["brief"], story["report"], story["verdict"]) == (None, None, None)
    assert story["outcome"]["disposition"] == "contained"


def test_a_call_that_was_cut_off_has_a_journal_and_no_outcome(run: Run, tmp_path: Path) -> None:
    journal_of(World(), CallId("cccc4444"), tmp_path / "var")

    (story,) = run("show", "cccc4444")

    assert story["outcome"] is None
    assert story["report"]["disposition"] is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("aaaa", "2 calls begin so: aaaa1111, aaaa2222"),
        ("dddd", "there is no such call"),
        ("aa", "4 or more of its first"),
        ("../x", "is no call"),
    ],
)
def test_an_id_that_names_no_one_call_is_told(run: Run, given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        run("show", given)


def test_on_a_terminal_there_are_tables(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("voice_agent.cli.calls.on_terminal", lambda: True)
    config = ["--config", str(tmp_path / "config")]
    world = World(topics={"broken": "complaint"})
    world.caller_says("My order number is 4421 and the lid is broken.", at=9.0)
    world.run(until=30.0)
    journal_of(world, TRANSFERRED.call, tmp_path / "var")
    for arguments in (["--last", "2"], ["show", "aaaa1111"], ["figures"]):
        open_door("calls").main([*arguments, *config], standalone_mode=False)
    said = capsys.readouterr().out

    assert "1 more, begun earlier; --last 3 shows them all." in said
    for words in ("abandoned", "waited: 10 s", "order: 4421", "escalation right: no", "escalations judged wrong, of 1 judged", "100%"):
        assert words in said
