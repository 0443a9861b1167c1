"""Who rings next, and what becomes of a stored handover."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from voice_agent.core.dispatch import Board, Estimate, OnDuty, Wait
from voice_agent.core.words import CallId

T = TypeVar("T")

NOON = 1_750_000_000.0
RING_FOR = 20.0
ONE, TWO = CallId("one"), CallId("two")


@dataclass
class Floor:
    """A queue, its agents, and a clock; `told` is what changed since it was last looked at."""

    now: float = NOON
    waits: dict[CallId, Wait] = field(default_factory=dict)
    agents: dict[str, OnDuty] = field(default_factory=dict)
    _told: list[tuple[str, str, str]] = field(default_factory=list)

    def step(self, step: Callable[[Board[Wait]], T]) -> T:
        board = Board(self.waits.values(), self.agents.values(), self.now)
        result = step(board)
        self.waits |= board.changed_waits
        self.agents |= board.changed_agents
        self._told += [(change.call, change.kind, change.agent) for change in board.changes]
        return result

    def told(self) -> list[tuple[str, str, str]]:
        told, self._told = self._told, []
        return told

    def offer(self, call: str = "one", *, queue: str = "claims", priority: int = 3, since: float | None = None) -> None:
        new = Wait(call=CallId(call), queue=queue, priority=priority, since=self.now if since is None else since)
        self.step(lambda board: board.offer(new))

    def come(self, agent: str, status: Any = "available", queues: tuple[str, ...] | None = ("claims",)) -> None:
        self.step(lambda board: board.come(agent, status, queues))

    def dispatch(self) -> None:
        self.step(lambda board: board.dispatch(RING_FOR))

    def take(self, call: str, agent: str) -> str | None:
        return self.step(lambda board: board.accept(CallId(call), agent))

    def decline(self, call: str, agent: str) -> None:
        self.step(lambda board: board.decline(CallId(call), agent))

    def join(self, call: str, agent: str) -> bool:
        return self.step(lambda board: board.join(CallId(call), agent))

    def lose(self, call: str, agent: str, joined: float | None = None) -> None:
        self.step(lambda board: board.lose(CallId(call), agent, joined))

    def leave(self, call: str, agent: str) -> None:
        self.step(lambda board: board.leave(CallId(call), agent))

    def end(self, call: str, how: Any = "completed") -> None:
        self.step(lambda board: board.end(CallId(call), how))

    def position(self, call: str) -> int:
        return self.step(lambda board: board.position(CallId(call)))

    def bridge(self, call: str, agent: str) -> None:
        assert self.take(call, agent) is None
        assert self.join(call, agent)

    def later(self, seconds: float) -> None:
        """Those whose pages are open have been heard of until the end."""
        self.now += seconds
        for agent in self.agents.values():
            self.agents[agent.agent] = OnDuty(**{**{name: getattr(agent, name) for name in agent.__slots__}, "seen": self.now})

    def silently(self, seconds: float) -> None:
        """Nobody's page is heard of."""
        self.now += seconds

    def at(self, call: str) -> tuple[str, str]:
        return self.waits[CallId(call)].state, self.waits[CallId(call)].agent


# ------------------------------------------------------------ ringing


def test_an_offered_call_rings_for_an_agent_of_its_queue() -> None:
    floor = Floor()
    floor.come("Ada", queues=("billing",))
    floor.come("Grace", queues=("claims", "sales"))
    floor.offer()
    floor.dispatch()

    assert floor.told() == [("one", "waiting", ""), ("one", "ringing", "Grace")]
    assert floor.waits[ONE].ring_until == NOON + RING_FOR


def test_who_is_there_for_every_queue_is_rung_for_any() -> None:
    floor = Floor()
    floor.come("Ada", queues=None)
    floor.offer(queue="anything")
    floor.dispatch()

    assert floor.at("one") == ("ringing", "Ada")


def test_whoever_is_idle_the_longest_is_rung_first_for_the_most_urgent_then_the_longest_waiting() -> None:
    floor = Floor()
    floor.come("Grace")
    floor.later(1)
    floor.come("Ada")
    floor.offer("usual", since=NOON - 60)
    floor.offer("urgent", priority=1)
    floor.offer("late", since=NOON)
    floor.dispatch()

    assert [floor.at(call) for call in ("urgent", "usual", "late")] == [("ringing", "Grace"), ("ringing", "Ada"), ("waiting", "")]


def test_those_idle_equally_long_are_rung_by_name() -> None:
    floor = Floor()
    floor.come("Grace")
    floor.come("Ada")
    floor.offer()
    floor.dispatch()

    assert floor.at("one") == ("ringing", "Ada")


def test_nobody_who_is_away_wrapping_up_or_unseen_is_rung() -> None:
    floor = Floor()
    floor.come("Closed")
    floor.silently(15)
    floor.come("Away", "away")
    floor.come("Busy", "wrap-up")
    floor.offer()
    floor.dispatch()

    assert floor.at("one") == ("waiting", "")


def test_an_agent_who_was_seen_just_within_the_time_is_rung() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.silently(14.9)
    floor.offer()
    floor.dispatch()

    assert floor.at("one") == ("ringing", "Ada")


@pytest.mark.parametrize("state", ["ringing", "accepted", "bridged"])
def test_an_agent_with_a_call_is_not_rung_for_another(state: str) -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.dispatch()
    if state != "ringing":
        floor.take("one", "Ada")
    if state == "bridged":
        floor.join("one", "Ada")
    floor.offer("two")
    floor.dispatch()

    assert (floor.at("one"), floor.at("two")) == ((state, "Ada"), ("waiting", ""))


def test_a_second_dispatch_in_the_same_moment_changes_nothing() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.offer("two")
    floor.dispatch()
    floor.told()
    floor.dispatch()

    assert floor.told() == []


# ------------------------------------------------------------ declined, unanswered


def test_a_declined_call_rings_for_the_next_and_not_for_the_same_again() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.come("Grace")
    floor.offer()
    floor.dispatch()
    floor.decline("one", "Ada")
    floor.decline("one", "Ada")
    floor.dispatch()
    floor.decline("one", "Grace")
    floor.dispatch()

    assert floor.told()[2:] == [
        ("one", "declined", "Ada"),
        ("one", "ringing", "Grace"),
        ("one", "declined", "Grace"),
        ("one", "exhausted", ""),
    ]
    assert floor.waits[ONE].tried == ("Ada", "Grace")


def test_declining_a_call_that_rings_for_somebody_else_or_is_unknown_changes_nothing() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()
    floor.told()
    floor.decline("one", "Grace")
    floor.decline("two", "Ada")

    assert floor.told() == []


def test_who_does_not_answer_is_set_away_and_the_next_is_rung() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.come("Grace")
    floor.offer()
    floor.dispatch()
    floor.later(RING_FOR)
    floor.dispatch()

    assert floor.told()[2:] == [("one", "unanswered", "Ada"), ("one", "ringing", "Grace")]
    assert (floor.agents["Ada"].status, floor.agents["Ada"].missed) == ("away", True)
    assert (floor.agents["Grace"].status, floor.agents["Grace"].missed) == ("available", False)


def test_a_call_rings_on_until_its_time_is_over() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()
    floor.later(RING_FOR - 0.1)
    floor.dispatch()

    assert floor.at("one") == ("ringing", "Ada")


def test_a_call_that_rings_on_a_closed_laptop_goes_on_before_its_time() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()
    floor.silently(15)
    floor.come("Grace")
    floor.dispatch()

    assert floor.told()[2:] == [("one", "unanswered", "Ada"), ("one", "ringing", "Grace")]


def test_who_goes_away_while_it_rings_is_not_said_to_have_missed_it() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()
    floor.come("Ada", "away")
    floor.dispatch()

    assert floor.told()[2:] == [("one", "unanswered", "Ada"), ("one", "exhausted", "")]
    assert not floor.agents["Ada"].missed


def test_a_ring_for_an_agent_nobody_knows_is_taken_back() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()
    del floor.agents["Ada"]
    floor.dispatch()

    assert floor.at("one") == ("waiting", "")


def test_who_comes_back_is_rung_for_the_call_they_missed() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.dispatch()
    floor.later(RING_FOR)
    floor.dispatch()
    floor.told()
    floor.come("Ada")
    floor.dispatch()

    assert floor.told() == [("one", "ringing", "Ada")]
    assert not floor.agents["Ada"].missed


def test_who_declined_and_says_again_that_they_are_available_is_not_rung_for_it() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.decline("one", "Ada")
    floor.later(5)
    floor.come("Ada")
    floor.dispatch()

    assert floor.at("one") == ("waiting", "")
    assert floor.agents["Ada"].since == NOON


def test_a_call_that_is_over_keeps_its_record_when_somebody_comes_back() -> None:
    floor = Floor()
    floor.offer("one")
    floor.decline("one", "Ada")
    floor.end("one", "withdrawn")
    floor.come("Ada")

    assert floor.waits[ONE].tried == ("Ada",)


# ------------------------------------------------------------ nobody left


def test_the_caller_is_told_once_that_everybody_has_been_tried() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()
    floor.decline("one", "Ada")
    floor.dispatch()
    floor.dispatch()
    floor.come("Grace")
    floor.dispatch()
    floor.decline("one", "Grace")
    floor.dispatch()

    assert [kind for _, kind, _ in floor.told()].count("exhausted") == 1


@pytest.mark.parametrize("doing", ["on a call", "wrapping up"])
def test_as_long_as_somebody_is_still_to_be_tried_not_everybody_has_been(doing: str) -> None:
    floor = Floor()
    floor.come("Grace", "available" if doing == "on a call" else "wrap-up")
    floor.offer("two")
    floor.dispatch()
    floor.come("Ada")
    floor.offer("one")
    floor.decline("one", "Ada")
    floor.dispatch()

    assert ("one", "exhausted", "") not in floor.told()


def test_a_call_for_which_nobody_is_on_duty_waits_and_nobody_says_that_they_were_tried() -> None:
    floor = Floor()
    floor.come("Ada", queues=("billing",))
    floor.offer()
    floor.dispatch()

    assert floor.told() == [("one", "waiting", "")]


# ------------------------------------------------------------ accepted


def test_an_agent_takes_the_call_that_rings_for_them_once() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()

    assert floor.take("one", "Ada") is None
    assert floor.take("one", "Ada") is None
    assert floor.told()[2:] == [("one", "accepted", "Ada")]
    assert (floor.waits[ONE].ring_until, floor.waits[ONE].taken) == (None, NOON)


def test_an_agent_may_take_any_waiting_call_even_while_away() -> None:
    floor = Floor()
    floor.offer()

    assert floor.take("one", "Ada") is None
    assert floor.at("one") == ("accepted", "Ada")


@pytest.mark.parametrize("state", ["ringing", "accepted", "bridged"])
def test_nobody_takes_a_call_that_rings_for_somebody_else_or_is_theirs(state: str) -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()
    if state != "ringing":
        floor.take("one", "Ada")
    if state == "bridged":
        floor.join("one", "Ada")

    assert floor.take("one", "Grace") == "already-taken"
    assert floor.at("one") == (state, "Ada")


@pytest.mark.parametrize("gone", ["never", "completed", "withdrawn"])
def test_a_call_that_does_not_wait_cannot_be_taken(gone: str) -> None:
    floor = Floor()
    if gone != "never":
        floor.offer()
        floor.end("one", gone)

    assert floor.take("one", "Ada") == "not-waiting"


def test_whoever_has_a_call_takes_no_other_until_it_is_over() -> None:
    floor = Floor()
    floor.offer("one")
    floor.offer("two")
    floor.bridge("one", "Ada")

    assert floor.take("two", "Ada") == "has-a-call"
    floor.end("one")
    assert floor.take("two", "Ada") is None


def test_whoever_takes_a_call_by_hand_while_another_rings_leaves_that_to_the_others() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.dispatch()
    floor.offer("two")
    floor.come("Grace")
    floor.take("two", "Ada")
    floor.dispatch()

    assert floor.told()[3:] == [("one", "waiting", ""), ("two", "accepted", "Ada"), ("one", "ringing", "Grace")]
    assert floor.waits[ONE].tried == ()


def test_who_gives_an_accepted_call_back_leaves_it_in_its_place() -> None:
    floor = Floor()
    floor.offer("one")
    floor.later(5)
    floor.offer("two")
    floor.take("one", "Ada")
    floor.decline("one", "Ada")

    assert floor.at("one") == ("waiting", "")
    assert floor.position("one") == 1


def test_an_agent_may_decline_take_after_all_and_give_back() -> None:
    floor = Floor()
    floor.offer("one")
    for _ in range(2):
        floor.decline("one", "Ada")
        floor.take("one", "Ada")
    floor.decline("one", "Ada")

    assert [kind for _, kind, _ in floor.told()[1:]] == ["declined", "accepted", "declined", "accepted", "declined"]
    assert floor.waits[ONE].tried == ("Ada",)


def test_an_accepted_call_whose_agent_is_not_seen_any_more_goes_back_to_its_place() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.dispatch()
    floor.take("one", "Ada")
    floor.silently(14.9)
    floor.dispatch()
    assert floor.at("one") == ("accepted", "Ada")

    floor.silently(0.1)
    floor.come("Grace")
    floor.dispatch()

    assert floor.told()[3:] == [("one", "lost", "Ada"), ("one", "ringing", "Grace")]
    assert (floor.waits[ONE].priority, floor.waits[ONE].since) == (3, NOON)


def test_an_agent_who_has_no_page_has_as_long_to_be_bridged() -> None:
    floor = Floor()
    floor.offer("one")
    floor.take("one", "Ada")
    floor.silently(14.9)
    floor.dispatch()
    assert floor.at("one") == ("accepted", "Ada")

    floor.silently(0.1)
    floor.dispatch()
    assert floor.at("one") == ("waiting", "")


def test_an_accepted_call_stays_with_an_agent_who_is_there() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.take("one", "Ada")
    floor.later(60)
    floor.dispatch()

    assert floor.at("one") == ("accepted", "Ada")


def test_an_accepted_call_goes_to_others_when_its_agent_is_there_and_cannot_be_reached() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.take("one", "Ada")
    floor.later(74.9)
    floor.dispatch()
    assert floor.at("one") == ("accepted", "Ada")

    floor.later(0.1)
    floor.dispatch()
    assert floor.at("one") == ("waiting", "")


def test_a_call_that_was_accepted_before_that_time_was_stored_stays_accepted() -> None:
    floor = Floor()
    floor.waits[ONE] = Wait(call=ONE, queue="claims", priority=3, since=NOON, state="accepted", agent="Ada")
    floor.silently(3600)
    floor.dispatch()

    assert floor.at("one") == ("accepted", "Ada")


# ------------------------------------------------------------ bridged


def test_only_whoever_has_the_call_is_bridged_and_it_is_said_once() -> None:
    floor = Floor()
    floor.offer()
    assert not floor.join("one", "Ada")

    floor.take("one", "Ada")
    assert not floor.join("one", "Grace")
    assert floor.join("one", "Ada")
    assert floor.join("one", "Ada")
    assert not floor.join("never", "Ada")

    assert floor.told()[2:] == [("one", "joined", "Ada")]
    assert floor.waits[ONE].joined == NOON


def test_nobody_is_bridged_with_a_call_that_rings_or_has_gone_back() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.dispatch()
    assert not floor.join("one", "Ada")

    floor.take("one", "Ada")
    floor.silently(15)
    floor.dispatch()
    assert not floor.join("one", "Ada")


def test_a_bridged_call_stays_so_though_the_page_is_closed() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer()
    floor.bridge("one", "Ada")
    floor.silently(3600)
    floor.dispatch()

    assert floor.at("one") == ("bridged", "Ada")


def test_a_broken_line_puts_the_caller_before_the_others_and_everybody_may_be_rung() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("urgent", priority=1)
    floor.later(5)
    floor.offer("one", priority=4, since=NOON - 60)
    floor.bridge("one", "Ada")
    floor.lose("one", "Ada")
    floor.lose("one", "Ada")

    assert floor.told()[-1:] == [("one", "lost", "Ada")]
    assert floor.told() == []
    assert (floor.waits[ONE].priority, floor.waits[ONE].since, floor.waits[ONE].tried) == (1, NOON - 60, ())
    floor.dispatch()
    assert floor.at("one") == ("ringing", "Ada")


def test_a_line_that_never_came_about_is_not_tried_again() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.take("one", "Ada")
    floor.lose("one", "Ada")
    floor.dispatch()

    assert [kind for _, kind, _ in floor.told()[2:]] == ["lost", "exhausted"]


def test_a_late_word_of_a_broken_line_takes_the_caller_from_nobody_else() -> None:
    floor = Floor()
    floor.offer("one")
    floor.bridge("one", "Ada")
    floor.lose("one", "Ada")
    floor.bridge("one", "Grace")
    floor.lose("one", "Ada")
    floor.lose("two", "Ada")

    assert floor.at("one") == ("bridged", "Grace")


def test_a_late_word_of_an_earlier_line_does_not_break_the_present_one_of_the_same_agent() -> None:
    floor = Floor()
    floor.offer("one")
    floor.bridge("one", "Ada")
    floor.lose("one", "Ada", joined=NOON)
    floor.later(5)
    floor.bridge("one", "Ada")
    floor.lose("one", "Ada", joined=NOON)
    assert floor.at("one") == ("bridged", "Ada")

    floor.lose("one", "Ada", joined=NOON + 5)
    assert floor.at("one") == ("waiting", "")


def test_nobody_who_has_left_is_put_back_because_a_line_broke() -> None:
    floor = Floor()
    floor.offer("one")
    floor.bridge("one", "Ada")
    floor.end("one", "withdrawn")
    floor.lose("one", "Ada")

    assert floor.at("one") == ("withdrawn", "Ada")


# ------------------------------------------------------------ over


def test_after_a_call_the_agent_is_rung_when_they_say_that_they_are_available_again() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.offer("two")
    floor.bridge("one", "Ada")
    floor.end("one")
    floor.dispatch()
    assert (floor.agents["Ada"].status, floor.at("two")) == ("wrap-up", ("waiting", ""))

    floor.come("Ada")
    floor.dispatch()
    assert floor.at("two") == ("ringing", "Ada")


def test_the_agent_who_is_on_a_call_says_that_it_is_over_and_nobody_else_can() -> None:
    floor = Floor()
    floor.offer("one")
    floor.bridge("one", "Ada")
    floor.leave("one", "Grace")
    assert floor.at("one") == ("bridged", "Ada")

    floor.leave("one", "Ada")
    assert floor.at("one") == ("completed", "Ada")


def test_an_agent_who_says_that_a_call_is_over_before_they_spoke_gives_it_back() -> None:
    floor = Floor()
    floor.offer("one")
    floor.take("one", "Ada")
    floor.leave("one", "Ada")
    floor.leave("one", "Ada")
    floor.leave("never", "Ada")

    assert floor.told()[2:] == [("one", "declined", "Ada")]
    assert floor.at("one") == ("waiting", "")


def test_an_agent_who_took_a_call_while_away_stays_away_after_it() -> None:
    floor = Floor()
    floor.come("Ada", "away")
    floor.offer("one")
    floor.bridge("one", "Ada")
    floor.end("one")

    assert floor.agents["Ada"].status == "away"


def test_an_agent_whose_caller_left_before_they_spoke_is_free_and_idle_from_then_on() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.take("one", "Ada")
    floor.later(5)
    floor.end("one", "withdrawn")

    assert (floor.agents["Ada"].status, floor.agents["Ada"].since) == ("available", NOON + 5)


def test_a_caller_who_leaves_while_it_rings_was_nobodys() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    floor.dispatch()
    floor.later(5)
    floor.end("one", "withdrawn")

    assert (floor.at("one"), floor.waits[ONE].ring_until, floor.waits[ONE].ended) == (("withdrawn", ""), None, NOON + 5)
    assert floor.agents["Ada"].since == NOON


def test_a_call_ends_once() -> None:
    floor = Floor()
    floor.end("one")
    floor.offer("one")
    floor.end("one", "completed")
    floor.end("one", "withdrawn")

    assert floor.told() == [("one", "waiting", ""), ("one", "completed", "")]


@pytest.mark.parametrize("since", [NOON, NOON - 60])
def test_an_offer_that_is_repeated_or_older_changes_nothing(since: float) -> None:
    floor = Floor()
    floor.offer("one")
    floor.end("one", "withdrawn")
    floor.told()
    floor.offer("one", since=since)

    assert floor.told() == []


@pytest.mark.parametrize("became", ["accepted", "bridged", "completed", "withdrawn"])
def test_a_newer_offer_makes_a_call_wait_anew(became: str) -> None:
    floor = Floor()
    floor.offer("one")
    floor.decline("one", "Grace")
    floor.take("one", "Ada")
    if became == "bridged":
        floor.join("one", "Ada")
    if became in ("completed", "withdrawn"):
        floor.end("one", became)
    floor.offer("one", since=NOON + 60)

    assert floor.waits[ONE] == Wait(call=ONE, queue="claims", priority=3, since=NOON + 60)


@pytest.mark.parametrize("state", ["waiting", "ringing"])
def test_a_newer_offer_of_a_call_that_waits_already_changes_nothing(state: str) -> None:
    floor = Floor()
    floor.come("Ada")
    floor.offer("one")
    if state == "ringing":
        floor.dispatch()
    floor.offer("one", since=NOON + 60)

    assert (floor.waits[ONE].state, floor.waits[ONE].since) == (state, NOON)


# ------------------------------------------------------------ what the caller is told


def test_the_position_counts_those_of_the_queue_who_wait_or_ring() -> None:
    floor = Floor()
    floor.come("Ada")
    for n, call in enumerate(("first", "second", "third")):
        floor.offer(call, since=NOON + n)
    floor.offer("elsewhere", queue="billing", since=NOON - 60)
    floor.dispatch()
    assert [floor.position(call) for call in ("first", "second", "third", "elsewhere")] == [1, 2, 3, 1]

    floor.take("first", "Ada")
    assert floor.position("second") == 1
    assert floor.position("first") == 0
    assert floor.position("never") == 0


def test_the_waiting_time_is_that_of_the_calls_before_shared_by_the_agents_on_duty() -> None:
    floor = Floor()
    floor.come("Ada")
    floor.come("Grace", "wrap-up", None)
    floor.come("Joan", "away")
    floor.come("Mary", queues=("billing",))
    floor.offer("one")
    floor.later(1)
    floor.offer("two")

    assert floor.step(lambda board: board.estimate(ONE, [100, 900, 200])) == Estimate(position=1, wait=100)
    assert floor.step(lambda board: board.estimate(TWO, [100, 900, 200])) == Estimate(position=2, wait=200)


def test_no_time_is_said_without_agents_or_without_calls_to_go_by() -> None:
    floor = Floor()
    floor.offer("one")
    assert floor.step(lambda board: board.estimate(ONE, [100, 100, 100])) == Estimate(position=1, wait=None)

    floor.come("Ada")
    assert floor.step(lambda board: board.estimate(ONE, [100, 100])) == Estimate(position=1, wait=None)


def test_there_is_nothing_to_say_of_a_call_that_does_not_wait() -> None:
    floor = Floor()
    floor.offer("one")
    floor.take("one", "Ada")

    assert floor.step(lambda board: board.estimate(ONE, [])) is None
