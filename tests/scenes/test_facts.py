"""Every fact that a rule may ask for, in a call where it makes a rule decide, and in the same call one step short of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.world import World, rule
from voice_agent.core import commands as do
from voice_agent.core import events as ev
from voice_agent.core.escalation import FACT_NAMES, QueueState
from voice_agent.core.policy import Policy
from voice_agent.core.words import Line, RedactedText, TurnId

T = RedactedText
FIRST = 12.0


@dataclass(frozen=True, kw_only=True)
class Fact:
    """How a call brings about a fact, and how it just does not."""

    when: dict[str, Any]
    happens: Callable[[World], None]
    almost: Callable[[World], None]
    policy: Policy = field(default_factory=Policy)
    until: float = 60.0


def says(*texts: str, level: float | None = None) -> Callable[[World], None]:
    """One after the other, each answered; the last with `level`."""

    def script(world: World) -> None:
        for number, text in enumerate(texts):
            world.agent_will_answer("We open at nine.")
            begin = FIRST + 8 * number
            world.caller_says(text, at=begin)
            if level is not None and number == len(texts) - 1:
                world._sounds[-1].level = level

    return script


def unanswered(times: int) -> Callable[[World], None]:
    def script(world: World) -> None:
        world.agent_knows_nothing(times)
        for number in range(times):
            world.caller_says(f"Do you sell number {number}?", at=FIRST + 14 * number)

    return script


def unsure(times: int) -> Callable[[World], None]:
    def script(world: World) -> None:
        for number in range(times):
            world.agent_will_answer("Perhaps at nine.", confidence=0.55)
            world.caller_says(f"What about number {number}?", at=FIRST + 9 * number)

    return script


def fails(times: int) -> Callable[[World], None]:
    def script(world: World) -> None:
        world.broken["retrieve"] = "fails"
        for number in range(times):
            world.caller_says(f"What about number {number}?", at=FIRST + 10 * number)

    return script


def noises(times: int) -> Callable[[World], None]:
    def script(world: World) -> None:
        for number in range(times):
            world.caller_makes_noise(at=FIRST + 11 * number, seconds=1.0)

    return script


def about(topic: str) -> Callable[[World], None]:
    def script(world: World) -> None:
        world.topics["invoice"] = topic
        says("My invoice is wrong.")(world)

    return script


def presses(key: str) -> Callable[[World], None]:
    return lambda world: world.press(key, at=FIRST)


def told(make: Callable[[float], ev.Event], *, at: float = 1.0) -> Callable[[World], None]:
    def script(world: World) -> None:
        world.happens(make, at=at)
        says("When do you open?")(world)

    return script


def queue(**state: bool) -> Callable[[World], None]:
    return told(lambda now: ev.QueuesSeen(at=now, queues=(QueueState(queue="support", **state),)))


def caller(before: int, week: int, tier: str | None = None) -> Callable[[World], None]:
    return told(lambda now: ev.CallerRecognised(at=now, calls_before=before, calls_this_week=week, tier=tier))


def sounds(foreign: float) -> Callable[[World], None]:
    def script(world: World) -> None:
        text = "I am not going to talk about that."
        world.hears[text] = ev.Transcribed(at=0, turn=TurnId(0), text=T(text), no_speech=0.0, confidence=0.9, foreign=foreign)
        says(text)(world)

    return script


FACTS: dict[str, Fact] = {
    "asks_for_person": Fact(when={"asks_for_person": True}, happens=says("Get me a person."), almost=says("Who is there?")),
    "topic": Fact(when={"topic": "billing"}, happens=about("billing"), almost=about("delivery")),
    "key": Fact(when={"key": "7"}, happens=presses("7"), almost=presses("8")),
    "unanswered_in_row": Fact(when={"unanswered_in_row__at_least": 2}, happens=unanswered(2), almost=unanswered(1)),
    "unanswered_total": Fact(when={"unanswered_total__at_least": 2}, happens=unanswered(2), almost=unanswered(1)),
    "low_confidence_in_row": Fact(when={"low_confidence_in_row__at_least": 2}, happens=unsure(2), almost=unsure(1)),
    "failures_in_row": Fact(when={"failures_in_row__at_least": 2}, happens=fails(2), almost=fails(1), until=30),
    "silences_in_row": Fact(when={"silences_in_row__at_least": 1}, happens=lambda _: None, almost=says("Hello?", "Yes?"), until=24),
    "no_match_in_row": Fact(when={"no_match_in_row__at_least": 2}, happens=noises(2), almost=noises(1), until=28),
    "repeats_in_row": Fact(
        when={"repeats_in_row__at_least": 2}, happens=says(*["When do you open?"] * 3), almost=says(*["When do you open?"] * 2), until=40
    ),
    "frustration": Fact(when={"frustration__at_least": 0.9}, happens=says("This is ridiculous."), almost=says("This is fine.")),
    "raised_voice": Fact(
        when={"raised_voice__at_least": 6.0},
        happens=says("When do you open?", "And on Sunday?", "And where?", level=-12.0),
        almost=says("When do you open?", "And on Sunday?", "And where?", level=-16.0),
        until=40,
    ),
    "sentiment_trend": Fact(
        when={"sentiment_trend__at_most": -0.5},
        happens=says("When do you open?", "That is ridiculous."),
        almost=says("That is ridiculous.", "When do you open?"),
    ),
    "language_not_spoken": Fact(when={"language_not_spoken": True}, happens=sounds(0.8), almost=sounds(0.7)),
    "answer_confidence": Fact(when={"answer_confidence__below": 0.3}, happens=unanswered(1), almost=unsure(1), until=22),
    "minutes_in_call": Fact(
        when={"minutes_in_call__at_least": 0.4}, happens=says("When?", "Where?", "Who?"), almost=says("When?", "Where?"), until=30
    ),
    "caller_known": Fact(when={"caller_known": True}, happens=caller(1, 1), almost=caller(0, 1)),
    "calls_this_week": Fact(when={"calls_this_week__at_least": 3}, happens=caller(9, 3), almost=caller(9, 2)),
    "tier": Fact(when={"tier": "gold"}, happens=caller(0, 1, "gold"), almost=caller(0, 1, "silver")),
    "business_hours": Fact(when={"business_hours": False}, happens=queue(business_hours=False), almost=queue(full=True)),
    "queue_open": Fact(when={"queue_open": False}, happens=queue(full=True), almost=queue(staffed=False)),
    "staffed": Fact(when={"staffed": False}, happens=queue(staffed=False), almost=queue(staffed=True)),
    "shutting_down": Fact(
        when={"shutting_down": True},
        happens=lambda world: world.happens(lambda now: ev.ShutdownRequested(at=now), at=FIRST),
        almost=says("Hm?"),
    ),
    "cut_off": Fact(when={"cut_off": True}, happens=lambda _: None, almost=says("Hello?")),
}


def decided(world: World) -> bool:
    """The rule of this test, and no other, has led to a person, or to the offer of a call back where nobody takes calls."""
    offered = [command.brief.rule for command in world.commands if isinstance(command, do.OfferHandover)]
    closed = {*world.policy.closed, *world.policy.full} & {text for _, text in world.said}
    return "this" in offered or bool(closed)


def test_every_fact_has_such_a_call() -> None:
    assert set(FACTS) == set(FACT_NAMES)


@pytest.mark.parametrize("name", FACTS)
def test_a_rule_that_asks_for_the_fact_decides_when_it_is_so(make_world: Callable[..., World], name: str) -> None:
    fact = FACTS[name]
    before = (Line(speaker="caller", text=T("Where is it?"), at=1.0),) if name == "cut_off" else None
    world = make_world(rules=(rule("this", **fact.when),), policy=fact.policy, before=before)
    fact.happens(world)
    world.run(until=fact.until)

    assert decided(world)


@pytest.mark.parametrize("name", FACTS)
def test_it_does_not_decide_one_step_short_of_it(make_world: Callable[..., World], name: str) -> None:
    fact = FACTS[name]
    world = make_world(rules=(rule("this", **fact.when),), policy=fact.policy)
    fact.almost(world)
    world.run(until=min(fact.until, 40))

    assert not decided(world)


def test_a_caller_who_raises_their_voice_and_repeats_themselves_is_frustrated_without_a_bad_word(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("this", frustration__at_least=0.6),))
    for number, level in enumerate((-24.0, -24.0, -24.0, -10.0)):
        world.agent_will_answer("We open at nine.")
        world.caller_says("When do you open?", at=FIRST + 8 * number)
        world._sounds[-1].level = level
    world.run(until=FIRST + 31)

    assert decided(world)
    (offer,) = [command for command in world.commands if isinstance(command, do.OfferHandover)]
    assert offer.brief.mood == "impatient"


def test_what_sounds_foreign_leads_to_a_person_also_when_no_words_can_be_made_out(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("this", language_not_spoken=True),))
    world.hears["mumble"] = ev.Transcribed(at=0, turn=TurnId(0), text=T("Oh."), no_speech=0.1, confidence=0.1, foreign=0.9)
    world.caller_says("mumble", at=FIRST, seconds=2.0)
    world.run(until=24)

    assert decided(world)


def test_a_short_word_that_sounds_foreign_is_only_a_short_word(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("this", language_not_spoken=True),))
    world.hears["okay then"] = ev.Transcribed(at=0, turn=TurnId(0), text=T("Okay then."), no_speech=0.0, confidence=0.9, foreign=0.9)
    world.agent_will_answer("We open at nine.")
    world.caller_says("okay then", at=FIRST, seconds=1.0)
    world.run(until=20)

    assert not decided(world)


def test_a_caller_who_is_offered_a_person_may_ask_to_be_called_back_instead(make_world: Callable[..., World]) -> None:
    world = make_world(rules=(rule("this", then="offer", unanswered_in_row__at_least=1),))
    world.agent_knows_nothing()
    world.caller_says("Do you sell pianos?", at=FIRST)
    world.caller_says("Call me back please", at=22)
    world.run(until=32)

    assert world.asked_for(do.GatherDigits)
    assert not world.asked_for(do.OfferHandover)
