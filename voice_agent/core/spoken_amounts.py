"""How dates, times, money and measures are said."""

import re

from voice_agent.core.spoken_codes import Form
from voice_agent.core.spoken_numbers import cardinal, number, ordinal, plural, year

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"

_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_MONTH = {name[:length].lower(): name for name in _MONTHS for length in (3, len(name))} | {"sept": "September"}
_MONTH_NAME = (
    r"(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAYS = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Tues": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Thur": "Thursday",
    "Thurs": "Thursday",
}
_DAYS |= {"Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday"} | {f"{day}day": f"{day}day" for day in ("Mon", "Fri", "Sun")}
_DAYS |= {day: day for day in ("Tuesday", "Wednesday", "Thursday", "Saturday")}
_DAY_NAME = "|".join(sorted(_DAYS, key=len, reverse=True))
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_TO = r"\s?[–—-]\s?"
_AM_PM = r"(?:[AaPp]\.[Mm]\.|[AaPp][Mm]\b)"


def _full_date(month: int, day: int, of_year: str) -> str | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{_MONTHS[month - 1]} {ordinal(day)}{', ' + year(_century(of_year)) if of_year else ''}"


def _century(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _iso_date(match: re.Match[str]) -> str:
    return _full_date(int(match[2]), int(match[3]), match[1]) or match[0]


def _us_date(match: re.Match[str]) -> str:
    return _full_date(int(match[1]), int(match[2]), match[3] or "") or match[0]


def _named_date(match: re.Match[str]) -> str:
    """March 1, 2026 · Mar. 1st · March 1–5."""
    month, first, last, of_year = match.groups()
    if int(first) > 31 or first == "0":
        return match[0]
    said = f"{_MONTH[month.lower()]} {ordinal(int(first))}"
    return f"{said}{' to ' + ordinal(int(last)) if last else ''}{', ' + year(int(of_year)) if of_year else ''}"


def _day_first(match: re.Match[str]) -> str:
    """1 March 2026 · the 1st of March."""
    day, of, month, of_year = match.groups()
    if not 0 < int(day) < 32:
        return match[0]
    said, name = ordinal(int(day)), _MONTH[month.lower()]
    return f"{said} of {name}" if of else f"{name} {said}{', ' + year(int(of_year)) if of_year else ''}"


def _clock(match: re.Match[str]) -> str:
    """A time of day, with AM or PM, or of 24 hours."""
    hour, minute, half = int(match[1]), match[2] or "00", (match[3] or "").replace(".", "").upper()
    if hour > 24 or int(minute) > 59 or (half and not 1 <= hour <= 12):
        return match[0]
    if not half and hour > 12:
        hour, half = hour - 12, "PM" if hour < 24 else "AM"
    if not half and hour == 0:
        hour, half = 12, "AM"
    minutes = "" if minute == "00" else f" oh {cardinal(int(minute))}" if minute[0] == "0" else f" {cardinal(int(minute))}"
    said = f"{cardinal(hour)}{minutes}{f' {half[0]} M' if half else ''}"
    return f"{said}." if match[0].endswith(".") and _ends_sentence(match.string[match.end() :]) else said


def _ends_sentence(rest: str) -> bool:
    zone = r"\s(?:Central|Eastern|Pacific|Mountain|Atlantic|[A-Z]{1,3}T\b|" + _DAY_NAME + "|" + "|".join(_MONTHS) + ")"
    return not rest.strip() or (re.match(r"\s+[A-Z]", rest) is not None and re.match(zone, rest) is None)


_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
}
_CURRENCIES |= {"USD": _CURRENCIES["$"], "EUR": _CURRENCIES["€"], "GBP": _CURRENCIES["£"]}
_SIGN = r"(?:US)?([$€£]|USD\s?|EUR\s?|GBP\s?)"
_SCALE = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "bn": "billion", "B": "billion"}
_KINDS = (
    "gift|minimum|maximum|limit|fee|deposit|voucher|coupon|credit|discount|order|purchase|charge|card|certificate|bonus|plan|bill|refund"
)


def _money(match: re.Match[str]) -> str:
    minus, sign, amount, scale, kind = match.groups()
    one, many, cent, cents = _CURRENCIES[sign.strip()]
    amount = amount.replace(",", "")
    whole, _, part = amount.partition(".")
    before = "minus " if minus else ""
    if scale:
        return f"{before}{number(amount)} {_SCALE.get(scale.strip(), scale.strip())} {many}"
    if part and len(part) != 2:
        return f"{before}{number(amount)} {many}"
    if kind and not int(part or 0):
        return f"{before}{cardinal(int(whole))} {one} {kind}"
    said = f"{cardinal(int(whole))} {plural(str(int(whole)), one, many)}" if int(whole) or not int(part or 0) else ""
    small = f"{cardinal(int(part))} {plural(str(int(part)), cent, cents)}" if int(part or 0) else ""
    return before + " and ".join(each for each in (said, small) if each)


_UNITS = {
    "kg": "kilogram", "g": "gram", "mg": "milligram", "lb": "pound", "lbs": "pound", "oz": "ounce", "fl oz": "fluid ounce",
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "mi": "mile", "yd": "yard", "ft": "foot", '"': "inch",
    "sq ft": "square foot", "sq. ft.": "square foot", "cu ft": "cubic foot", "cu. ft.": "cubic foot", "m2": "square meter",
    "L": "liter", "l": "liter", "ml": "milliliter", "mL": "milliliter", "gal": "gallon", "qt": "quart", "tsp": "teaspoon",
    "tbsp": "tablespoon", "W": "watt", "kW": "kilowatt", "Wh": "watt hour", "kWh": "kilowatt hour", "V": "volt", "mA": "milliamp",
    "mAh": "milliamp hour", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "dB": "decibel",
    "BTU": "B T U", "psi": "P S I", "rpm": "R P M", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "Mbps": "megabit per second", "Gbps": "gigabit per second", "mph": "mile per hour", "km/h": "kilometer per hour", "h": "hour",
    "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "sec": "second", "secs": "second", "ms": "millisecond",
    "°F": "degree Fahrenheit", "°C": "degree Celsius", "°": "degree", "px": "pixel", "in.": "inch", "ft.": "foot", "lbs.": "pound",
    "oz.": "ounce",
}  # fmt: skip
_SAME = frozenset(["hertz", "kilohertz", "megahertz", "gigahertz", "B T U", "P S I", "R P M"])
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))


def _measure(match: re.Match[str]) -> str:
    amount, unit = match[1], _UNITS[re.sub(r"\s+", " ", match[2])]
    ends = "." if match[2].endswith(".") and _ends_sentence(match.string[match.end() :]) else ""
    return f"{number(amount)} {unit if unit in _SAME or amount == '1' else _many(unit)}{ends}"


def _many(unit: str) -> str:
    head, space, rest = unit.partition(" ")
    if rest and head in {"square", "cubic", "fluid", "watt", "kilowatt", "milliamp"}:
        return f"{head} {_many(rest)}"
    return {"foot": "feet", "inch": "inches"}.get(head, f"{head}s") + space + rest


_PARTS = {2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters"), 5: ("fifth", "fifths"), 8: ("eighth", "eighths")}


def _fraction(match: re.Match[str]) -> str:
    whole, above, below = match[1], int(match[2]), int(match[3])
    if below in _PARTS and 0 < above < below:
        one, many = _PARTS[below]
        if whole:
            return f"{number(whole)} and {'a' if above == 1 else cardinal(above)} {one if above == 1 else many}"
        return f"{cardinal(above)} {one if above == 1 else many}"
    joint = "out of" if below in {10, 100} and above <= below else "slash"
    return f"{number(whole) + ' ' if whole else ''}{number(match[2])} {joint} {number(match[3])}"


def _range(match: re.Match[str]) -> str:
    low, high = (float(match[at].replace(",", "")) for at in (2, 4))
    dash_means_range = low < high or "–" in match[0]
    return f"{match[1]}{match[2]} to {match[1] or match[3]}{match[4]}" if dash_means_range else match[0]


def _decade(match: re.Match[str]) -> str:
    """The 1990s are "the nineteen nineties", the '90s "the nineties"."""
    century, tens = match[1], cardinal(int(match[2]))
    said = f"{tens[:-1]}ies" if tens.endswith("y") else f"{tens}s"
    return f"{cardinal(int(century))} {said}" if century else said


DATES: tuple[Form, ...] = (
    (re.compile(rf"(?<=\d){_TO}(?={_MONTH_NAME} \d)"), lambda _: " to "),
    (re.compile(r"(?<![\w$'])(?:'|(1[6-9]))([1-9]0)'?s\b"), _decade),
    (re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])"), _iso_date),
    (re.compile(r"(?<![\w/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\w/])"), _us_date),
    (re.compile(r"(?<=\bon )(\d{1,2})/(\d{1,2})()(?![\w/])"), _us_date),
    (re.compile(rf"\b{_MONTH_NAME} {_DAY}(?:{_TO}{_DAY})?(?:,? (\d{{4}})\b)?(?![\d:%/]|\.\d)"), _named_date),
    (re.compile(rf"\b{_DAY}( of)? {_MONTH_NAME}(?:,? (\d{{4}})\b)?(?!\w)"), _day_first),
    (
        re.compile(rf"\b({_DAY_NAME})\.?{_TO}({_DAY_NAME})\b\.?(?=\s*[\d:,;]|\s+from|\s|$)"),
        lambda match: f"{_DAYS[match[1]]} to {_DAYS[match[2]]}",
    ),
    (re.compile(rf"\b({_DAY_NAME})\.?:?(?= \d)"), lambda match: _DAYS[match[1]]),
    (
        re.compile(
            rf"\b((?:in|since|until|by|during|year|of|{'|'.join(_MONTHS)}) )((?:19|20)\d\d)"
            r"(?=\s*(?:[.,;:!?)–-]|$)|\s(?:and|or|to|the|when|model)\b)"
        ),
        lambda match: f"{match[1]}{year(int(match[2]))}",
    ),
    (
        re.compile(r"(?<![\w$-])((?:19|20)\d\d)[–-]((?:19|20)\d\d)(?![\w-])"),
        lambda match: f"{year(int(match[1]))} to {year(int(match[2]))}",
    ),
)

TIMES: tuple[Form, ...] = (
    (re.compile(rf"\b([Nn]oon|[Mm]idnight){_TO}(?=\d|noon|midnight)"), lambda match: f"{match[1]} to "),
    (re.compile(rf"(?<=[\dMm.]){_TO}(?=noon\b|midnight\b)"), lambda _: " to "),
    (re.compile(r"(?<![\d:.,])(\d{1,2}):(\d{1,2})(?= ratio\b)"), lambda match: f"{match[1]} to {match[2]}"),
    (re.compile(r"\b24/7\b"), lambda _: "twenty-four seven"),
    (re.compile(r"(?<=day )(\d{1,2})\s?[–-]\s?(\d{1,2})(?![\d:]|\s?[ap]\.?m)"), lambda match: f"{match[1]} to {match[2]}"),
    (re.compile(rf"(?<=[\dMm.]){_TO}(?=\d{{1,2}}(?::\d\d)?\s?{_AM_PM})"), lambda _: " to "),
    (re.compile(r"(?<=:\d\d)\s?[–—-]\s?(?=\d{1,2}:\d\d)"), lambda _: " to "),
    (re.compile(rf"(?<![\d:.,$])(\d{{1,2}})(?::(\d\d))?\s?({_AM_PM})"), _clock),
    (re.compile(r"(?<![\d:.,$])(\d{1,2}):(\d\d)()(?![\d:])"), _clock),
)

AMOUNTS: tuple[Form, ...] = (
    (re.compile(r"(?<![\w.])(\d{1,2})'\s?(\d{1,2})(?:\"|''|(?=\s|[.,]|$))"), lambda match: f"{match[1]} feet {match[2]}"),
    (re.compile(r"(?<![\w./])(\d+)/(\d+)(?=\s?(?:Hz|V|W)\b)"), lambda match: f"{match[1]} or {match[2]}"),
    (re.compile(rf"(?<![\w.,–/-])([$€£]?)({NUMBER}){_TO}([$€£]?)({NUMBER})(?![\d/]|-\d|,\d|\.\d)"), _range),
    (
        re.compile(
            rf"(?:(?<=\s)|^)(-|−)?{_SIGN}({NUMBER})(\s?(?:thousand|million|billion|trillion)\b|[kKmMB]\b|bn\b)?(?:[ -]({_KINDS})\b)?"
        ),
        _money,
    ),
    (
        re.compile(rf"(?<![\w.])(-|−)?{_SIGN}({NUMBER})(\s?(?:thousand|million|billion|trillion)\b|[kKmMB]\b|bn\b)?(?:[ -]({_KINDS})\b)?"),
        _money,
    ),
    (re.compile(rf"(?<!\d)({NUMBER})\s?(?:USD|dollars)\b"), lambda match: f"{number(match[1])} {plural(match[1], 'dollar', 'dollars')}"),
    (re.compile(rf"(?<!\d)({NUMBER})\s?¢"), lambda match: f"{number(match[1])} {plural(match[1], 'cent', 'cents')}"),
    (re.compile(rf"(?<!\d)({NUMBER})\s?%"), lambda match: f"{number(match[1])} percent"),
    (re.compile(rf"(?<=[\d\"m])\s?[x×]\s?(?=(?:{NUMBER}))"), lambda _: " by "),
    (re.compile(rf"(?<![\w.])({NUMBER})[x×](?!\w)"), lambda match: f"{number(match[1])} times"),
    (re.compile(rf"(?<![\w.])({NUMBER})\s?({_UNIT})(?![\w°²³])"), _measure),
    (re.compile(r"(?<![\w.])(\d+)-(?=[A-Za-z]{3,})"), lambda match: f"{number(match[1])} "),
    (re.compile(rf"(?<![\w.])({NUMBER})k\b"), lambda match: f"{number(match[1])} thousand"),
    (re.compile(r"(?<![\w.,/])(?:(\d+) )?(\d{1,3})\s?[/\u2044]\s?(\d{1,3})(?![\w/])"), _fraction),
    (re.compile(r"\b(\d+)(?:st|nd|rd|th)\b"), lambda match: ordinal(int(match[1]))),
)
