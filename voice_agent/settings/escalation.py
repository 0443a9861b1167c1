"""escalation.yaml: the queues, what callers say, and the rules, checked against each other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_type_hints

from pydantic import Field, Strict

from voice_agent.core.escalation import FACT_NAMES, Condition, Facts, Operator, Rule
from voice_agent.core.words import RedactedText
from voice_agent.settings.built_in import ASKS, ASKS_NOT, ORDINARY, built_in_rules
from voice_agent.settings.hours import Hours, read_hours
from voice_agent.settings.mistakes import ConfigFile, Place, known, shown
from voice_agent.settings.sections import Section, Text
from voice_agent.settings.validate import validate

Phrases = Annotated[tuple[Text, ...], Field(description="a list of phrases, as callers say them; put yes, no, on and off in quotes")]
Name = Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]

TIER = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""A name of a tier. Never a phone number; in small letters, so that the rules and the list of callers mean the same."""
TIER_FORM = "small letters, digits and hyphens, a letter first, such as gold"
_KEYS = tuple("0123456789*#")
_COMPARISONS: tuple[Operator, ...] = ("at_least", "at_most", "below")
_EXAMPLE = "{at_least: 2}"
_FACT_TYPES = get_type_hints(Facts)


class _Queue(Section):
    title: Text = Field("", description="the team's name, as people know it")
    hours: tuple[Text, ...] = Field((), description='when its people take calls: a list such as ["Mon-Fri 09:00-18:00", "Sat 10:00-14:00"]')
    time_zone: Text = Field("", description="the time zone of its hours, such as America/Chicago", validate_default=False)
    max_waiting: Annotated[int, Strict()] | None = Field(None, ge=1, le=1000, description="how many callers may wait in it, from 1 to 1000")


class _Asks(Section):
    phrases: Phrases = ()
    not_: Phrases = Field((), alias="not")


class _Topic(Section):
    describe: Text = Field("", description="a sentence on what belongs to the topic", validate_default=False)
    phrases: Phrases = Field(min_length=1)


class _Rule(Section):
    name: Name = Field(description="a name of letters, digits and hyphens")
    when: dict[str, Any] = Field(min_length=1, description="at least one fact with the value it must have, such as {topic: safety}")
    then: Literal["transfer", "offer", "callback"] = Field(
        description='"transfer" (at once), "offer" (ask the caller first) or "callback" (ask for the number to call them back on)'
    )
    queue: Text = Field(description="the key of one of the queues above")
    priority: Annotated[int, Strict()] = Field(3, ge=1, le=5, description="a whole number from 1 (urgent) to 5 (low)")
    reason: Text = Field(description="why a person is needed, in a sentence for the colleague")
    say: Text = Field(description="what the caller is told")
    next_steps: tuple[Text, ...] = Field((), description="a list of sentences: what the colleague may do")


class _EscalationFile(Section):
    queues: dict[Name, _Queue | None] | None = Field(None, min_length=1, description="the queues, each by its key with a `title`")
    asks_for_person: _Asks | None = Field(None, description="`phrases` and `not`, each a list of phrases")
    topics: dict[Name, _Topic] = Field({}, description="the topics, each by its name with `describe` and `phrases`")
    ordinary: Phrases | None = Field(None, description="a list of phrases, as callers say them")
    rules: tuple[_Rule, ...] | None = Field(None, description="a list of rules, each with name, when, then, queue, reason and say")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """When a queue takes no calls."""

    hours: Hours | None = None
    """None: at any time."""
    max_waiting: int | None = None
    """None: however many wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """When a call goes to a person, and to whom."""

    queues: Mapping[str, str]
    """Key → title, as people read it."""
    limits: Mapping[str, QueueLimits]
    """By the same keys."""
    asks: tuple[str, ...]
    """What callers say who want a person now."""
    asks_not: tuple[str, ...]
    """Sentences that mention people without asking for one."""
    topics: Mapping[str, tuple[str, ...]]
    """Name → what callers say."""
    ordinary: tuple[str, ...]
    """Sentences that belong to no topic."""
    rules: tuple[Rule, ...]


def read_escalation(file: ConfigFile, fallback_queue: str) -> Escalation:
    """What the file says; what it leaves out is built in, and then hands calls to `fallback_queue`. Mistakes are noted in the file."""
    read = validate(file, _EscalationFile)
    queues = {key: queue.title if queue and queue.title else key.title() for key, queue in (read.queues or {fallback_queue: None}).items()}
    limits = {key: _limits(file, key, queue or _Queue()) for key, queue in (read.queues or dict.fromkeys(queues)).items()}
    _check_rules(file, tuple(queues))
    asks = read.asks_for_person or _Asks(phrases=ASKS, **{"not": ASKS_NOT})
    if file.mistakes:
        rules: tuple[Rule, ...] = ()
    else:
        rules = built_in_rules(fallback_queue) if read.rules is None else tuple(_rule(rule) for rule in read.rules)
    return Escalation(
        queues=queues,
        limits=limits,
        asks=asks.phrases,
        asks_not=asks.not_,
        topics={name: topic.phrases for name, topic in read.topics.items()},
        ordinary=ORDINARY if read.ordinary is None else read.ordinary,
        rules=rules,
    )


def _limits(file: ConfigFile, key: str, queue: _Queue) -> QueueLimits:
    hours = read_hours(file, ("queues", key), queue.hours, queue.time_zone)
    return QueueLimits(hours=hours, max_waiting=queue.max_waiting)


def _rule(rule: _Rule) -> Rule:
    return Rule(
        name=rule.name,
        when=tuple(_condition(fact, wanted) for fact, wanted in rule.when.items()),
        then=rule.then,
        queue=rule.queue,
        priority=rule.priority,
        reason=RedactedText(rule.reason),
        say=RedactedText(rule.say),
        next_steps=tuple(RedactedText(step) for step in rule.next_steps),
    )


def _condition(fact: str, wanted: Any) -> Condition:
    """The test that a line below `when`, already checked, asks for."""
    if isinstance(wanted, dict):
        ((operator, number),) = wanted.items()
        return Condition(fact=fact, operator=operator, value=number)
    if isinstance(wanted, list):
        return Condition(fact=fact, operator="in", value=tuple(wanted))
    return Condition(fact=fact, operator="is", value=wanted)


# ---------------------------------------------------------------- the rules against the rest of the file, whatever else is wrong in it


def _check_rules(file: ConfigFile, queues: tuple[str, ...]) -> None:
    rules, topics, named = file.data.get("rules"), file.data.get("topics"), file.data.get("queues")
    queues = tuple(named) if isinstance(named, dict) else queues
    names: set[object] = set()
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        if not isinstance(rule, dict):
            continue
        name, queue, when = (rule.get(key) for key in ("name", "queue", "when"))
        if isinstance(name, str) and name in names:
            file.note(("rules", number, "name"), f'another rule above is called "{name}"; give each its own name.')
        names.add(name if isinstance(name, str) else None)
        if isinstance(queue, str) and queue not in queues:
            file.note(("rules", number, "queue"), f'"{queue}" is not one of the queues; {known(queue, queues, "queues")}')
        for fact, wanted in when.items() if isinstance(when, dict) else ():
            _check_condition(file, ("rules", number, "when", str(fact)), wanted, tuple(topics) if isinstance(topics, dict) else ())


def _check_condition(file: ConfigFile, place: Place, wanted: object, topics: tuple[str, ...]) -> None:
    fact = str(place[-1])
    if fact not in FACT_NAMES:
        file.note(place, f"is not a fact; {known(fact, FACT_NAMES, 'facts')}")
    elif isinstance(wanted, dict):
        _check_comparison(file, place, wanted)
    elif wanted == []:
        file.note(place, "the list is empty, so the rule could never match; name at least one value.")
    else:
        for number, value in enumerate(wanted if isinstance(wanted, list) else [wanted]):
            if complaint := complaint_about(fact, value, topics):
                file.note((*place, number) if isinstance(wanted, list) else place, f"{shown(value)} {complaint}")


def _check_comparison(file: ConfigFile, place: Place, wanted: Mapping[object, object]) -> None:
    fact = str(place[-1])
    if not {int, float} & _types_of(fact):
        file.note(place, f"{fact} is not a number and cannot be compared; give the value it must have.")
    elif len(wanted) != 1:
        file.note(place, f"give exactly one comparison, such as {_EXAMPLE}.")
    else:
        ((operator, value),) = wanted.items()
        if operator not in _COMPARISONS:
            file.note(place, f"{shown(operator)} is not a comparison; {known(str(operator), _COMPARISONS, 'comparisons')}")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            file.note((*place, str(operator)), f"{shown(value)} is not a number; write for example {_EXAMPLE}.")


def complaint_about(fact: str, value: object, topics: tuple[str, ...]) -> str:
    """What is wrong with a value that a fact must have; empty when nothing is."""
    kinds = _types_of(fact)
    if value is None and NoneType in kinds:
        return ""
    if fact == "topic":
        return "" if value in topics else f"is not one of the topics; {known(str(value), topics, 'topics')}"
    if fact == "key":
        return "" if isinstance(value, str) and value in _KEYS else 'is not a key; write "0" to "9", "*" or "#", in quotes.'
    if fact == "tier":
        return "" if isinstance(value, str) and TIER.fullmatch(value) else f"is not a name of a tier; write {TIER_FORM}."
    if bool in kinds:
        return "" if isinstance(value, bool) else "is not possible; write true or false."
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if number else f"is not a number; write one, or a comparison such as {_EXAMPLE}."


def _types_of(fact: str) -> set[type]:
    """Such as {str, NoneType} for a fact of type `str | None`."""
    hint = _FACT_TYPES[fact]
    return set(get_args(hint) or (hint,))
