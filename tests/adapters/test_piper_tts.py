"""Piper beyond the promises of the port: early first audio, loudness, stopping, mistakes."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from piper.config import SynthesisConfig
from piper.voice import AudioChunk

from tests.recordings import words
from voice_agent.adapters.piper_tts import PiperSpeaker, as_espeak_reads, split_first_clause
from voice_agent.adapters.whisper_stt import WhisperRecognizer
from voice_agent.audio import mulaw
from voice_agent.audio.level import level
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.resample import Resampler
from voice_agent.errors import ModelFileError, PortError
from voice_agent.models import ModelStore
from voice_agent.pool import WorkerPool

LONG = "You can return it within thirty days of delivery, as long as it is unused and in its box. Refunds take five days."


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (LONG, ["You can return it within thirty days of delivery,", LONG.partition(", ")[2]]),
        ("Let me look that up for you; it will take a moment.", ["Let me look that up for you,", "it will take a moment."]),
        # Too short before the comma, too short behind it, behind the first sentence, none at all.
        ("Yes, we are open on Sundays from nine.", ["Yes, we are open on Sundays from nine."]),
        ("We are open on Sundays, from nine.", ["We are open on Sundays, from nine."]),
        ("Sure. You can return it within thirty days, but only unused.", ["Sure. You can return it within thirty days, but only unused."]),
        ("We open at nine.", ["We open at nine."]),
        # The second comma will do when the first will not.
        (
            "Yes, we are open on Sundays, but only until six in December.",
            ["Yes, we are open on Sundays,", "but only until six in December."],
        ),
        # Never inside what is spelled.
        ("Your order number is B W, four zero two nine seven.", ["Your order number is B W, four zero two nine seven."]),
        ("The code to type in is A, B, C, D and E.", ["The code to type in is A, B, C, D and E."]),
    ],
)
def test_a_long_first_sentence_gives_its_first_clause_early(text: str, pieces: list[str]) -> None:
    assert split_first_clause(text) == pieces


async def test_the_first_clause_comes_as_a_chunk_of_its_own(piper: PiperSpeaker) -> None:
    chunks = [chunk.seconds async for chunk in piper.speak(LONG)]

    assert len(chunks) == 3
    assert chunks[0] < 0.6 * sum(chunks)


@pytest.mark.parametrize("text", ["Yes.", "Sure.", "Let me check that for you.", LONG])
async def test_every_sentence_is_as_loud_as_the_next_and_not_clipped(piper: PiperSpeaker, text: str) -> None:
    for chunk in [chunk async for chunk in piper.speak(text)]:
        assert -25 < level(chunk.samples) < -17
        assert np.mean(np.abs(chunk.samples.astype(int)) >= 32767) < 0.001


@pytest.mark.parametrize(
    ("ready", "espeak"),
    [
        ("nine A M", "nine eigh M"),
        ("the F A Q", "the F eigh Q"),
        ("error A three", "error eigh three"),
        ("A three-day trip. A refund.", "A three-day trip. A refund."),
        ("A refund takes fourteen days.", "A refund takes four-teen days."),
        ("nineteen ninety-nine", "nine-teen ninety nine"),
        ("the twenty-first", "the twenty first"),
        ("A, B and C", "A, B and C"),
    ],
)
def test_what_espeak_misreads_is_spelt_for_it(ready: str, espeak: str) -> None:
    assert as_espeak_reads(ready) == espeak


@pytest.mark.parametrize(
    ("written", "facts"),
    [
        ("You have 14 days to return it, and 15 days for shoes.", ["fourteen days", "fifteen days"]),
        ("Your order BW-4029 costs $75.", ["four zero two nine", "seventy five dollars"]),
        ("Call (312) 555-0142 from 9 am to 5 pm.", ["three one two five five five zero one four two", "nine", "five"]),
        ("The discount of 10% ends on March 15.", ["ten percent", "march fifteenth"]),
    ],
)
async def test_facts_are_heard_right_at_the_other_end_of_the_line(
    piper: PiperSpeaker, whisper: WhisperRecognizer, written: str, facts: list[str]
) -> None:
    line = Resampler(22_050, 8_000)
    parts = [line.add(chunk).samples async for chunk in piper.speak(written)]
    sound = mulaw.decode(mulaw.encode(np.concatenate([*parts, line.finish().samples])))

    heard = (await whisper.transcribe(Pcm(samples=sound, rate=8_000))).text

    assert all(fact in " ".join(words(heard)) for fact in facts), heard


class CountingVoice:
    """In place of piper's: makes a click a sentence, when it may, and counts them."""

    def __init__(self, error: Exception | None = None) -> None:
        self.may_end = threading.Event()
        self.may_end.set()
        self.made = 0
        self.error = error

    def synthesize(self, text: str, config: SynthesisConfig) -> Iterator[AudioChunk]:
        for _ in text.rstrip(".").split("."):
            assert self.may_end.wait(10)
            if self.error:
                raise self.error
            self.made += 1
            yield AudioChunk(
                sample_rate=22_050,
                sample_width=2,
                sample_channels=1,
                audio_float_array=np.ones(100, np.float32),
                phonemes=[],
                phoneme_ids=[],
            )


async def test_nothing_more_is_made_for_a_caller_who_stopped_listening(piper: PiperSpeaker, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = CountingVoice()
    monkeypatch.setattr(piper, "_voice", voice)

    async with aclosing(cast(AsyncGenerator[Pcm, None], piper.speak("One. Two. Three. Four."))) as chunks:
        await anext(chunks)

    assert voice.made == 1
    assert len([chunk async for chunk in piper.speak("One. Two. Three. Four.")]) == 4


async def test_an_engine_that_fails_is_a_port_error_worth_another_try(piper: PiperSpeaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piper, "_voice", CountingVoice(RuntimeError("out of memory")))

    with pytest.raises(PortError, match="out of memory") as failure:
        await anext(piper.speak("Hello."))
    assert (failure.value.code, failure.value.retry) == ("voice-failed", True)


async def test_a_full_line_refuses_at_once_and_says_to_try_again(piper: PiperSpeaker, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = CountingVoice()
    voice.may_end.clear()
    monkeypatch.setattr(piper, "_voice", voice)
    monkeypatch.setattr(piper, "_pool", WorkerPool("piper", workers=2, waiting=8))
    crowd = [asyncio.ensure_future(anext(piper.speak("Sure."))) for _ in range(20)]

    refused, let_in = await asyncio.wait(crowd, return_when=asyncio.FIRST_EXCEPTION)
    voice.may_end.set()

    assert len(refused) == 20 - 2 - 8
    errors = [cast(PortError, each.exception()) for each in refused]
    assert {(error.code, error.retry) for error in errors} == {("busy", True)}
    assert len(await asyncio.gather(*let_in)) == 2 + 8


async def test_warming_up_needs_no_text(piper: PiperSpeaker) -> None:
    await piper.warm_up()


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.onnx": b"", "a.onnx.json": b"{}"},
        {"a.onnx": b"no model", "a.onnx.json": b"nonsense"},
        {"a.onnx": b""},
        {"a.onnx": b"", "b.onnx": b""},
    ],
)
def test_a_folder_without_a_voice_is_named_with_the_mend(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

    with pytest.raises(ModelFileError, match="models fetch") as failure:
        PiperSpeaker(tmp_path)
    assert str(tmp_path) in str(failure.value)
    assert failure.value.code == "model-unusable"


def test_a_file_that_is_no_network_is_named_too(tmp_path: Path, model_store: ModelStore) -> None:
    (config,) = model_store.path("piper-joe").glob("*.onnx.json")
    (tmp_path / "a.onnx").write_bytes(b"no network")
    (tmp_path / "a.onnx.json").write_bytes(config.read_bytes())

    with pytest.raises(ModelFileError, match="models fetch"):
        PiperSpeaker(tmp_path)
