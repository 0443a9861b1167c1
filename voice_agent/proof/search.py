"""Everything that was written, sent or shown, and what personal data is found in it."""

import html
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_agent.proof.people import Canary, Kind
from voice_agent.proof.spoken import searchable

LEAST_PART = 7
"""So many figures of a longer number, one after the other, count as a find."""
_AROUND = 8
"""Words shown on each side of a find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """One place where personal data could be."""

    name: str
    text: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    kind: Kind
    value: str
    sink: str
    around: str
    """Where it stands, in the form that is searched."""
    said: str
    """How the caller said it; empty when nobody said it (keys)."""
    path: str
    """Of the call."""
    partly: bool
    """Some of its figures, not all."""


def file_sink(name: str, path: Path) -> Sink:
    raw = path.read_bytes()
    return Sink(name=name, text=raw.decode("utf-8", "replace"), size=len(raw))


def text_sink(name: str, text: str) -> Sink:
    plain = html.unescape(text)
    return Sink(name=name, text=plain, size=len(text.encode()))


def keys_of(journal: Path) -> str:
    """The keys that a journal tells, one after the other: a number that was typed is in no single line."""
    events = (json.loads(line).get("event", {}) for line in journal.read_text("ascii").splitlines()[1:])
    return "".join(str(event.get("key", "")) for event in events if event.get("type") == "KeyPressed")


class Search:
    """Knows what was said in which call."""

    def __init__(self, said: Iterable[tuple[str, Canary]], known: Sequence[Sink] = ()) -> None:
        """`said`: with the path of the call. `known`: what was there before anybody called; what it holds tells nothing."""
        before = [searchable(sink.text) for sink in known]
        self._phrases: defaultdict[str, list[tuple[tuple[str, ...], str, Canary]]] = defaultdict(list)
        self._parts: dict[str, tuple[str, Canary]] = {}
        self.passed_over: list[str] = []
        """Values that could not be told from the documents' own words."""
        for path, canary in said:
            for phrase in canary.phrases:
                if any(_places(tokens, phrase) for tokens in before):
                    self.passed_over.append(" ".join(phrase))
                else:
                    self._phrases[phrase[0]].append((phrase, path, canary))
            for at in range(len(canary.digits) - LEAST_PART + 1):
                self._parts[canary.digits[at : at + LEAST_PART]] = (path, canary)
        for part in {part for tokens in before for token in tokens for part in _parts_of(token)} & self._parts.keys():
            del self._parts[part]
            self.passed_over.append(part)

    def finds(self, sink: Sink) -> list[Find]:
        """Each canary once."""
        tokens = searchable(sink.text)
        found: dict[str, Find] = {}
        for at, token in enumerate(tokens):
            for phrase, path, canary in self._phrases.get(token, ()):
                if tuple(tokens[at : at + len(phrase)]) == phrase:
                    found.setdefault(canary.value, _find(sink, tokens, at, path, canary, partly=False))
            for part in _parts_of(token) & self._parts.keys():
                path, canary = self._parts[part]
                found.setdefault(canary.value, _find(sink, tokens, at, path, canary, partly=canary.digits not in token))
        return list(found.values())


def _find(sink: Sink, tokens: list[str], at: int, path: str, canary: Canary, *, partly: bool) -> Find:
    around = " ".join(tokens[max(0, at - _AROUND) : at + _AROUND])
    return Find(kind=canary.kind, value=canary.value, sink=sink.name, around=around[:240], said=canary.said, path=path, partly=partly)


def _parts_of(token: str) -> set[str]:
    """Of a number."""
    if len(token) < LEAST_PART or not token.isdigit():
        return set()
    return {token[start : start + LEAST_PART] for start in range(len(token) - LEAST_PART + 1)}


def _places(tokens: list[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(tokens[at : at + len(phrase)]) == phrase for at, token in enumerate(tokens) if token == phrase[0])
