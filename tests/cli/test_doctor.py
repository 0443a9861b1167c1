"""The doctor says what is wrong and what mends it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from voice_agent.cli import doctor
from voice_agent.cli.doctor import Check, examine
from voice_agent.settings import load_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        (folder / "server.yaml").write_text(f"port: {probe.getsockname()[1]}\n")
    return folder


def examined(config: Path, kb: Path | None = None, env: Mapping[str, str] | None = None) -> dict[str, Check]:
    """By what was checked; of several, the last."""
    return {check.check.split()[0]: check for check in examine(config, kb, env or {})}


def test_a_set_up_without_accounts_is_sound_and_says_what_more_could_be_set(config: Path) -> None:
    checks = examined(config)

    assert [check for check in checks.values() if check.state == "bad"] == []
    assert "55 documents" in checks["documents"].found
    assert checks["port"].found == "free on 127.0.0.1"
    assert checks["Twilio"].state == "warn"
    assert "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, PUBLIC_BASE_URL" in checks["Twilio"].mend


def test_every_mistake_of_the_configuration_is_a_check_of_its_own(config: Path) -> None:
    (config / "policy.yaml").write_text("end_pause: x\ngreting: hello\n")

    wrong = [check for check in examine(config, None, {}) if check.state == "bad"]

    assert [check.found.partition(":")[0] for check in wrong] == [str(config / "policy.yaml")] * 2
    assert 'did you mean "greeting"?' in wrong[1].found


def test_a_model_that_is_not_there_comes_with_the_command_that_fetches_it(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_AGENT_CACHE", str(tmp_path / "cache"))
    mends = [check.mend for check in examine(config, None, {}) if check.state == "bad"]
    assert "Run: scripts/voice-agent models fetch whisper-base" in mends
    assert len(mends) == 5


def test_a_model_that_nobody_knows_is_traced_to_its_key(config: Path) -> None:
    (config / "speech.yaml").write_text("recognizer: {model: whisper-huge}\n")
    wrong = [check for check in examine(config, None, {}) if check.state == "bad"]
    assert [check.check for check in wrong] == ["model whisper-huge"]
    assert "speech.yaml: recognizer.model" in wrong[0].mend


def test_a_port_in_use_is_told(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        (config / "server.yaml").write_text(f"port: {other.getsockname()[1]}\n")
        check = examined(config)["port"]
    assert (check.state, "in use" in check.found) == ("bad", True)
    assert "serve --port" in check.mend


@pytest.mark.parametrize(
    ("files", "state", "found"),
    [
        ({}, "bad", "no document"),
        ({"a.md": "Open at nine.", "b.md": "---\ntitle: x\n"}, "warn", "b.md:1: the front matter is never closed"),
    ],
)
def test_documents_that_cannot_be_read_are_named(config: Path, tmp_path: Path, files: dict[str, str], state: str, found: str) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    check = examined(config, folder)["documents"]
    assert check.state == state
    assert found in check.found


def test_a_folder_of_documents_that_is_not_there_is_named(config: Path, tmp_path: Path) -> None:
    check = examined(config, tmp_path / "nowhere")["documents"]
    assert (check.state, "nowhere" in check.found, "--kb" in check.mend) == ("bad", True, True)


def test_half_a_twilio_account_must_be_mended(config: Path) -> None:
    check = examined(config, env={"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x"})["Twilio"]
    assert (check.state, check.found) == ("bad", "PUBLIC_BASE_URL not set")


ROUTED = f"task_router: {{workspace: WS{'0' * 32}, workflow: WW{'0' * 32}}}\n"


@pytest.mark.parametrize(
    ("server", "env", "state", "found"),
    [
        ("", {}, "warn", "people take calls on the desk"),
        ("", {"TWILIO_PHONE_NUMBER": "+15550100"}, "ok", "only those with a phone of their own"),
        ("", {"TWILIO_PHONE_NUMBER": "+15550100", "AGENT_PHONE_NUMBER": "+15550199"}, "ok", "or the one they share"),
        (ROUTED, {"TWILIO_PHONE_NUMBER": "+15550100"}, "ok", "TaskRouter rings its workers"),
        (ROUTED, {}, "bad", "TaskRouter needs it"),
    ],
)
def test_whose_phone_is_rung_for_twilio_calls_is_told(config: Path, server: str, env: dict[str, str], state: str, found: str) -> None:
    (config / "server.yaml").write_text(server)
    check = doctor._ringing(load_settings(config, env))
    assert check.state == state
    assert found in check.found
    assert "5550199" not in repr(check)


def test_credentials_that_are_set_are_never_shown(config: Path) -> None:
    env = {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "topsecret",
        "PUBLIC_BASE_URL": "https://a.example.com",
        "TWILIO_PHONE_NUMBER": "+15550100",
        "AGENT_PHONE_NUMBER": "+15550199",
        "SESSION_SECRET": "topsecret" * 4,
        "LLM_API_KEY": "topsecret",
    }
    (config / "llm.yaml").write_text("model: openai/small\n")
    checks = examined(config, env=env)
    assert {checks[name].state for name in ("Twilio", "agent's", "language")} == {"ok"}
    assert checks["language"].found == "LLM_API_KEY is set"
    assert "topsecret" not in repr(checks)


@pytest.mark.parametrize(
    ("text", "found", "mend"),
    [
        ("model: openai/small\n", "not set: OPENAI_API_KEY", "LLM_API_KEY"),
        ("model: nonsense/small\n", '"nonsense/small" names no provider', "llm.yaml"),
        ("model: openai/small\napi_base: http://127.0.0.1:9/v1\n", "nothing answers at http://127.0.0.1:9/v1", "api_base"),
    ],
)
def test_what_a_language_model_lacks_is_named(config: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: str, mend: str) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (config / "llm.yaml").write_text(text)
    check = examined(config)["language"]
    assert check.state == "bad"
    assert found in check.found
    assert mend in check.mend


def test_every_language_model_is_looked_at(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        text = f"model: openai/a\nfallbacks: [{{model: openai/b, api_base: '{base}'}}]\nstrong: {{model: openai/c, key_variable: C_KEY}}\n"
        (config / "llm.yaml").write_text(text)
        checks = [check for check in examine(config, None, {"LLM_API_KEY": "a", "C_KEY": "c"}) if check.check.startswith("language")]
    assert [(check.check, check.state, check.found) for check in checks] == [
        ("language model openai/a", "ok", "LLM_API_KEY is set"),
        ("language model openai/b", "ok", f"at {base}; without a key"),
        ("language model openai/c", "ok", "C_KEY is set"),
    ]


def test_when_piped_it_writes_json_lines_and_its_exit_code_says_whether_all_is_well(config: Path) -> None:
    (config / "server.yaml").write_text("port: x\n")
    command = [sys.executable, "-m", "voice_agent", "doctor", "--config", str(config)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT, env=dict(os.environ))

    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (1, "")
    assert [check["state"] for check in checks] == ["ok", "ok", "bad"]
    assert set(checks[0]) == {"check", "state", "found", "mend"}
