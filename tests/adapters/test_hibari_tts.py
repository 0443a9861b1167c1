"""hibari beyond the promises of the port: its spelling, loudness, stopping, mistakes, and that it fetches nothing."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import cast

import hibari.tts
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.recordings import packets, words
from voice_agent.adapters.hibari_tts import HibariSpeaker, as_hibari_reads
from voice_agent.adapters.whisper_stt import WhisperRecognizer
from voice_agent.audio import mulaw
from voice_agent.audio.level import level
from voice_agent.audio.pcm import Pcm
from voice_agent.errors import ModelFileError, PortError
from voice_agent.pool import WorkerPool


@pytest.mark.parametrize(
    ("ready", "spelt"),
    [
        ("nine A M", "nine eigh M"),
        ("error A three", "error eigh three"),
        ("A refund takes fourteen days. A day.", "A refund takes fourteen days. A day."),
    ],
)
def test_what_hibari_misreads_is_spelt_for_it(ready: str, spelt: str) -> None:
    assert as_hibari_reads(ready) == spelt


@pytest.mark.parametrize("text", ["Yes.", "Sure.", "Let me check that for you.", "You can return it within thirty days, if it is unused."])
async def test_every_sentence_is_as_loud_as_the_next_and_not_clipped(hibari: HibariSpeaker, text: str) -> None:
    for chunk in [chunk async for chunk in hibari.speak(text)]:
        assert -25 < level(chunk.samples) < -17
        assert np.mean(np.abs(chunk.samples.astype(int)) >= 32767) < 0.001


async def test_the_same_text_sounds_the_same_every_time(hibari: HibariSpeaker) -> None:
    once, again = [[chunk.samples.tobytes() async for chunk in hibari.speak("Six seashells.")] for _ in range(2)]

    assert once == again


@pytest.mark.parametrize(
    ("written", "facts"),
    [
        ("You have 14 days to return it, and 15 days for shoes.", ["fourteen days", "fifteen days"]),
        ("Your order BW-4029 costs $75.", ["four zero two nine", "seventy five dollars"]),
        ("Call (312) 555-0142 from 9 am to 5 pm.", ["three one two five five five zero one four two", "nine a m", "five p m"]),
        ("The discount of 10% ends on March 15.", ["ten percent", "march fifteenth"]),
    ],
)
async def test_facts_are_heard_right_at_the_other_end_of_the_line(
    hibari: HibariSpeaker, whisper: WhisperRecognizer, written: str, facts: list[str]
) -> None:
    sound = np.concatenate([mulaw.decode(packet) async for chunk in hibari.speak(written) for packet in packets(chunk)])

    heard = (await whisper.transcribe(Pcm(samples=sound, rate=8_000))).text

    assert all(fact in " ".join(words(heard)) for fact in facts), heard


class CountingVoice:
    """In place of hibari's: makes a click a sentence, when it may, and counts them."""

    def __init__(self, error: Exception | None = None) -> None:
        self.may_end = threading.Event()
        self.may_end.set()
        self.made = 0
        self.error = error

    def stream(self, text: str, *, seed: int) -> Iterator[NDArray[np.float32]]:
        for _ in text.rstrip(".").split("."):
            assert self.may_end.wait(10)
            if self.error:
                raise self.error
            self.made += 1
            yield np.full(100, 0.1, np.float32)


async def test_nothing_more_is_made_for_a_caller_who_stopped_listening(hibari: HibariSpeaker, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = CountingVoice()
    monkeypatch.setattr(hibari, "_voice", voice)

    async with aclosing(cast(AsyncGenerator[Pcm, None], hibari.speak("One. Two. Three. Four."))) as chunks:
        await anext(chunks)

    assert voice.made == 1
    assert len([chunk async for chunk in hibari.speak("One. Two. Three. Four.")]) == 4


async def test_an_engine_that_fails_is_a_port_error_worth_another_try(hibari: HibariSpeaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hibari, "_voice", CountingVoice(RuntimeError("out of memory")))

    with pytest.raises(PortError, match="out of memory") as failure:
        await anext(hibari.speak("Hello."))
    assert (failure.value.code, failure.value.retry) == ("voice-failed", True)


async def test_a_full_line_refuses_at_once_and_says_to_try_again(hibari: HibariSpeaker, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = CountingVoice()
    voice.may_end.clear()
    monkeypatch.setattr(hibari, "_voice", voice)
    monkeypatch.setattr(hibari, "_pool", WorkerPool("hibari", workers=2, waiting=8))
    crowd = [asyncio.ensure_future(anext(hibari.speak("Sure."))) for _ in range(20)]

    refused, let_in = await asyncio.wait(crowd, return_when=asyncio.FIRST_EXCEPTION)
    voice.may_end.set()

    assert len(refused) == 20 - 2 - 8
    errors = [cast(PortError, each.exception()) for each in refused]
    assert {(error.code, error.retry) for error in errors} == {("busy", True)}
    assert len(await asyncio.gather(*let_in)) == 2 + 8


async def test_making_and_warming_up_a_voice_opens_no_connection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setenv("HIBARI_HOME", str(tmp_path / "voices"))
    monkeypatch.setattr("socket.socket.connect", refuse)
    voice = HibariSpeaker()
    try:
        await voice.warm_up()
    finally:
        voice.close()
    assert not (tmp_path / "voices").exists()


def test_a_package_without_its_data_is_named_with_the_mend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "hibari.onnx").write_bytes(b"no network")
    monkeypatch.setattr(hibari.tts, "voice_path", lambda _: str(tmp_path / "hibari.onnx"))

    with pytest.raises(ModelFileError, match="hibari-tts package") as failure:
        HibariSpeaker()
    assert failure.value.code == "model-unusable"
