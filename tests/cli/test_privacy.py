"""Retention and callers' rights from the command line."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Results
from voice_agent.cli.privacy import erase, export, retain
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
