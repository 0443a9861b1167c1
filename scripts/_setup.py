"""Make the environment and fetch the model files.

`--check` only says, by its exit code, whether both are in place; `--environment` leaves the model files out.

Runs on a bare Python, with the standard library only. `scripts/setup` picks the Python. The stamp is written last and
names everything it depends on, so an interrupted set-up is simply done again.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "setup.json"
LOG = ROOT / "var" / "setup.log"
Stamp = dict[str, str | dict[str, list[int]]]


def environment_key() -> str:
    """Changes when the environment has to be made anew. The folder counts: an environment cannot be moved."""
    return _digest(LOCK.read_bytes(), ".".join(map(str, sys.version_info[:3])).encode(), str(ROOT).encode())


def models_key() -> str:
    """Changes when other model files are wanted, or in another place."""
    places = [os.environ.get(name, "") for name in ("VOICE_AGENT_CACHE", "XDG_CACHE_HOME", "HOME")]
    return _digest((ROOT / "config" / "models.lock.yaml").read_bytes(), "\n".join(places).encode())


def _digest(*pieces: bytes) -> str:
    return hashlib.sha256(b"\0".join(pieces)).hexdigest()


def load_stamp() -> Stamp:
    """What the last set-up left: the two keys, and size and time of change of each model file."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def environment_is_ready(stamp: Stamp) -> bool:
    """The packages of the lock are installed."""
    return PYTHON.exists() and stamp.get("environment") == environment_key()


def models_are_ready(stamp: Stamp) -> bool:
    """The default model files are as they were when they were last verified."""
    files = stamp.get("files")
    return stamp.get("models") == models_key() and isinstance(files, dict) and all(_look(path) == look for path, look in files.items())


def _look(path: str) -> list[int]:
    try:
        stat = Path(path).stat()
    except OSError:
        return []
    return [stat.st_size, stat.st_mtime_ns]


class Bar:
    """A bar that moves, for a person; a line at the start, for a log."""

    def __init__(self, title: str, out: TextIO) -> None:
        self._out = out if out.isatty() else None
        self._title = title
        self._began = time.monotonic()
        if not self._out:
            print(title, file=out, flush=True)

    def show(self, done: int, total: int, word: str) -> None:
        """Draw how far it is."""
        if self._out:
            width = shutil.get_terminal_size().columns
            share = min(1.0, done / max(1, total))
            full = round(share * 30)
            seconds = time.monotonic() - self._began
            line = f"{self._title} {'━' * full}{'╌' * (30 - full)} {share:4.0%} {seconds:3.0f} s  {word}"
            self._out.write(f"\r\033[K{line[: width - 1]}")
            self._out.flush()

    def close(self) -> None:
        """End the line."""
        if self._out:
            self._out.write("\n")


def make_environment() -> None:
    """Make .venv from nothing and install exactly what the lock names, by hash."""
    bar = Bar("Python packages", sys.stderr)
    bar.show(0, 1, "making .venv")
    LOG.parent.mkdir(exist_ok=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False, capture_output=True, text=True)
    if made.returncode:
        bar.close()
        sys.exit(f"setup: {sys.executable} cannot make a virtual environment:\n{(made.stdout + made.stderr).strip()}")
    # Compiling every module would take 20 s; Python compiles the few that are used when it first imports them.
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--no-compile"]
    command += ["--no-deps", "--require-hashes", "--requirement", str(LOCK)]
    count = Count()
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip,
    ):
        lines = pip.stdout or iter(())
        over = threading.Event()
        drawing = threading.Thread(target=count.draw, args=(bar, over), daemon=True)
        drawing.start()
        try:
            for line in lines:
                log.write(line)
                count.hear(line)
        finally:
            over.set()
            drawing.join()
    if pip.returncode:
        bar.close()
        errors = [line for line in LOG.read_text("utf-8").splitlines() if not line.startswith(("Collecting", "  Downloading", "WARNING"))]
        sys.exit("setup: pip could not install the packages:\n" + "\n".join(errors[-12:]) + f"\nThe whole log: {LOG}")
    bar.show(1, 1, "done")
    bar.close()


class Count:
    """How far pip is. It tells when it collects a package; the ones it has installed are seen on disk."""

    def __init__(self) -> None:
        self._total = sum(1 for line in LOCK.open(encoding="utf-8") if re.match(r"[A-Za-z0-9].*==", line))
        self._collected = 0
        self._word = ""
        self._before = self._on_disk()

    def hear(self, line: str) -> None:
        """Take in a line of pip's output."""
        if line.startswith(("Collecting ", "Processing ")):
            self._collected += 1
            self._word = line.split()[1].rpartition("/")[2]
        elif line.startswith("Ignoring "):
            self._total -= 1
        elif line.startswith("Installing "):
            self._word = "installing"

    def draw(self, bar: Bar, over: threading.Event) -> None:
        """Keep the bar moving until it is over."""
        while not over.wait(0.2):
            # Installing starts when all are collected, and takes about as long.
            bar.show(self._collected + self._on_disk() - self._before, 2 * self._total, self._word)

    @staticmethod
    def _on_disk() -> int:
        return sum(1 for _ in VENV.glob("lib/python*/site-packages/*.dist-info"))


def fetch_models() -> dict[str, list[int]]:
    """Fetch the default models. Returns their files with size and time of change."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [str(PYTHON), "-m", "voice_agent", "models"]
    fetched = subprocess.run([*command, "fetch"], check=False, env=environment)
    if fetched.returncode:
        sys.exit(fetched.returncode)
    listed = subprocess.run([*command, "list"], check=True, env=environment, stdout=subprocess.PIPE, text=True)
    models = [json.loads(line) for line in listed.stdout.splitlines()]
    return {str(path): _look(str(path)) for model in models if model["default"] for path in _files(Path(model["path"]))}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def main() -> int:
    """Do what is not done yet."""
    with_models = "--environment" not in sys.argv
    if "--check" in sys.argv:
        stamp = load_stamp()
        return 0 if environment_is_ready(stamp) and (not with_models or models_are_ready(stamp)) else 1
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "setup.lock").open("w") as alone:
        # Two scripts started together: the second one waits, and then finds everything done.
        fcntl.flock(alone, fcntl.LOCK_EX)
        stamp = load_stamp()
        if not environment_is_ready(stamp):
            make_environment()
            stamp = {"environment": environment_key()}
            STAMP.write_text(json.dumps(stamp), "utf-8")
        if with_models and not models_are_ready(stamp):
            stamp["files"] = fetch_models()
            stamp["models"] = models_key()
            STAMP.write_text(json.dumps(stamp), "utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nsetup: stopped; run it again to go on", file=sys.stderr)
        sys.exit(130)
