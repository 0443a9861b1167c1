"""What a company's documents say of itself, so that it is not taken for a caller's: products, streets, numbers, domains."""

from collections.abc import Iterable

from voice_agent.adapters.presidio_redactor.given_names import GIVEN_NAMES
from voice_agent.adapters.presidio_redactor.mail import company_domains
from voice_agent.adapters.presidio_redactor.places import street_keys
from voice_agent.adapters.presidio_redactor.runs import read_runs
from voice_agent.adapters.presidio_redactor.words import Word, split_words, touches


def company_words(documents: Iterable[str], more: Iterable[str] = ()) -> frozenset[str]:
    """For `PresidioRedactor(keep=…)`: names, phone numbers, domains of e-mail addresses and street addresses, each in one form.

    A name in a document is a word that is capitalised inside a sentence, never written small, and no common given name.
    `more` are names, numbers and e-mail addresses one by one; there, every word is a name.
    """
    names: set[str] = set()
    small: set[str] = set()
    kept: set[str] = set()
    for document in documents:
        words = split_words(document)
        kept |= _written(words)
        names |= {word.low.removesuffix("'s") for i, word in enumerate(words) if _is_name(words, i)}
        small |= {word.low for i, word in enumerate(words) if word.is_letters and not word.is_capital and not _in_code(words, i)}
    for text in more:
        words = split_words(text)
        address = any(word.text == "@" for word in words)
        kept |= _written(words) or ({word.low for word in words if word.is_letters} if not address else set())
    return frozenset(kept | (names - small - GIVEN_NAMES))


def _is_name(words: tuple[Word, ...], i: int) -> bool:
    word = words[i]
    inside = i > 0 and (words[i - 1].is_letters or words[i - 1].is_digits or words[i - 1].text == ",")
    return inside and word.is_letters and word.is_capital and len(word.text) > 2


def _in_code(words: tuple[Word, ...], i: int) -> bool:
    """A label of a domain, or of an id such as "brewster-700", is small whatever it names."""
    return i + 2 < len(words) and words[i + 1].text in {".", "-"} and touches(words, i) and touches(words, i + 1)


def _written(words: tuple[Word, ...]) -> set[str]:
    """Phone numbers, e-mail domains and street addresses."""
    runs = read_runs(words)
    numbers = {run.code.removeprefix("1") for run in runs if run.digits in {10, 11} and run.letters == 0}
    return numbers | company_domains(words) | street_keys(words, runs)
