"""Words: what a caller's sentence is about, in the forms speech recognition leaves it, compared with what the documents say."""

import math
import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from difflib import SequenceMatcher

from voice_agent.knowledge.vocabulary import meanings, stem

STOP_WORDS = frozenset(
    """
    a an the and or but if of in on at to for from by with about as into is are was were be been being am do does did done has have had
    having i me my mine we us our you your yours he him his she her it its they them their this that these those there here what which who
    whom whose when where why how can could will would shall should may might must not no so just like please tell know want need get got
    go going im ive id ill dont doesnt isnt cant wont whats hows wheres thats youre than then too very also some any more out up off over
    again still hello hi hey yes yeah okay well now thing something anything s t m re ve ll d
    """.split()  # noqa: SIM905 - a word list is read as words
)
"""Words that say nothing of what a question is about."""
_FILLERS = frozenset({"um", "umm", "uh", "uhh", "er", "erm", "hm", "hmm", "mm", "ah"})
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_SMALL = {word: value for value, word in enumerate(_ONES.split())}
_TENS = {word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}  # noqa: SIM905
_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")
_CODE = re.compile(r"\b[a-z]{1,3}\d{1,4}\b")
"""Of errors and models: E3, I20."""
_PLACEHOLDER = re.compile(r"<[A-Z_]+\d*>")
"""What a redactor leaves in place of personal data."""
_LEAST_CORRECTED = 4
"""Letters: shorter words sound like too many others."""
_LEAST_ALIKE = 0.75
"""difflib's ratio, under which two words of one sound are taken for different words."""
_PAIR_ALIKE = 0.85
"""The same for two words heard in place of one."""


def words(text: str) -> list[str]:
    """Lower-case words and numbers: "It's 2,000 W-hours by <NAME>" → its 2000 w hours by."""
    plain = _PLACEHOLDER.sub(" ", text).lower().replace("’", "'").replace("'", "")
    return _WORD.findall(re.sub(r"(?<=\d),(?=\d{3})|(?<=\d)s\b", "", plain))


def content_words(text: str) -> list[str]:
    """The stems of the words that a text is about, in order."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


def spoken_numbers(heard: Sequence[str]) -> list[str]:
    """Words with spoken numbers written in digits: seven hundred → 700, two point four → 2.4."""
    found: list[str] = []
    at = 0
    while at < len(heard):
        value, end = _number(heard, at)
        if end == at or (heard[at:end] == ["one"] and not _counted(heard, at)):
            found.append(heard[at])
            at += 1
            continue
        text, at = str(value), end
        while at + 1 < len(heard) and heard[at] == "point" and heard[at + 1] in _SMALL:
            text, at = f"{text}.{_SMALL[heard[at + 1]]}", at + 2
        found.append(text)
    return found


def _counted(heard: Sequence[str], at: int) -> bool:
    """Whether "one" stands among numbers or letters: "four one", "e one", but not "a new one"."""
    near = [*heard[max(0, at - 1) : at], *heard[at + 1 : at + 2]]
    return any(word in _SMALL or word in _TENS or (len(word) == 1 and word != "a") for word in near)


def _number(heard: Sequence[str], at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends; it ends where it begins when there is none."""
    total, part, begin = 0, 0, at
    while at < len(heard):
        word, tail = heard[at], part % 100
        follows = at + 1 < len(heard) and (heard[at + 1] in _SMALL or heard[at + 1] in _TENS)
        if word in _SMALL and (at == begin or tail == 0 or (tail >= 20 and tail % 10 == 0 and 0 < _SMALL[word] < 10)):
            part += _SMALL[word]
        elif word in _TENS and (at == begin or tail == 0):
            part += _TENS[word]
        elif word == "a" and at == begin and heard[at + 1 : at + 2] in (["hundred"], ["thousand"]):
            part = 1
        elif word == "hundred" and 0 < part < 100:
            part *= 100
        elif word == "thousand" and part:
            total, part = total + part * 1000, 0
        elif not (word == "and" and part >= 100 and follows):
            break
        at += 1
    return total + part, at


_SOUNDS = (
    *(("ph", "f"), ("ck", "k"), ("gh", ""), ("kn", "n"), ("wr", "r"), ("dg", "j")),
    *(("tch", "ch"), ("x", "ks"), ("q", "k"), ("z", "s")),
)


def sound(word: str) -> str:
    """A key that words of about the same sound share: brail and braille, warrantee and warranty."""
    key = word
    for written, heard in _SOUNDS:
        key = key.replace(written, heard)
    key = re.sub(r"c(?=[eiy])", "s", key).replace("c", "k")
    key = key[:1] + re.sub(r"[aeiouyhw]", "", key[1:])
    return re.sub(r"(.)\1+", r"\1", key)


class Lexicon:
    """The words of the documents: how much each tells, and which one a recogniser meant that wrote only its sound."""

    def __init__(self, passages: Sequence[str], documents: Mapping[str, str]) -> None:
        """`passages` with their headings; `documents` are the whole texts by title."""
        bags = [words(text) for text in passages]
        named = [words(title) for title in documents]
        self._products = {stem(word) for title in named if any(word[0].isdigit() for word in title) for word in title if word.isalpha()}
        self._titles = Counter(found for title in documents for found in {stem(word) for word in words(title)})
        self._documents = Counter(found for text in documents.values() for found in {stem(word) for word in words(text)})
        self._known = {word for bag in bags for word in bag}
        self._count = len(bags)
        self._having = Counter(found for bag in bags for found in {stem(word) for word in bag})
        self._codes = {code for text in passages for code in _CODE.findall(text.lower())}
        self._sounds: dict[str, list[str]] = {}
        for word in sorted(self._known):
            if word.isalpha() and len(word) >= _LEAST_CORRECTED:
                self._sounds.setdefault(sound(word), []).append(word)

    def holds(self, word: str) -> bool:
        """Whether a document has the word in any form, or another that means the same."""
        return any(meaning in self._having for meaning in meanings(stem(word)))

    def rarity(self, word: str) -> float:
        """How much a word tells the passages apart: BM25's inverse document frequency, about 0 to log(passages)."""
        having = self._having[stem(word)]
        return math.log(1 + (self._count - having + 0.5) / (having + 0.5))

    def names_product(self, word: str) -> bool:
        """Whether it stands in a title with a number: Swift 17 kettle. What is asked about a kettle is often in no such document."""
        return stem(word) in self._products

    def titles(self, word: str) -> int:
        """How many documents have the word in their title, in any form."""
        return self._titles[stem(word)]

    def documents(self, word: str) -> int:
        """How many documents have the word anywhere, in any form."""
        return self._documents[stem(word)]

    def corrected(self, query: str, common: Container[str]) -> str:
        """The caller's words without fillers and stutter, numbers in digits, misheard words of the documents put right.

        `common` are words that may well be meant as they stand, though no document has them.
        A sentence with nothing to put right comes back as it was.
        """
        heard = [word for word in words(query) if word not in _FILLERS]
        heard = [word for at, word in enumerate(heard) if at == 0 or word != heard[at - 1] or word in _SMALL]
        put_right = self._joined(spoken_numbers(heard), common)
        return query if put_right == words(query) else " ".join(put_right)

    def _joined(self, heard: Sequence[str], common: Container[str]) -> list[str]:
        found: list[str] = []
        at = 0
        while at < len(heard):
            meant = self._meant_by_two(heard[at], heard[at + 1], common) if at + 1 < len(heard) else None
            found.append(meant or self._meant(heard[at], common) or heard[at])
            at += 2 if meant else 1
        return found

    def _meant_by_two(self, first: str, second: str, common: Container[str]) -> str | None:
        joined = first + second
        if joined in self._codes or (len(first) == len(second) == 1 and joined.isalpha()):
            return joined
        if not joined.isalpha() or first in STOP_WORDS or second in STOP_WORDS or {first, second} <= self._known:
            return None
        return joined if joined in self._known else self._meant(joined, common, _PAIR_ALIKE)

    def _meant(self, word: str, common: Container[str], least: float = _LEAST_ALIKE) -> str | None:
        if len(word) < _LEAST_CORRECTED or not word.isalpha() or word in STOP_WORDS or word in common or word in self._known:
            return None
        alike = [(SequenceMatcher(None, word, other).ratio(), other) for other in self._sounds.get(sound(word), ())]
        ratio, best = max(alike, default=(0.0, ""))
        return best if ratio >= least else None
