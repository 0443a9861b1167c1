"""Who may come in, and what every answer wears."""

from base64 import b64encode
from dataclasses import replace

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.fakes.house import Stage
from tests.server.conftest import Server, visiting
from voice_agent.server.doorkeeper import Access

PRIVATE = ["/phone", "/desk", "/desk/events", "/"]


def basic(password: str, user: str = "maya") -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


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
    async with visiting(replace(stage, access=Access(allowed_hosts=("support.example.com",)))) as http:
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


@pytest.mark.parametrize("path", ["/phone", "/desk", "/desk/events", "/phone/calls/12345678/report"])
@pytest.mark.parametrize(
    "headers", [{}, basic("wrong"), basic(""), {"authorization": "Basic %%%"}, {"authorization": "Bearer correct horse"}]
)
async def test_with_a_password_set_phone_and_desk_ask_for_it(stage: Stage, path: str, headers: dict[str, str]) -> None:
    async with visiting(replace(stage, access=Access(desk_password="correct horse"))) as http:
        answer = await http.get(path, headers=headers)

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_the_right_password_opens_with_any_user_name_and_any_characters(stage: Stage) -> None:
    async with visiting(replace(stage, access=Access(desk_password="grün:horse"))) as http:
        assert (await http.get("/desk", headers=basic("grün:horse"))).status_code == 200
        assert (await http.get("/desk", headers=basic("grün:horse", user=""))).status_code == 200
        assert (await http.post("/phone/calls", headers=basic("grün:horse"))).status_code == 200
        assert (await http.get("/healthz")).status_code == 200


@pytest.mark.parametrize("path", ["/phone", "/desk", "/healthz", "/nothing-here", "/phone/calls/12345678/captions"])
async def test_every_answer_forbids_foreign_scripts_framing_and_sniffing(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "microphone=(self)" in headers["permissions-policy"]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_no_page_that_loads_from_elsewhere_is_served(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404
