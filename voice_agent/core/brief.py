"""The brief: what the person who takes the call reads in five seconds. Made by rules; nothing in it without support."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voice_agent.core.advice import Known, first_reply, further_replies, next_steps
from voice_agent.core.attempts import Attempt, attempts, headline_of, still_open
from voice_agent.core.escalation import Rule
from voice_agent.core.gathered import Gathered, gathered
from voice_agent.core.words import Citation, Line, RedactedText

_PLACEHOLDER = re.compile(r"<([A-Z_]+?)(?:_\d+)?>")
_INTRODUCED = re.compile(r"\b(?:name is|name's|this is|i'm|i am|it's) (<NAME(?:_\d+)?>)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    headline: RedactedText
    """What the caller wants, in one line."""
    caller: str
    """Who is calling, whether that is verified, and whether they have called before."""
    tried: tuple[Attempt, ...]
    open_question: RedactedText
    """What still waits for an answer; empty when nothing does."""
    mood: str
    """"calm", "impatient" or "upset"."""
    queue: str
    rule: str
    reason: RedactedText
    """Why a person is asked, as the rule says it."""
    explanation: str
    """Which facts made the rule match, with their values."""
    citations: tuple[Citation, ...]
    redactions: tuple[str, ...]
    """Kinds of personal data the caller gave and this brief does not show, such as "CARD"."""
    suggested_reply: RedactedText
    """A first sentence for the person to say."""
    transcript: tuple[Line, ...]
    facts: tuple[Gathered, ...] = ()
    """What the caller said of their matter: which order, which product, when, how much."""
    next_steps: tuple[RedactedText, ...] = ()
    """What the person may do, the rule's own first."""
    further_replies: tuple[RedactedText, ...] = ()
    """Sentences to go on with."""


def make_brief(
    *,
    lines: Sequence[Line],
    outcomes: Mapping[int, str],
    rule: Rule,
    explanation: str,
    frustration: float,
    calls_before: int | None = None,
) -> Brief:
    """The brief of a conversation that `rule` brings to a person.

    `outcomes` says what came of the caller's line at an index of `lines`; a line without one was answered
    if the agent cited a document behind it. `frustration` is the strongest of the call, 0 to 1. `calls_before`: of the caller;
    None when their number is not known.
    """
    tried = tuple(attempts(lines, outcomes))
    attempt = still_open(tried)
    kinds = (kind for line in lines if line.speaker == "caller" for kind in _PLACEHOLDER.findall(line.text))
    known = Known(
        headline=headline_of(tried),
        mood="upset" if frustration >= 0.7 else "impatient" if frustration >= 0.35 else "calm",
        tried=tried,
        facts=gathered(lines),
        citations=tuple(dict.fromkeys(citation for line in lines for citation in line.citations)),
        redactions=tuple(dict.fromkeys(kinds)),
    )
    return Brief(
        headline=known.headline,
        caller=_who(lines, calls_before),
        tried=tried,
        open_question=attempt.asked if attempt else RedactedText(""),
        mood=known.mood,
        queue=rule.queue,
        rule=rule.name,
        reason=rule.reason,
        explanation=explanation,
        citations=tuple(known.citations),
        redactions=tuple(known.redactions),
        suggested_reply=first_reply(known),
        transcript=tuple(lines),
        facts=tuple(known.facts),
        next_steps=next_steps(rule.next_steps, known),
        further_replies=further_replies(known),
    )


def brief_of_lost_call(queue: str, lines: Sequence[Line] = ()) -> Brief:
    """For a caller whom the assistant could not take, or lost behind these lines."""
    rule = Rule(
        name="assistant unavailable",
        when=(),
        then="transfer",
        queue=queue,
        priority=2,
        reason=RedactedText("The assistant could not take this call, or could not go on with it."),
        say=RedactedText(""),
    )
    why = "No rule was asked: the assistant failed, was full, or was shutting down."
    return make_brief(lines=lines, outcomes={}, rule=rule, explanation=why, frustration=0.0)


def _who(lines: Sequence[Line], calls_before: int | None) -> str:
    said = (_INTRODUCED.search(line.text.replace("’", "'")) for line in lines if line.speaker == "caller")
    named = next((found[1] for found in said if found), None)
    who = f"Says they are {named}, not verified" if named else "Unknown caller, not verified"
    if calls_before is None:
        return who
    times = {0: "has not called before", 1: "has called once before"}.get(calls_before, f"has called {calls_before} times before")
    return f"{who}; {times} from this number"
