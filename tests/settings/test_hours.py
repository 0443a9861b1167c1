"""When a queue takes calls."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voice_agent.errors import ConfigError
from voice_agent.settings import load_settings

BERLIN = ZoneInfo("Europe/Berlin")


def queue(folder: Path, lines: str) -> Path:
    (folder / "escalation.yaml").write_text(f"queues:\n  support:\n    {lines}\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2025-06-16 08:59", False),  # a Monday
        ("2025-06-16 09:00", True),
        ("2025-06-20 17:59", True),
        ("2025-06-20 18:00", False),
        ("2025-06-21 11:00", True),
        ("2025-06-22 11:00", False),
        ("2025-01-13 09:00", True),  # in winter, too
    ],
)
def test_hours_are_those_of_the_clocks_in_the_queues_time_zone(tmp_path: Path, when: str, is_open: bool) -> None:
    settings = load_settings(queue(tmp_path, 'hours: ["Mon-Fri 09:00-18:00", "Saturday 10:00 - 14:00"]\n    time_zone: Europe/Berlin'), {})
    hours = settings.escalation.limits["support"].hours

    assert hours is not None
    assert hours.include(datetime.fromisoformat(when).replace(tzinfo=BERLIN).timestamp()) is is_open


def test_days_may_run_over_the_end_of_the_week_and_hours_to_midnight(tmp_path: Path) -> None:
    hours = load_settings(queue(tmp_path, 'hours: ["Sat-Mon 0:00-24:00"]\n    time_zone: UTC'), {}).escalation.limits["support"].hours

    assert hours is not None
    assert [hours.include(1_750_032_000.0 + 86400 * day) for day in range(7)] == [True, False, False, False, False, True, True]


def test_a_queue_without_hours_is_open_at_any_time_and_holds_any_number(tmp_path: Path) -> None:
    limits = load_settings(tmp_path, {}).escalation.limits["support"]

    assert (limits.hours, limits.max_waiting) == (None, None)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "hours: [Mon-Fri 9-18]\n    time_zone: UTC",
            'escalation.yaml:3: queues.support.hours[1]: "Mon-Fri 9-18" is not understood; write',
        ),
        ("hours: [Mon-Foo 09:00-18:00]\n    time_zone: UTC", 'hours[1]: "Mon-Foo 09:00-18:00" names no day of the week; they are Mon, Tue'),
        ("hours: [Mon 18:00-09:00]\n    time_zone: UTC", "ends before it begins, or after 24:00; write hours over midnight as two lines."),
        ("hours: [Mon 18:00-25:00]\n    time_zone: UTC", "ends before it begins, or after 24:00"),
        ("hours: [Mon 09:00-18:00]", "escalation.yaml:3: queues.support.hours: hours need a time zone beside them; add for example"),
        ("time_zone: UTC", "queues.support.time_zone: a time zone needs hours beside it; add for example"),
        ("time_zone: Europe/Berlim", 'queues.support.time_zone: "Europe/Berlim" is not a time zone; did you mean "Europe/Berlin"?'),
        ("max_waiting: 0", "queues.support.max_waiting: 0 is not possible; give how many callers may wait in it, from 1 to 1000"),
        ("hourz: []", 'queues.support.hourz: is not a key of this file; did you mean "hours"?'),
    ],
)
def test_a_mistake_names_its_line_and_what_would_be_right(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(queue(tmp_path, lines), {})

    assert said in str(caught.value)
