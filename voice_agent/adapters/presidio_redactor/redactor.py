"""Removes what identifies a caller from what they said: presidio-analyzer with recognisers for speech."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import spacy
from presidio_analyzer import AnalyzerEngine, LocalRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from voice_agent.adapters.presidio_redactor.births import find_births
from voice_agent.adapters.presidio_redactor.continued import find_continued
from voice_agent.adapters.presidio_redactor.corrections import find_corrections
from voice_agent.adapters.presidio_redactor.given_names import ALSO_WORDS
from voice_agent.adapters.presidio_redactor.homes import find_homes
from voice_agent.adapters.presidio_redactor.likely_names import find_likely
from voice_agent.adapters.presidio_redactor.mail import find_mail
from voice_agent.adapters.presidio_redactor.name_sense import NameSense
from voice_agent.adapters.presidio_redactor.name_stops import NEVER_NAMES
from voice_agent.adapters.presidio_redactor.numbers import find_numbers
from voice_agent.adapters.presidio_redactor.one_form import one_form
from voice_agent.adapters.presidio_redactor.people import find_people
from voice_agent.adapters.presidio_redactor.places import find_places
from voice_agent.adapters.presidio_redactor.runs import read_runs
from voice_agent.adapters.presidio_redactor.strict import find_strictly
from voice_agent.adapters.presidio_redactor.words import KEPT, Found, resolve, split_words
from voice_agent.core.words import RedactedText
from voice_agent.errors import ModelFileError, PortError
from voice_agent.pool import WorkerPool
from voice_agent.ports import Entity, Redaction

ENTITIES = frozenset({"NAME", "PHONE", "EMAIL", "CARD", "ACCOUNT", "ADDRESS", "POSTCODE", "DATE_OF_BIRTH", "NATIONAL_ID", "IBAN"})
_PERSON = "PERSON"
_UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
"""Parts of the spaCy pipeline that names do not need: the entity recogniser brings its own vectors."""
_MOST_WAITING = 256
"""Texts; each waits a few milliseconds for every one before it."""
_MOST_CHARACTERS = 20_000
"""Of one text; 30 s of speech are about 600."""


class PresidioRedactor:
    """A Redactor for English. One thread of its own: spaCy's vocabulary is shared, and a text takes a few milliseconds.

    `keep` are the company's own words and numbers, as `company_words` collects them from its documents. They are not the
    caller's, unless the caller says so ("my name is Brewster"). Of kinds that are `strict`, all that could be one is taken out.
    """

    def __init__(
        self, model_dir: Path, *, entities: Collection[str] = ENTITIES, strict: Collection[str] = (), keep: Collection[str] = ()
    ) -> None:
        unknown = sorted({*entities, *strict} - ENTITIES)
        if unknown:
            raise ValueError(f"unknown entities {unknown}; known are {sorted(ENTITIES)}")
        self._entities = frozenset(entities)
        self._keep = frozenset(keep)
        self._nlp = _load(model_dir)
        self._engine = _engine(self._nlp, self._keep, frozenset(strict))
        self._pool = WorkerPool("redactor", workers=1, waiting=_MOST_WAITING)

    async def redact(self, text: str, *, after: str = "") -> Redaction:
        try:
            found = await self._pool.run(partial(self._find, text, after))
        except PortError:
            raise
        except Exception:  # noqa: BLE001 - neither the message nor the cause may travel: a library's error can quote the caller
            found = None
        if found is None:
            raise PortError("The redactor could not run on this text, so the text was dropped.", code="redactor-failed") from None
        return _redaction(text, found)

    def close(self) -> None:
        """Let go of the thread."""
        self._pool.close()

    def _find(self, text: str, after: str = "") -> list[Found]:
        if len(text) + len(after) > _MOST_CHARACTERS:
            raise ValueError("too long")
        # A memory zone, so that spaCy's vocabulary does not collect what callers say.
        with self._nlp.memory_zone():
            results = self._engine.analyze(text, language="en")
            found = [self._as_found(text, result) for result in results]
            found.append(find_continued(text, after))
        return resolve([f for f in found if f is not None and f.type in self._entities | {KEPT}])

    def _as_found(self, text: str, result: RecognizerResult) -> Found | None:
        if result.entity_type != _PERSON:
            return Found(type=result.entity_type, start=result.start, end=result.end, weight=result.score)
        return _person(text, result.start, result.end, self._keep)


def _person(text: str, start: int, end: int, keep: Collection[str]) -> Found | None:
    """What spaCy takes for a person, less what cannot be one: products ("Brewster 300"), everyday words at the edges."""
    words = [w for w in split_words(text[start:end]) if w.is_letters]
    while words and words[0].low.removesuffix("'s") in NEVER_NAMES:
        words.pop(0)
    while words and words[-1].low.removesuffix("'s") in NEVER_NAMES:
        words.pop()
    if not words or words[0].low.removesuffix("'s") in keep:
        return None
    first, last = start + words[0].start, start + words[-1].end
    behind = text[last:].lstrip()
    alone = len(words) == 1 and words[0].low in ALSO_WORDS and words[0].is_capital
    if alone and not text[:start].rstrip(" ,") and behind[:1].islower():
        return None  # "Mark it as urgent"
    if behind[:1].isdigit() or (len(words) == 1 and len(words[0].low) < 3):
        return None
    return Found(type="NAME", start=first, end=last, weight=0.6)


def _redaction(text: str, found: Sequence[Found]) -> Redaction:
    pieces: list[str] = []
    at = 0
    for entity in found:
        pieces += [text[at : entity.start], f"<{entity.type}>"]
        at = entity.end
    pieces.append(text[at:])
    return Redaction(
        text=RedactedText("".join(pieces)),
        entities=tuple(Entity(type=f.type, start=f.start, end=f.end) for f in found),
        originals=tuple(one_form(f.type, text[f.start : f.end]) for f in found),
    )


def _load(model_dir: Path) -> spacy.language.Language:
    # Loading by path only: given a name, spaCy or presidio would look for a package, or fetch one.
    if not (model_dir / "config.cfg").is_file():
        raise ModelFileError(
            f"There is no spaCy model in {model_dir}. Get it with: scripts/voice-agent models fetch spacy-en-md", code="model-missing"
        )
    return spacy.load(model_dir, exclude=list(_UNUSED))


def _engine(nlp: spacy.language.Language, keep: Collection[str], strict: Collection[str]) -> AnalyzerEngine:
    engine = SpacyNlpEngine(
        models=[{"lang_code": "en", "model_name": "given"}],
        ner_model_configuration=NerModelConfiguration(
            model_to_presidio_entity_mapping={_PERSON: _PERSON},
            labels_to_ignore=[label for label in nlp.pipe_labels["ner"] if label != _PERSON],
        ),
    )
    # Already loaded, so that presidio neither loads nor looks for a package.
    vars(engine)["nlp"] = {"en": nlp}
    recognizers = [SpacyRecognizer(supported_entities=[_PERSON]), SpeechRecognizer(keep, strict, NameSense(nlp.vocab.vectors))]
    return AnalyzerEngine(registry=RecognizerRegistry(recognizers=recognizers), nlp_engine=engine)


class SpeechRecognizer(LocalRecognizer):
    """Presidio's view of the finders in this package."""

    def __init__(self, keep: Collection[str], strict: Collection[str], sense: NameSense) -> None:
        self._keep = keep
        self._strict = strict
        self._sense = sense
        super().__init__(supported_entities=[*sorted(ENTITIES), KEPT], supported_language="en", name="speech")

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None) -> list[Any]:
        words = split_words(text)
        runs = read_runs(words)
        found = [
            *find_numbers(words, runs, text, self._keep),
            *find_mail(words, self._keep),
            *find_births(words),
            *find_places(words, runs, self._keep),
            *find_homes(words, runs, self._keep),
            *find_people(words, runs, self._keep, self._sense),
            *find_likely(words, self._keep, self._sense),
        ]
        found += find_corrections(words, runs, found)
        found += find_strictly(words, runs, self._strict, self._keep, self._sense)
        return [RecognizerResult(entity_type=f.type, start=f.start, end=f.end, score=f.weight) for f in found]
