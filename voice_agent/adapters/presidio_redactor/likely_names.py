"""Names by how they sound: words that look like names where a name can stand, and replies that are nothing but a name."""

from collections.abc import Callable, Collection, Sequence

from voice_agent.adapters.presidio_redactor.given_names import ALSO_WORDS, GIVEN_NAMES
from voice_agent.adapters.presidio_redactor.name_stops import NEVER_NAMES
from voice_agent.adapters.presidio_redactor.words import Found, Word, found, listed

Sense = Callable[[str], float]
"""`NameSense`: about 1 for a name, about -1 for an everyday word."""

IN_PLACE = 0.4
"""How much like a name a word must look behind "it's", "i'm" or "ask for"."""
_LEAST = 0.3
"""The same behind "my brother" or "told"."""
_REPLY = 0.4
"""The same of every word of a reply."""
_CAPITAL = 0.65
"""The same of a word with a capital inside a sentence."""
_ANYWHERE = 0.6
"""The same of two neighbours anywhere."""
_PEOPLE = listed(
    """
    tell told ask asked called named dear brother sister son daughter husband wife mother father partner neighbor neighbour
    colleague boss friend roommate uncle aunt cousin grandmother grandfather
    """
)
"""Behind these stands a person more often than not."""
_BEFORE = listed("with to call thank hello hi by under met for you from")
_AROUND = listed(
    """
    yes yeah yep uh um er sure of course it's that's please no so okay ok well hi hello it is that would be my me this oh sorry
    and the name as said speaking here i'm just again
    """
)
_JOINTS = frozenset(",.-'")
_MOST_WORDS = 4


def find_likely(words: Sequence[Word], kept: Collection[str], sense: Sense) -> list[Found]:
    return [*_reply(words, kept, sense), *_in_place(words, kept, sense), *_pairs(words, kept, sense)]


def looks_like_name(word: Word, kept: Collection[str], sense: Sense, least: float) -> bool:
    if not word.is_letters or len(word.low) < 2 or word.low.removesuffix("'s") in kept or word.low in NEVER_NAMES:
        return False
    if word.low in ALSO_WORDS:
        return word.is_capital
    return word.low in GIVEN_NAMES or sense(word.low) >= least


def _reply(words: Sequence[Word], kept: Collection[str], sense: Sense) -> list[Found]:
    """A whole utterance that is a name: "sure, it's Theodora Banks"."""
    first, last = 0, len(words) - 1
    while first <= last and (words[first].is_mark or words[first].low in _AROUND):
        first += 1
    while last >= first and (words[last].is_mark or words[last].low in _AROUND):
        last -= 1
    inner = words[first : last + 1]
    letters = [w for w in inner if not w.is_mark]
    if not 0 < len(letters) <= _MOST_WORDS or any(w.is_mark and w.text not in _JOINTS for w in inner):
        return []
    name = [w for w in letters if looks_like_name(w, kept, sense, _REPLY)]
    # A surname may be an everyday word ("theodora banks"), but not the only one, nor one that never is a name.
    rest = [w for w in letters if w not in name and (w.low in NEVER_NAMES or w.low in kept or not w.is_letters)]
    if not name or rest:
        return []
    return [found("NAME", words, first, last, 0.5)]


def _in_place(words: Sequence[Word], kept: Collection[str], sense: Sense) -> list[Found]:
    """Behind "ask for", "my brother", "told": a word that looks much like a name, and those behind it."""
    results = []
    for i in range(1, len(words)):
        before = words[i - 1].low if words[i - 1].text != "," else (words[i - 2].low if i > 1 else "")
        inside = words[i].is_capital and words[i - 1].is_letters and before not in {"san", "santa"}
        least = _LEAST if before in _PEOPLE else _ANYWHERE if before in _BEFORE else _CAPITAL if inside else None
        if i + 1 < len(words) and words[i + 1].is_digits:
            continue  # a product: "Brewster 700"
        if least is not None and looks_like_name(words[i], kept, sense, least):
            last = i
            while last + 1 < len(words) and last - i < 2 and looks_like_name(words[last + 1], kept, sense, IN_PLACE):
                last += 1
            results.append(found("NAME", words, i, last, 0.5))
    return results


def _pairs(words: Sequence[Word], kept: Collection[str], sense: Sense) -> list[Found]:
    """Two words side by side, each much like a name; the first may be an everyday one if it is a given name."""
    results = []
    for i in range(len(words) - 1):
        first = looks_like_name(words[i], kept, sense, _ANYWHERE) or (words[i].low in ALSO_WORDS and words[i].low not in kept)
        if (
            first
            and (i == 0 or words[i - 1].low not in {"san", "santa"})
            and words[i].low in GIVEN_NAMES
            and looks_like_name(words[i + 1], kept, sense, _ANYWHERE)
        ):
            results.append(found("NAME", words, i, i + 1, 0.5))
    return results
