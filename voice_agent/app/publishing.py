"""The policy in force: an edit of escalation.yaml or policy.yaml becomes the next generation, for the calls that come in from then on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from watchfiles import Change, awatch

from voice_agent.app.queue_states import QueueStates
from voice_agent.errors import ConfigError, VoiceAgentError
from voice_agent.ports import IntentRecognizer
from voice_agent.server.calls import LiveCalls
from voice_agent.settings import Settings
from voice_agent.settings.generations import FILES, Generations

log = logging.getLogger(__name__)

_GATHER_MS = 400
"""Changes that follow each other as closely are taken together: an editor's save is several."""
_AGAIN_AFTER = 5.0
"""Seconds until a folder that is gone is looked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Makes what the files say the policy in force. Calls under way keep the one they began with."""

    calls: LiveCalls
    generations: Generations
    folder: Path
    """Of the files."""
    read: Callable[[], Settings]
    """The configuration as it stands in the files now; ConfigError when it does not hold."""
    recognizer: Callable[[Settings], Awaitable[IntentRecognizer]]
    """Learns the phrases of a configuration."""
    rehearse: Callable[[Settings], Awaitable[None]]
    """Makes its standing sentences ready to be spoken."""
    queues: QueueStates
    wall: Callable[[], float]

    def begin(self, settings: Settings) -> None:
        """Put on record what the server starts with: the newest generation, or the next one when the files have changed since."""
        generation = self.generations.publish(settings.policy_files, self.wall())
        self.calls.equipment = replace(self.calls.equipment, generation=generation.number)

    async def publish(self) -> None:
        """What goes wrong is logged, and the generation in force stays so."""
        before = self.calls.equipment
        try:
            settings = await asyncio.to_thread(self.read)
            if self.generations.newest_is(settings.policy_files):
                return  # an edit taken back, or a file only touched
            intents = await self.recognizer(settings)
            await self.rehearse(settings)
        except ConfigError as error:
            log.warning("policy: the edit is not in force; generation %d stays. %s", before.generation, error)
            return
        except VoiceAgentError as error:
            log.warning("policy: the edit could not be made ready; generation %d stays. %s", before.generation, error)
            return
        generation = await asyncio.to_thread(self.generations.publish, settings.policy_files, self.wall())
        self.calls.equipment = replace(
            self.calls.equipment,
            policy=settings.policy,
            rules=settings.rules,
            intents=intents,
            generation=generation.number,
        )
        self.queues.limits = settings.escalation.limits
        log.info("policy: generation %d is in force for new calls", generation.number)

    async def watch(self) -> None:
        """Publish every edit. Until it is cancelled."""
        while True:
            try:
                async for _ in awatch(self.folder, watch_filter=_matters, debounce=_GATHER_MS, recursive=False):
                    await self.publish()
            except OSError as error:
                log.debug("policy: the configuration cannot be watched yet: %s", error)
            await asyncio.sleep(_AGAIN_AFTER)


def _matters(_change: Change, name: str) -> bool:
    return name.endswith(FILES)
