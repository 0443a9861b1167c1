"""What a caller asks who leans on what was said before: "And how long does that take?", "What about the other one?".

Such a question is searched for together with the question before it and the title of the document that answered it. One that
names its own subject is searched for as it is, or the old subject would drag it along.

When we have asked back ("Do you mean the Brewster 300 or the Brewster 700?"), the reply completes the question we could not answer.
"""

import re
from collections.abc import Sequence

from voice_agent.core.replies import is_question, is_yes, words_of
from voice_agent.core.words import Line, RedactedText

_TURNS_TO = re.compile(r"(?:(?:and|but|so|or|okay|ok|then)\b[\s,]*)*(?:what|how) about\b", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:and|but|or)\b", re.IGNORECASE)
_POINTS = re.compile(r"\b(?:it|its|that|this|they|them|their|those|these|there|one|ones|same|otherwise)\b", re.IGNORECASE)
_STANDS_FOR_NOTHING = re.compile(
    r"\b(?:it|that|this|there) (?:\w+ ){0,4}?(?:to|if|when|that)\b|\b(?:is|are|was|were) there\b|\bthere(?:'s| is| are)\b"
    r"|\b(?:that|this|those|these|the one|which one) (?:i|you|we|my|your)\b",
    re.IGNORECASE,
)
"""As in "how long does it take to …" and "is there a …"."""
_LIGHT = frozenset(
    """
    a an the and or but if of in on at to for from by with about as into is are was were be been am do does did done has have had i me my
    we us our you your it its they them their this that these those there here what which who whose when where why how can could will would
    shall should may might must not no so just please tell know want need get got go going like then than too very also any some more much
    many long often soon fast big large heavy high far old new other one ones same take takes cost costs work works mean means happen
    happens come comes make makes use okay ok well only each every else instead again still ever s t re ve ll d m im ive id dont doesnt
    isnt cant
    """.split()  # noqa: SIM905 - a word list is read as words
)
"""Words that name no subject."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_OPTIONS = re.compile(r"Do you mean (.+)\?")
_BETWEEN = re.compile(r", | or ")
_PLACES = {"first": 0, "former": 0, "second": 1, "third": 2, "last": -1, "latter": -1}
"""As in "the second one", of what we have named."""
_ENOUGH_BESIDE_IT, _ENOUGH = 3, 2
"""Words that make a subject: "does it need a special descaling liquid" has one, whatever "it" is."""


def in_context(question: RedactedText, before: Sequence[Line]) -> RedactedText:
    """What to search for; `before` is the conversation up to the question."""
    earlier = _answered(before)
    return RedactedText(f"{earlier} {question}") if earlier and _leans(question) else question


def completed(reply: RedactedText, question: RedactedText, ours: RedactedText) -> RedactedText:
    """What is asked by a `reply` to the question of `ours` that followed `question`. A question of its own stands for itself."""
    if is_question(reply.rstrip("?")) and not _TURNS_TO.match(reply):
        return reply
    said = {"first"} if is_yes(reply) else set(words_of(reply))
    named = _OPTIONS.fullmatch(ours)
    options = _BETWEEN.split(named.group(1)) if named else []
    place = next((place for word, place in _PLACES.items() if word in said), None)
    chosen = options[place] if place is not None and -1 <= place < len(options) and options else reply
    return RedactedText(f"{question} {chosen}")


def _leans(question: str) -> bool:
    said = [word.replace("'", "") for word in _WORD.findall(question.lower().replace("’", "'"))]
    naming = sum(word not in _LIGHT for word in said)
    if _TURNS_TO.match(question):
        return True
    if _POINTS.search(question) and not _STANDS_FOR_NOTHING.search(question):
        return naming < _ENOUGH_BESIDE_IT
    return naming == 0 or (naming < _ENOUGH and _GOES_ON.match(question) is not None)


def _answered(before: Sequence[Line]) -> str:
    """The latest question that was answered from a document, and that document's title; empty when there is none."""
    cited = [at for at, line in enumerate(before) if line.speaker == "agent" and line.citations]
    if not cited:
        return ""
    asked = [line.text for line in before[: cited[-1]] if line.speaker == "caller"][-1:]
    return " ".join([f"{before[cited[-1]].citations[0].title}.", *asked])
