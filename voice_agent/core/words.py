"""The small types that every part of a call shares."""

from dataclasses import dataclass
from typing import Literal, NewType

Seconds = float
"""Seconds. On an event's `at`: since the call began. On spans of audio: on the caller's media clock."""

CallId = NewType("CallId", str)
"""Our own id of a call: unguessable, never the carrier's."""

TurnId = NewType("TurnId", int)
"""Counts the caller's turns in a call from 1. Work that answers a turn carries it."""

SpeechId = NewType("SpeechId", int)
"""Counts the speeches (one sentence to play each) of a call from 1."""

RedactedText = NewType("RedactedText", str)
"""Text without a caller's personal data: it came out of the redactor, or the company wrote it.

The only type of text in the core, the journal, the prompts, the logs and the stores. Only the
redactor, the document loader and the configuration may make one (`tests/laws` checks where).
"""

Speaker = Literal["caller", "agent", "person"]
"""Who said a line: the caller, the voice agent, or the contact-center agent who took the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where an answer comes from."""

    source: str
    """The document's `source` of its front matter, else its path."""
    title: str
    passage: RedactedText
    """The words that support the answer."""
    heading: str = ""
    """As a passage's."""
    updated: str = ""
    """As a passage's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a document, as found by a search."""

    source: str
    title: str
    heading: str
    """The heading path in the document, " > " between levels; empty at the top."""
    text: RedactedText
    score: float
    """How near to the query, 0 to 1 (cosine)."""
    updated: str = ""
    """When the document was last brought up to date, as "2026-05-19"; empty when nobody knows."""

    def cited(self) -> Citation:
        """As the source of an answer."""
        return Citation(source=self.source, title=self.title, passage=self.text, heading=self.heading, updated=self.updated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the conversation as the caller experienced it."""

    speaker: Speaker
    text: RedactedText
    """For the agent: only what the caller heard."""
    at: Seconds = 0.0
    interrupted: bool = False
    """The caller cut the agent off behind these words."""
    citations: tuple[Citation, ...] = ()
