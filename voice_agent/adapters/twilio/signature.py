"""Is a request from Twilio? Its X-Twilio-Signature says so.

HMAC-SHA1, keyed with the account's auth token, over the URL that Twilio was given and, for a POST, the fields sorted by
name (https://www.twilio.com/docs/usage/webhooks/webhooks-security). The URL is the configured public one: behind a proxy
the request's own headers say something else, and anyone can write them.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from voice_agent.errors import RefusedError

_DEFAULT_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}


class SignatureCheck:
    def __init__(self, auth_token: str, public_base_url: str) -> None:
        """`public_base_url`: as the carrier reaches us, such as https://voice.example.com, perhaps with a path."""
        self._validator = RequestValidator(auth_token)
        self._base = public_base_url.rstrip("/")

    def check_post(self, path: str, fields: Mapping[str, Sequence[str]], signature: str | None) -> None:
        """`path` with its query; `fields` with every value of each, in any order.

        Raises:
            RefusedError: code "bad-signature", when the signature is missing or another.
        """
        self._check(self._base + path, fields, signature)

    def check_upgrade(self, path: str, signature: str | None) -> None:
        """Of a websocket: signed as wss, without fields. RefusedError as above."""
        # http → ws, https → wss
        self._check(self._base.replace("http", "ws", 1) + path, {}, signature)

    def _check(self, url: str, fields: Mapping[str, Sequence[str]], signature: str | None) -> None:
        if not signature:
            raise RefusedError(f"a request to {urlsplit(url).path} without X-Twilio-Signature", code="bad-signature")
        if not any(self._validator.validate(variant, _Fields(fields), signature) for variant in _with_ports(url)):
            raise RefusedError(
                f"X-Twilio-Signature does not fit a request to {urlsplit(url).path}. If Twilio sent it, PUBLIC_BASE_URL "
                "is not the URL that Twilio uses, or TWILIO_AUTH_TOKEN is not the account's",
                code="bad-signature",
            )


class _Fields(dict[str, Sequence[str]]):
    """As the validator wants fields that have several values: it sorts them."""

    def getlist(self, name: str) -> Sequence[str]:
        return self[name]


def _with_ports(url: str) -> list[str]:
    """The carrier signs with or without the default port. The validator tries both, but takes 80 for wss's."""
    parts = urlsplit(url)
    port = _DEFAULT_PORTS.get(parts.scheme)
    if parts.port is not None or port is None:
        return [url]
    return [url, parts._replace(netloc=f"{parts.netloc}:{port}").geturl()]
