"""Sentences that need not be made again: those of the configuration, made before the first call, and the latest others."""

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from voice_agent.audio.packets import RATE
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.audio.wav import read_wav, write_wav
from voice_agent.core.escalation import Rule
from voice_agent.core.policy import Policy
from voice_agent.errors import InputError
from voice_agent.ports import TextToSpeech
from voice_agent.session.inbox import closing


def standing_phrases(policy: Policy, rules: Iterable[Rule]) -> list[str]:
    """Every sentence of the configuration that is spoken as it stands, without repetitions."""
    values = [getattr(policy, field.name) for field in fields(policy)]
    phrases = [text for value in values for text in (value if isinstance(value, tuple) else (value,)) if isinstance(text, str)]
    phrases += [*policy.opening, *(f"{words} {policy.greeting}" for words in (policy.consent_given, policy.consent_refused))]
    phrases += [rule.say for rule in rules]
    return [text for text in dict.fromkeys(phrases) if " " in text and "{" not in text]


RECENT = 64
"""Sentences remembered beside the standing ones: at 3 s each and the line's rate, 3 MB."""


def _joined(chunks: Sequence[Pcm]) -> Pcm:
    return Pcm(samples=np.concatenate([chunk.samples for chunk in chunks]), rate=chunks[0].rate)


def _kept(file: Path) -> Pcm | None:
    """What an earlier start made; nothing when it is not there, or not whole."""
    try:
        return read_wav(file) if file.exists() else None
    except InputError:
        return None


class StandingVoice:
    """A TextToSpeech that has some texts ready, and leaves all others to the voice it stands in front of."""

    def __init__(self, voice: TextToSpeech, *, folder: Path, name: str) -> None:
        """Keeps what it made in `folder` for the next start, under the `name` of the voice: another voice makes its own."""
        self._voice = voice
        self._folder = folder
        self._name = name
        self._ready: dict[str, Pcm] = {}
        self._recent: dict[str, Pcm] = {}
        """Oldest first."""

    async def prepare(self, texts: Sequence[str], progress: Callable[[int, int], None]) -> None:
        """Make texts ready; `progress` is told how many of them are. Raises what the voice raises."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for done, text in enumerate(texts):
            progress(done, len(texts))
            file = self._folder / f"{hashlib.sha256(f'{self._name} {text}'.encode()).hexdigest()[:32]}.wav"
            self._ready[text] = _kept(file) or await self._made(text, file)
        progress(len(texts), len(texts))

    async def _made(self, text: str, file: Path) -> Pcm:
        chunks = [chunk async for chunk in self._voice.speak(text)]
        whole = _joined(chunks)
        part = file.with_suffix(f".{os.getpid()}")
        write_wav(part, whole)
        part.replace(file)
        return whole

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        """See TextToSpeech."""
        ready = self._ready.get(text) or self._recent.get(text)
        if ready is not None:
            yield ready
            return
        chunks: list[Pcm] = []
        async with closing(self._voice.speak(text)) as made:
            async for chunk in made:
                chunks.append(chunk)
                yield chunk
        if chunks:
            self._remember(text, chunks)

    def _remember(self, text: str, chunks: Sequence[Pcm]) -> None:
        """Many callers ask the same, and a sentence that was cut off is said again."""
        self._recent[text] = resample(_joined(chunks), RATE)
        while len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]
