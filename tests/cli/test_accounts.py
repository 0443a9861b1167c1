"""Accounts from the command line."""

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Results
from voice_agent.cli.accounts import add, link, list_, log, phone_, remove
from voice_agent.errors import InputError, PortError
from voice_agent.settings import SHIPPED


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "config"))


def test_an_account_is_made_listed_given_a_new_link_removed_and_all_of_it_audited(config: Path, results: Results) -> None:
    add("Maya", queue=["support", "claims"], config=config)
    (made,) = results()
    assert re.match(r"http://127\.0\.0\.1:8080/setup\?name=Maya&token=[\w-]{40,}$", made.pop("link"))
    assert made == {"name": "Maya", "role": "agent", "queues": ["support", "claims"]}

    list_(config=config)
    assert results() == [{"name": "Maya", "role": "agent", "queues": ["support", "claims"], "active": False, "phone": ""}]
    link("maya", config=config)
    assert results()[0]["link"] != made
    remove("maya", config=config)
    list_(config=config)
    assert results() == [{"removed": "Maya"}]

    log(last=10, config=config)
    assert [(deed["who"], deed["what"], deed["about"]) for deed in results()] == [
        ("command line", what, "Maya") for what in ("removed an account", "made a new link", "made an account")
    ]


def test_a_mistake_is_told_with_what_would_be_right(config: Path) -> None:
    with pytest.raises(InputError, match='did you mean "support"'):
        add("Maya", queue=["suport"], config=config)
    with pytest.raises(InputError, match="needs at least one --queue"):
        add("Maya", config=config)
    with pytest.raises(InputError, match="leave --queue out"):
        add("Maya", role="admin", queue=["support"], config=config)
    with pytest.raises(InputError, match="is no name"):
        add("  ", role="admin", config=config)
    add("Maya", role="admin", config=config)
    with pytest.raises(PortError, match="already"):
        add("maya", role="admin", config=config)
    with pytest.raises(InputError, match='did you mean "Maya"'):
        link("Mya", config=config)


def test_a_phone_is_set_and_taken_away_and_only_its_end_is_ever_shown(config: Path, results: Results) -> None:
    add("Maya", role="admin", phone="+1 (555) 010-5678", config=config)
    results()
    list_(config=config)
    phone_("maya", "+15550105699", config=config)
    phone_("Maya", "-", config=config)
    list_(config=config)

    first, changed, gone, last = results()
    assert [first["phone"], changed, gone, last["phone"]] == ["…78", {"name": "Maya", "phone": "…99"}, {"name": "Maya", "phone": ""}, ""]
    log(last=2, config=config)
    assert [(deed["what"], deed["about"]) for deed in results()] == [("took a phone away", "Maya"), ("set a phone", "Maya")]


@pytest.mark.parametrize("number", ["2065550178", "+0555", "+1555x", "++15550105678", ""])
def test_a_phone_that_is_no_number_is_refused_without_being_repeated(config: Path, number: str) -> None:
    add("Maya", role="admin", config=config)

    with pytest.raises(InputError, match=r"write it with \+ and country code") as refusal:
        phone_("Maya", number, config=config)

    assert not number or number not in str(refusal.value)
