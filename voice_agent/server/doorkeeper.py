"""Who may come in, before any route runs: known hosts, same-origin pages, the desk's password; and the headers every answer wears.

Three dangers are met here. A tunnel pointed at the server for Twilio must not publish the desk: pages answer only on the
hosts that were allowed. A foreign page must not drive the phone or the desk of somebody's browser (cross-site requests, DNS
rebinding): the Host header and the Origin header must hold. And a desk open to a network needs a password.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")

_OPEN_PATHS = ("/healthz", "/readyz")
_OPEN_PREFIXES = ("/twilio/",)
"""Answered on any host: probes, and the carrier's webhooks, which carry their own signature."""

_PASSWORD_PREFIXES = ("/desk", "/phone")
_READ_METHODS = ("GET", "HEAD", "OPTIONS")

_HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may use the pages."""

    allowed_hosts: tuple[str, ...] = LOCAL_HOSTS
    """Host names, without a port, on which the pages answer."""
    desk_password: str | None = None
    """When set, the phone and the desk ask for it (any user name)."""


class Doorkeeper:
    """ASGI middleware. Refusals are plain text and say what to set."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, _dressed(scope, send))
            return
        await self._app(scope, receive, _dressed(scope, send))

    def _refusal(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if path in _OPEN_PATHS or path.startswith(_OPEN_PREFIXES):
            return None
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._knows(host):
            return PlainTextResponse(
                "This page is not served under this host name. If it should be, add the name to "
                "`allowed_hosts` in config/server.yaml, and set a desk password.\n",
                403,
            )
        if _changes_something(scope) and not _same_origin(headers, host):
            return PlainTextResponse("Requests from other sites are refused.\n", 403)
        if scope["type"] == "http" and path.startswith(_PASSWORD_PREFIXES) and not self._password_holds(headers):
            return PlainTextResponse(
                "The password of the desk is needed.\n",
                401,
                {"www-authenticate": 'Basic realm="voice agent", charset="UTF-8"'},
            )
        return None

    def _knows(self, host: str) -> bool:
        return _without_port(host) in self._access.allowed_hosts

    def _password_holds(self, headers: Headers) -> bool:
        """True as well when none is set.

        Media sockets are not asked: browsers do not reliably send a password there, and each needs a one-use token
        that only a request with the password can get.
        """
        if self._access.desk_password is None:
            return True
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            _, _, given = base64.b64decode(credentials, validate=True).partition(b":")
        except binascii.Error:
            return False
        return hmac.compare_digest(given, self._access.desk_password.encode())


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
