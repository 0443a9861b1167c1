"""Signing in and out, and choosing a password by a one-time link."""

import re
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.fakes.house import DANIEL, MAYA, PASSWORD, Stage
from tests.server.conftest import visiting
from voice_agent.ports import Account
from voice_agent.server.attempts import Attempts
from voice_agent.server.login import first_link, setup_link

ADA = Account(name="Ada", role="admin", queues=(), password="", changed=5.0)


async def sign_in(http: httpx.AsyncClient, name: str = "Maya", password: str = PASSWORD, **form: str) -> httpx.Response:
    return await http.post("/login", data={"name": name, "password": password, **form})


@pytest.fixture
async def stranger(http: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser that has not signed in."""
    http.cookies.clear()
    return http


async def test_the_right_password_opens_the_desk_and_signing_out_closes_it(stranger: httpx.AsyncClient, stage: Stage) -> None:
    answer = await sign_in(stranger, " maya ", next="/desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert "Maya" in (await stranger.get("/desk")).text

    assert (await stranger.post("/logout")).headers["location"] == "/login"
    assert (await stranger.get("/desk")).status_code == 401
    assert [(deed.who, deed.what) for deed in stage.audit.deeds] == [("Maya", "signed in"), ("Maya", "signed out")]


async def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_off_this_machine_of_plain_http(stage: Stage) -> None:
    async with visiting(replace(stage, allowed_hosts=("127.0.0.1", "desk.example.com"))) as http:
        near = (await sign_in(http)).headers["set-cookie"].lower()
        far = (await http.post("https://desk.example.com/login", data={"name": "Maya", "password": PASSWORD})).headers["set-cookie"].lower()
    for cookie in (near, far):
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
    assert "secure" not in near
    assert "secure" in far


@pytest.mark.parametrize(
    ("name", "password"), [("Maya", "wrong"), ("Maya", ""), ("nobody", PASSWORD), ("", ""), ("Ada", ""), ("Ada", PASSWORD)]
)
async def test_a_wrong_name_or_password_is_refused_without_saying_which(
    stranger: httpx.AsyncClient, stage: Stage, name: str, password: str
) -> None:
    await stage.accounts.add(ADA)
    answer = await sign_in(stranger, name, password)

    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert "set-cookie" not in answer.headers
    assert stage.audit.deeds[-1].what == "failed to sign in"


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""])
async def test_signing_in_leads_nowhere_but_here(stranger: httpx.AsyncClient, away: str) -> None:
    assert (await sign_in(stranger, next=away)).headers["location"] == "/desk"
    page = (await stranger.get("/login", params={"next": away})).text
    assert re.search(r'name="next" value="(.*?)"', page)[1] == "/desk"  # type: ignore[index]


async def test_a_guesser_is_slowed_down_and_the_right_password_does_not_help_meanwhile(stranger: httpx.AsyncClient) -> None:
    for _ in range(5):
        assert (await sign_in(stranger, password="a guess")).status_code == 401
    slowed = await sign_in(stranger)

    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["retry-after"]) <= 3
    assert (await sign_in(stranger, "Daniel")).status_code == 303, "others still come in"


def test_each_further_failure_doubles_the_wait_up_to_five_minutes_and_success_forgives() -> None:
    attempts = Attempts(free=3)
    waits = []
    for number in range(12):
        attempts.failed("maya", 100.0 + number / 1000)
        waits.append(round(attempts.wait("maya", 100.0 + number / 1000)))
    assert waits == [0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert attempts.wait("daniel", 101.0) == 0
    assert attempts.wait("maya", 2000.0) == 0, "forgotten after a quarter of an hour"
    attempts.succeeded("maya")
    assert attempts.wait("maya", 101.0) == 0


async def test_a_store_that_fails_lets_nobody_in_and_says_that_it_is_our_fault(stranger: httpx.AsyncClient, stage: Stage) -> None:
    stage.accounts.broken = True
    assert (await sign_in(stranger)).status_code == 503


# ---------------------------------------------------------------- the one-time links


async def test_the_first_admin_makes_an_account_by_the_link_once(stage: Stage) -> None:
    link = await first_link(stage.accounts, stage.store, time.time())
    token = parse_qs(urlsplit(link).query)["token"][0]
    async with visiting(stage) as http:
        http.cookies.clear()
        assert "Make the first account" in (await http.get(link)).text
        form = {"token": token, "name": "Grace  Hopper", "password": "a long enough one"}
        made = await http.post("/setup", data=form)
        assert (made.status_code, made.headers["location"]) == (303, "/desk")
        assert "Grace Hopper" in (await http.get("/desk")).text
        again = await http.post("/setup", data={**form, "name": "Mallory"})
    assert again.status_code == 403
    assert "<form" not in again.text, "a form that is bound to fail"
    assert await stage.accounts.find("Mallory") is None
    assert await first_link(stage.accounts, stage.store, time.time()) == "", "there is an admin now"


async def test_without_the_key_of_a_link_there_is_no_form_but_a_word_about_where_links_come_from(stranger: httpx.AsyncClient) -> None:
    page = (await stranger.get("/setup")).text
    assert "<form" not in page
    assert "accounts link NAME" in page


async def test_the_first_link_takes_over_no_account_that_is_there(stage: Stage) -> None:
    link = await first_link(stage.accounts, stage.store, time.time())
    token = parse_qs(urlsplit(link).query)["token"][0]
    async with visiting(stage) as http:
        answer = await http.post("/setup", data={"token": token, "name": "maya", "password": "a long enough one"})
    assert answer.status_code == 403
    assert await stage.accounts.find("Maya") == MAYA


async def test_an_invited_person_chooses_a_password_once(stage: Stage) -> None:
    await stage.accounts.add(ADA)
    link = await setup_link(stage.store, ADA, time.time())
    query = {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}
    async with visiting(stage) as http:
        http.cookies.clear()
        page = await http.get(link)
        assert "Welcome, Ada" in page.text
        form = {**query, "invited": "true", "password": "a long enough one"}
        assert (await http.post("/setup", data={**form, "password": "short"})).status_code == 403
        assert (await http.post("/setup", data=form)).status_code == 303
        assert (await http.post("/setup", data=form)).status_code == 403
        assert (await sign_in(http, "Ada", "a long enough one")).status_code == 303


async def test_a_link_is_void_when_the_account_has_changed_since_or_is_somebody_elses(stage: Stage) -> None:
    await stage.accounts.add(ADA)
    link = await setup_link(stage.store, ADA, time.time())
    token = parse_qs(urlsplit(link).query)["token"][0]
    async with visiting(stage) as http:
        form = {"token": token, "invited": "true", "password": "a long enough one"}
        assert (await http.post("/setup", data={**form, "name": "Daniel"})).status_code == 403
        await stage.accounts.replace(replace(ADA, changed=6.0))
        assert (await http.post("/setup", data={**form, "name": "Ada"})).status_code == 403
    assert await stage.accounts.find("Daniel") == DANIEL
