"""`voice-agent evaluate`: questions with known answers, and how many the documents and the assistant get right."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voice_agent.cli.lines import Config, Kb, settings_of, write
from voice_agent.errors import InputError, PortError
from voice_agent.evaluation.outcomes import Outcome
from voice_agent.evaluation.questions import Half, Question
from voice_agent.settings import Settings

File = Annotated[Path, typer.Argument(metavar="QUESTIONS.yaml", help="Questions, each with what a right answer is.", show_default=False)]
HalfOption = Annotated[
    Half | None, typer.Option("--half", help="Only the questions of one half: those that numbers were chosen on, or the others.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write figures and questions to stdout, as one JSON object; the table to stderr.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE.json", help="Write that JSON object to a file as well.")]
Most = Annotated[int, typer.Option("--show", min=0, metavar="N", help="Questions to show, worst first.")]


def evaluate(
    file: File,
    half: HalfOption = None,
    as_json: AsJson = False,
    out: Out = None,
    show: Most = 20,
    config: Config = None,
    kb: Kb = None,
) -> None:
    r"""Ask the questions of a file and measure what the search finds, and whether the answers are right.

    \b
    - question: How long do I have to return something?
      source: returns-policy          # the document, or a list of them, that holds the answer
      must_say: [30 days]             # all of these; a list in the list: any of it; regular expressions, in lower case
      must_not_say: [60 days]
    - question: Do you sell bicycles?
      kind: unanswerable              # or underspecified: it should ask back

    Shows the figures and then each question that went wrong, worst first.
    """
    from voice_agent.cli.evaluate_table import show_figures, show_questions
    from voice_agent.evaluation.figures import told
    from voice_agent.evaluation.questions import read_questions

    settings = settings_of(config, kb)
    questions = read_questions(file, half)
    _check_sources(file, questions, settings)
    if out and not out.resolve().parent.is_dir():
        raise InputError(f"{out}: its folder does not exist.", code="no-folder")
    progress = Console(stderr=True)
    outcomes = asyncio.run(_ask_all(questions, settings, progress))
    console = progress if as_json else Console()
    show_figures(outcomes, console)
    show_questions(outcomes, console, show)
    if as_json:
        write(told(outcomes))
    if out:
        out.write_text(json.dumps(told(outcomes), ensure_ascii=False, indent=1) + "\n", "utf-8")


def _check_sources(file: Path, questions: list[Question], settings: Settings) -> None:
    from voice_agent.evaluation.questions import check_sources
    from voice_agent.knowledge.documents import document_paths, load_document

    folder = settings.knowledge.folder
    if any(question.sources for question in questions):
        check_sources(file, questions, [load_document(path, folder).source for path in document_paths(folder)])


async def _ask_all(questions: list[Question], settings: Settings, console: Console) -> list[Outcome]:
    from voice_agent import app
    from voice_agent.cli.asking import reply_to
    from voice_agent.cli.progress import StepBars
    from voice_agent.evaluation.outcomes import checked

    checker = app.checker()
    outcomes: list[Outcome] = []
    with StepBars(console) as bars:
        async with app.open_mind(settings, bars.step) as mind:
            # The first question also loads what is loaded late; that is no part of how long an answer takes.
            await reply_to(mind, settings.policy, settings.rules, questions[0].text)
            for done, question in enumerate(questions):
                bars.step("asking", done, len(questions))
                try:
                    reply = await reply_to(mind, settings.policy, settings.rules, question.text)
                except PortError as error:
                    raise PortError(f"question {question.id}: {error}", code=error.code, retry=error.retry) from error
                outcomes.append(
                    Outcome(
                        question=question,
                        action=reply.action,
                        answer=reply.text,
                        sentences=checked(checker, reply.sentences),
                        found=reply.found.passages,
                        confidence=reply.found.confidence,
                        reason=reply.reason,
                        seconds=reply.seconds,
                    )
                )
            bars.step("asking", len(questions), len(questions))
    return outcomes
