"""The instructions a language model gets: files in config/prompts/, each known by its content."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from voice_agent.core.words import RedactedText
from voice_agent.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    text: RedactedText
    version: str
    """The file's name and the beginning of its sha256, such as "answer.md 3f2a91bc": an edit cannot be forgotten in it."""


def read_prompt(file: Path) -> Prompt:
    """The instructions of a file such as config/prompts/answer.md.

    Raises:
        ConfigError: it cannot be read, or is empty.
    """
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: the prompt cannot be read ({error}).", code="prompt-unreadable") from None
    if not text:
        raise ConfigError(f"{file}: the prompt is empty. Write instructions into it, or restore the file that came.", code="prompt-empty")
    return Prompt(text=RedactedText(text), version=f"{file.name} {hashlib.sha256(text.encode()).hexdigest()[:8]}")
