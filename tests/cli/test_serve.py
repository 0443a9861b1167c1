"""Starting and stopping the server as people do, with its real models."""

import io
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from voice_agent.cli.progress import StepBars
from voice_agent.cli.serve import fetch_missing, serve
from voice_agent.errors import ConfigError, ModelFileError
from voice_agent.models import ModelStore
from voice_agent.settings import load_settings

ROOT = Path(__file__).parents[2]
READY = re.compile(r"voice_agent is ready: call it at (http://127\.0\.0\.1:\d+)/phone · desk at \1/desk\n")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    return tmp_path / "config"


def test_a_second_start_says_one_line_and_every_start_ends_cleanly_on_sigterm(
    config: Path, tmp_path: Path, model_store: ModelStore
) -> None:
    model_store.path("whisper-base")
    (config / "escalation.yaml").write_text("queues: {support: {title: Support}}\nrules: []\n")  # few sentences to rehearse
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "hours.md").write_text("We open at nine.\n")
    command = [sys.executable, "-m", "voice_agent", "serve", "--port", "0", "--config", str(config), "--kb", str(tmp_path / "kb")]

    *steps, account, _ = started_and_stopped(command)
    assert all(step.startswith("voice_agent: ") for step in steps)
    assert account.startswith("There is no account yet.")
    assert len(started_and_stopped(command)) == 1
    assert (tmp_path / "var" / "calls.db").exists()


def started_and_stopped(command: list[str]) -> list[str]:
    """What it logs; the last line says where to click, and that is so."""
    with subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines: list[str] = []
        try:
            while not (found := READY.fullmatch(line := process.stderr.readline())):
                assert line, f"it ended before it was ready: {lines}"
                lines.append(line)
            for told in lines:
                if "/setup?" in told:
                    make_the_first_account(told.split()[-1])
            for path in ("/healthz", "/readyz", "/phone", "/login"):
                with urllib.request.urlopen(found[1] + path, timeout=10) as answer:  # noqa: S310
                    assert answer.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
            output, log = process.communicate(timeout=30)
    assert (process.returncode, output, log) == (0, "", "")
    return [*lines, line]


def make_the_first_account(link: str) -> None:
    token = link.partition("token=")[2]
    answer = httpx.post(link.partition("?")[0], data={"token": token, "name": "Ada", "password": "a long enough one"}, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


def test_a_model_that_nobody_knows_stops_the_start_and_names_its_key(config: Path) -> None:
    (config / "speech.yaml").write_text("voice: {model: piper-jo}\n")
    with pytest.raises(ConfigError, match=r"speech\.yaml: voice\.model: there is no model 'piper-jo'; known are: .*piper-joe"):
        fetch_missing(load_settings(config, {}))


def test_models_that_no_source_has_stop_the_start(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_AGENT_CACHE", str(tmp_path / "cache"))
    (config / "models.lock.yaml").write_text(lock_of_absent_models())
    with pytest.raises(ModelFileError, match="whisper-base"):
        fetch_missing(load_settings(config, {}))


def lock_of_absent_models() -> str:
    names = ("whisper-base", "piper-joe", "minilm", "spacy-en-md", "silero-vad")
    file = f"{{a.bin: {{sha256: {'a' * 64}, size: 1}}}}"
    return "models:\n" + "".join(f"  {name}: {{purpose: x, license: x, files: {file}, sources: [{{local: nowhere}}]}}\n" for name in names)


def test_a_wrong_option_is_told_before_anything_is_loaded(config: Path) -> None:
    with pytest.raises(Exception, match="loud is not one of debug, info, warning, error"):
        serve(config=config, log_level="loud")


def test_quick_steps_are_not_shown_and_long_ones_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    written = io.StringIO()
    with StepBars(Console(file=written)) as bars:
        bars.step("quick", 1, 2)
        bars.step("quick", 2, 2)
        for done in range(1, 6):
            bars.step("long", done, 5)
            now[0] += 0.8
    assert written.getvalue() == "voice_agent: long, 5 in all\n"


def test_a_person_at_a_terminal_sees_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    written = io.StringIO()
    with StepBars(Console(file=written, force_terminal=True, width=80)) as bars:
        for done in range(1, 5):
            bars.step("long", done, 4)
            now[0] += 2
    assert "long" in written.getvalue()
    assert "4/4" in written.getvalue()
