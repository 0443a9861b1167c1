"""What a number belongs to, by the words around it: "my card number is", "order", "call me at"."""

from collections.abc import Sequence
from dataclasses import dataclass

from voice_agent.adapters.presidio_redactor.words import KEPT, Word, listed

_PHRASES: dict[str, str] = {
    "CARD": (
        "card|credit card|debit card|visa|mastercard|master card|amex|american express|cvv|cvc|security code|expiry|expiration|"
        "expires|gift card|card ending|16 digits|sixteen digits|name on the card|maestro|c v v|c v c|last four|last 4|"
        "last four digits|last 4 digits|on the back|long number"
    ),
    "ACCOUNT": (
        "account|acct|customer number|customer id|client number|client id|member number|membership|membership number|member id|"
        "loyalty|loyalty number|loyalty card|rewards number|rewards card|points card|routing|routing number|sort code|policy number|"
        "pin|pin code|passcode|user id|login|bank|checking|savings|user number|subscriber number|gift card number|customer reference"
    ),
    "PHONE": (
        "phone|telephone|cell|mobile|cellphone|callback|call back|call me|call us|call her|call him|called from|calling from|reach me|"
        "reach us|reach him|reach her|text me|contact number|contact me|my number|landline|fax|whatsapp|ring me|phone me|dial|"
        "number is|number's|home number|work number|best number|daytime number|area code|get me on|get me at|get hold of me"
    ),
    "NATIONAL_ID": (
        "ssn|social|social security|social security number|national insurance|insurance number|passport|passport number|driver's license|"
        "drivers license|driving licence|driving license|driver license|driver's licence|license number|licence number|tax id|itin|nino|"
        "tax number|i t i n|n i|n i number|n h s|n h s number|nhs|s s n|s i n|social insurance|social insurance number|"
        "medicare|medicare number|medicaid|medicaid number|health card|health card number|on my passport|my license|my licence|"
        "national id|id number|id card|identity card|taxpayer|ni number|nhs number|tin|personal id|state id|green card"
    ),
    "ADDRESS": "house number|flat number|apartment number|door number|unit number|live at number|at number",
    "IBAN": "iban|i ban|i b a n|international bank account",
    "POSTCODE": "zip|zipcode|zip code|postcode|post code|post code's|postal code|postal|zip plus four",
    KEPT: (
        "order|orders|ordered|tracking|invoice|receipt|ticket|reference|ref|case|confirmation|serial|model|product|item|sku|part|claim|shipment|"
        "parcel|package|coupon|voucher|promo|error|return|rma|"
        "version|article|batch|booking|delivery|purchase|po|barcode|code e|"
        "discount code|article number|firmware|order number|quote|appliance|fault"
    ),
}
_CUES: dict[tuple[str, ...], str] = {tuple(phrase.split()): kind for kind, phrases in _PHRASES.items() for phrase in phrases.split("|")}
_LONGEST = max(len(phrase) for phrase in _CUES)
_NUMBER_WORDS = listed("number number's numbers no id code # digits nr")
_NAMING = frozenset(
    """cvc|cvv|c v v|c v c|security code|last four|last 4|on the back|expiry|expiration|card ending|ssn|social|pin|area code|
    social security|long number|live at number|at number""".replace("\n    ", "").split("|")
)
"""Phrases that name a number without the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A word or phrase that says what numbers near it are."""

    kind: str
    first: int
    last: int
    """Index of its last word, "number" behind it included."""
    strong: bool
    """It names a number: "order number", not "order"."""


def find_cues(words: Sequence[Word]) -> list[Cue]:
    cues: list[Cue] = []
    at = 0
    while at < len(words):
        cue = _cue_at(words, at)
        if cue is not None:
            cues.append(cue)
            at = cue.last
        at += 1
    return cues


def _cue_at(words: Sequence[Word], at: int) -> Cue | None:
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        phrase = tuple(w.low for w in words[at : at + length])
        kind = _CUES.get(phrase) or _CUES.get((*phrase[:-1], phrase[-1].removesuffix("'s")))
        if kind is not None:
            last = at + length - 1
            named = last + 1 < len(words) and words[last + 1].low in _NUMBER_WORDS
            strong = named or (length > 1 and phrase[-1] in _NUMBER_WORDS) or " ".join(phrase) in _NAMING
            return Cue(kind=kind, first=at, last=last + named, strong=strong)
    return None
