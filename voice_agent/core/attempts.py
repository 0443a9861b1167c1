"""What a caller tried with the assistant, and what came of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from voice_agent.core.openings import is_opening
from voice_agent.core.replies import is_courtesy, is_goodbye, is_no, is_yes, same_words
from voice_agent.core.wishes import Wish, wish_of
from voice_agent.core.words import Line, RedactedText

ANSWERED = "answered"
ASKED_BACK = "asked back"
"""The question could mean several things."""
ASKED_FOR_PERSON = "asked for a person"
ASKED_FOR_CALL_BACK = "asked to be called back"
WISHES = (ASKED_FOR_PERSON, ASKED_FOR_CALL_BACK)
"""They say how to go on, and little of the matter."""
INTERRUPTED = "interrupted"
LONG_WISH = 10
"""Words: a wish that is this long also says why."""
_NAMED = "name|number|address|email|e-mail|code|id|postcode|zip|birthday|date of birth"
_FIGURES = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_SAYS_WHO = re.compile(
    rf"\b(?:(?:my|the|our) (?:\w+ ){{0,2}}?(?:{_NAMED})(?: is|'s| was)?|this is|i am|i'm|it is|it's|that's|speaking|calling|here|and"
    rf"|hello|hi|hey|good (?:morning|afternoon|evening)|{_FIGURES})\b"
    r"|<[A-Z_]+?(?:_\d+)?>|\b[A-Z]{0,4}-?\d[\d-]*\b|\b[a-z]\b|[^\w<>]",
    re.IGNORECASE,
)
"""What remains without these is about a matter, and not about who calls."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One thing the caller asked and what came of it."""

    asked: RedactedText
    """Without saying who they are."""
    outcome: str
    """"answered", "interrupted", "not in the documents", "asked back", "failed", "not answered", or one of `WISHES`."""
    heard: RedactedText
    """What the caller heard of the reply."""


def attempts(lines: Sequence[Line], outcomes: Mapping[int, str]) -> Iterator[Attempt]:
    """One for each line of the caller that is about their matter; `outcomes` as `make_brief` says."""
    for index, line in enumerate(lines):
        if line.speaker != "caller" or not is_matter(line.text):
            continue
        replies: list[Line] = []
        for reply in lines[index + 1 :]:
            if reply.speaker == "caller":
                break
            replies.append(reply)
        cut = any(reply.interrupted for reply in replies)
        outcome = _outcome(line.text, replies, outcomes.get(index))
        yield Attempt(
            asked=matter_of(line.text),
            outcome=INTERRUPTED if cut and outcome == ANSWERED else outcome,
            heard=RedactedText(" ".join(reply.text for reply in replies)),
        )


def _outcome(text: str, replies: Sequence[Line], known: str | None) -> str:
    if known is None and any(reply.citations for reply in replies):
        return ANSWERED
    if known in (None, ASKED_FOR_PERSON) and wish_of(text) is Wish.CALL_BACK:
        return ASKED_FOR_CALL_BACK
    return known or "not answered"


def is_matter(text: str) -> bool:
    """Not only who they are, a number read out, a yes, a no, or a courtesy."""
    small = is_yes(text) or is_no(text) or is_courtesy(text) or is_opening(text) or is_goodbye(text)
    return not small and bool(_SAYS_WHO.sub("", text.replace("’", "'")))


def matter_of(text: RedactedText) -> RedactedText:
    """Without the sentences in front that only say who calls: "My name is <NAME_1>."."""
    sentences = _SENTENCE_END.split(text)
    first = next((place for place, sentence in enumerate(sentences) if is_matter(sentence)), 0)
    return RedactedText(" ".join(sentences[first:]))


def headline_of(tried: Sequence[Attempt]) -> RedactedText:
    """The last thing the caller said of their matter; a bare wish is one only if there is nothing else."""
    matters = [attempt.asked for attempt in tried if len(attempt.asked.split()) >= (LONG_WISH if attempt.outcome in WISHES else 3)]
    if matters:
        return matters[-1]
    return tried[-1].asked if tried else RedactedText("The caller has not said what it is about.")


def still_open(tried: Sequence[Attempt]) -> Attempt | None:
    """The latest question that nothing behind it has answered: neither the same once more, nor the reply to what we asked back."""
    for place in range(len(tried) - 1, -1, -1):
        attempt, later = tried[place], tried[place + 1 :]
        if attempt.outcome in (ANSWERED, *WISHES):
            continue
        answered = [other for other in later if other.outcome == ANSWERED]
        completed = attempt.outcome == ASKED_BACK and later and later[0].outcome == ANSWERED
        if not completed and not any(same_words(attempt.asked, other.asked) for other in answered):
            return attempt
    return None


def last_answer(tried: Sequence[Attempt]) -> RedactedText:
    """What the caller heard of it; empty when nothing was answered."""
    return next((attempt.heard for attempt in reversed(tried) if attempt.outcome == ANSWERED), RedactedText(""))
