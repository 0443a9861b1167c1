"""What comes from the environment, and from nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import urlsplit

_LEAST_SECRET = 32
"""Characters of a secret that nobody can guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Each field is the variable of its name in capitals; None when it is not set, or empty."""

    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = field(default=None, repr=False)
    public_base_url: str | None = None
    """Where Twilio reaches this server, such as https://voice.example.com; without a slash at its end."""
    twilio_phone_number: str | None = None
    """Ours, the caller's id on calls to people."""
    agent_phone_number: str | None = field(default=None, repr=False)
    """Rung for a person."""
    session_secret: str | None = field(default=None, repr=False)
    """Signs the cookies of those who are signed in; several servers must share it. Without it sessions end with the server."""
    caller_key: str | None = field(default=None, repr=False)
    """Callers are known by a hash of their number under this key; without it their calls are nobody's."""
    callback_key: str | None = field(default=None, repr=False)
    """Encrypts numbers to call back on; several servers must share it. Without it the key lies beside the database."""


def read_secrets(env: Mapping[str, str], mistakes: list[str]) -> Secrets:
    """The variables; what is wrong with one is added to `mistakes`, without its value."""
    found = {each.name: env.get(each.name.upper(), "").strip() or None for each in fields(Secrets)}
    if found["public_base_url"]:
        found["public_base_url"] = found["public_base_url"].rstrip("/")
        url = urlsplit(found["public_base_url"])
        if url.scheme not in ("https", "http") or not url.hostname or url.query or url.fragment:
            mistakes.append(
                "environment: PUBLIC_BASE_URL: is not an address of the form https://voice.example.com; set it to the one under which "
                "Twilio reaches this server."
            )
    for name in ("twilio_phone_number", "agent_phone_number"):
        number = found[name]
        if number and not (number.startswith("+") and number[1:].isdigit() and 7 <= len(number[1:]) <= 15):
            mistakes.append(
                f"environment: {name.upper()}: is not a phone number of the form +15550101234; write it with + and country code."
            )
    if found["twilio_account_sid"] and not found["twilio_account_sid"].startswith("AC"):
        mistakes.append(
            'environment: TWILIO_ACCOUNT_SID: begins with "AC"; copy the Account SID from the first page of the Twilio console.'
        )
    for name in ("session_secret", "caller_key", "callback_key"):
        secret = found[name]
        if secret and len(secret) < _LEAST_SECRET:
            mistakes.append(
                f"environment: {name.upper()}: is shorter than {_LEAST_SECRET} characters; make one with `openssl rand -base64 32`."
            )
    return Secrets(**found)
