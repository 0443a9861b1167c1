"""Calls to the real server, with its real models, in real time: what callers hear is what counts."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.real import ROOT, place_all, real_server, replies, spoken, status
from voice_agent.adapters.whisper_stt import WhisperRecognizer
from voice_agent.audio.pcm import Pcm
from voice_agent.cli.caller import PlacedCall
from voice_agent.cli.dialogue import Dialogue
from voice_agent.session.replay import replay

QUESTIONS = [entry for entry in yaml.safe_load((ROOT / "tests/data/questions.yaml").read_text("utf-8")) if entry.get("sample")]
LONGEST = 28.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def calls(home: Path) -> Iterator[list[PlacedCall[Dialogue]]]:
    """Four callers with five questions each, and one made of recorded people, all at the same time."""
    recordings = [spoken(ROOT / f"tests/data/samples/{question['id']}.wav") for question in QUESTIONS]
    people = [spoken(ROOT / "tests/data/speech" / "aws_Auto_Repairs_49_UTC_caller_008.wav"), recordings[1]]
    with real_server(home) as (url, _):
        assert status(f"{url}/healthz") == status(f"{url}/readyz") == 200
        yield asyncio.run(place_all(url, [*(recordings[start : start + 5] for start in range(0, 20, 5)), people]))


async def test_the_agents_own_voice_says_the_right_facts_to_at_least_18_of_20_spoken_questions(
    calls: list[PlacedCall[Dialogue]], whisper: WhisperRecognizer
) -> None:
    heard = []
    for reply in [reply for call in calls[:4] for reply in replies(call)]:
        pieces = [
            reply.samples[start : start + int(LONGEST * reply.rate)] for start in range(0, len(reply.samples), int(LONGEST * reply.rate))
        ]
        texts = [(await whisper.transcribe(Pcm(samples=piece, rate=reply.rate))).text for piece in pieces]
        heard.append(" ".join(texts).lower())
    wrong = [
        f"{question['id']} {question['question']!r}: heard {text!r}"
        for question, text in zip(QUESTIONS, heard, strict=True)
        if not all(any(re.search(way, text) for way in ways) for ways in question["must_say"])
    ]
    assert len(QUESTIONS) == 20
    assert len(wrong) <= 2, "\n".join(wrong)


def test_every_journal_replays_to_the_same_decisions(calls: list[PlacedCall[Dialogue]], home: Path) -> None:
    results = [replay(path) for path in (home / "var" / "journals").rglob("*.jsonl")]

    assert len(results) == len(calls)
    assert all(result.same and result.pairs > 100 for result in results)


def test_a_call_made_of_recorded_people_is_transcribed_and_answered(calls: list[PlacedCall[Dialogue]]) -> None:
    call = calls[4]
    said = [turn["text"].lower() for turn in call.report["turns"] if turn["speaker"] == "caller"]

    assert any("2019" in text for text in said), said
    assert all(turn.answered is not None for turn in call.dialogue.turns)
    assert call.dialogue.unspoken == 0
