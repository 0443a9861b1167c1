"""The root of the command line: what it imports, and how a door's end is told."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.shop import locked
from voice_agent import cli
from voice_agent.errors import ConfigError, InputError, PortError, VoiceAgentError

ROOT = Path(__file__).parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "voice_agent", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT, env={**os.environ, **environment})


def imported_by(*arguments: str) -> set[str]:
    """The top-level names that a run of the command line imports."""
    code = (
        f"import sys; sys.argv[1:] = {list(arguments)!r}\n"
        "try: import voice_agent.cli as c; c.main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60, cwd=ROOT)
    return {name.partition(".")[0] for name in done.stderr.split()}


HEAVY = {
    "chromadb",
    "faster_whisper",
    "fastapi",
    "hibari",
    "huggingface_hub",
    "litellm",
    "numpy",
    "onnxruntime",
    "piper",
    "presidio_analyzer",
    "spacy",
    "sqlalchemy",
    "twilio",
    "uvicorn",
}


def test_the_overview_shows_every_door_and_imports_none() -> None:
    done = run("--help")

    assert done.returncode == 0
    for name, door in cli.DOORS.items():
        assert f"  {name} " in done.stdout
        assert door.help in done.stdout
    assert not imported_by("--help") & (HEAVY | {"pydantic", "yaml"})


def test_the_models_door_imports_nothing_heavy() -> None:
    assert not imported_by("models", "list") & HEAVY


def test_the_door_of_past_calls_waits_for_nothing_that_answering_takes(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")

    assert imported_by("calls", "figures", "--config", str(tmp_path / "config")) & HEAVY == {"sqlalchemy"}


@pytest.mark.parametrize("name", list(cli.DOORS))
def test_every_door_opens_and_explains_itself(name: str) -> None:
    done = run(name, "--help")

    assert done.returncode == 0, done.stderr
    assert f"Usage: voice-agent {name}" in done.stdout


def test_an_unknown_door_is_a_clear_error() -> None:
    done = run("nope")

    assert done.returncode == 2
    assert "No such command 'nope'" in done.stderr
    assert done.stdout == ""


def door_that(body: str) -> str:
    """A program: the command line with one door, `try`, of this body."""
    return (
        "import sys, types\nfrom voice_agent import cli, errors\nroom = types.ModuleType('room')\n"
        f"def door():\n    {body}\nroom.door = door\nsys.modules['room'] = room\n"
        "cli.DOORS['try'] = cli.Door('room:door', 'tried')\nsys.argv[1:] = ['try']\ncli.main()\n"
    )


def end_of(body: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", door_that(body)], check=False, capture_output=True, text=True, timeout=60, cwd=ROOT)


@pytest.mark.parametrize(("kind", "code"), [(ConfigError, 2), (InputError, 2), (PortError, 1)])
def test_what_a_door_raises_is_told_in_one_line_with_an_exit_code_that_says_whose_turn_it_is(
    kind: type[VoiceAgentError], code: int
) -> None:
    done = end_of(f"raise errors.{kind.__name__}('line 3: no text', code='x')")

    assert (done.returncode, done.stdout, done.stderr) == (code, "", "voice-agent: line 3: no text\n")


def test_errors_from_a_task_group_are_told_the_same_way() -> None:
    done = end_of(
        "raise ExceptionGroup('tasks', [errors.InputError('one', code='x'), ExceptionGroup('more', [errors.PortError('two', code='y')])])"
    )

    assert (done.returncode, done.stderr) == (1, "voice-agent: one\nvoice-agent: two\n")


def test_a_bug_shows_its_traceback_without_the_values_of_variables() -> None:
    done = end_of("secret = 'Jane ' + 'Doe'; raise ExceptionGroup('tasks', [errors.InputError('one', code='x'), KeyError('bug')])")

    assert done.returncode == 1
    assert "KeyError: 'bug'" in done.stderr
    assert "Jane Doe" not in done.stderr


def test_ctrl_c_is_quiet() -> None:
    done = end_of("raise KeyboardInterrupt")

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("flush", [True, False])
def test_a_reader_that_has_enough_is_no_error(flush: bool) -> None:
    read, write = os.pipe()
    os.close(read)
    code = door_that(f"print('result', flush={flush})")
    done = subprocess.run([sys.executable, "-c", code], check=False, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, cwd=ROOT)
    os.close(write)

    assert (done.returncode, done.stderr) == (1, "")


class TestModels:
    """The models door, on a lock of its own."""

    RIGHT = b"right bytes"

    @pytest.fixture
    def config(self, tmp_path: Path) -> str:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "voice.onnx").write_bytes(self.RIGHT)
        model = {
            "purpose": "speaks",
            "license": "MIT",
            "files": {"voice.onnx": locked(self.RIGHT)},
            "sources": [{"local": str(tmp_path / "mine")}],
        }
        (tmp_path / "models.lock.yaml").write_text(json.dumps({"models": {"voice": model}}))
        return str(tmp_path)

    def models(self, config: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run("models", *arguments, "--config", config, VOICE_AGENT_CACHE=f"{config}/cache")

    def test_fetch_says_what_it_does_and_then_nothing_more(self, config: str) -> None:
        first, second = self.models(config, "fetch"), self.models(config, "fetch")

        assert (first.returncode, first.stdout, first.stderr) == (0, "", "voice: 0 MB in place\n")
        assert (second.returncode, second.stdout, second.stderr) == (0, "", "")

    def test_list_tells_state_and_place_as_json_lines(self, config: str) -> None:
        before = json.loads(self.models(config, "list").stdout)
        self.models(config, "fetch")
        after = json.loads(self.models(config, "list").stdout)

        assert before["state"] == "missing"
        assert after == {**before, "state": "ready"}
        assert after["path"] == f"{config}/cache/models/voice"
        assert (after["model"], after["license"], after["bytes"]) == ("voice", "MIT", len(self.RIGHT))

    def test_verify_names_the_wrong_file_and_the_mend_and_fails(self, config: str) -> None:
        self.models(config, "fetch")
        assert json.loads(self.models(config, "verify").stdout)["ok"] is True
        Path(config, "cache/models/voice/voice.onnx").write_bytes(b"wrong bytes")

        done = self.models(config, "verify", "voice")

        result = json.loads(done.stdout)
        assert done.returncode == 1
        assert result["ok"] is False
        assert [(each["path"], each["problem"]) for each in result["wrong"]] == [("voice.onnx", "wrong hash")]
        assert done.stderr == "voice-agent: not as locked: voice. Run: scripts/voice-agent models fetch voice\n"

    def test_a_fetch_that_fails_says_why_in_one_line(self, config: str) -> None:
        Path(config, "mine/voice.onnx").unlink()

        done = self.models(config, "fetch")

        assert done.returncode == 2
        assert done.stderr.startswith("voice-agent: model voice: voice.onnx could not be had: local folder")
        assert done.stderr.count("\n") == 1
