"""The promises of a TextToSpeech, kept by the fake one, by Piper and by hibari."""

import asyncio
from contextlib import aclosing
from typing import cast

import numpy as np
import pytest

from tests.fakes.speech import FakeVoice
from voice_agent.audio.edges import LEAD, TAIL, WINDOW, speech_span
from voice_agent.audio.level import level
from voice_agent.audio.pcm import Pcm
from voice_agent.ports import TextToSpeech

SENTENCES = "Your order is on its way. It should arrive on Friday. Please have your order number ready."


@pytest.fixture(params=["fake", "piper", "hibari"])
def voice(request: pytest.FixtureRequest) -> TextToSpeech:
    return FakeVoice() if request.param == "fake" else cast(TextToSpeech, request.getfixturevalue(request.param))


async def spoken(voice: TextToSpeech, text: str) -> list[Pcm]:
    return [chunk async for chunk in voice.speak(text)]


async def test_a_text_becomes_sound_a_chunk_at_a_time_at_one_rate(voice: TextToSpeech) -> None:
    chunks = await spoken(voice, SENTENCES)

    assert len(chunks) >= 3
    assert len({chunk.rate for chunk in chunks}) == 1
    for chunk in chunks:
        assert chunk.samples.dtype == np.int16
        assert chunk.samples.ndim == 1
        assert -32 < level(chunk.samples) < -9


async def test_the_length_is_that_of_speech(voice: TextToSpeech) -> None:
    """12 to 25 letters a second is how people read aloud."""
    seconds = sum(chunk.seconds for chunk in await spoken(voice, SENTENCES))

    assert len(SENTENCES) / 25 < seconds < len(SENTENCES) / 10


@pytest.mark.parametrize("text", ["", "   ", "...", "—", "?!", "\n", "🙂", "***"])
async def test_a_text_with_nothing_to_pronounce_has_no_sound(voice: TextToSpeech, text: str) -> None:
    assert await spoken(voice, text) == []


async def test_who_stops_listening_gets_no_more_and_may_ask_again(voice: TextToSpeech) -> None:
    async with aclosing(voice.speak(SENTENCES)) as chunks:  # type: ignore[type-var]
        first = await anext(chunks)
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)

    assert first.seconds < sum(chunk.seconds for chunk in await spoken(voice, SENTENCES))


async def test_two_texts_are_spoken_at_once_without_being_mixed_up(voice: TextToSpeech) -> None:
    short, long = await asyncio.gather(spoken(voice, "Sure."), spoken(voice, SENTENCES))

    assert sum(chunk.seconds for chunk in short) < 2
    assert sum(chunk.seconds for chunk in long) > 3


async def test_no_silence_goes_before_the_first_word_and_little_behind_the_last(voice: TextToSpeech) -> None:
    # As the ear has it: a chunk may be a piece of a sentence, and may begin at a pause between its words.
    chunks = await spoken(voice, SENTENCES)
    whole = Pcm(samples=np.concatenate([chunk.samples for chunk in chunks]), rate=chunks[0].rate)
    span = speech_span(whole)
    assert span is not None
    assert span[0] / whole.rate <= LEAD + WINDOW
    assert (len(whole.samples) - span[1]) / whole.rate <= TAIL + WINDOW
