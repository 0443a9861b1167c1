"""Every route that the server has, asked for by somebody who has not signed in: new ones are found by themselves."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.fakes.house import Stage
from voice_agent.server.app import create_app

OPEN = {
    "/": "leads to the phone page, which asks",
    "/healthz": "a probe",
    "/readyz": "a probe",
    "/login": "where one signs in",
    "/setup": "where the first admin, or the owner of a one-time link, chooses a password",
}
SIGNED = "/twilio/"
"""Twilio signs its requests; without the signature, or without Twilio's configuration, they are refused."""


@pytest.fixture
def client(stage: Stage) -> TestClient:
    return TestClient(create_app(replace(stage, demo=False).house()), base_url="http://127.0.0.1", follow_redirects=False)


def routes_of(client: TestClient) -> Iterator[BaseRoute]:
    """All of them, those of the routers that were included too."""
    for route in client.app.routes:  # type: ignore[attr-defined]
        yield from route.original_router.routes if hasattr(route, "original_router") else [route]


def asked(client: TestClient) -> Iterator[tuple[str, str]]:
    for route in routes_of(client):
        if isinstance(route, APIRoute):
            yield from ((method, re.sub(r"{[^}]*}", "12345678", route.path)) for method in sorted(route.methods or ()))


def test_whoever_has_not_signed_in_is_refused_on_every_route_but_the_open_ones(client: TestClient) -> None:
    refused = {(method, path): client.request(method, path).status_code for method, path in asked(client) if path not in OPEN}

    assert len(refused) > 15
    signed = {each: status for each, status in refused.items() if each[1].startswith(SIGNED)}
    assert set(signed.values()) <= {403, 503}, signed
    others = {each: status for each, status in refused.items() if each not in signed}
    assert set(others.values()) == {401}, others


def test_what_is_open_is_there_and_lets_nobody_in(client: TestClient) -> None:
    routes = [each for each in asked(client) if each[1] in OPEN]

    assert {path for _, path in routes} == set(OPEN)
    for method, path in routes:
        assert "set-cookie" not in client.request(method, path).headers, (method, path)
    assert client.get("/desk").status_code == 401


def test_every_websocket_is_refused_before_it_opens(client: TestClient) -> None:
    sockets = [route.path for route in routes_of(client) if isinstance(route, APIWebSocketRoute)]

    assert sockets
    for path in sockets:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(re.sub(r"{[^}]*}", "12345678", path)):
            pass


def test_nothing_is_mounted_beside_the_routes_but_the_pages_own_files(client: TestClient) -> None:
    routes = list(routes_of(client))
    mounts = [route.path for route in routes if isinstance(route, Mount)]
    others = [str(getattr(route, "path", route)) for route in routes if not isinstance(route, APIRoute | APIWebSocketRoute | Mount)]

    assert [path.split("/")[1] for path in mounts] == ["static"]
    assert others == ["/openapi.json"]
    assert client.get("/openapi.json").status_code == 401
