"""A call placed over real sockets, to a server process whose models are pretended."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Results
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.wav import read_wav, write_wav
from voice_agent.cli.call import call, medians
from voice_agent.cli.caller import Caller, Turn
from voice_agent.cli.dialogue import Dialogue
from voice_agent.errors import InputError, PortError, RefusedError

ROOT = Path(__file__).parents[2]


def tone(seconds: float) -> Pcm:
    at = np.arange(round(seconds * 8000)) / 8000
    return Pcm(samples=(12000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16), rate=8000)


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Its address."""
    command = [sys.executable, "-m", "tests.fakes.serve", "--patience", "0.2", "--handover", "0.2", *options]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server("--says", "When do you open?", "--says", "Get me a person.") as address:
        yield address


def test_a_call_tells_every_turn_and_then_itself(url: str, tmp_path: Path, results: Results) -> None:
    write_wav(tmp_path / "one.wav", tone(0.6))
    write_wav(tmp_path / "two.wav", tone(0.6))

    call([tmp_path / "one.wav", tmp_path / "two.wav"], url=url, record=tmp_path / "both.wav", patience=10)

    *turns, summary = results()
    assert [(turn["speaker"], turn["text"]) for turn in turns][2:6] == [
        ("caller", "When do you open?"),
        ("agent", "Our stores open at nine on weekdays."),
        ("caller", "Get me a person."),
        ("agent", "Of course."),
    ]
    assert turns[2]["timings"]["transcribe"] == pytest.approx(0.2, abs=0.15)
    assert summary["turns"] == turns
    assert summary["handover"]["rule"] == "asked_for_person"
    assert summary["heard"][2] == "Our stores open at nine on weekdays."
    assert (summary["ended_by"], summary["unspoken"], summary["disposition"]) == ("caller", 0, "abandoned")
    assert 0.3 < summary["timings"]["reply"] < 3
    assert [entry["file"] for entry in summary["spoken"]] == [str(tmp_path / "one.wav"), str(tmp_path / "two.wav")]
    assert read_wav(tmp_path / "both.wav").seconds == pytest.approx(summary["duration"], abs=1.0)


async def test_a_server_whose_phone_page_is_not_for_everybody_says_so() -> None:
    with server("--private") as address, pytest.raises(RefusedError, match="demo: everybody"):
        await Caller(address).place(Dialogue([]), ignore)


async def test_a_server_without_a_free_line_says_so() -> None:
    full = pytest.raises(PortError, match="takes no call just now: All lines are busy")
    with server("--max-calls", "0") as address, full as caught:
        await Caller(address).place(Dialogue([]), ignore)
    assert caught.value.retry


async def test_an_address_where_nobody_answers_is_named_with_the_mend() -> None:
    with pytest.raises(PortError, match=r"http://127.0.0.1:9/: no server answers there. Start it with scripts/serve"):
        await Caller("http://127.0.0.1:9").place(Dialogue([]), ignore)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="is not the address of a server"):
        Caller(url)


def test_a_recording_that_is_missing_is_named_before_anybody_is_called(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.wav"):
        call([tmp_path / "nothing.wav"], url="http://127.0.0.1:9", record=None, patience=1)


def test_medians_leave_out_what_did_not_happen() -> None:
    turns: list[Turn] = [
        {"timings": None},
        {"timings": {"transcribe": 0.2, "first_sentence": None}},
        {"timings": {"transcribe": 0.4, "first_sentence": 1.0}},
    ]
    assert medians(turns, [{"reply_s": None}]) == {"transcribe": 0.3, "first_sentence": 1.0}


def ignore(turn: Turn) -> None:
    """Not looked at."""
