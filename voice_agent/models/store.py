"""The cache of verified model files, shared by every clone and process of a user."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from voice_agent.errors import InputError, ModelFileError
from voice_agent.models.fetch import Fetch, FetchProgress
from voice_agent.models.files import WrongFile, check
from voice_agent.models.lock import LockedModel, ModelsLock
from voice_agent.models.sources import Hub


def default_cache() -> Path:
    """Where models are kept: VOICE_AGENT_CACHE, else voice_agent in the user's cache folder."""
    if chosen := os.environ.get("VOICE_AGENT_CACHE"):
        return Path(chosen) / "models"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voice_agent" / "models"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """What is known of one model in the cache."""

    name: str
    path: Path
    """Its folder, whether it is there or not."""
    model: LockedModel
    wrong: tuple[WrongFile, ...]
    """Empty when every file is there and right."""

    @property
    def state(self) -> Literal["ready", "missing", "damaged"]:
        """`missing` when no file is there, `damaged` when some are not, or are not right."""
        if not self.wrong:
            return "ready"
        gone = [each for each in self.wrong if each.problem == "missing"]
        return "missing" if len(gone) == len(self.model.files) else "damaged"


class ModelStore:
    """Model files that are verified by hash before anyone gets their path.

    A model lies in `cache/NAME/` with the file names of the lock. Stamps, locks and half-fetched files lie
    beside the models, in folders whose names begin with a dot. Several processes may fetch at once.
    """

    def __init__(self, lock: ModelsLock, cache: Path) -> None:
        self._lock = lock
        self._cache = cache

    def path(self, name: str) -> Path:
        """The folder of a verified model.

        Raises:
            InputError: the lock names no such model.
            ModelFileError: a file is missing or is not the one the lock names; says the command that mends it.
        """
        report = self._report(name, full=False)
        if report.wrong:
            what = "; ".join(str(each) for each in report.wrong[:3])
            more = f" and {len(report.wrong) - 3} more files" if len(report.wrong) > 3 else ""
            raise ModelFileError(
                f"model {name} in {report.path}: {what}{more}. Run: scripts/voice-agent models fetch {name}",
                code=f"model_{report.state}",
            )
        return report.path

    def list(self, names: Sequence[str] = ()) -> tuple[ModelReport, ...]:
        """What is in the cache, of every model if none is named. Hashes only files that changed since their last check."""
        return tuple(self._report(name, full=False) for name in names or self._lock.models)

    def verify(self, names: Sequence[str] = ()) -> tuple[ModelReport, ...]:
        """Hash every file of the models; without names, of the default ones and of any other that is there."""
        if names:
            return tuple(self._report(name, full=True) for name in names)
        chosen = [name for name, model in self._lock.models.items() if model.default or (self._cache / name).exists()]
        return tuple(self._report(name, full=True) for name in chosen)

    def fetch(self, names: Sequence[str] = (), progress: FetchProgress | None = None) -> None:
        """Bring the models (without names, the default ones) into the cache, several at a time. Does nothing for one that is there.

        A source that is unavailable, or hands over a wrong file, is followed by the next one; a wrong file is never kept.

        Raises:
            InputError: the lock names no such model.
            ModelFileError: some file could not be had; names each source and why.
        """
        lacking = [report for name in dict.fromkeys(names or self._lock.default_names) if (report := self._report(name, full=False)).wrong]
        hub, failures = Hub(), list[str]()

        def fetch_one(report: ModelReport) -> None:
            try:
                Fetch(report.name, report.model, self._cache, hub, progress).run()
            except ModelFileError as error:
                failures.append(str(error))
            except OSError as error:
                failures.append(f"model {report.name}: {error}; make room or choose another folder with VOICE_AGENT_CACHE")

        # Daemons, so that Ctrl-C ends the program at once: what a broken-off fetch leaves behind, the next one clears.
        threads = [threading.Thread(target=fetch_one, args=(report,), daemon=True) for report in lacking]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise ModelFileError(" | ".join(sorted(failures)), code="model_unavailable", retry=True)

    def _report(self, name: str, *, full: bool) -> ModelReport:
        model = self._lock.models.get(name)
        if model is None:
            raise InputError(f"no model is called {name!r}; the lock names {', '.join(self._lock.models)}", code="unknown_model")
        return ModelReport(name=name, path=self._cache / name, model=model, wrong=check(name, model, self._cache, full=full))
