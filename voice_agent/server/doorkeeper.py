"""Who may come in, before any route runs: known hosts, same-origin pages, people who are signed in; and the headers every answer wears.

Three dangers are met here. A tunnel pointed at the server for Twilio must not publish the pages: they answer only on the
hosts that were allowed. A foreign page must not drive the phone or the desk of somebody's browser (cross-site requests, DNS
rebinding): the Host header and the Origin header must hold. And the desk is for people with an account.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voice_agent.server.sessions import Sessions

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")

_ANY_HOST = ("/healthz", "/readyz", "/twilio/")
"""Answered on any host: probes, and the carrier's webhooks, which carry their own signature."""
_OPEN = ("/static/", "/login", "/setup")
"""Answered to anybody on a known host, besides the front page."""
_PHONE = "/phone"

_READ_METHODS = ("GET", "HEAD", "OPTIONS")

_HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with no-referrer, browsers send our own forms with the origin "null"
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may use the pages."""

    sessions: Sessions
    allowed_hosts: tuple[str, ...] = LOCAL_HOSTS
    """Host names, without a port, on which the pages answer."""
    demo: bool = True
    """Anybody who reaches the phone page may call."""


class Doorkeeper:
    """ASGI middleware. Refusals say what to do. Whoever is signed in is `request.state.account` to the routes."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["account"] = await self._access.sessions.account(HTTPConnection(scope))
        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, _dressed(scope, send))

    def _refusal(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if path.startswith(_ANY_HOST):
            return None
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _without_port(host) not in self._access.allowed_hosts:
            return PlainTextResponse(
                "This page is not served under this host name. If it should be, add the name to `allowed_hosts` in config/server.yaml.\n",
                403,
            )
        if _changes_something(scope) and not _same_origin(headers, host):
            return PlainTextResponse("Requests from other sites are refused.\n", 403)
        # A media socket brings a one-use token, which only a request of somebody who was let in could get.
        if self._is_open(path) or scope["type"] == "websocket" or scope["state"]["account"] is not None:
            return None
        return _sign_in_first(path, headers)

    def _is_open(self, path: str) -> bool:
        return path == "/" or path.startswith(_OPEN) or (self._access.demo and (path == _PHONE or path.startswith(f"{_PHONE}/")))


def _sign_in_first(path: str, headers: Headers) -> Response:
    login = f"/login?next={quote(path)}"
    if "text/html" in headers.get("accept", "") and "hx-request" not in headers:
        return RedirectResponse(login, 303)
    return PlainTextResponse("Please sign in at /login first.\n", 401, {"hx-redirect": "/login?next=/desk"})


def _without_port(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _changes_something(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in _READ_METHODS


def _same_origin(headers: Headers, host: str) -> bool:
    """Browsers send Origin with every POST and every websocket; programs that are no browser send none."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


def _dressed(scope: Scope, send: Send) -> Send:
    async def dress(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            immutable = scope["path"].startswith("/static/") and message["status"] == 200
            headers.setdefault("cache-control", "public, max-age=31536000, immutable" if immutable else "no-store")
        await send(message)

    return dress
