"""The proof itself, small, with people chosen anew at each run: pytest shows the seed of one that fails."""

import os
import secrets
import shutil
from pathlib import Path
from random import Random

import pytest

from voice_agent.adapters.presidio_redactor import PresidioRedactor
from voice_agent.app.proving import open_proof
from voice_agent.proof.calls import PATHS, QUESTIONS, logged
from voice_agent.proof.llm import recording_server
from voice_agent.proof.page import page
from voice_agent.proof.people import make_people
from voice_agent.proof.proof import Proof, prove
from voice_agent.proof.search import Search, text_sink
from voice_agent.settings import SHIPPED, load_settings

DOCUMENTS = ("delivery-times", "warranty")
"""A few: reading them all takes longer than the calls."""


async def run_proof(folder: Path, seed: int, identities: int) -> Proof:
    documents = folder / "documents"
    documents.mkdir()
    for name in DOCUMENTS:
        shutil.copy(SHIPPED.parent / "kb" / f"{name}.md", documents)
    settings = load_settings(None, os.environ).with_options(kb=documents)
    folder = folder / "proof"
    folder.mkdir()
    with logged(folder / "server.log"):
        async with recording_server() as recording, open_proof(settings, folder, recording.base) as house:
            return await prove(
                house,
                recording,
                seed=seed,
                identities=identities,
                day="2026-11-21",
                folder=folder,
                known=sorted(settings.knowledge.folder.rglob("*.md")),
                progress=lambda _what, _done, _total: None,
            )


async def test_nothing_that_the_redactor_knows_is_written_sent_or_shown_on_any_path(presidio: PresidioRedactor, tmp_path: Path) -> None:
    proof = await run_proof(tmp_path, secrets.randbelow(10**9), len(PATHS))
    assert proof.trouble == (), proof.seed
    assert set(proof.calls) == set(PATHS)
    assert proof.utterances == 8 * len(PATHS)
    told = {canary.said: canary for person in make_people(len(PATHS), Random(proof.seed)) for canary in person.canaries}
    for find in proof.finds:
        # The redactor misses some of what people say: that alone may be found, and stands in the report.
        left_in = [(await presidio.redact(f"{find.said} {question}".strip())).text for question in ("", *QUESTIONS)]
        search = Search([("", told[find.said])])
        assert any(search.finds(text_sink("", text)) for text in left_in), (proof.seed, find)
    assert proof.leaked <= 0.1 * sum(proof.said.values()), (proof.seed, proof.finds)
    shown = page(proof)
    assert ("Nothing was found." in shown) == proof.holds
    assert all(str(find.value) in shown for find in proof.finds)


async def test_a_server_that_writes_what_a_caller_said_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def leaves_all(_self: object, text: str, *, begin: float, end: float) -> str:
        return text

    monkeypatch.setattr("voice_agent.session.vault.Vault.redact", leaves_all)
    proof = await run_proof(tmp_path, 1, 2)
    assert {"journals", "prompts and requests to the language model", "pages: captions"} <= {find.sink for find in proof.finds}
    assert not proof.holds
    assert proof.finds[0].value in page(proof)
