"""Ways of saying that are rewritten before a sentence is read, so that each meaning has one form."""

import re

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_REWRITES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"[’`]", "'"),
        (r"^\W*(?:no|yes|sure|certainly|of course|okay), ", ""),
        (r"\b[Uu]no(pened)\b", r"not o\1"),
        (r"^\W*(?:(?:no problem|no worries|sorry|i'm sorry|i'm afraid|unfortunately|don't worry)\b[,.:;]? ?)+", ""),
        (r"\b(?:i'm|we're) (?:afraid|sorry),? ?", ""),
        (r"\bmore than (welcome|happy|enough)\b", r"\1"),
        (r"\b(?:don't|do not) forget\b", "remember"),
        (r"\bas (?:many|much|late|far|high) as\b", "up to"),
        (r"\bas long as (?=\d|one\b|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty)", "up to "),
        (r"\bas long as\b|\bprovided (?:that )?(?=you|it|they|the)", "if"),
        (r"\ba maximum of\b", "at most"),
        (r"\ba minimum of\b", "at least"),
        (r"\bin advance\b|\bahead of\b|\bprior to\b|\bbeforehand\b|(?<=s )ahead\b|(?<=\bday )ahead\b", "before"),
        (r"\bwithin (?=\S+ (?:to|and) \S+ (?:working |business )?\w+)", ""),
        (r"\bwithin (?=a calendar\b)", "in "),
        (r"\bby (?=(?:\d{1,2}(?::\d\d)? ?[ap]\.?m|noon|midnight)\b)", "before "),
        (r"\bpull(?:ing)? (?:out )?the plug\b", "unplug"),
        (r"\b(?:right|straight) away\b|\bon the spot\b|\bright there\b", "immediately"),
        (r"\b(?:give|take|have) (?:it |them )?a look\b", "look"),
        (r"\b(?:send|sent|sending|bring|take|ship|mail|give)(?:ing)? (?:(?:it|them|that|this|the \w+|your \w+) )?back\b", "return"),
        (r"\bone[- ]time\b", "once"),
        (r"\bat half[- ]time\b|\bmidway\b", "halfway"),
        (
            r"\blonger than (?=\d|one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|ninety|an? )",
            "more than ",
        ),
        (r"\b(\S+ (?:minutes|hours|days|weeks|months)) later\b", r"after \1"),
        (r"\bout of warranty\b", "without warranty"),
        (r"\bexcept(?! when| if)(?: for)?\b|\bapart from\b", "but not"),
        (r"\bany (\w+) but (?=the|an?\b)", r"any \1 but not "),
        (r",? (?:and )?(?:neither|nor) (?:is|are|do|does|can|will) ([\w ]+)", r" and \1 are not"),
        (r"\bonly ([^.,;]+?) after ([^.,;]+)", r"\2 before \1"),
        (r"\bno need\b(?: to| for)?", "not required"),
        (r"\b(?:is not|isn't) possible(?: for \w+)? to\b|\b(?:am|are|is|'re) not able to\b|\bunable to\b", "can not"),
        (r"\b(?:is|be) possible(?: for \w+)? to\b|\b(?:am|are|is|be|'re|'ll be) able to\b", "can"),
        (r"\brather than\b", "instead of"),
        (r"\bno (?:more|longer|later) than\b", "at most"),
        (r"\bno (?:less|fewer) than\b", "at least"),
        (r"\b([\w-]+) (?:years old )?or older\b", r"at least \1 years old"),
        (r"\bafter that\b", "then"),
        (r"\b(?:your |the )?money back\b", "refund"),
        (r"\(?\b(\d{3})\)?[ .-](\d{3})[ .-](\d{4})\b", r"\1\2\3"),
        (r"(\d),(?=\d{3}\b)", r"\1"),
        (r"\b(?:24|twenty[- ]four) hours a day\b|\b24/7\b|\btwenty[- ]four seven\b|\baround the clock\b|\bat any hour\b", "anytime"),
        (r"\bhalf an hour\b|\ba half[ -]hour\b", "30 minutes"),
        (r"\b(?:a )?quarter of an hour\b", "15 minutes"),
        (r"\ban? (hour|minute|day|week|month|year) and a half\b", r"one and a half \1s"),
        (r"\bhalf a (?=\w)", "0.5 "),
        (r"\b(?:a )?half of\b", "50 percent of"),
        (r"\ba quarter of\b", "25 percent of"),
        (r"\ba fifth of\b", "20 percent of"),
        (r"\ba tenth of\b", "10 percent of"),
        (r"\bthe same (\w+(?: \w+)?) (?=(?:that )?you\b)", r"the \1 "),
        (r"\b([ap])\.\s?m\b\.?", r"\1m"),
        (r"\b([ap]) m\b", r"\1m"),
        (r"(\d)([ap]m)\b", r"\1 \2"),
        (r"\bin the morning\b", "am"),
        (r"\b(?:in the (?:afternoon|evening)|at night)\b", "pm"),
        (r"\bnoon\b", "12 pm"),
        (r"\bmidnight\b", "12 am"),
        (r"\bcan't\b|\bcannot\b", "can not"),
        (r"\bwon't\b", "will not"),
        (r"n't\b", " not"),
        (r"\b(it|that|there|here|what|who|he|she|nobody|nothing|everything)'s\b", r"\1 is"),
        (r"'(?:ll|re|ve|d|m)\b", ""),
        (r"\bo'clock\b", ""),
        (r"\b(is|are|it's) paid (?!with|by|once|in|out|back|to|as|within|on|early|off)", r"\1 chargeable "),
        (r"\b(is|are|it's) paid(?=[,.])", r"\1 chargeable"),
        (r"\bno (?:charge|cost)\b", "free"),
        (r"\bno (\w+) (?:charge|fee|cost)\b", r"free \1"),
        (r"\b(?:do|does|will|would) not (?:have to )?pay (?:anything )?for\b", "get free"),
        (r"\b(?:do|will|must|have to) pay for\b|\bdoes cost\b|\bwith any (?:\w+ )?(?:cost|charge)\b", "chargeable"),
        (r"\b(?:do|does|will|would) not pay anything\b", "pay nothing"),
        (r"\b(?:do|does|will|would) not cost (?:you )?anything\b", "is free"),
        (r"\bnot (\w+) any (\w+)\b", r"\1 no \2"),
        (r"\bif (\w+(?: \w+)?) has not (?:yet )?(?:been )?(shipped|sent|started|arrived|delivered|charged)(?: yet)?\b", r"before \1 \2"),
        (r"\bnot (?:need(?:ed)?|have to|have to have|necessary)\b", "not required"),
        (rf"\b({_MONTHS})( \d{{1,2}})(?:st|nd|rd|th)\b", r"\1\2"),
        (r"\b(?:working|business)[ -]days?\b", "workdays"),
        (r"(?<=\d)\s*[–-]\s*(?=\d)", " to "),
        (r"\b(\w+)-free\b", r"without \1"),
        (r"(?<=[a-z])-(?=[a-z])", " "),
        (r"\bfree of charge\b|\b(?:at no|without(?: any)?) (?:(?:extra|additional) )?(?:cost|charge)\b", "free"),
        (r"\bdoes not cost anything\b|\bcosts? nothing\b", "is free"),
        (r"\b(?:switch|turn)(?:es|s|ed|ing)? ((?:\w+ ){0,3}?)(on|off)\b", r"switch\2 \1"),
    )
)
_ORDINALS = {
    "first": "one", "second": "two", "third": "three", "fourth": "four", "fifth": "five", "sixth": "six", "seventh": "seven",
    "eighth": "eight", "ninth": "nine", "tenth": "ten", "eleventh": "eleven", "twelfth": "twelve", "thirteenth": "thirteen",
    "fourteenth": "fourteen", "fifteenth": "fifteen", "sixteenth": "sixteen", "seventeenth": "seventeen", "eighteenth": "eighteen",
    "nineteenth": "nineteen", "twentieth": "twenty", "thirtieth": "thirty",
}  # fmt: skip
_SPOKEN_DATE = re.compile(rf"\b({_MONTHS}) (?:the )?((?:twenty|thirty)[- ])?({'|'.join(_ORDINALS)})\b", re.IGNORECASE)
_HOURS = {word: hour for hour, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)}  # noqa: SIM905
_DIGITS = {word: str(digit) for digit, word in enumerate("zero one two three four five six seven eight nine".split())}  # noqa: SIM905
_CODE = re.compile(rf"\b([B-Z]),?((?: (?:{'|'.join(_DIGITS)}))+)\b")
"""As it is spoken: "error F zero five"."""
_PAST = re.compile(rf"\b(half|(?:a )?quarter) (past|to) (\d{{1,2}}|{'|'.join(_HOURS)})\b", re.IGNORECASE)


def _past_the_hour(said: re.Match[str]) -> str:
    """Half past nine is "9:30", a quarter to nine "8:45"."""
    hour = int(said[3]) if said[3].isdigit() else _HOURS[said[3].lower()]
    minutes = 30 if said[1].lower() == "half" else 15
    return f"{hour}:{minutes}" if said[2].lower() == "past" else f"{(hour - 2) % 12 + 1}:{60 - minutes}"


def _date(said: re.Match[str]) -> str:
    """A day as a number: "December twenty-four" for "twenty-fourth"; but "March 1" for "first", as "one" may be a pronoun."""
    day = _ORDINALS[said[3].lower()]
    return f"{said[1]} {said[2] or ''}{'1' if day == 'one' and not said[2] else day}"


def rewritten(sentence: str) -> str:
    text = _SPOKEN_DATE.sub(_date, sentence)
    text = _CODE.sub(lambda said: said[1] + "".join(_DIGITS[word] for word in said[2].split()), text)
    text = _PAST.sub(_past_the_hour, text)
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    return text
