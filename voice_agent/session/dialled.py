"""The number that a caller types or says when asked for it. It is here and, once confirmed, in the store of callbacks; nowhere else."""

import asyncio
import re
from functools import partial

from voice_agent.core.callback import LAST_DIGITS, WHOLE_NUMBER
from voice_agent.core.commands import StoreCallback, TakeNumber
from voice_agent.core.events import CallbackFailed, CallbackStored, DigitGiven, Event, KeyPressed, NumberTaken
from voice_agent.core.words import RedactedText, Seconds
from voice_agent.errors import PortError, RefusedError
from voice_agent.ports import CallbackRequest
from voice_agent.session.records import Records
from voice_agent.session.ties import Ties
from voice_agent.session.vault import Vault

PURPOSE = "callback"
"""Of `privacy.yaml`: for which a number that was said is taken."""


class Dialled:
    def __init__(self, ties: Ties, records: Records, vault: Vault) -> None:
        self._ties = ties
        self._vault = vault
        self._records = records
        self._digits = ""
        self._gathering = False

    def gather(self) -> None:
        self._digits, self._gathering = "", True

    def stop_gathering(self) -> None:
        self._gathering = False

    def pressed(self, at: Seconds, key: str) -> Event:
        """Made when the call is told of it, and not when the key arrives: only then is it known whether a number is being typed."""
        if not self._gathering or not key.isdigit():
            return KeyPressed(at=at, key=key)
        self._digits += key
        return DigitGiven(at=at)

    def aloud(self, text: RedactedText) -> str:
        """A sentence of ours as it is spoken; never shown or written."""
        whole = ", ".join(" ".join(part) for part in _parts(self._digits))
        return text.replace(LAST_DIGITS, " ".join(self._digits[-2:])).replace(WHOLE_NUMBER, whole)

    def take(self, command: TakeNumber) -> None:
        """What the caller said in place of a placeholder. The journal tells that it was asked for, and not what it is."""
        try:
            said = self._vault.reveal(command.placeholder, PURPOSE)
        except RefusedError:
            said = ""
        found = re.match(r"\d+", said)  # an extension behind it is nothing that we can dial
        self._digits = found[0] if found else ""
        self._ties.post(partial(NumberTaken, placeholder=command.placeholder, purpose=PURPOSE, digits=len(self._digits)))

    def store(self, command: StoreCallback) -> None:
        self._records.add("callback", partial(self._store, command))

    def close(self) -> None:
        """The call is over."""
        self._digits = ""

    async def _store(self, command: StoreCallback) -> None:
        equipment = self._ties.equipment
        request = CallbackRequest(
            call=self._ties.call, queue=command.queue, priority=command.priority, brief=command.brief, since=equipment.wall()
        )
        try:
            async with asyncio.timeout(equipment.policy.queue_within):
                await equipment.callbacks.ask(request, self._digits)
        except PortError as error:
            self._ties.post(partial(CallbackFailed, code=error.code))
        except TimeoutError:
            self._ties.post(partial(CallbackFailed, code="timeout"))
        else:
            self._ties.post(CallbackStored)


def _parts(digits: str) -> list[str]:
    """As people say them: threes from the front, and the last four together."""
    head = max(0, len(digits) - 4)
    return [*(digits[at : min(at + 3, head)] for at in range(0, head, 3)), digits[head:]]
