"""Scripted calls, played through the real core, and what their briefs must tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.world import World
from voice_agent.core import commands as do
from voice_agent.core.brief import Brief
from voice_agent.core.escalation import Rule
from voice_agent.core.replies import words_of

CALLS = Path(__file__).parent / "data" / "briefs.yaml"
NOTHING_SAID = "The caller has not said what it is about."
"""The one headline that tells no words of the caller's."""
LONGEST = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    name: str
    required: int
    missed: tuple[str, ...]
    """Slots that the brief lacks, each with what it tells in their place."""
    unsupported: tuple[str, ...]
    """What it tells and nobody said."""


def read_calls() -> list[Mapping[str, Any]]:
    calls: list[Mapping[str, Any]] = yaml.safe_load(CALLS.read_text("utf-8"))
    return calls


def play(call: Mapping[str, Any], rules: tuple[Rule, ...]) -> tuple[Brief | None, World]:
    """The brief that goes to people; None when nobody is asked."""
    world = World(rules=rules)
    _until_silent(world)
    for step in call["calls"]:
        _take(world, step)
        if "cut" not in step:
            _until_silent(world)
    briefs = [command.brief for command in world.commands if isinstance(command, do.OfferHandover | do.StoreCallback)]
    return (briefs[-1] if briefs else None), world


def _take(world: World, step: Mapping[str, Any]) -> None:
    at = world.now + 0.3
    if "says" in step:
        _prepare(world, step)
        end = world.caller_says(step["says"], at=at)
        if "cut" in step:
            asked = len(world.said)
            while len(world.said) == asked and world.now < LONGEST:
                world.run(until=world.now + 0.1)
            world.run(until=world.now + step["cut"])
            return
        world.run(until=end + 3.0)
        world.broken.pop("retrieve", None)
    elif "press" in step:
        world.press(step["press"], at=at)
        world.run(until=at + 1.0)
    elif "dials" in step:
        world.run(until=world.dials(step["dials"], at=at) + 1.0)
    elif "noise" in step:
        world.caller_makes_noise(at=at, seconds=step["noise"])
        world.run(until=at + step["noise"] + 3.0)
    elif "silent" in step:
        world.run(until=at + step["silent"])
    else:
        world.broken["voice"] = "fails"


def _prepare(world: World, step: Mapping[str, Any]) -> None:
    if "topic" in step:
        world.topics[step["says"]] = step["topic"]
    if step.get("fails"):
        world.broken["retrieve"] = "fails"
    elif step.get("unknown"):
        world.agent_knows_nothing()
    elif "clarify" in step:
        world.agent_will_answer(confidence=0.3, clarify=step["clarify"])
    elif "answer" in step:
        world.agent_will_answer(*step["answer"], confidence=0.55 if step.get("unsure") else 0.9)


def _until_silent(world: World) -> None:
    """Until the agent has said what it says to that."""
    world.run(until=world.now + 0.5)
    while world.speaking and world.now < LONGEST and not world.call.ended:
        world.run(until=world.now + 0.25)


def grade(call: Mapping[str, Any], brief: Brief, world: World) -> Graded:
    slots = list(_slots(call["wants"], brief))
    missed = tuple(f"{name}: {wanted!r}, told {told!r}" for name, wanted, told, holds in slots if not holds)
    said = " ".join([*(step["says"] for step in call["calls"] if "says" in step), *(text for _, text in world.said)])
    return Graded(name=call["name"], required=len(slots), missed=missed, unsupported=tuple(_unsupported(brief, said)))


Slot = tuple[str, object, object, bool]
"""Its name, what is wanted, what is told, and whether that holds."""


def _slots(wants: Mapping[str, Any], brief: Brief) -> Iterator[Slot]:
    yield from _texts(wants, brief)
    yield from _gathered(wants, brief)
    tried = [(attempt.asked, attempt.outcome) for attempt in brief.tried]
    for words, outcome in wants.get("tried", ()):
        yield "tried", (words, outcome), tried, any(words in asked and outcome == came for asked, came in tried)
    if "untried" in wants:
        yield "not tried", wants["untried"], tried, not any(wants["untried"] in asked for asked, _ in tried)


def _texts(wants: Mapping[str, Any], brief: Brief) -> Iterator[Slot]:
    told = {
        "headline": brief.headline,
        "open": brief.open_question,
        "caller": brief.caller,
        "heard": " ".join(attempt.heard for attempt in brief.tried),
        "replies": " ".join((brief.suggested_reply, *brief.further_replies)),
        "next": " ".join(brief.next_steps),
    }
    for name, text in told.items():
        if name in wants:
            yield name, wants[name], text, wants[name] in text if wants[name] else not text
    for name in ("rule", "queue", "mood"):
        if name in wants:
            yield name, wants[name], getattr(brief, name), wants[name] == getattr(brief, name)


def _gathered(wants: Mapping[str, Any], brief: Brief) -> Iterator[Slot]:
    facts = [(fact.kind, fact.text) for fact in brief.facts]
    for kind, text in wants.get("facts", {}).items():
        yield "fact", (kind, text), facts, (kind, text) in facts
    for kind, text in wants.get("absent", {}).items():
        yield "no fact", (kind, text), facts, (kind, text) not in facts
    for kind in wants.get("redactions", ()):
        yield "left out", kind, brief.redactions, kind in brief.redactions
    for source in wants.get("cites", ()):
        yield "source", source, brief.citations, source in [citation.source for citation in brief.citations]


def _unsupported(brief: Brief, said: str) -> Iterator[str]:
    """Words that the brief tells of the caller and their matter, and that nobody said."""
    known = set(words_of(said))
    told: Sequence[str] = (
        "" if brief.headline == NOTHING_SAID else brief.headline,
        brief.open_question,
        *(fact.text for fact in brief.facts),
        *(text for attempt in brief.tried for text in (attempt.asked, attempt.heard)),
    )
    for text in told:
        if strange := [word for word in words_of(text) if word not in known]:
            yield f"{text!r}: {', '.join(strange)}"
