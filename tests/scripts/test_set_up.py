"""The real scripts, in a small repository of their own: one package to install, and a program that stands for ours."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
PROGRAM = """\
import json, os, pathlib, sys
model = pathlib.Path(os.environ["VOICE_AGENT_CACHE"]) / "voice"
if sys.argv[1:] == ["models", "fetch"]:
    print("fetching", file=sys.stderr)
    model.mkdir(parents=True, exist_ok=True)
    (model / "voice.onnx").write_text("la")
elif sys.argv[1:] == ["models", "list"]:
    print(json.dumps({"model": "voice", "default": True, "path": str(model)}))
else:
    import tiny
    print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd(), "package": tiny.VALUE}))
"""


class Clone:
    """A clone of the small repository, as a user has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index"
        self.index.mkdir(parents=True)
        shutil.copytree(HERE / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "voice_agent").mkdir()
        (folder / "voice_agent" / "__main__.py").write_text(PROGRAM)
        (folder / "config").mkdir()
        (folder / "config" / "models.lock.yaml").write_text("models: {}\n")
        self.lock(1)
        self.environment = {**os.environ, "VOICE_AGENT_CACHE": str(folder / "cache"), "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1"}
        self.environment |= {"PIP_FIND_LINKS": str(self.index), "PYTHON": sys.executable}
        self.environment.pop("PYTHONPATH", None)

    def lock(self, value: int) -> None:
        """Publish a new version of the one package, and lock it."""
        name = f"tiny-{value}.0"
        wheel = self.index / f"{name}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tiny.py", f"VALUE = {value}\n")
            archive.writestr(f"{name}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {value}.0\n")
            archive.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{name}.dist-info/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.folder / "requirements.lock").write_text(f"tiny=={value}.0 \\\n    --hash=sha256:{digest}\n")

    def run(self, script: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / "scripts" / script), *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, env=self.environment, cwd=cwd or "/")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A clone that has been set up once. Tests that use it leave it so."""
    clone = Clone(tmp_path_factory.mktemp("made") / "clone")
    done = clone.run("setup")
    assert done.returncode == 0, done.stderr
    assert "Python packages" in done.stderr
    assert "fetching" in done.stderr
    yield clone
    assert clone.run("setup").stderr == ""


def test_a_second_set_up_is_silent_and_quick(made: Clone) -> None:
    began = time.monotonic()
    again = made.run("setup")

    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert time.monotonic() - began < 2  # 0.05 s on a quiet machine; making anything would take longer


def test_a_door_gets_its_arguments_and_keeps_the_user_s_folder(made: Clone, tmp_path: Path) -> None:
    done = made.run("voice-agent", "ask", "two words", "--kb=x", cwd=tmp_path)

    assert done.stdout == f'{{"arguments": ["ask", "two words", "--kb=x"], "folder": "{tmp_path}", "package": 1}}\n'
    assert done.stderr == ""


def test_the_scripts_work_through_a_link(made: Clone, tmp_path: Path) -> None:
    (tmp_path / "my serve").symlink_to(made.folder / "scripts" / "serve")

    done = subprocess.run(
        [tmp_path / "my serve", "--port", "9"], check=True, capture_output=True, text=True, env=made.environment, cwd=tmp_path
    )

    assert '"arguments": ["serve", "--port", "9"]' in done.stdout


def test_a_model_file_that_vanished_is_fetched_again(made: Clone) -> None:
    (made.folder / "cache" / "voice" / "voice.onnx").unlink()

    assert made.run("setup").stderr == "fetching\n"
    assert made.run("setup").stderr == ""


@pytest.mark.parametrize("door", ["doctor", "models"])
def test_the_doors_that_mend_the_models_work_without_them(made: Clone, door: str) -> None:
    (made.folder / "cache" / "voice" / "voice.onnx").unlink()

    done = made.run("voice-agent", door)

    assert (done.returncode, done.stderr) == (0, "")
    assert f'"arguments": ["{door}"]' in done.stdout
    assert made.run("voice-agent", "ask").stderr == "fetching\n"


def test_a_new_models_lock_is_fetched_without_making_the_environment_again(made: Clone) -> None:
    (made.folder / "config" / "models.lock.yaml").write_text("models: {other: {}}\n")

    assert made.run("setup").stderr == "fetching\n"


def test_a_new_requirements_lock_makes_the_environment_anew(made: Clone) -> None:
    made.lock(2)

    assert '"package": 2' in made.run("voice-agent", "ask").stdout
    made.lock(1)
    assert '"package": 1' in made.run("voice-agent", "ask").stdout


def test_a_set_up_that_was_interrupted_is_done_again(made: Clone) -> None:
    made.lock(3)
    process = subprocess.Popen(
        [made.folder / "scripts" / "setup"], env=made.environment, stderr=subprocess.PIPE, text=True, process_group=0
    )
    assert process.stderr is not None
    assert "Python packages" in process.stderr.readline()  # the environment is being made now
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    assert '"package": 3' in made.run("voice-agent", "ask").stdout
    made.lock(1)
    assert made.run("setup").returncode == 0


def test_ctrl_c_during_a_set_up_ends_it_with_one_line(made: Clone) -> None:
    made.lock(4)
    process = subprocess.Popen(
        [made.folder / "scripts" / "setup"], env=made.environment, stderr=subprocess.PIPE, text=True, process_group=0
    )
    assert process.stderr is not None
    assert "Python packages" in process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)

    assert process.communicate()[1] == "\nsetup: stopped; run it again to go on\n"
    assert process.returncode == 130
    made.lock(1)
    assert made.run("setup").returncode == 0


def test_a_package_that_is_not_the_locked_one_stops_the_set_up(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "clone")
    lock = (clone.folder / "requirements.lock").read_text()
    (clone.folder / "requirements.lock").write_text(lock[:-8] + "0000000\n")

    done = clone.run("setup")

    assert done.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert not (clone.folder / ".venv" / "setup.json").exists()


def bin_with(folder: Path, **programs: str) -> str:
    """A PATH that holds what the scripts need of the system, and these programs; any Python but them is the system's own affair."""
    folder.mkdir()
    for name in ("bash", "env", "dirname", "readlink"):
        (folder / name).symlink_to(str(shutil.which(name)))
    for name, text in programs.items():
        (folder / name).write_text(f"#!{shutil.which('bash')}\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_a_machine_without_a_new_enough_python_is_told_so(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "clone")
    clone.environment |= {"PATH": bin_with(tmp_path / "bin", python3="exit 1"), "PYTHON": ""}

    done = clone.run("setup")

    assert done.returncode == 2
    assert done.stderr.startswith("setup: no Python from 3.11 to 3.14 found. Install one, or name it: PYTHON=")


def test_a_python_without_venv_is_told_how_to_get_it(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "clone")
    # As Debian's python3 without python3-venv: it runs, but has no ensurepip.
    python = f'case "$2" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac'
    clone.environment |= {"PATH": bin_with(tmp_path / "bin", python3=python), "PYTHON": ""}

    done = clone.run("setup")

    assert done.returncode == 2
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert done.stderr == f"setup: python3 has no venv module. On Debian and Ubuntu: sudo apt-get install python{version}-venv\n"


@pytest.mark.parametrize(
    "script", ["scripts/setup", "scripts/serve", "scripts/voice-agent", "scripts/test", "scripts/check", "scripts/lock", ".ci/run"]
)
def test_each_script_is_valid_bash_and_may_be_run(script: str) -> None:
    done = subprocess.run(["bash", "-n", HERE / script], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert os.access(HERE / script, os.X_OK)
    assert "set -euo pipefail" in (HERE / script).read_text()


def test_the_lock_pins_every_package_by_hash_and_names_no_address() -> None:
    text = (HERE / "requirements.lock").read_text()
    entries = [line for line in text.splitlines() if line and line[0] not in " #"]

    assert len(entries) > 100
    assert all("==" in entry and entry.endswith("\\") for entry in entries)
    assert "://" not in text
