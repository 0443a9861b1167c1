"""All calls together, and the page about them."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from tests.bench.calls import cough, said, timeline
from voice_agent.bench.figures import Bench, Memory, figures, requirements
from voice_agent.bench.measure import measure
from voice_agent.bench.page import page
from voice_agent.bench.timeline import Heard, Timeline
from voice_agent.bench.words import WordErrors, word_errors


def bench(timelines: Sequence[Timeline], *, together: int = 1, memory: Memory | None = None, wrong: WordErrors | None = None) -> Bench:
    return Bench(
        seed=1,
        together=together,
        mode="quick",
        calls=tuple(map(measure, timelines)),
        fillers=frozenset({"One moment, please."}),
        seconds=42.0,
        load=1.0,
        cores=2,
        memory=memory,
        word_errors=wrong,
    )


def answered(gap: float, *, line: str = "quiet", first: str = "We open at nine.") -> Timeline:
    return timeline(agent=[(1.0, 3.0), (5.0 + gap, 8.0)], turns=[said(4.0, 5.0)], sayings=[(5.0 + gap, first)], line=line)


UNANSWERED = timeline(agent=[(1.0, 3.0)], turns=[said(4.0, 5.0)])
TIMINGS = {"endpointing": 0.25, "transcribe": 0.6, "retrieve": 0.05, "first_audio": 0.1, "turn_gap": 1.0}


def test_the_figures_are_of_all_turns_and_in_milliseconds() -> None:
    told = figures(bench([answered(0.5), answered(1.0), answered(1.5, line="noisy")]))

    assert told["turn_gap_ms"] == {"p50": 1000, "p95": 1450, "max": 1500, "n": 3}
    assert told["by_line"]["noisy"]["turn_gap_ms"]["p50"] == 1500
    assert (told["cut_off_rate"], told["replies_missing"], told["turns"]) == (0.0, 0, 3)


def test_what_did_not_happen_has_no_rate() -> None:
    told = figures(bench([timeline(agent=[(1.0, 3.0)])]))

    assert told["turn_gap_ms"] == told["barge_in_stop_ms"] == {"p50": None, "p95": None, "max": None, "n": 0}
    assert told["cut_off_rate"] is None
    assert told["false_interruption_rate"] is None
    assert {row.verdict for row in requirements(bench([timeline(agent=[(1.0, 3.0)])]))} == {"not measured"}


def test_interruptions_and_pauses_are_told_apart() -> None:
    ignored = timeline(agent=[(3.0, 9.0)], disturbed=[cough(5.0)])
    paused = timeline(agent=[(3.0, 5.3), (6.0, 9.0)], disturbed=[cough(5.0)], cleared=[5.3])
    interrupted = timeline(agent=[(3.0, 5.3)], disturbed=[cough(5.0)], cleared=[5.3])
    told = figures(bench([ignored, ignored, paused, interrupted]))

    assert told["false_interruption_rate"] == 0.25
    assert told["paused_and_resumed"] == 1
    assert told["disturbances"]["cough"] == {"ignored": 2, "paused": 1, "interrupted": 1}


def test_replies_that_begin_with_a_filler_are_counted() -> None:
    assert figures(bench([answered(0.5, first="One moment, please."), answered(0.5)]))["fillers_first"] == 1


def test_a_reply_that_another_call_has_heard_is_not_new() -> None:
    told = figures(bench([answered(1.5), answered(0.5), answered(1.0, first="We close at five.")]))
    assert told["turn_gap_new_reply_ms"] == {"p50": 1250, "p95": 1475, "max": 1500, "n": 2}


def test_the_costliest_stage_is_named() -> None:
    call = timeline(agent=[(1.0, 3.0), (6.1, 8.0)], turns=[said(4.0, 5.0)], heard=[Heard(at=5.9, text="hello", stages=TIMINGS)])
    assert figures(bench([call]))["costliest_stage"] == "transcription"


def test_a_time_that_is_too_long_names_the_stage_that_takes_it_in_the_slowest_turns() -> None:
    quick = timeline(agent=[(1.0, 3.0), (6.1, 8.0)], turns=[said(4.0, 5.0)], heard=[Heard(at=5.9, text="hello", stages=TIMINGS)])
    late = {"endpointing": 0.25, "transcribe": 0.6, "first_audio": 3.0, "turn_gap": 3.85}
    slow = timeline(agent=[(1.0, 3.0), (9.0, 11.0)], turns=[said(4.0, 5.0)], heard=[Heard(at=5.9, text="hello", stages=late)])
    cut_in = timeline(agent=[(3.0, 6.0)], turns=[said(5.0, 7.0, cut_in=True)], cleared=[5.9])

    rows = {row.measure: row for row in requirements(bench([quick] * 9 + [slow, cut_in], together=8))}

    assert rows["Turn gap, 8 calls at once, p95"].where == "in the slowest turns, first audio takes 3000 of 4000 ms"
    assert rows["Barge-in: caller's onset to silence, p95"].where == "in the slowest turns, noticing the caller takes 900 of 1000 ms"
    assert rows["Replies missing"].where == ""
    assert "first audio takes 3000 of 4000 ms" in page(bench([slow], together=8))


@pytest.mark.parametrize(("gap", "verdict"), [(0.7, "aim"), (1.0, "must"), (1.2, "missed")])
def test_a_requirement_is_reached_missed_or_just_met(gap: float, verdict: str) -> None:
    rows = {row.measure: row.verdict for row in requirements(bench([answered(gap)]))}
    assert rows["Turn gap, one call, p50"] == verdict


def test_eight_calls_at_once_have_another_limit_and_more_have_none() -> None:
    gap = [answered(1.9)]

    assert [row.must for row in requirements(bench(gap, together=8)) if "Turn gap" in row.measure] == [3000]
    assert [row for row in requirements(bench(gap, together=20)) if "Turn gap" in row.measure] == []


def test_a_missing_reply_misses_the_requirement() -> None:
    rows = {row.measure: row for row in requirements(bench([answered(1.0), UNANSWERED]))}
    assert (rows["Replies missing"].measured, rows["Replies missing"].verdict) == (1, "missed")


def test_memory_growth_goes_from_the_first_calls_to_the_last_and_one_outlier_does_not_matter() -> None:
    samples = (400.0, *[400.0 + number / 10 for number in range(98)], 900.0)
    memory = Memory(calls=100, samples=samples)
    assert memory.growth == pytest.approx(8.9, abs=0.3)
    assert memory.curve[::9] == pytest.approx([400.3, 409.3], abs=0.2)


def test_word_errors_are_counted_on_what_is_spoken() -> None:
    assert word_errors("It costs $50.", "it costs fifty dollars") == 0
    assert word_errors("one two three", "one three four") == 2
    assert word_errors("hello", "") == 1
    assert WordErrors(errors=1, words=20, recordings=2).rate == 0.05


class Page(HTMLParser):
    """Looks for what would need a network, and collects what is written."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [value for name, value in attrs if name in ("src", "href", "action") and value]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_no_network_and_tells_every_call() -> None:
    call = timeline(
        agent=[(1.0, 3.0), (6.1, 8.0)],
        turns=[said(4.0, 5.0)],
        disturbed=[cough(7.0)],
        sayings=[(6.0, "We open <at> nine & close.")],
        heard=[Heard(at=5.9, text="<script>alert(1)</script>", stages=TIMINGS)],
    )
    written = page(bench([call, UNANSWERED], memory=Memory(calls=3, samples=(400.0, 401.0, 402.0))))
    read = Page(written)

    assert read.outside == []
    assert "script" not in read.tags
    assert not re.search(r"url\(|@import", written)
    assert read.tags.count("article") == 2
    assert "Transcription takes the most: 600 of 1100 ms" in " ".join(read.text.split())
    assert "<script>alert(1)</script>" in read.text


def test_a_bench_without_any_turn_still_makes_a_page() -> None:
    assert "Nobody cut in." in page(bench([timeline(agent=[], duration=1.0)]))
