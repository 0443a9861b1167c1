"""The caller and the person, joined inside this process: packets across, both ways, and nothing kept.

The person's leg may come before the call asks for it or after. It is the call's from then on, until either side ends.
"""

import asyncio
import logging
from collections.abc import Callable
from enum import Enum, auto

from voice_agent.audio.packets import Packetizer
from voice_agent.core.words import Seconds
from voice_agent.errors import PortError, ProtocolError, RefusedError
from voice_agent.ports import Carrier, Media
from voice_agent.session.inbox import closing
from voice_agent.session.leg import LegWriter
from voice_agent.session.ties import Ties

_log = logging.getLogger(__name__)

JOIN_WITHIN: Seconds = 15.0
"""For the person's audio to connect, once the call has told the caller that they are through."""


class Left(Enum):
    CALLER = auto()
    PERSON = auto()
    NEVER_CAME = auto()
    """The person: their audio was not there in time."""


class Bridge:
    def __init__(self, ties: Ties, *, to_caller: Callable[[bytes], None], opened: Callable[[], None], left: Callable[[Left], None]) -> None:
        """`to_caller` plays one packet; `opened` is told when the two are joined, and `left` who ended it."""
        self._ties = ties
        self._to_caller = to_caller
        self._opened = opened
        self._who_left = left
        self._leg: Carrier | None = None
        self._to_person: LegWriter | None = None
        self._from_caller = Packetizer()
        self._sending: asyncio.Task[None] | None = None
        self._left = asyncio.Event()
        self._limit: asyncio.TimerHandle | None = None
        self._over = False
        self.open = False

    def connect(self) -> None:
        """Join them as soon as the person's leg is there."""
        if self._leg is None:
            self._limit = asyncio.get_running_loop().call_later(JOIN_WITHIN, self._nobody_came)
        else:
            self._open()

    async def join(self, leg: Carrier) -> None:
        """The person's leg. Returns when it is no longer wanted; the one who brought it closes it.

        Raises:
            RefusedError: the call is over, or somebody is on it already.
        """
        if self._over:
            raise RefusedError("This call is over.", code="call-over")
        if self._leg is not None:
            raise RefusedError("Somebody is on this call already.", code="already-joined")
        self._leg, self._left = leg, asyncio.Event()
        self._to_person = LegWriter(leg, monotonic=self._ties.equipment.monotonic)
        if self._limit:
            self._stop_waiting()
            self._open()
        left = self._left
        self._ties.spawn(self._carry(leg))
        self._sending = self._ties.spawn(self._send(leg, self._to_person))
        await left.wait()

    def hear_caller(self, payload: bytes) -> None:
        """Only while open."""
        if self._to_person:
            for packet in self._from_caller.add(payload):
                self._to_person.relay(packet)

    def dismiss(self) -> None:
        """The person is no longer wanted: their leg is given back."""
        self.open = False
        self._stop_waiting()
        self._drop_leg()

    def finish(self) -> None:
        """The call ends."""
        self._over = True
        self._stop_waiting()
        if self.open:
            self.open = False
            self._who_left(Left.CALLER)
        self._left.set()

    async def _carry(self, leg: Carrier) -> None:
        packets = Packetizer()
        try:
            async with closing(leg.inbound()) as inbound:
                async for item in inbound:
                    if self.open and self._leg is leg and isinstance(item, Media):
                        for packet in packets.add(item.payload):
                            self._to_caller(packet)
        except (PortError, ProtocolError) as error:
            _log.info("call %s: the person's leg broke: %s", self._ties.call, error.code)
        self._gone(leg)

    async def _send(self, leg: Carrier, writer: LegWriter) -> None:
        try:
            await writer.run()
        except PortError as error:
            _log.info("call %s: the person's leg takes no audio: %s", self._ties.call, error.code)
        self._gone(leg)

    def _gone(self, leg: Carrier) -> None:
        if self._leg is not leg:
            return
        self._drop_leg()
        if self.open:
            self.open = False
            self._who_left(Left.PERSON)

    def _drop_leg(self) -> None:
        self._leg = self._to_person = None
        if self._sending:
            self._sending.cancel()
        self._left.set()

    def _open(self) -> None:
        self.open = True
        self._opened()

    def _stop_waiting(self) -> None:
        if self._limit:
            self._limit.cancel()
            self._limit = None

    def _nobody_came(self) -> None:
        self._limit = None
        self._who_left(Left.NEVER_CAME)
