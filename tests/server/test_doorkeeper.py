"""Who may come in, and what every answer wears."""

import time
from dataclasses import replace

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.fakes.house import MAYA, Stage
from tests.server.conftest import Server, visiting

PRIVATE = ["/phone", "/desk", "/desk/events", "/"]


@pytest.mark.parametrize("path", PRIVATE)
@pytest.mark.parametrize("host", ["tunnel.example.com", "127.0.0.1.example.com", "", "localhost.evil.example:8080"])
async def test_a_tunnels_host_does_not_publish_the_pages(http: httpx.AsyncClient, path: str, host: str) -> None:
    answer = await http.get(path, headers={"host": host})

    assert answer.status_code == 403
    assert "allowed_hosts" in answer.text


async def test_a_tunnels_host_reaches_the_carriers_routes_and_the_probes(http: httpx.AsyncClient) -> None:
    there = {"host": "tunnel.example.com"}

    assert (await http.get("/healthz", headers=there)).status_code == 200
    assert (await http.get("/readyz", headers=there)).status_code == 200
    unset = await http.post("/twilio/voice", headers=there)
    assert unset.status_code == 503
    assert "TWILIO_ACCOUNT_SID" in unset.text


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "LOCALHOST", "[::1]:8080", "127.0.0.1"])
async def test_this_machines_own_names_are_known_with_any_port(http: httpx.AsyncClient, host: str) -> None:
    assert (await http.get("/phone", headers={"host": host})).status_code == 200


async def test_an_allowed_host_is_served(stage: Stage) -> None:
    async with visiting(replace(stage, allowed_hosts=("support.example.com",))) as http:
        assert (await http.get("/phone", headers={"host": "support.example.com"})).status_code == 200
        assert (await http.get("/phone")).status_code == 403, "the list replaces the local names"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_foreign_page_cannot_begin_a_call_or_take_one(http: httpx.AsyncClient, origin: str) -> None:
    for path in ("/phone/calls", "/desk/calls/12345678/accept"):
        assert (await http.post(path, headers={"origin": origin})).status_code == 403


async def test_a_cross_site_request_is_refused_even_without_an_origin(http: httpx.AsyncClient) -> None:
    assert (await http.post("/phone/calls", headers={"sec-fetch-site": "cross-site"})).status_code == 403


async def test_our_own_page_and_programs_without_an_origin_may_begin_a_call(http: httpx.AsyncClient) -> None:
    ours = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    assert (await http.post("/phone/calls", headers=ours)).status_code == 200
    assert (await http.post("/phone/calls")).status_code == 200


@pytest.mark.parametrize("path", ["/phone/media", "/desk/audio/12345678"])
@pytest.mark.parametrize("how", [{"origin": "https://evil.example"}, {"name": "tunnel.example.com"}], ids=lambda how: next(iter(how)))
async def test_a_foreign_pages_websocket_is_refused_before_it_opens(server: Server, path: str, how: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with server.dial(path, **how):
            pass

    assert refused.value.response.status_code == 403


BEHIND_THE_DOOR = ["/openapi.json", "/desk", "/desk/events", "/desk/calls/12345678", "/desk/calls/12345678/captions", "/nothing-here"]


@pytest.mark.parametrize("path", BEHIND_THE_DOOR)
@pytest.mark.parametrize("cookie", ["", "session=nonsense", "session=WyJNYXlhIiwxXQ.c2lnbmVkLW5vdA"])
async def test_nobody_gets_past_the_door_without_signing_in(http: httpx.AsyncClient, path: str, cookie: str) -> None:
    http.cookies.clear()
    answer = await http.get(path, headers={"cookie": cookie})

    assert answer.status_code == 401
    assert "/login" in answer.text


async def test_a_browser_is_led_to_the_sign_in_page_and_back(http: httpx.AsyncClient) -> None:
    http.cookies.clear()
    answer = await http.get("/desk", headers={"accept": "text/html,*/*"})

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/desk"


@pytest.mark.parametrize("verb", ["accept", "decline", "complete"])
async def test_nobody_takes_a_call_without_signing_in(http: httpx.AsyncClient, verb: str) -> None:
    http.cookies.clear()
    assert (await http.post(f"/desk/calls/12345678/{verb}")).status_code == 401


@pytest.mark.parametrize("path", ["/phone", "/phone/calls/12345678/report", "/phone/calls/12345678/captions"])
async def test_the_phone_page_is_open_in_demo_mode_only(stage: Stage, path: str) -> None:
    for demo in (True, False):
        async with visiting(replace(stage, demo=demo)) as http:
            http.cookies.clear()
            assert ((await http.get(path)).status_code == 401) == (not demo)
            assert ((await http.post("/phone/calls")).status_code == 401) == (not demo)
            assert (await http.get("/healthz")).status_code == 200


async def test_a_removed_account_and_a_changed_password_end_the_session_at_once(stage: Stage) -> None:
    async with visiting(stage) as http:
        assert (await http.get("/desk")).status_code == 200
        await stage.accounts.replace(replace(MAYA, changed=time.time() + 1))
        assert (await http.get("/desk")).status_code == 401
        await stage.accounts.replace(MAYA)
        assert (await http.get("/desk")).status_code == 200
        await stage.accounts.remove("Maya")
        assert (await http.get("/desk")).status_code == 401


async def test_a_session_ends_after_a_working_day(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with visiting(stage) as http:
        monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
        assert (await http.get("/desk")).status_code == 401


@pytest.mark.parametrize("path", ["/phone", "/desk", "/healthz", "/nothing-here", "/phone/calls/12345678/captions"])
async def test_every_answer_forbids_foreign_scripts_framing_and_sniffing(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "microphone=(self)" in headers["permissions-policy"]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_page_that_loads_from_elsewhere_is_served(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404
