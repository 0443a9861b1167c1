"""A sentence in the clauses that each say something of their own: what is merged by "and", "but" or "so" is read apart.

A condition stays with what it is a condition of, and a list in one piece: both sides of a joint need a verb.
"""

import re

from voice_agent.knowledge.vocabulary import words

VERBS = words(
    """
    is are isn't aren't it's that's there's they're we're you're was were be can can't cannot could must should shouldn't will won't we'll
    you'll it'll they'll i'll you'd we'd has hasn't have haven't you've we've does doesn't do don't did didn't may might need needs
    costs cost takes take comes come lasts last runs run works work weighs uses use holds hold makes make gets get covers reaches
    starts sends send pays pay opens closes means stops ships ship arrives arrive expires report call check choose press hold put
    turn switch take wash clean rinse let wait keep leave bring show enter fill open close deliver refund accept ask give gives goes
    go cools shake request works
    """
)
"""What a clause turns on, in the words of a support line."""
_JOINT = re.compile(r"\s*[;:]\s+|,?\s+(?:and|but|so)\s+|,\s+or\s+|,\s+(?=which\s)", re.IGNORECASE)
_OPENS_CONDITION = re.compile(
    r"\W*(?:(?:yes|no|sure)\W+)?(?:if|when|once|after|before|until|unless|while|because|as|since|for)\b", re.IGNORECASE
)
_LEANING = {verb for verb in VERBS if not verb.startswith(("you", "we", "i'll", "there"))} | words("it they that which this")
_STRONG = re.compile(r"(?:you|we|it|they|there|don't|do not|please)\b", re.IGNORECASE)
"""A clause of its own begins so, whatever verb the one before has."""
_WORD = re.compile(r"[\w']+")


def clauses(sentence: str) -> tuple[str, ...]:
    """In order; one that leaves its subject out, or has a pronoun for it, is given the subject of the clause before."""
    parts: list[str] = []
    begin = 0
    for joint in _JOINT.finditer(sentence):
        left, right = sentence[begin : joint.start()], _JOINT.split(sentence[joint.end() :])[0]
        if _OPENS_CONDITION.match(left) and "," not in left.partition(" ")[2]:
            continue
        if not _verb(right) or not (_verb(left) or _STRONG.match(right)):
            continue
        parts.append(left)
        begin = joint.end()
    parts.append(sentence[begin:])
    for i in range(1, len(parts)):
        parts[i] = _completed(parts[i], parts[i - 1])
    return tuple(parts)


def _verb(text: str) -> re.Match[str] | None:
    return next((word for word in _WORD.finditer(text) if word.group().lower() in VERBS), None)


def _completed(part: str, before: str) -> str:
    first = _WORD.search(part)
    verb = _verb(before)
    if first is None or verb is None or first.group().lower() not in _LEANING or _OPENS_CONDITION.match(before):
        return part
    subject = before[: verb.start()].rpartition(",")[2].strip()
    return f"{subject} {part}" if subject else part
