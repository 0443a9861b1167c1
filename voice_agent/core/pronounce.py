"""How a text is said: Markdown taken off, and money, dates, times, codes, addresses and numbers written out in words.

Voices guess at such things, and a caller who hears "B W four thousand twenty-nine" has heard the wrong order number.
What the voice is given is never shown: captions, history and journal keep the text as it is written.
"""

import re
import unicodedata

from voice_agent.core.spoken_amounts import AMOUNTS, DATES, NUMBER, TIMES
from voice_agent.core.spoken_codes import ADDRESSES, CODES, PHONES, Form
from voice_agent.core.spoken_numbers import cardinal, digits, number

_MARKDOWN: tuple[tuple[str, str], ...] = (
    (r"```[^\n]*\n?|`", ""),
    (r"!?\[([^\]]*)\]\([^)]*\)", r"\1"),
    (r"\[\d+\]|\[\^[^\]]*\]", ""),
    (r"(?m)^ ?[ :|-]*-{3}[ :|-]*$", ""),
    (r"(?m)^ ?\|(.*)\| ?$", r"\1."),
    (r"(?m)^ ?#{1,6} (.*?) ?#*$", r"\1."),
    (r"(?m)^ ?> ?", ""),
    (r"(?m)^ ?(?:[-*+•]|\d{1,2}[.)]) (.*[^\s.!?:;,]) ?$", r"\1."),
    (r"(?m)^ ?(?:[-*+•]|\d{1,2}[.)]) ", ""),
    (r"(?<!\w)(\*{1,3}|_{1,3}|~~)(?=\S)(.+?)(?<=\S)\1(?!\w)", r"\2"),
    (r"(?i)<br\s*/?>", ". "),
    (r"</?(?:a|b|i|u|p|em|strong|ul|ol|li|h\d|div|span|su[bp])(?:\s[^<>]*)?/?>", ""),
    (r" ?\| ?", ", "),
    (r"([^\s.!?:;,]) ?\n\n", r"\1. "),
)

_ABBREVIATIONS: tuple[tuple[str, str], ...] = (
    (r"\be\.\s?g\.,?", "for example,"),
    (r"\bi\.\s?e\.,?", "that is,"),
    (r"\betc\.(?=\s+[A-Z]|\s*$)", "et cetera."),
    (r"\betc\.", "et cetera"),
    (r"\bvs\.?(?=\s)", "versus"),
    (r"\bapprox\.", "approximately"),
    (r"\bincl\.", "including"),
    (r"\bmin\.(?= \w)", "minimum"),
    (r"\bmax\.(?= \w)", "maximum"),
    (r"\bDr\.(?= [A-Z])", "Doctor"),
    (r"\bMr\.(?= )", "Mister"),
    (r"\bMrs\.(?= )", "Missus"),
    (r"\bMs\.(?= )", "Miz"),
    (r"\bProf\.(?= )", "Professor"),
    (r"(?<=[a-z] )St\.?(?=,|\s*$|\s+(?:in|at|and|near)\b)", "Street"),
    (r"\bSt\.(?= [A-Z])", "Saint"),
    (r"(?<=[a-z] )Ave\b\.?", "Avenue"),
    (r"(?<=[a-z] )Blvd\b\.?", "Boulevard"),
    (r"(?<=[a-z] )Rd\b\.?", "Road"),
    (r"\bApt\.?(?= )", "Apartment"),
    (r"\bInc\.", "Incorporated"),
    (r"\bLtd\b\.?", "Limited"),
    (r"\bDept\.", "Department"),
    (r"(?<=\w )No\. ?(?=\d)|(?<![\w&])#\s?(?=\d)", "number "),
    (r"(?<![\w&])#(?=[A-Z])", "number "),
    (r"\bw/o\b", "without"),
    (r"\bw/(?=\s?\w)", "with "),
    (r"\b[Ww]i-?[Ff]i\b", "wi-fi"),
    (r"\biOS\b", "i O S"),
    (r"\bO\.K\.|\b(?:OK|Ok|ok)\b", "okay"),
)

_SYMBOLS: tuple[tuple[str, str], ...] = (
    (r"/(?=(?:second|minute|hour|day|night|week|month|quarter|year|person|item|order|unit|piece|call|mo|yr|hr)\b)", " per "),
    (r"\bper (mo|yr|hr)\b", r"per \1"),
    (r"\band/or\b", "and or"),
    (r"(?<=[a-z])/(?=[a-z])", " or "),
    (r"(?:~|≈)\s?(?=[$€£]?\d)", "about "),
    (r"≥\s?|>=\s?", "at least "),
    (r"≤\s?|<=\s?", "at most "),
    (r"<\s?(?=[$€£]?\d)", "less than "),
    (r">\s?(?=[$€£]?\d)", "more than "),
    (r"±\s?", "plus or minus "),
    (r"\s?&\s?", " and "),
    (r"\s?=\s?", " equals "),
    (r"(?<=\d)\s?\+(?=\s\D|[.,;:!?]|$)", " or more"),
    (r"\+", " plus "),
    (r"@", " at "),
    (r"(?<![\w.])[-−](?=[\d$€£])", "minus "),
)

_STREETS = "Street|Avenue|Road|Lane|Drive|Boulevard|Row|Yard|Way|Place|Court|Square|Terrace|Parkway|Highway|St|Ave|Rd|Blvd|Ln|Dr"
_PLACEHOLDER = re.compile(r"<([A-Z][A-Z_]*?)(?:_\d+)?>")


def _house_number(match: re.Match[str]) -> str:
    """418 is "four eighteen", 1260 "twelve sixty", as Americans say house numbers."""
    text = match[0]
    hundreds, rest = int(text[:-2]), int(text[-2:])
    if not hundreds or not rest:
        return number(text)
    return f"{cardinal(hundreds)} {f'oh {cardinal(rest)}' if rest < 10 else cardinal(rest)}"


_REST: tuple[Form, ...] = (
    (re.compile(rf"(?<![\w.,-])\d{{3,4}}(?= (?:[A-Z][a-z]+ ){{1,3}}(?:{_STREETS})\b)"), _house_number),
    (re.compile(r"(?<![\w.])\d+(?:\.\d+){2,}"), lambda match: " point ".join(number(part) for part in match[0].split("."))),
    (re.compile(NUMBER), lambda match: f" {number(match[0])} "),
    (re.compile(r"\d+"), lambda match: digits(match[0])),
)

_TIDY: tuple[tuple[str, str], ...] = (
    (r"\s*[–—]\s*|\s+[-−]+\s+|\s*\.\.\.\s*(?=\w)", ", "),
    (r"\.{2,}", "."),
    (r"[(\[{]\s*", ", "),
    (r"\s*[)\]}]", ","),
    (r"[*_#^~<>\\|{}%$€£°=@\u2044/]+", " "),
    (r"\s+", " "),
    (r"\s+(?=[.,;:!?])", ""),
    (r"([.,;:!?])(?:\s*,)+", r"\1"),
    (r",+\s*(?=[.;:!?])", ""),
    (r"^[\s,;:.]+", ""),
    (r"([.!?])\.", r"\1"),
    (r"(?<=\b[A-Z])-(?=[A-Z]\b)", " "),
)


def speech_ready(text: str) -> str:
    """The text in words that any English voice reads right: no digit, no symbol, no Markdown. Empty when nothing is left to say."""
    text = _plain_characters(text)
    text = _PLACEHOLDER.sub(lambda match: match[1].replace("_", " ").lower(), text)
    text = _substitute(text, _MARKDOWN)
    text = _say(text, ADDRESSES)
    text = _substitute(text, _ABBREVIATIONS)
    for forms in (DATES, TIMES, PHONES, CODES):
        text = _say(text, forms)
    text = _substitute(text, _SYMBOLS)
    text = _say(text, (*AMOUNTS, *_REST))
    text = _substitute(text, _TIDY).strip()
    return text if any(character.isalnum() for character in text) else ""


def _plain_characters(text: str) -> str:
    """Curly quotes straight, digits of every script as ours, pictures and trade marks dropped."""
    text = re.sub("[™®©\u200b-\u200f\ufe0f]", "", text)
    text = unicodedata.normalize("NFKC", re.sub(r"(\d)([½⅓⅔¼¾⅛])", r"\1 \2", text))
    text = text.translate({0x2018: "'", 0x2019: "'", 0x201C: "", 0x201D: "", 0x2212: "-", 0x2010: "-", 0x2011: "-"})
    text = "".join(
        str(unicodedata.digit(each)) if each.isdigit() else each
        for each in text
        if unicodedata.category(each) not in {"So", "Cc", "Cs", "Co"} or each in "\n\t°"
    )
    # Blanks one by one: the forms below look for them, and would go back and forth over long stretches.
    return re.sub(r"\s*\n\s*\n\s*", "\n\n", re.sub(r"[^\S\n]+", " ", text))


def _say(text: str, forms: tuple[Form, ...]) -> str:
    for pattern, said in forms:
        text = pattern.sub(said, text)
    return text


def _substitute(text: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in rules:
        text = re.sub(pattern, replacement, text)
    return text
