"""Questions of callers, written down by those who own a document: another way to a passage, in callers' words.

    asked:
      How long you have to return something:
        - is it too late to send my toaster back
        - how many days do I have

A question is found by what is like it, and callers seldom speak as documents are written. An example is read and compared as the
passage's own text is, but it is no text: nothing of it is ever said, shown to a language model or taken for a source.
"""

from collections.abc import Mapping, Sequence

from voice_agent.knowledge.addressed import speaks_to_the_assistant

Asked = Mapping[str, tuple[str, ...]]
"""Heading → questions. A heading is named with or without those above it ("Fees" or "Delivery > Fees"), in any case."""


def asked_below(asked: Asked, heading: str) -> tuple[str, ...]:
    """The questions listed under a heading, each once."""
    return tuple(dict.fromkeys(text for name, texts in asked.items() if _names(name, heading) for text in texts))


def astray(asked: Asked, headings: Sequence[str]) -> tuple[str, ...]:
    """The names that are none of these headings."""
    return tuple(name for name in asked if not any(_names(name, heading) for heading in headings))


def questions_for_callers(asked: Asked) -> tuple[Asked, tuple[str, ...]]:
    """Those that a caller could ask, and those that speak to the assistant."""
    wrong = {text for texts in asked.values() for text in texts if speaks_to_the_assistant(text)}
    return {name: tuple(text for text in texts if text not in wrong) for name, texts in asked.items()}, tuple(sorted(wrong))


def _names(name: str, heading: str) -> bool:
    plain = " ".join(name.casefold().split())
    whole = heading.casefold()
    return plain in {whole, whole.rpartition(" > ")[2]}
