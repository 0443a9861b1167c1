"""Rules over facts → a decision with its explanation. The first rule that matches wins.

The rules are data (`config/escalation.yaml`); nothing here knows a topic or a queue by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Literal

from voice_agent.core.words import RedactedText

Value = bool | int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about a call at the moment of a decision. A rule may ask for any of these by name."""

    asks_for_person: bool = False
    """The caller asked for a human being in this turn."""
    topic: str | None = None
    """The configured topic of this turn; None for an ordinary question."""
    key: str | None = None
    """The key just pressed, 0-9, * or #; None when this is not about a key."""
    unanswered_in_row: int = 0
    """Questions in a row that got no answer."""
    unanswered_total: int = 0
    """Questions without an answer in this call."""
    low_confidence_in_row: int = 0
    """Answers in a row that were given below the policy's `sure_confidence`."""
    failures_in_row: int = 0
    """Technical failures in a row: a model, the voice or a store did not work."""
    silences_in_row: int = 0
    """No-inputs in a row: the caller said nothing when it was their turn."""
    no_match_in_row: int = 0
    """Sounds in a row that held no words."""
    repeats_in_row: int = 0
    """Turns in a row in which the caller said the same as before."""
    frustration: float = 0.0
    """0 to 1, from the words of this turn, repetition and a raised voice."""
    raised_voice: float = 0.0
    """dB that this turn was louder than the caller's turns before, 0 when it was not."""
    sentiment_trend: float = 0.0
    """-1 (worse) to 1 (better): how this turn's frustration compares with that of the turns before."""
    language_not_spoken: bool = False
    """This turn was in another language than the assistant's, by its words or its sound, or says that the caller does not speak it."""
    answer_confidence: float | None = None
    """That the documents answer this turn's question, 0 to 1; None before a search."""
    minutes_in_call: float = 0.0
    caller_known: bool = False
    """Somebody called from this number before."""
    calls_this_week: int = 0
    """From this number in the last seven days, this call included; 0 when the number is not known."""
    tier: str | None = None
    """That the operator gave the caller's number, such as "gold"; None when it has none, or is not known."""
    business_hours: bool = True
    """Now is within the hours of the rule's queue; true when it has none."""
    queue_open: bool = True
    """The rule's queue takes calls: now is within its hours, and fewer wait in it than may."""
    staffed: bool = True
    """Somebody is on duty for the rule's queue, free or not. True as long as it is not known."""
    shutting_down: bool = False
    """The server is going away."""
    cut_off: bool = False
    """The caller's call before broke off by our fault, and this is the rest of it."""


FACT_NAMES = tuple(field.name for field in fields(Facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """Of the people who take the calls of one queue."""

    queue: str
    business_hours: bool = True
    full: bool = False
    """As many wait in it as may."""
    staffed: bool = True

    @property
    def open(self) -> bool:
        return self.business_hours and not self.full

    def added_to(self, facts: Facts) -> Facts:
        return replace(facts, business_hours=self.business_hours, queue_open=self.open, staffed=self.staffed)


NO_QUEUES: Mapping[str, QueueState] = MappingProxyType({})

Operator = Literal["is", "in", "at_least", "at_most", "below"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One test of one fact."""

    fact: str
    operator: Operator
    value: Value | tuple[Value, ...]
    """A tuple for "in", a number for the comparisons."""

    def holds(self, facts: Facts) -> bool:
        found: Value = getattr(facts, self.fact)
        if self.operator == "is":
            return found == self.value
        if self.operator == "in":
            return isinstance(self.value, tuple) and found in self.value
        if not isinstance(found, int | float) or not isinstance(self.value, int | float):
            return False
        if self.operator == "at_least":
            return found >= self.value
        if self.operator == "at_most":
            return found <= self.value
        return found < self.value


Then = Literal["transfer", "offer", "callback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    when: tuple[Condition, ...]
    """All must hold."""
    then: Then
    """Hand over now; ask the caller first; or ask for the number to call them back on."""
    queue: str
    priority: int
    """1 urgent to 5 low."""
    reason: RedactedText
    say: RedactedText
    """What the caller is told; for an offer, a question they can answer with yes or no."""
    next_steps: tuple[RedactedText, ...] = ()
    """What the person who takes the call may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    decision: Literal["continue", "offer", "transfer", "callback"]
    rule: Rule | None = None
    """The rule that matched; None for continue."""
    explain: str = "No rule matched."
    """In plain words: which rule, which facts, their values."""


CONTINUE = Decision(decision="continue")


def decide(rules: Sequence[Rule], facts: Facts, queues: Mapping[str, QueueState] = NO_QUEUES) -> Decision:
    """The first rule whose every condition holds, or CONTINUE. What is known of a rule's queue is a fact for that rule."""
    for rule in rules:
        known = queues[rule.queue].added_to(facts) if rule.queue in queues else facts
        if all(condition.holds(known) for condition in rule.when):
            return Decision(decision=rule.then, rule=rule, explain=_explain(rule, known))
    return CONTINUE


_WORDS: dict[Operator, str] = {
    "is": "is",
    "in": "is one of",
    "at_least": "is at least",
    "at_most": "is at most",
    "below": "is below",
}


def _explain(rule: Rule, facts: Facts) -> str:
    because = " and ".join(f"{c.fact} = {getattr(facts, c.fact)!r} ({_WORDS[c.operator]} {c.value!r})" for c in rule.when)
    return f"Rule {rule.name!r} matched: {because}."
