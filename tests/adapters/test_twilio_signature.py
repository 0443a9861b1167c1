"""Who may speak for Twilio."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

import pytest

from voice_agent.adapters.twilio.signature import SignatureCheck
from voice_agent.errors import RefusedError

TOKEN = "the account's auth token"
FIELDS: Mapping[str, Sequence[str]] = {"CallSid": ["CA1"], "To": ["+18005551212"], "Caller": [""], "Ünï": ["çödé +&="]}


def signed(url: str, fields: Mapping[str, Sequence[str]] | None = None, token: str = TOKEN) -> str:
    """By hand, after https://www.twilio.com/docs/usage/webhooks/webhooks-security."""
    text = url + "".join(name + value for name in sorted(fields or {}) for value in sorted(set((fields or {})[name])))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def check(base: str = "https://voice.example.com") -> SignatureCheck:
    return SignatureCheck(TOKEN, base)


def test_the_published_example_of_a_signature_holds() -> None:
    fields = {
        "CallSid": ["CA1234567890ABCDE"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "To": ["+18005551212"],
        "Caller": ["+14158675309"],
    }

    SignatureCheck("12345", "https://mycompany.com").check_post("/myapp.php?foo=1&bar=2", fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@pytest.mark.parametrize(
    "base", ["https://voice.example.com", "https://voice.example.com/", "https://voice.example.com/phone", "https://voice.example.com:8443"]
)
def test_a_signed_post_is_let_in(base: str) -> None:
    check(base).check_post("/twilio/voice", FIELDS, signed(base.rstrip("/") + "/twilio/voice", FIELDS))


@pytest.mark.parametrize(
    "base", ["https://voice.example.com", "https://voice.example.com/", "https://voice.example.com/phone", "https://voice.example.com:8443"]
)
def test_a_signed_upgrade_is_let_in(base: str) -> None:
    check(base).check_upgrade("/twilio/media", signed("wss" + base.removeprefix("https").rstrip("/") + "/twilio/media"))


def test_the_default_port_may_be_written_or_not() -> None:
    for base in ("https://voice.example.com", "https://voice.example.com:443"):
        for port in ("", ":443"):
            check(base).check_post("/p", FIELDS, signed(f"https://voice.example.com{port}/p", FIELDS))
            check(base).check_upgrade("/p", signed(f"wss://voice.example.com{port}/p"))


def test_fields_that_come_twice_count_with_each_of_their_values() -> None:
    fields = {"Digits": ["2", "1"]}

    check().check_post("/p", fields, signed("https://voice.example.com/p", fields))
    with pytest.raises(RefusedError):
        check().check_post("/p", {"Digits": ["2"]}, signed("https://voice.example.com/p", fields))


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_signature_is_a_refusal(missing: str | None) -> None:
    with pytest.raises(RefusedError, match="without X-Twilio-Signature") as of_post:
        check().check_post("/p", FIELDS, missing)
    with pytest.raises(RefusedError, match="without X-Twilio-Signature"):
        check().check_upgrade("/p", missing)
    assert of_post.value.code == "bad-signature"


@pytest.mark.parametrize(
    "signature",
    [
        "nonsense",
        "\N{SNOWMAN}" * 28,
        signed("https://voice.example.com/p", FIELDS, token="another token"),
        signed("http://voice.example.com/p", FIELDS),
        signed("https://evil.example.com/p", FIELDS),
        signed("https://voice.example.com:444/p", FIELDS),
        signed("https://voice.example.com/p/", FIELDS),
        signed("https://voice.example.com/p?call=CA2", FIELDS),
        signed("https://voice.example.com/p", {**FIELDS, "To": ["+18005551213"]}),
        signed("https://voice.example.com/p", {**FIELDS, "More": ["x"]}),
        signed("https://voice.example.com/p"),
    ],
)
def test_a_signature_of_anything_else_is_refused(signature: str) -> None:
    with pytest.raises(RefusedError, match="PUBLIC_BASE_URL") as refusal:
        check().check_post("/p", FIELDS, signature)
    assert refusal.value.code == "bad-signature"


@pytest.mark.parametrize(
    "url", ["https://voice.example.com/p", "ws://voice.example.com/p", "wss://voice.example.com/p?x=1", "wss://voice.example.com:80/q"]
)
def test_a_signature_for_anything_but_the_wss_url_does_not_open_a_stream(url: str) -> None:
    with pytest.raises(RefusedError):
        check().check_upgrade("/p", signed(url))


def test_a_refusal_shows_neither_signature_nor_fields() -> None:
    with pytest.raises(RefusedError) as refusal:
        check().check_post("/p?call=CA2", FIELDS, "c2lnbmF0dXJl")

    assert not any(shown in str(refusal.value) for shown in ("c2lnbmF0dXJl", "18005551212", "CA1", "CA2", TOKEN))
