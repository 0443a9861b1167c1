"""Which rules can never decide: those whose own conditions cannot hold, and those that an earlier rule always decides for."""

from collections.abc import Iterable, Sequence

from voice_agent.core.escalation import Condition, Rule

_RANGES = {"frustration": (0, 1), "answer_confidence": (0, 1), "sentiment_trend": (-1, 1)}
"""Of these facts; every other number counts or measures something and is never negative."""


def unreachable(rules: Sequence[Rule]) -> list[tuple[int, str]]:
    """The place of each such rule, from 0, and why it never decides."""
    found = []
    for place, rule in enumerate(rules):
        never = next((condition for condition in rule.when if _never_holds(condition)), None)
        before = next((other for other in rules[:place] if _covers(other, rule)), None)
        if never:
            found.append((place, f"can never match: {never.fact} is {_range(never.fact)}."))
        elif before:
            found.append(
                (place, f'is never reached: whenever it matches, "{before.name}" above it matches first. Move it up or narrow that rule.')
            )
    return found


def _covers(earlier: Rule, later: Rule) -> bool:
    """Every condition of the earlier rule follows from one of the later's."""
    return all(any(_implies(theirs, ours) for theirs in later.when if theirs.fact == ours.fact) for ours in earlier.when)


def _implies(given: Condition, wanted: Condition) -> bool:
    """Where `given` holds, `wanted` holds too."""
    if given.operator in ("is", "in"):
        return all(_holds(wanted, value) for value in _values(given))
    low, high = _span(given)
    if wanted.operator == "at_least":
        return low is not None and low >= _number(wanted)
    if wanted.operator == "at_most":
        return high is not None and high <= _number(wanted)
    if wanted.operator == "below":
        limit = _number(wanted)
        return high is not None and (high < limit or (high == limit and given.operator == "below"))
    return False


def _values(condition: Condition) -> Iterable[object]:
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _holds(condition: Condition, value: object) -> bool:
    if condition.operator in ("is", "in"):
        return value in tuple(_values(condition))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    number = _number(condition)
    return {"at_least": value >= number, "at_most": value <= number, "below": value < number}[condition.operator]


def _span(condition: Condition) -> tuple[float | None, float | None]:
    """The least and the greatest value that a comparison lets through; None where it sets no limit."""
    number = _number(condition)
    return (number, None) if condition.operator == "at_least" else (None, number)


def _number(condition: Condition) -> float:
    return float(condition.value) if isinstance(condition.value, int | float) else float("nan")


def _never_holds(condition: Condition) -> bool:
    if condition.operator in ("is", "in"):
        return False
    number = _number(condition)
    low, high = _RANGES.get(condition.fact, (0, float("inf")))
    if condition.operator == "at_least":
        return number > high
    return number < low or (condition.operator == "below" and number == low)


def _range(fact: str) -> str:
    low, high = _RANGES.get(fact, (0, None))
    return f"never below {low}" if high is None else f"never below {low} and never above {high}"
