"""The bench's caller on a line whose clock the test moves."""

from random import Random

import numpy as np
import pytest

from voice_agent.audio import mulaw
from voice_agent.audio.packets import PACKET_SECONDS, RATE
from voice_agent.audio.pcm import Samples
from voice_agent.bench.script import Disturbance, Script, Turn
from voice_agent.bench.timeline import Timeline
from voice_agent.cli.bench_caller import PATIENCE, WORST_DELAY, BenchCaller, LineClock

REPORT = {"turns": [{"speaker": "caller", "text": "hello", "at": 4.0, "timings": {"transcribe": 0.4, "retrieve": None}}]}


def tone(seconds: float) -> Samples:
    at = np.arange(round(seconds * RATE)) / RATE
    return (8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)


def ask(seconds: float = 1.0, *, cuts_in: float | None = None, disturbance: Disturbance | None = None) -> Turn:
    return Turn(name="question", samples=tone(seconds), cuts_in=cuts_in, disturbance=disturbance)


def cough(after: float) -> Disturbance:
    return Disturbance(kind="cough", name="cough", samples=tone(0.2), after=after)


class Line:
    """A caller, and a clock that moves with their packets."""

    def __init__(self, *turns: Turn, bed: Samples | None = None, line: str = "quiet") -> None:
        self.now = 0.0
        self.over = False
        script = Script(line=line, turns=turns, seed="1/0", bed=bed)  # type: ignore[arg-type]
        self.caller = BenchCaller(script, clock=lambda: self.now, until=lambda: self.over)
        self.sent: list[bytes] = []
        self.ended = False

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / PACKET_SECONDS)):
            packet = self.caller.next_packet()
            if packet is None:
                self.ended = True
                return
            self.sent.append(packet)
            self.now += PACKET_SECONDS
            self.caller.marks_reached()

    def agent_says(self, seconds: float) -> None:
        self.caller.hear(mulaw.encode(tone(seconds)))

    @property
    def timeline(self) -> Timeline:
        return self.caller.timeline("c1", REPORT)


def test_the_caller_waits_for_the_greeting_asks_and_hangs_up_after_the_answer() -> None:
    line = Line(ask())
    line.agent_says(2.0)
    line.run(5.0)
    line.agent_says(1.0)
    line.run(3.0)
    told = line.timeline

    assert [time for turn in told.said for time in (turn.begin, turn.end)] == pytest.approx([2.7, 3.7])
    assert [time for span in told.agent for time in span] == pytest.approx([0.0, 2.0, 5.0, 6.0])
    assert (told.ended, told.unspoken, line.ended) == ("script", 0, True)
    assert [(heard.text, dict(heard.stages)) for heard in told.heard] == [("hello", {"transcribe": 0.4})]


def test_a_caller_who_gets_no_answer_goes_on_after_ten_seconds() -> None:
    line = Line(ask(), ask())
    line.agent_says(1.0)
    line.run(30.0)

    first, second = line.timeline.said
    assert second.begin - first.end == pytest.approx(PATIENCE, abs=0.03)


def test_a_caller_waits_while_the_server_says_that_it_thinks() -> None:
    line = Line(ask())
    line.agent_says(1.0)
    line.caller.told("state", {"state": "thinking"})
    line.run(3.0)
    assert line.timeline.said == ()

    line.caller.told("state", {"state": "listening"})
    line.run(0.1)
    assert len(line.timeline.said) == 1


def test_the_caller_cuts_in_after_so_much_of_the_reply_and_the_clear_is_noted() -> None:
    line = Line(ask(), ask(cuts_in=1.0))
    line.agent_says(1.0)
    line.run(3.0)
    line.agent_says(4.0)
    line.run(1.3)
    line.caller.clear()
    line.run(1.0)
    told = line.timeline

    assert [turn.cut_in for turn in told.said] == [False, True]
    assert told.said[1].begin == pytest.approx(4.02, abs=0.03)
    assert list(told.cleared) == pytest.approx([4.3], abs=0.03)
    assert told.agent[-1][1] == pytest.approx(4.3, abs=0.03)


def test_the_caller_does_not_cut_in_on_what_is_about_to_end_and_asks_behind_it() -> None:
    line = Line(ask(), ask(cuts_in=1.0))
    line.agent_says(1.0)
    line.run(3.0)
    line.agent_says(1.3)
    line.run(4.0)

    assert [turn.cut_in for turn in line.timeline.said] == [False, False]


def test_a_disturbance_comes_during_the_reply_and_the_next_word_waits_for_its_effect() -> None:
    line = Line(ask(disturbance=cough(0.5)), ask(cuts_in=0.6))
    line.agent_says(1.0)
    line.run(3.0)
    line.agent_says(8.0)
    line.run(6.0)
    told = line.timeline

    (event,) = told.disturbed
    assert event.kind == "cough"
    assert event.begin == pytest.approx(3.52, abs=0.03)
    assert event.end == pytest.approx(event.begin + 0.2)
    assert told.said[1].begin == pytest.approx(event.end + 2.7, abs=0.03)


def test_a_caller_out_of_time_hears_the_beginning_of_the_reply_and_hangs_up() -> None:
    line = Line(ask(), ask())
    line.agent_says(1.0)
    line.run(3.0)
    line.over = True
    line.agent_says(5.0)
    line.run(5.0)

    assert (line.timeline.ended, line.timeline.unspoken) == ("time", 1)
    assert line.timeline.duration == pytest.approx(4.0, abs=0.05)


def test_a_caller_who_is_handed_over_hangs_up() -> None:
    line = Line(ask())
    line.caller.told("state", {"state": "waiting"})
    line.run(1.0)
    assert (line.ended, line.timeline.ended) == (True, "handed over")


def test_noise_behind_the_caller_is_always_there() -> None:
    line = Line(ask(), bed=tone(0.5))
    line.run(1.0)
    assert all(np.abs(mulaw.decode(packet).astype(int)).max() > 7000 for packet in line.sent)


def test_on_a_poor_line_one_packet_in_a_hundred_is_lost() -> None:
    line = Line(ask(60.0), line="poor")
    line.agent_says(1.0)
    line.run(60.0)
    assert 0.003 < sum(not packet for packet in line.sent) / len(line.sent) < 0.02


def test_on_a_poor_line_packets_are_late_in_bursts_and_never_by_more_than_60_ms() -> None:
    clock = LineClock(Random(1))
    delays = [clock._delay() for _ in range(5000)]
    bursts = "".join("x" if delay else "." for delay in delays).split(".")

    assert max(delays) <= WORST_DELAY
    assert 0.04 < sum(delay > 0 for delay in delays) / len(delays) < 0.16
    assert {len(burst) % 5 for burst in bursts} == {0}
    assert LineClock()._delay() == 0.0
