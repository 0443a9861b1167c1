"""Names of people: behind words that announce one, spelled out, or common given names, in lower case too.

What spaCy finds in cased text comes on top of this (`redactor`).
"""

from collections.abc import Collection, Sequence

from voice_agent.adapters.presidio_redactor.given_names import ALSO_WORDS, GIVEN_NAMES
from voice_agent.adapters.presidio_redactor.likely_names import IN_PLACE, Sense, looks_like_name
from voice_agent.adapters.presidio_redactor.name_stops import NEVER_NAMES
from voice_agent.adapters.presidio_redactor.runs import Run
from voice_agent.adapters.presidio_redactor.words import Found, Word, found, listed, touches

_ANNOUNCED = (
    "my name is",
    "my name's",
    "the name is",
    "the name's",
    "name is",
    "name's",
    "name was",
    "names are",
    "my name",
    "first name is",
    "first name",
    "last name is",
    "last name",
    "surname is",
    "surname",
    "maiden name is",
    "middle name is",
    "name of",
    "under the name",
    "under",
    "in the name of",
    "for the attention of",
    "care of",
    "registered to",
    "addressed to",
    "made out to",
    "belongs to",
    "speaking with",
    "called me",
    "named",
    "call me",
    "on behalf of",
    "full name is",
    "name to",
    "the name",
)
"""Whatever stands behind these is a name, in upper or lower case."""
_WEAK = frozenset(
    {
        "under",
        "name",
        "my name",
        "called me",
        "speaking with",
        "belongs to",
        "name of",
        "care of",
        "call me",
        "on behalf of",
        "name to",
        "the name",
    }
)
"""Behind these only what looks like a name is."""
_SELF = (
    "this is",
    "i'm",
    "i am",
    "it's",
    "it is",
    "you're talking to",
    "you're speaking to",
    "you're speaking with",
    "here is",
    "mister is",
    "that's",
    "that is",
    "that would be",
)
"""A name only when it is capitalised, looks like one, or is followed by "speaking", "here", "calling"."""
_AFTER_SELF = listed("speaking calling here again")
_TITLES = listed("mr mrs ms miss mister missus doctor dr professor prof")
_CONTACT = listed(
    """
    with to for from by ask asked tell told see saw met contact contacted thank thanks called call dear hi hello bye and of wife
    husband son daughter mother father mom dad brother sister friend neighbor neighbour colleague partner name technician driver
    """
)
_GLUE = listed("de la van der den von bin al da dos del di el le st mac o")
_JOINTS = frozenset({"-", "'"})
_LONGEST = 3


def find_people(words: Sequence[Word], runs: Sequence[Run], kept: Collection[str], sense: Sense) -> list[Found]:
    results: list[Found] = []
    lows = [w.low for w in words]
    for i in range(len(words)):
        announced, said = _announced(words, lows, i, kept, sense), _self(words, lows, i, kept, sense)
        for weight, end in ((0.75, announced), (0.7, said), (0.72, _titled(words, lows, i))):
            if end is not None:
                results.append(found("NAME", words, end[0], end[1], weight))
        given = _given(words, i, kept)
        if given is not None:
            results.append(found("NAME", words, i, given, 0.55))
    results += _spelled(words, lows, runs)
    return results


def _phrase_ends(lows: Sequence[str], i: int, phrases: Sequence[str]) -> tuple[str, int] | None:
    """The longest phrase that begins at i, and the index behind it."""
    best: tuple[str, int] | None = None
    for phrase in phrases:
        parts = phrase.split()
        if list(lows[i : i + len(parts)]) == parts and (best is None or i + len(parts) > best[1]):
            best = (phrase, i + len(parts))
    return best


def _announced(words: Sequence[Word], lows: Sequence[str], i: int, kept: Collection[str], sense: Sense) -> tuple[int, int] | None:
    match = _phrase_ends(lows, i, _ANNOUNCED)
    if match is None or (i and lows[i - 1] in {"brand", "product", "model", "domain", "store", "company", "user", "file"}):
        return None
    phrase, at = match
    at = _skip(lows, at, {",", ":", "uh", "um", "is", "it's", "mr", "mrs", "ms", "miss", "doctor", "dr", "."})
    end = _name_end(words, at)
    if end is None:
        return None
    likely = words[at].low in GIVEN_NAMES or looks_like_name(words[at], kept, sense, IN_PLACE)
    if phrase in _WEAK and not (words[at].is_capital or likely):
        return None
    return at, end


def _self(words: Sequence[Word], lows: Sequence[str], i: int, kept: Collection[str], sense: Sense) -> tuple[int, int] | None:
    match = _phrase_ends(lows, i, _SELF)
    if match is None:
        return None
    at = _skip(lows, match[1], {",", "uh", "um", "mr", "mrs", "ms", "miss", "doctor", "dr"})
    end = _name_end(words, at)
    if end is None:
        return None
    behind = lows[end + 1] if end + 1 < len(lows) else ""
    # "this is april dunn", not "this is may"; "it's bo jensen": the next word can decide.
    known = any(looks_like_name(word, kept, sense, IN_PLACE) for word in words[at : at + 2] if word.end <= words[end].end)
    followed = behind in _AFTER_SELF and not (behind == "again" and not known)
    if known or (followed and words[at].low not in _CONTACT):
        return at, end
    return (at, end) if words[at].is_capital and all(w.is_capital for w in words[at : end + 1]) and end > at else None


def _titled(words: Sequence[Word], lows: Sequence[str], i: int) -> tuple[int, int] | None:
    if lows[i] not in _TITLES:
        return None
    at = _skip(lows, i + 1, {"."})
    end = _name_end(words, at)
    if end is None or (lows[i] in {"miss", "ms", "doctor"} and not words[at].is_capital and at == i + 1 and lows[i] == "miss"):
        return None
    return i, end


def _given(words: Sequence[Word], i: int, kept: Collection[str]) -> int | None:
    """Last word of a name that starts with a common given name; one that is a word as well needs a sign that it is a name."""
    word = words[i]
    if word.low not in GIVEN_NAMES or word.low in kept:
        return None
    if i + 1 < len(words) and words[i + 1].is_digits:
        return None
    if i > 0 and words[i - 1].low in {"san", "santa", "st", "saint"}:
        return None
    introduced = i > 0 and words[i - 1].low in _CONTACT
    if word.low in ALSO_WORDS and not (word.is_capital and introduced):
        return None
    end = i
    while end + 1 < len(words) and end - i < 2 and _is_surname(words, end + 1, i):
        end += 1
    return end


def _is_surname(words: Sequence[Word], at: int, first: int) -> bool:
    word = words[at]
    if not word.is_letters or len(word.low) < 2 or word.low in NEVER_NAMES or "'" in word.low:
        return False
    return word.is_capital if words[first].is_capital else at == first + 1


def _name_end(words: Sequence[Word], at: int) -> int | None:
    """Index of the last word of the name that begins at `at`: up to three words, none of them an everyday one."""
    if at >= len(words) or not _can_be_name(words[at]):
        return None
    end, count = at, 1
    while end + 1 < len(words) and count < _LONGEST:
        nxt = words[end + 1]
        if nxt.text in _JOINTS and end + 2 < len(words) and touches(words, end) and words[end + 2].is_letters:
            end += 2
        elif (nxt.low in _GLUE and end + 2 < len(words) and _can_be_name(words[end + 2])) or (
            nxt.text == "." and len(words[end].text) == 1 and end + 2 < len(words) and _can_be_name(words[end + 2])
        ):
            end += 2
            count += 1
        elif _can_be_name(nxt) and (nxt.is_capital or not words[at].is_capital):
            end += 1
            count += 1
        else:
            break
    return end


def _can_be_name(word: Word) -> bool:
    base = word.low.removesuffix("'s")
    if len(base) == 1:
        return word.text.isupper() and base not in {"i", "a"}
    return word.is_letters and base not in NEVER_NAMES and word.low not in NEVER_NAMES


def _skip(lows: Sequence[str], at: int, passing: Collection[str]) -> int:
    while at < len(lows) and lows[at] in passing:
        at += 1
    return at


_CODES = listed("part model product item error serial code display version button buttons shows")
"""Letters behind these are no name."""
_SPELLING = listed("spelled spelt spell spelling name surname letters that's it's")


def _spelled(words: Sequence[Word], lows: Sequence[str], runs: Sequence[Run]) -> list[Found]:
    """A run of letters only: explained ("S as in Sam"), announced as spelling, or behind hyphens ("S-M-I-T-H"); or a word just said."""
    results = []
    for run in runs:
        if run.digits or run.letters < 2:
            continue
        before = lows[max(0, run.first - 6) : run.first]
        announced, code = any(low in _SPELLING for low in before), any(low in _CODES for low in before)
        repeated = run.code.lower() in before
        if run.spelled or repeated or (announced and run.letters >= 3 and not code) or (run.letters >= 5 and not code):
            results.append(found("NAME", words, _spelled_from(words, run), run.last, 0.65))
    return results


def _spelled_from(words: Sequence[Word], run: Run) -> int:
    """With the name said before it is spelled: "Smith, S as in Sam"."""
    at = run.first - 1
    while at > 0 and (words[at].is_mark or words[at].low in {"that's", "it's", "spelled"}):
        at -= 1
    said = at >= 0 and len(words[at].text) > 2 and words[at].low[0] == run.code[0].lower() and words[at].is_letters
    return at if said and words[at].low not in NEVER_NAMES else run.first
