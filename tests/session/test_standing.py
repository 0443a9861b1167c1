"""Sentences that are made once, before the first call."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from tests.world import RULES
from voice_agent.audio.pcm import Pcm
from voice_agent.core.policy import Policy
from voice_agent.session.inbox import closing
from voice_agent.session.standing import RECENT, StandingVoice, standing_phrases


class CountingVoice:
    def __init__(self, rate: int = 8000) -> None:
        self.made: list[str] = []
        self.rate = rate

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        self.made.append(text)
        for part in text.split():
            yield Pcm(samples=np.full(len(part), ord(part[0]), dtype=np.int16), rate=self.rate)


async def heard(voice: StandingVoice, text: str) -> list[int]:
    return [sample async for chunk in voice.speak(text) for sample in chunk.samples.tolist()]


def nobody(_done: int, _all: int) -> None:
    pass


def damage(folder: Path) -> None:
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:20])


TEXT = "One moment, please."


async def test_a_prepared_text_is_made_once_and_sounds_the_same_as_without_preparation(tmp_path: Path) -> None:
    behind = CountingVoice()
    voice = StandingVoice(behind, folder=tmp_path, name="a")
    unprepared = await heard(voice, TEXT)
    await voice.prepare([TEXT], nobody)

    assert await heard(voice, TEXT) == unprepared
    assert behind.made == [TEXT] * 2


async def test_the_next_start_makes_nothing_again_unless_the_voice_is_another(tmp_path: Path) -> None:
    first, second, another = CountingVoice(), CountingVoice(), CountingVoice()
    await StandingVoice(first, folder=tmp_path / "new", name="a").prepare([TEXT], nobody)
    again = StandingVoice(second, folder=tmp_path / "new", name="a")
    await again.prepare([TEXT], nobody)
    await StandingVoice(another, folder=tmp_path / "new", name="b").prepare([TEXT], nobody)

    assert (first.made, second.made, another.made) == ([TEXT], [], [TEXT])
    assert await heard(again, TEXT)


async def test_a_file_that_is_not_whole_is_made_again(tmp_path: Path) -> None:
    behind = CountingVoice()
    voice = StandingVoice(behind, folder=tmp_path, name="a")
    await voice.prepare([TEXT], nobody)
    damage(tmp_path)
    await voice.prepare([TEXT], nobody)

    assert behind.made == [TEXT] * 2


async def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    await StandingVoice(CountingVoice(), folder=tmp_path, name="a").prepare(["One.", "Two."], lambda done, of: told.append((done, of)))

    assert told == [(0, 2), (1, 2), (2, 2)]


async def test_a_sentence_said_lately_is_not_made_again_and_the_oldest_is_forgotten_first(tmp_path: Path) -> None:
    behind = CountingVoice()
    voice = StandingVoice(behind, folder=tmp_path, name="a")
    first = await heard(voice, "We open at nine.")

    assert await heard(voice, "We open at nine.") == first
    assert len(behind.made) == 1
    for number in range(RECENT):
        await heard(voice, f"Sentence {number}.")
    await heard(voice, "We open at nine.")
    assert behind.made.count("We open at nine.") == 2


async def test_what_was_said_lately_is_kept_at_the_lines_rate(tmp_path: Path) -> None:
    voice = StandingVoice(CountingVoice(rate=24_000), folder=tmp_path, name="a")
    first = await heard(voice, "We open at nine.")

    (again,) = [chunk async for chunk in voice.speak("We open at nine.")]
    assert (again.rate, len(again.samples)) == (8000, round(len(first) / 3))


async def test_a_sentence_that_was_cut_off_while_it_was_made_is_made_again(tmp_path: Path) -> None:
    behind = CountingVoice()
    voice = StandingVoice(behind, folder=tmp_path, name="a")
    async with closing(voice.speak("We open at nine.")) as chunks:
        async for _ in chunks:
            break
    await heard(voice, "We open at nine.")

    assert len(behind.made) == 2


async def test_any_other_text_is_left_to_the_voice_behind(tmp_path: Path) -> None:
    behind = CountingVoice()
    voice = StandingVoice(behind, folder=tmp_path, name="a")
    await voice.prepare([TEXT], nobody)

    assert await heard(voice, "We open at nine.")
    assert behind.made[-1] == "We open at nine."


def test_every_sentence_spoken_as_it_stands_is_standing_and_no_template_or_name_is() -> None:
    phrases = standing_phrases(Policy(), RULES)

    assert {*Policy().opening, *Policy().fillers, *Policy().abstain, Policy().greeting, RULES[0].say} <= set(phrases)
    assert not [text for text in phrases if "{" in text]
    assert Policy().fallback_queue not in phrases
    assert len(phrases) == len(set(phrases))
