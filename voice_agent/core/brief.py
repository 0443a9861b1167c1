"""The brief: what the person who takes the call reads in five seconds. Made by rules; nothing in it without support."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from voice_agent.core.words import Citation, Line, RedactedText

ANSWERED = "answered"
ASKED_FOR_PERSON = "asked for a person"
LONG_WISH = 10
"""Words: a wish for a person that is this long also says why."""
_PLACEHOLDER = re.compile(r"<([A-Z_]+?)(?:_\d+)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One thing the caller asked and what came of it."""

    asked: RedactedText
    outcome: str
    """"answered", "interrupted", "not in the documents", "asked back", "failed", "asked for a person" or "not answered"."""
    heard: RedactedText
    """What the caller heard of the reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    headline: RedactedText
    """What the caller wants, in one line."""
    caller: str
    """Who is calling, and whether that is verified."""
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


def make_brief(
    *,
    lines: Sequence[Line],
    outcomes: Mapping[int, str],
    queue: str,
    rule: str,
    reason: RedactedText,
    explanation: str,
    frustration: float,
    caller: str = "Unknown caller, not verified",
) -> Brief:
    """The brief of a conversation.

    `outcomes` says what came of the caller's line at an index of `lines`; a line without one was answered
    if the agent said anything behind it. `frustration` is the strongest of the call, 0 to 1.
    """
    tried = tuple(_attempts(lines, outcomes))
    headline = _headline(tried)
    unsolved = [attempt for attempt in tried if attempt.outcome not in ("answered", ASKED_FOR_PERSON)]
    kinds = [kind for line in lines if line.speaker == "caller" for kind in _PLACEHOLDER.findall(line.text)]
    return Brief(
        headline=headline,
        caller=caller,
        tried=tried,
        open_question=unsolved[-1].asked if unsolved else RedactedText(""),
        mood="upset" if frustration >= 0.7 else "impatient" if frustration >= 0.35 else "calm",
        queue=queue,
        rule=rule,
        reason=reason,
        explanation=explanation,
        citations=tuple(dict.fromkeys(citation for line in lines for citation in line.citations)),
        redactions=tuple(dict.fromkeys(kinds)),
        suggested_reply=_first_reply(headline, tried),
        transcript=tuple(lines),
    )


def brief_of_lost_call(queue: str) -> Brief:
    """For a caller whom the assistant could not take, or lost: nothing is known of what they said."""
    return make_brief(
        lines=(),
        outcomes={},
        queue=queue,
        rule="assistant unavailable",
        reason=RedactedText("The assistant could not take this call, or could not go on with it."),
        explanation="No rule was asked: the assistant failed, was full, or was shutting down.",
        frustration=0.0,
    )


def _attempts(lines: Sequence[Line], outcomes: Mapping[int, str]) -> Iterator[Attempt]:
    for index, line in enumerate(lines):
        if line.speaker != "caller":
            continue
        replies: list[Line] = []
        for reply in lines[index + 1 :]:
            if reply.speaker == "caller":
                break
            replies.append(reply)
        cut = any(reply.interrupted for reply in replies)
        outcome = outcomes.get(index, ANSWERED if replies else "not answered")
        yield Attempt(
            asked=line.text,
            outcome="interrupted" if cut and outcome == ANSWERED else outcome,
            heard=RedactedText(" ".join(reply.text for reply in replies)),
        )


def _headline(tried: Sequence[Attempt]) -> RedactedText:
    """The last thing the caller said of their matter; a bare wish for a person is one only if there is nothing else."""
    matters = [a.asked for a in tried if len(a.asked.split()) >= (LONG_WISH if a.outcome == ASKED_FOR_PERSON else 3)]
    if matters:
        return matters[-1]
    return tried[-1].asked if tried else RedactedText("The caller has not said what it is about.")


def _first_reply(headline: RedactedText, tried: Sequence[Attempt]) -> RedactedText:
    if any(a.asked == headline and (a.outcome != ASKED_FOR_PERSON or len(a.asked.split()) >= LONG_WISH) for a in tried):
        return RedactedText(f"Hello, thanks for holding. I've read that you told our assistant: “{headline}” Is that right?")
    return RedactedText("Hello, thanks for holding. How can I help you?")
