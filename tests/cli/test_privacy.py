"""Retention and callers' rights from the command line."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Feed, Results
from voice_agent.cli.privacy import erase, export, retain, tier
from voice_agent.errors import ConfigError, InputError
from voice_agent.settings import SHIPPED

KEY = "a key of the test that is long enough"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "config"))


def test_a_caller_who_never_called_has_nothing_to_export_or_erase(config: Path, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLER_KEY", KEY)
    export("+15005550006", config=config)
    erase("+15005550006", config=config)
    assert results() == [{"calls": 0, "journals": 0, "handovers": 0, "under_way": 0}]


def test_without_a_key_or_a_number_the_doors_say_how_to_mend_it(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLER_KEY", raising=False)
    with pytest.raises(ConfigError, match="CALLER_KEY is not set, so no call is known to be anybody's"):
        export("+15005550006", config=config)
    monkeypatch.setenv("CALLER_KEY", KEY)
    with pytest.raises(InputError, match=r"of the form \+15550101234") as mistake:
        erase("5005550006", config=config)
    assert "5005550006" not in str(mistake.value)


def test_a_short_key_is_refused_without_being_quoted(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLER_KEY", "opensesame")
    with pytest.raises(ConfigError, match="CALLER_KEY: is shorter than 32 characters") as mistake:
        export("+15005550006", config=config)
    assert "opensesame" not in str(mistake.value)


def test_retain_tells_how_much_is_gone(config: Path, results: Results) -> None:
    retain(config=config)
    assert results() == [{"journals": 0, "handovers": 0, "calls": 0, "audit_log": 0}]


def test_callers_get_a_tier_and_lose_it_by_numbers_that_are_nowhere_stored(
    config: Path, feed: Feed, results: Results, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLER_KEY", KEY)
    feed("\N{ZERO WIDTH NO-BREAK SPACE}+15005550006", "", "+1 (500) 555-0007", "+15005550006\r")
    tier("gold", config=config)
    assert results() == [{"tier": "gold", "callers": 2}]
    export("+15005550006", config=config)
    assert results() == [{"tier": "gold"}]
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("calls.db*"))
    assert b"gold" in stored
    assert b"5005550006" not in stored

    (tmp_path / "numbers.txt").write_text("+15005550006\n")
    tier(str(tmp_path / "numbers.txt"), none=True, config=config)
    assert results() == [{"tier": None, "callers": 1}]
    export("+15005550006", config=config)
    assert results() == []
    export("+15005550007", config=config)
    assert results() == [{"tier": "gold"}]


def test_lines_without_a_number_are_named_without_being_quoted_and_the_others_stored(
    config: Path, feed: Feed, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLER_KEY", KEY)
    feed("5005550006", "+15005550007", b"\xff")
    with pytest.raises(InputError, match=r"^stdin: no phone number of the form \+15550101234 in line 1, 3;") as mistake:
        tier("gold", config=config)
    assert "5005550006" not in str(mistake.value)
    assert results() == [{"tier": "gold", "callers": 1}]


def test_a_tier_needs_a_key_a_name_and_a_file_that_is_there(config: Path, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    feed("+15005550006")
    monkeypatch.delenv("CALLER_KEY", raising=False)
    with pytest.raises(ConfigError, match="CALLER_KEY is not set"):
        tier("gold", config=config)
    monkeypatch.setenv("CALLER_KEY", KEY)
    with pytest.raises(InputError, match="is not a name of a tier; write small letters") as mistake:
        tier("+15005550006", config=config)
    assert "5005550006" not in str(mistake.value)
    with pytest.raises(InputError, match="NAME: is not a name of a tier"):
        tier(config=config)
    with pytest.raises(InputError, match="--none takes the place of the NAME"):
        tier("gold", Path("numbers.txt"), none=True, config=config)
    with pytest.raises(InputError, match="FILE: cannot be read"):
        tier("gold", Path("gone.txt"), config=config)
