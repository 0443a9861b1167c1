"""What is read out letter by letter and digit by digit: addresses of mail and web, telephone numbers, codes, acronyms."""

import re
from collections.abc import Callable

from voice_agent.core.spoken_numbers import cardinal, digits

Form = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]
"""A written form, and how it is said."""

_MARKS = {
    ".": "dot",
    "-": "dash",
    "_": "underscore",
    "+": "plus",
    "/": "slash",
    "~": "tilde",
    "&": "and",
    "%": "percent",
    "'": "apostrophe",
}
_TOP = "com|org|net|example|edu|gov|info|shop|store|help|app|dev|io|co|us|uk|ca|eu|de|fr|au|nz|ie|me|tv|ai"
_DOMAIN = rf"(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+(?:{_TOP})"
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)

_SPELLED = frozenset(
    [
        "AC",
        "AI",
        "API",
        "ATM",
        "AT&T",
        "CEO",
        "DIY",
        "EST",
        "EDT",
        "ET",
        "ETA",
        "EU",
        "FAQ",
        "FAQs",
        "GMT",
        "ID",
        "IDs",
        "IOS",
        "IP",
        "IT",
        "ISO",
        "LED",
        "LEDs",
        "PO",
        "QR",
        "SKU",
        "SKUs",
        "SUV",
        "UI",
        "UK",
        "UPS",
        "URL",
        "URLs",
        "US",
        "USA",
        "USB",
        "UTC",
        "UV",
        "VIP",
        "VPN",
    ]
)
"""Acronyms with a vowel that are said by their letters; without one they all are."""


def spelled(text: str) -> str:
    """Letters as capitals apart, digits by name, a breath between the two: "BW4029" is "B W, four zero two nine"; but "15A" "fifteen A"."""
    runs = re.findall(r"[^\W\d_]+|\d+", text)
    said = [digits(run) if run.isdigit() else " ".join(run.upper()) for run in runs]
    if len(runs) == 2 and len(runs[0]) <= 2 and runs[0].isdigit() and not runs[0].startswith("0") and len(runs[1]) == 1:
        return f"{cardinal(int(runs[0]))} {runs[1].upper()}"
    # "E four" needs no breath; "A four" does, or the letter becomes an article.
    short = sum(map(len, runs)) <= 4 and not any(run.upper().endswith("A") for run in runs)
    return (" " if short else ", ").join(said)


def _address_part(text: str) -> str:
    """A name between two dots: a word when it can be said as one."""
    if text.isdigit():
        return digits(text)
    if any(character.isdigit() for character in text):
        return " ".join(_address_part(run) for run in re.findall(r"\D+|\d+", text))
    if (len(text) <= 2 and text.lower() not in {"my", "go", "me", "hi", "us"}) or not _VOWEL.search(text):
        return " ".join(text.upper())
    return text.lower()


def _address(text: str) -> str:
    parts = re.findall(r"[A-Za-z0-9]+|[^A-Za-z0-9]", text)
    return " ".join(_MARKS.get(part, "") if not part[0].isalnum() else _address_part(part) for part in parts).strip()


def _domain(text: str) -> str:
    name, _, top = text.rpartition(".")
    return f"{_address(name)} dot {top.lower() if len(top) > 2 or top.lower() in {'co', 'us', 'me'} else ' '.join(top.upper())}"


def _mail(match: re.Match[str]) -> str:
    return f"{_address(match[1])} at {_domain(match[2])}"


def _web(match: re.Match[str]) -> str:
    path = (match[2] or "").split("?")[0].split("#")[0].rstrip("/")
    rest = match[0][len(match[0].rstrip(".,;:!?)")) :] if match[2] else ""
    path = path.rstrip(".,;:!?)")
    return f"{_domain(match[1])}{' ' + _address(path) if path else ''}{rest}"


def _phone(match: re.Match[str]) -> str:
    country, area, exchange, line, extension = match.groups()
    said = [digits(part) for part in (country, area, exchange, line) if part]
    if match[0].lstrip("(").startswith("+"):
        said[0] = f"plus {said[0]}"
    if extension:
        said.append(f"extension {digits(extension)}")
    return ", ".join(said)


def _groups(match: re.Match[str]) -> str:
    """Digits written in groups are read in those groups."""
    plus = "plus " if match[0].startswith("+") else ""
    return plus + ", ".join(" ".join(digits(run).split(", ")) for run in re.findall(r"\d+", match[0]))


def _acronym(match: re.Match[str]) -> str:
    word = match[0]
    stem, ending = (word[:-1], "'s") if word.endswith("s") else (word, "")
    if word in _SPELLED or not _VOWEL.search(stem):
        return " ".join(stem) + ending
    return word


def _labelled(match: re.Match[str]) -> str:
    return f"{match[1]}{digits(match[2])}"


_NAMED = r"(?:order|account|reference|tracking|confirmation|customer|case|ticket|membership|invoice|serial|card)"
_LABEL = (
    rf"(?i:{_NAMED} (?:number|code|no\.?|id)(?: is|:)? #?|{_NAMED}:? #|(?:PIN|ZIP|zip code|code|extension|ext\.?)(?: is|:)? |"
    r"(?:ending|ends) (?:in|with) )"
)
_ATTACHED_UNIT = r"\d+(?:V|W|L|GB|MB|TB|KB|M|B|K?HZ|BTU)"

ADDRESSES: tuple[Form, ...] = (
    (re.compile(rf"(?:mailto:)?\b([A-Za-z0-9][A-Za-z0-9._%+'-]*)@({_DOMAIN}|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\b"), _mail),
    (re.compile(r"\bhttps?://([A-Za-z0-9.-]+[A-Za-z0-9])(?::\d+)?((?:[/?#][^\s<>\"]*)?)"), _web),
    (re.compile(rf"(?<![\w@.])({_DOMAIN})(?![\w@-]|\.\w)((?:/[^\s<>\"]*)?)"), _web),
)

PHONES: tuple[Form, ...] = (
    (
        re.compile(
            r"(?<![\w.])(?:\(?(\+?1)\)?[-. ]?)?\(?(\d{3})\)?[-. ]\s?(\d{3})[-. ](\d{4})(?:,? ?(?:ext\.?|extension|x) ?(\d{1,6}))?(?![\w-])"
        ),
        _phone,
    ),
    (re.compile(r"\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}(?![\w-])"), _groups),
    (re.compile(r"(?<![\w.-])()()(\d{3})-(\d{4})()(?![\w-])"), _phone),
    (re.compile(r"(?<![\w.,-])\d{2,6}(?:[- ]\d{3,6}){2,4}(?![\w-]|,\d)|(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), _groups),
    (re.compile(r"(?<![\w.,-])\d{4} \d{4}(?![\w-]|[.,]\d)"), _groups),
)

CODES: tuple[Form, ...] = (
    (re.compile(rf"\b({_LABEL})(\d{{3,}})(?![\w,]?\d|[.:/%]\d|-[A-Za-z])"), _labelled),
    (re.compile(rf"\b((?i:{_NAMED}) )(\d{{4,}})(?![\w,]?\d|[.:/%]\d|-[A-Za-z])"), _labelled),
    (re.compile(r"(?<![\w$.,-])()(911|988|711)(?![\w-]|[.,]\d)"), _labelled),
    (re.compile(r"(?<![\w-])[B-DF-HJ-NP-TV-XZ]{1,4} \d{4,}(?!\w|[.,:/%]\d)"), lambda match: spelled(match[0])),
    (
        re.compile(
            rf"(?<![\w$€£.-])#?(?!{_ATTACHED_UNIT}\b)(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*(?![\w-])"
            r"|(?<![\w-])#?[a-z]+\d+[a-z]+\d+[a-z\d]*(?![\w-])|(?<![\w-])#?[a-z]{1,4}-?\d{3,}(?![\w-])"
        ),
        lambda match: spelled(match[0]),
    ),
    (re.compile(r"\b(?:AT&T|[A-Z]{2,6}s?)\b"), _acronym),
)
