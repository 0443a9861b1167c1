"""What the person who takes a call may do and say: by the rule, by what is open, and by the sources that were cited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voice_agent.core.attempts import INTERRUPTED, LONG_WISH, WISHES, Attempt, last_answer, still_open
from voice_agent.core.gathered import Gathered
from voice_agent.core.words import Citation, RedactedText

MOST_STEPS = 5
MOST_SOURCES = 2
MOST_REPLIES = 2
_SOMEBODYS = frozenset("order invoice delivery repair claim case refund return booking customer membership".split())  # noqa: SIM905 - a word list
"""Numbers that lead to a caller's own affairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is to go by."""

    headline: RedactedText
    mood: str
    tried: Sequence[Attempt]
    facts: Sequence[Gathered]
    citations: Sequence[Citation]
    redactions: Sequence[str]

    @property
    def cut_off(self) -> RedactedText:
        """What the caller heard of an answer before they interrupted it, when that was the last of it."""
        attempt = still_open(self.tried)
        return attempt.heard if attempt and attempt.outcome == INTERRUPTED else RedactedText("")


def next_steps(configured: Iterable[RedactedText], known: Known) -> tuple[RedactedText, ...]:
    """The operator's own for the rule come first."""
    steps = list[str](configured)
    attempt = still_open(known.tried)
    if any(fact.kind in _SOMEBODYS for fact in known.facts):
        steps.append("Make sure who is calling before you open their records.")
    if known.cut_off:
        steps.append(f"Take the answer up where they cut it off: “{known.cut_off}”")
    elif attempt:
        steps.append(f"Answer what is still open: “{attempt.asked}”")
    sources = dict.fromkeys(_place(citation) for citation in reversed(known.citations))
    steps += [f"Read what the assistant's answer came from: {source}." for source in list(sources)[:MOST_SOURCES]]
    if known.redactions:
        steps.append(f"Ask again for what was left out, if you need it: {', '.join(map(_plain, known.redactions))}.")
    return tuple(RedactedText(step) for step in dict.fromkeys(steps))[:MOST_STEPS]


def first_reply(known: Known) -> RedactedText:
    told = (a for a in known.tried if a.asked == known.headline)
    if any(attempt.outcome not in WISHES or len(attempt.asked.split()) >= LONG_WISH for attempt in told):
        return RedactedText(f"Hello, thanks for holding. I've read that you told our assistant: “{known.headline}” Is that right?")
    return RedactedText("Hello, thanks for holding. How can I help you?")


def further_replies(known: Known) -> tuple[RedactedText, ...]:
    """One or two sentences to go on with."""
    replies, attempt, answer = list[str](), still_open(known.tried), last_answer(known.tried)
    if known.mood != "calm":
        replies.append("I'm sorry for the trouble you've had. I'd like to put it right with you now.")
    if known.cut_off:
        replies.append("You were in the middle of hearing an answer. Shall I go through it with you?")
    elif attempt and attempt.asked != known.headline:
        replies.append(f"You also asked: “{attempt.asked}” Let me look that up for you.")
    if answer:
        replies.append(f"You heard from our assistant: “{answer}” Did that help?")
    if known.redactions:
        replies.append(f"Your {_plain(known.redactions[0])} isn't shown to me. Could you tell me once more, please?")
    return tuple(RedactedText(reply) for reply in replies or ["Could you tell me in your own words what happened?"])[:MOST_REPLIES]


def _place(citation: Citation) -> str:
    return f"“{citation.title}”" + (f", {citation.heading}" if citation.heading else "")


def _plain(kind: str) -> str:
    return kind.lower().replace("_", " ")
