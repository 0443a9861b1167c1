"""When the people of a queue take calls: `hours` and `time_zone` of escalation.yaml."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from voice_agent.settings.mistakes import ConfigFile, Place, known, shown

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(r"(?P<first>[A-Za-z]{3})[a-z]*(?: ?- ?(?P<last>[A-Za-z]{3})[a-z]*)? (?P<opens>\d?\d:\d\d) ?- ?(?P<closes>\d?\d:\d\d)")
_EXAMPLE = '"Mon-Fri 09:00-18:00"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    days: frozenset[int]
    """0 for Monday."""
    opens: int
    """Minutes since midnight."""
    closes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    spans: tuple[Span, ...]
    zone: ZoneInfo

    def include(self, now: float) -> bool:
        """`now`: UNIX seconds."""
        there = datetime.fromtimestamp(now, self.zone)
        minute = 60 * there.hour + there.minute
        return any(there.weekday() in span.days and span.opens <= minute < span.closes for span in self.spans)


def read_hours(file: ConfigFile, place: Place, hours: Sequence[str], time_zone: str) -> Hours | None:
    """Of one queue; None when it has none. Mistakes are noted in the file."""
    if time_zone and time_zone not in (zones := available_timezones()):
        file.note((*place, "time_zone"), f"{shown(time_zone)} is not a time zone; {known(time_zone, zones, 'time zones')[:200]}")
        return None
    spans = [_span(file, (*place, "hours", number), text) for number, text in enumerate(hours)]
    if hours and not time_zone:
        file.note((*place, "hours"), "hours need a time zone beside them; add for example `time_zone: America/Chicago`.")
    elif time_zone and not hours:
        file.note((*place, "time_zone"), f"a time zone needs hours beside it; add for example `hours: [{_EXAMPLE}]`.")
    return Hours(spans=tuple(span for span in spans if span), zone=ZoneInfo(time_zone)) if hours and time_zone else None


def _span(file: ConfigFile, place: Place, text: str) -> Span | None:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        file.note(place, f"{shown(text)} is not understood; write days and times such as {_EXAMPLE}.")
        return None
    days = [DAYS.index(day.title()) if day.title() in DAYS else None for day in (found["first"], found["last"] or found["first"])]
    first, last = days
    if first is None or last is None:
        file.note(place, f"{shown(text)} names no day of the week; they are {', '.join(DAYS)}.")
        return None
    opens, closes = _minutes(found["opens"]), _minutes(found["closes"])
    if not opens < closes <= 24 * 60:
        file.note(place, f"{shown(text)} ends before it begins, or after 24:00; write hours over midnight as two lines.")
        return None
    return Span(days=frozenset((first + number) % 7 for number in range((last - first) % 7 + 1)), opens=opens, closes=closes)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)
