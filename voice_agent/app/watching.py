"""The documents, watched while the server runs: what is written to their folder is answered from within seconds."""

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from watchfiles import Change, awatch

from voice_agent.core.words import Seconds
from voice_agent.errors import VoiceAgentError
from voice_agent.knowledge.documents import BESIDE, SUFFIXES
from voice_agent.knowledge.library import Library, SyncReport
from voice_agent.knowledge.not_answered import NOT_ANSWERED

log = logging.getLogger(__name__)

_GATHER_MS = 400
"""Changes that follow each other as closely are taken together: an editor's save is several."""


class DocumentWatch:
    """Keeps a library in step with its folder. What goes wrong is logged, and what was in force stays so."""

    def __init__(self, library: Library, folder: Path, problems: Iterable[object] = (), again_after: Seconds = 5.0) -> None:
        """`problems`: those that were told already. `again_after`: until what failed is tried again, and a lost folder looked for."""
        self._library = library
        self._folder = folder
        self._told = {str(each) for each in problems}
        self._again_after = again_after
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled."""
        self._changed.set()  # something may have changed since the last sync
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look())
            group.create_task(self._keep_in_step())

    async def _look(self) -> None:
        while True:
            try:
                async for _ in awatch(self._folder, watch_filter=_matters, debounce=_GATHER_MS, recursive=True):
                    self._changed.set()
                    if not self._folder.is_dir():
                        break  # a watch does not notice when the folder comes back
            except OSError as error:
                log.warning("documents: %s cannot be watched: %s", self._folder, error.strerror or error)
            await asyncio.sleep(self._again_after)
            self._changed.set()

    async def _keep_in_step(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                self._tell(await self._library.sync(lambda _done, _total: None, self._changed.is_set))
            except VoiceAgentError as error:
                log.warning("documents: %s What was known stays in force.", error)
                await asyncio.sleep(self._again_after)
                self._changed.set()
            except Exception:
                # A bug here must not end the calls of the whole server.
                log.exception("documents: they could not be read; what was known stays in force")

    def _tell(self, report: SyncReport) -> None:
        if report.added or report.changed or report.removed:
            log.info("documents: %d added, %d changed, %d removed", report.added, report.changed, report.removed)
        problems = {str(problem) for problem in report.problems}
        for problem in sorted(problems - self._told):
            log.warning("documents: not as they are written: %s", problem)
        self._told = problems


def _matters(change: Change, name: str) -> bool:
    """Not the files of editors and of others; what is gone may have been anything, a folder for example."""
    path = Path(name)
    return change == Change.deleted or name.endswith((BESIDE, NOT_ANSWERED)) or path.suffix.lower() in SUFFIXES or path.is_dir()
