"""Every stage of a call on its own: JSON lines in, JSON lines out (DESIGN.md, section 6)."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from voice_agent.cli.lines import (
    Answer,
    AnswerLine,
    Config,
    Kb,
    QueryLine,
    QuestionLine,
    TextLine,
    TurnEntry,
    TurnsLine,
    reader,
    run_door,
    settings_of,
    write,
)

Files = Annotated[list[Path], typer.Argument(metavar="FILE.wav …", help="Recordings in any usual WAV form.", show_default=False)]


def transcribe(files: Files, config: Config = None) -> None:
    """WAV files to text, personal data included.

    Writes one JSON object a file: path, text, audio_s (its length) and seconds (what it took).
    """
    from voice_agent import app
    from voice_agent.audio.wav import read_wav
    from voice_agent.cli.recordings import transcribe_recording

    settings = settings_of(config)
    first = read_wav(files[0])  # before the model is loaded, so that a mistake shows at once
    make_detector = app.detector(settings)

    async def run() -> None:
        recognizer = app.recognizer(settings)
        try:
            await recognizer.warm_up()
            for path in files:
                audio = first if path is files[0] else read_wav(path)
                began = time.perf_counter()
                text = await transcribe_recording(recognizer, make_detector(), settings.policy, audio)
                seconds = time.perf_counter() - began
                write({"path": str(path), "text": text, "audio_s": round(audio.seconds, 3), "seconds": round(seconds, 3)})
        finally:
            recognizer.close()

    asyncio.run(run())


def redact(config: Config = None, kb: Kb = None) -> None:
    """Take personal data out of text.

    Reads {"text"}; writes {"text": redacted, "entities": [{"type", "start", "end"}]}, offsets into the input.
    """
    from voice_agent import app

    settings = settings_of(config, kb)

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Answer[TextLine], None]:
        redactor = app.redactor(settings)

        async def answer(line: TextLine) -> Mapping[str, Any]:
            redaction = await redactor.redact(line.text)
            return {"text": redaction.text, "entities": [asdict(entity) for entity in redaction.entities]}

        yield answer
        redactor.close()

    run_door(reader(TextLine), opened)


def search(config: Config = None, kb: Kb = None) -> None:
    """Find passages of the knowledge base.

    Reads {"query"}; writes {"hits": [{"source", "passage", "score"}]}, best first.
    """
    from voice_agent import app

    settings = settings_of(config, kb)

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Answer[QueryLine], None]:
        async with app.open_mind(settings) as mind:

            async def answer(line: QueryLine) -> Mapping[str, Any]:
                found = await mind.knowledge.find((await mind.redactor.redact(line.query)).text)
                return {"hits": [{"source": p.source, "passage": p.text, "score": round(p.score, 4)} for p in found.passages]}

            yield answer

    run_door(reader(QueryLine), opened)


def ask(config: Config = None, kb: Kb = None) -> None:
    """Answer a question as a call would: from the knowledge base, or not at all.

    Reads {"question"}; writes {"action": "answer"|"clarify"|"abstain"|"escalate", "answer", "citations": [{"source", "passage"}],
    "confidence", "reason", "seconds"}.
    """
    from voice_agent import app
    from voice_agent.cli.asking import answer_question

    settings = settings_of(config, kb)

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Answer[QuestionLine], None]:
        async with app.open_mind(settings) as mind:

            async def answer(line: QuestionLine) -> Mapping[str, Any]:
                began = time.perf_counter()
                result = await answer_question(mind, settings.policy, settings.rules, line.question)
                return {**result, "seconds": round(time.perf_counter() - began, 3)}

            yield answer

    run_door(reader(QuestionLine), opened)


def verify() -> None:
    """Check whether passages support an answer.

    Reads {"passages": […], "answer"}; writes {"supported", "score": 0..1, "sentences": [{"text", "supported", "why"}]}.
    """
    from voice_agent import app

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Answer[AnswerLine], None]:
        checker = app.checker()

        async def answer(line: AnswerLine) -> Mapping[str, Any]:
            verdict = checker.check(line.passages, line.answer)
            return {
                "supported": verdict.supported,
                "score": round(verdict.score, 4),
                "sentences": [asdict(sentence) for sentence in verdict.sentences],
            }

        yield answer

    run_door(reader(AnswerLine), opened)


def triage(config: Config = None, kb: Kb = None) -> None:
    """Decide whether a person should take over.

    Reads {"text"}, or {"turns": [{"speaker": "caller"|"agent"|"person", "text"}]} for a whole conversation; writes {"decision":
    "continue"|"offer"|"transfer"|"callback", "rule", "queue", "reason", "explain", "facts": {…}}.
    """
    from voice_agent import app
    from voice_agent.cli.written import Rulebook, recognize_intents, redact_lines

    settings = settings_of(config, kb)
    rulebook = Rulebook(settings.policy, settings.rules)

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Answer[TextLine | TurnsLine], None]:
        async with app.open_understanding(settings) as (redactor, intents):

            async def answer(line: TextLine | TurnsLine) -> Mapping[str, Any]:
                turns = line.turns if isinstance(line, TurnsLine) else [TurnEntry(speaker="caller", text=line.text)]
                lines = await redact_lines([(turn.speaker, turn.text) for turn in turns], redactor)
                shown = rulebook.read(lines, await recognize_intents(lines, intents))
                rule = shown.decision.rule
                return {
                    "decision": shown.decision.decision,
                    "rule": rule.name if rule else None,
                    "queue": rule.queue if rule else None,
                    "reason": rule.reason if rule else None,
                    "explain": shown.decision.explain,
                    "facts": asdict(shown.facts),
                }

            yield answer

    read: Callable[[object], TextLine | TurnsLine] = reader(TextLine, TurnsLine)
    run_door(read, opened)


def brief(config: Config = None, kb: Kb = None) -> None:
    """Write what the person who takes over needs to know.

    Reads {"turns": [{"speaker": "caller"|"agent"|"person", "text"}]}; writes the brief: headline, caller, tried, open_question, mood,
    queue, rule, reason, explanation, citations, redactions, suggested_reply, transcript, facts, next_steps and further_replies.
    """
    from voice_agent import app
    from voice_agent.cli.written import Rulebook, recognize_intents, redact_lines

    settings = settings_of(config, kb)
    rulebook = Rulebook(settings.policy, settings.rules)

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Answer[TurnsLine], None]:
        async with app.open_understanding(settings) as (redactor, intents):

            async def answer(line: TurnsLine) -> Mapping[str, Any]:
                lines = await redact_lines([(turn.speaker, turn.text) for turn in line.turns], redactor)
                shown = rulebook.read(lines, await recognize_intents(lines, intents))
                return asdict(rulebook.brief(lines, shown))

            yield answer

    run_door(reader(TurnsLine), opened)
