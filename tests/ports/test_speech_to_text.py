"""The promises of a SpeechToText, kept by the fake one and by Whisper."""

import asyncio
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.fakes.speech import FakeRecognizer
from tests.recordings import by_telephone, word_errors
from voice_agent.adapters.whisper_stt import WhisperRecognizer
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import resample
from voice_agent.errors import PortError
from voice_agent.models import ModelStore
from voice_agent.ports import SpeechToText

SAID = "Which account do you want to pay that from, your savings or your checking?"
RECORDING = "aws_demo_agent2_011"

Recognizers = Callable[[int], SpeechToText]
"""Makes one whose line holds one at work and so many that wait."""


@pytest.fixture(scope="module", params=["fake", "whisper"])
def recognizers(request: pytest.FixtureRequest, model_store: ModelStore) -> Iterator[Recognizers]:
    made: list[WhisperRecognizer] = []

    def fake(waiting: int) -> SpeechToText:
        recognizer = FakeRecognizer(waiting=waiting)
        for _ in range(4):
            recognizer.will_hear(SAID)
        return recognizer

    def whisper(waiting: int) -> SpeechToText:
        made.append(WhisperRecognizer(model_store.path("whisper-base"), workers=1, waiting=waiting))
        return made[-1]

    yield fake if request.param == "fake" else whisper
    for recognizer in made:
        recognizer.close()


async def test_words_come_back_with_how_sure_they_are(recognizers: Recognizers) -> None:
    transcript = await recognizers(1).transcribe(by_telephone(RECORDING))

    assert word_errors(SAID, transcript.text) <= 2
    assert transcript.no_speech < 0.3
    assert 0.5 < transcript.confidence <= 1


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
async def test_audio_of_any_rate_is_taken(recognizers: Recognizers, rate: int) -> None:
    transcript = await recognizers(1).transcribe(resample(by_telephone(RECORDING), rate))

    assert word_errors(SAID, transcript.text) <= 2


@pytest.mark.parametrize("seconds", [0, 0.02, 2, 29.9])
async def test_silence_has_no_words(recognizers: Recognizers, seconds: float) -> None:
    transcript = await recognizers(1).transcribe(Pcm(samples=np.zeros(int(seconds * 8000), np.int16), rate=8000))

    assert transcript.text == ""
    assert 0.5 <= transcript.no_speech <= 1
    assert 0 <= transcript.confidence <= 1


async def test_more_than_30_seconds_are_a_bug(recognizers: Recognizers) -> None:
    with pytest.raises(ValueError, match="30"):
        await recognizers(1).transcribe(Pcm(samples=np.zeros(8000 * 30 + 80, np.int16), rate=8000))


async def test_a_full_line_refuses_at_once_and_says_to_try_again(recognizers: Recognizers) -> None:
    recognizer = recognizers(1)
    async with asyncio.TaskGroup() as tasks:
        running, waiting = (tasks.create_task(recognizer.transcribe(by_telephone(RECORDING))) for _ in range(2))
        await asyncio.sleep(0)
        with pytest.raises(PortError) as refusal:
            await recognizer.transcribe(by_telephone(RECORDING))

    assert refusal.value.code == "busy"
    assert refusal.value.retry
    assert word_errors(SAID, running.result().text) <= 2
    assert word_errors(SAID, waiting.result().text) <= 2


async def test_a_cancelled_caller_gives_their_place_in_the_line_away(recognizers: Recognizers) -> None:
    recognizer = recognizers(1)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(recognizer.transcribe(by_telephone(RECORDING)))
        leaves = tasks.create_task(recognizer.transcribe(by_telephone(RECORDING)))
        await asyncio.sleep(0)
        leaves.cancel()
        await asyncio.wait([leaves])
        transcript = await recognizer.transcribe(by_telephone(RECORDING))

    assert word_errors(SAID, transcript.text) <= 2


def test_what_was_said_is_not_in_a_transcript_s_repr(recognizers: Recognizers) -> None:
    transcript = asyncio.run(recognizers(1).transcribe(by_telephone(RECORDING)))

    assert "savings" in transcript.text
    assert "savings" not in repr(transcript)
