"""Piper beyond the promises of the port: early first audio, loudness, stopping, mistakes."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from tests.recordings import words
from voice_agent.adapters.piper_tts import PiperSpeaker
from voice_agent.adapters.piper_tts.halves import halves
from voice_agent.adapters.piper_tts.speaker import as_espeak_reads, split_first_clause
from voice_agent.adapters.piper_tts.voice import Columns, spans
from voice_agent.adapters.whisper_stt import WhisperRecognizer
from voice_agent.audio import mulaw
from voice_agent.audio.edges import trim
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


async def test_a_long_sentence_begins_with_a_short_piece(piper: PiperSpeaker) -> None:
    pieces = [piece.seconds async for piece in piper.speak("Standard delivery takes three to five working days and is free of charge.")]

    assert 0.2 < pieces[0] < 0.8
    assert sum(pieces) > 3
    assert max(pieces) < 4


@pytest.mark.parametrize("columns", [1, 51, 52, 103, 104, 156, 157, 400, 1000, 5000])
def test_the_pieces_cover_all_columns_once_and_none_is_short_but_one_that_is_all(columns: int) -> None:
    pieces = list(spans(columns))

    assert [begin for begin, _ in pieces] == [0, *(end for _, end in pieces[:-1])]
    assert pieces[-1][1] == columns
    assert len(pieces) == 1 or min(end - begin for begin, end in pieces) >= 52


def planned(piper: PiperSpeaker, text: str) -> Columns:
    voice = piper._voice
    (phonemes,) = voice._piper.phonemize(text)
    return voice._planned(voice._piper.phonemes_to_ids(phonemes))


@pytest.mark.parametrize("text", ["Standard delivery takes three to five working days and is free of charge.", "You're welcome."])
def test_pieces_sound_as_the_whole_sentence_does(piper: PiperSpeaker, text: str) -> None:
    """Pins Piper's network: where it is cut, and how far its second half looks."""
    columns = planned(piper, text)
    count = columns.shape[2]

    whole = piper._voice._sounding(columns, 0, count).samples
    pieces = [piper._voice._sounding(columns, begin, end).samples for begin, end in spans(count)]

    assert len(whole) == count * 256
    assert np.abs(np.concatenate(pieces).astype(int) - whole).max() <= 1


def test_a_pause_inside_a_sentence_is_kept_and_the_silence_at_its_ends_is_not(piper: PiperSpeaker) -> None:
    columns = planned(piper, "We open at nine.")
    pause = np.repeat(columns[:, :, -1:], 180, axis=2)
    padded = np.concatenate([pause, columns, pause, columns, pause], axis=2)

    made = np.concatenate([piece.samples for piece in piper._voice._sentence(padded)])

    spoken = len(trim(piper._voice._sounding(columns, 0, columns.shape[2])).samples)
    assert 2 * spoken + 180 * 256 <= len(made) < 2 * spoken + (180 + 90) * 256


@pytest.mark.parametrize("network", [b"", b"no network", b"\x08\x08", b"\xff\xff"])
def test_what_is_no_network_of_this_kind_cannot_be_cut(network: bytes) -> None:
    with pytest.raises(ValueError, match=r"no protobuf|cut short|has no dec\.conv"):
        halves(network, "dec.conv_pre.weight", 192)


@pytest.mark.parametrize("text", ["Yes.", "Sure.", "Let me check that for you.", LONG])
async def test_every_sentence_is_as_loud_as_the_next_and_not_clipped(piper: PiperSpeaker, text: str) -> None:
    samples = np.concatenate([piece.samples async for piece in piper.speak(text)])

    assert -25 < level(samples) < -17
    assert np.mean(np.abs(samples.astype(int)) >= 32767) < 0.001


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
    """In place of the loaded voice: makes a click a sentence, when it may, and counts them."""

    def __init__(self, error: Exception | None = None) -> None:
        self.may_end = threading.Event()
        self.may_end.set()
        self.made = 0
        self.error = error

    def pieces(self, text: str) -> Iterator[Pcm]:
        for _ in text.rstrip(".").split("."):
            assert self.may_end.wait(10)
            if self.error:
                raise self.error
            self.made += 1
            yield Pcm(samples=np.ones(100, np.int16), rate=22_050)


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
