"""Model files on disk: hash them, install them whole or not at all, remember which were checked, one fetch at a time."""

import fcntl
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from voice_agent.models.lock import LockedFile, LockedModel

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where the bytes of a file, or of one piece of it, can be read."""

    file: Path
    """The file itself, or the zip that holds it."""
    member: str | None = None
    """The name inside the zip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongFile:
    """A file that is not the one the lock names."""

    path: str
    """Relative to the model's folder."""
    problem: str
    """missing, unreadable, wrong size or wrong hash"""
    expected: str
    """The sha256, or the size in bytes, that the lock names."""
    found: str

    def __str__(self) -> str:
        if self.problem == "missing":
            return f"{self.path} is missing"
        if self.problem == "unreadable":
            return f"{self.path} cannot be read ({self.found})"
        return f"{self.path} has a {self.problem} (expected {self.expected}, found {self.found})"


@contextmanager
def reading(part: Part) -> Generator[IO[bytes]]:
    """Open a part. A zip member is read as plain bytes: no link, mode or path of the archive takes effect."""
    if part.member is None:
        with part.file.open("rb") as stream:
            yield stream
    else:
        with zipfile.ZipFile(part.file) as archive, archive.open(part.member) as stream:
            yield stream


def install(path: str, parts: Iterable[Part], expected: LockedFile, *, folder: Path, scratch: Path) -> WrongFile | None:
    """Join the parts into the file `path` of the folder, which appears only once its hash holds.

    Returns what is wrong, and then leaves the folder as it was. Raises OSError or BadZipFile.
    """
    digest, size, draft = hashlib.sha256(), 0, scratch / "draft"
    with draft.open("wb") as out:
        for part in parts:
            with reading(part) as stream:
                # One block more than expected is enough to know it is wrong, whatever an archive would unpack to.
                while size <= expected.size and (block := stream.read(BLOCK)):
                    digest.update(block)
                    size += len(block)
                    out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if wrong := _compare(path, expected, size, digest.hexdigest()):
        draft.unlink()
        return wrong
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(target)
    return None


def inspect(path: str, folder: Path, expected: LockedFile) -> WrongFile | None:
    """Compare a file with the lock by reading all of it."""
    try:
        with (folder / path).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return WrongFile(path=path, problem="missing", expected=expected.sha256, found="")
    except OSError as error:
        return WrongFile(path=path, problem="unreadable", expected=expected.sha256, found=error.strerror or "")
    return _compare(path, expected, size, found)


def _compare(path: str, expected: LockedFile, size: int, sha256: str) -> WrongFile | None:
    if sha256 == expected.sha256:
        return None
    if size != expected.size:
        found = f"{size} or more" if size > expected.size else str(size)
        return WrongFile(path=path, problem="wrong size", expected=str(expected.size), found=found)
    return WrongFile(path=path, problem="wrong hash", expected=expected.sha256, found=sha256)


class Stamp:
    """Which files of a model were found right, by hash, and how they looked then.

    Reading a model's 145 MB costs a third of a second at every start; a file whose size and time of change are
    those of the last check is taken to be the same.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._checked = self._load()

    def _load(self) -> dict[str, list[str | int]]:
        try:
            data = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def holds(self, path: str, folder: Path, expected: LockedFile) -> bool:
        """True when the file is as it was when its hash was last found to be the expected one."""
        return path in self._checked and self._checked[path] == _look(folder / path, expected)

    def note(self, path: str, folder: Path, expected: LockedFile) -> None:
        """Remember that the file's hash is the expected one."""
        if look := _look(folder / path, expected):
            self._checked[path] = look

    def forget(self, path: str) -> None:
        """Remember nothing of the file."""
        self._checked.pop(path, None)

    def save(self) -> None:
        """Write what is remembered. A cache that cannot be written is only slower."""
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(self._checked), "utf-8")
            draft.replace(self._path)
        except OSError:
            return


def _look(file: Path, expected: LockedFile) -> list[str | int]:
    try:
        stat = file.stat()
    except OSError:
        return []
    return [expected.sha256, stat.st_size, stat.st_mtime_ns]


def check(name: str, model: LockedModel, cache: Path, *, full: bool = False) -> tuple[WrongFile, ...]:
    """What is wrong with a model's files in the cache. Reads those that changed since their last check, or with `full` all."""
    stamp, wrong = Stamp(cache / ".stamps" / f"{name}.json"), list[WrongFile]()
    news = False
    for path, expected in model.files.items():
        if not full and stamp.holds(path, cache / name, expected):
            continue
        news = True
        if problem := inspect(path, cache / name, expected):
            wrong.append(problem)
            stamp.forget(path)
        else:
            stamp.note(path, cache / name, expected)
    if news:
        stamp.save()
    return tuple(wrong)


@contextmanager
def alone(path: Path, waiting: Callable[[], None]) -> Generator[None]:
    """Hold a lock between processes and threads; `waiting` is called once when someone else has it. Freed by the system if we die."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
