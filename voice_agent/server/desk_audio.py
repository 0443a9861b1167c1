"""The person's audio, for callers of the phone page: a one-use token for whoever accepted, and the socket it admits."""

import logging

from fastapi import WebSocket

from voice_agent.adapters.twilio.stream import TwilioStream, open_stream
from voice_agent.core.words import CallId, Seconds
from voice_agent.errors import PortError, ProtocolError, RefusedError
from voice_agent.server.house import House
from voice_agent.server.phone import AnyCall
from voice_agent.server.sockets import GOING_AWAY, POLICY, MediaSocket

log = logging.getLogger(__name__)

TOKEN_LIFETIME: Seconds = 60.0
"""From accepting a call until the person's audio connects."""


class DeskAudio:
    def __init__(self, house: House) -> None:
        self._calls = house.calls
        self._store = house.equipment.store
        self._wall = house.equipment.wall

    async def token(self, call: CallId) -> str:
        return await self._store.issue_token(_binding(call), self._wall(), TOKEN_LIFETIME)

    async def audio(self, websocket: WebSocket, call: AnyCall) -> None:
        """Over the carrier's protocol. Only for whoever accepted: the token is theirs, and works once."""
        await websocket.accept()
        try:
            start, stream = await open_stream(MediaSocket(websocket))
        except (ProtocolError, PortError):
            return  # closed and logged by open_stream
        if not await self._redeemed(call, start.parameters.get("token", "")):
            log.warning("refused: the desk's audio for call %s has no token that holds", call)
            await stream.end(POLICY, "the token does not hold: accept the call again")
            return
        await self._join(call, stream)

    async def _redeemed(self, call: CallId, token: str) -> bool:
        try:
            return await self._store.redeem_token(token, _binding(call), self._wall())
        except PortError as error:
            log.error("a token could not be checked: %s", error.code)  # noqa: TRY400  no bug
            return False

    async def _join(self, call: CallId, stream: TwilioStream) -> None:
        session = self._calls.session(call)
        if session is None:
            await stream.end(POLICY, "the caller has hung up")
            return
        try:
            await session.join_person(stream)
        except RefusedError as refusal:
            await stream.end(POLICY, str(refusal))
        await stream.end(GOING_AWAY if self._calls.closing.is_set() else 1000, "")


def _binding(call: CallId) -> str:
    return f"desk:{call}"
