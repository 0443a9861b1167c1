"""A Starlette websocket as the media streams want it."""

import logging

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

# Close codes (RFC 6455, section 7.4.1, and the IANA registry).
GOING_AWAY = 1001
POLICY = 1008
OUR_FAULT = 1011
TRY_LATER = 1013

_ORDINARY = (1000, GOING_AWAY, 1005, 1006)
"""Ends that need no words: closed, going away, closed without a code, gone."""
_GONE = (WebSocketDisconnect, RuntimeError)
"""Starlette raises either; uvicorn a RuntimeError for a socket that it closed by itself, as with 1009 for a message too long."""

log = logging.getLogger(__name__)


class MediaSocket:
    """A Socket (adapters/twilio/stream.py) over an accepted websocket."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes | None:
        try:
            message = await self._websocket.receive()
        except WebSocketDisconnected:
            return None
        if message["type"] == "websocket.disconnect":
            if message["code"] not in _ORDINARY:
                log.warning("a media stream was closed with %d", message["code"])
            return None
        text: str | None = message.get("text")
        return text if text is not None else bytes(message["bytes"])

    async def send(self, text: str) -> None:
        try:
            await self._websocket.send_text(text)
        except _GONE as error:
            raise ConnectionError("the websocket is closed") from error

    async def close(self, code: int, reason: str) -> None:
        try:
            await self._websocket.close(code, reason)
        except _GONE as error:
            raise ConnectionError("the websocket is closed") from error
