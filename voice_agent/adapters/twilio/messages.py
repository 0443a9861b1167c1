"""The JSON messages of Twilio's media streams: text in, values out, and back. No I/O.

Protocol: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Numbers arrive as strings except in
`mediaFormat`, and sequenceNumber, chunk, timestamp and track may be missing; none of them is needed here. An event we
do not know is no error, because the carrier may add some.
"""

import json
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from voice_agent.errors import ProtocolError

MAX_MESSAGE = 64 * 1024
"""Bytes. The carrier's own messages stay below 1 KiB, apart from what we ask it to send back in `start`."""

KEYS = frozenset("0123456789*#")

# RFC 6455, 7.4.1: what the peer is told when a message is refused.
UNSUPPORTED, INVALID, POLICY, TOO_BIG = 1003, 1007, 1008, 1009


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The first message: a greeting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    stream_sid: str
    call_sid: str
    parameters: Mapping[str, str] = field(repr=False)
    """From the TwiML's `<Parameter>`s. A token is among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaMessage:
    payload: bytes
    """μ-law at 8 kHz of the caller's side; 160 B for the usual 20 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dtmf:
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkMessage:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The call is over, or the stream was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Well formed, and nothing that concerns a call here: an event of a later protocol, or audio of another track."""

    event: str


Message = Connected | Start | MediaMessage | Dtmf | MarkMessage | Stop | Unknown


def parse(text: str | bytes) -> Message:
    """One message from the websocket.

    Raises:
        ProtocolError: code "binary" (close code 1003), "too-big" (1009), "not-json" (1007), "bad-base64" (1007),
            "media-format" (1003), "wrong-shape" (1008). The message names the field, never its content.
    """
    if isinstance(text, bytes):
        raise ProtocolError("the message is binary; the protocol is JSON text", code="binary", close_code=UNSUPPORTED)
    if len(text) > MAX_MESSAGE or (not text.isascii() and len(text.encode(errors="replace")) > MAX_MESSAGE):
        raise ProtocolError(f"the message is longer than {MAX_MESSAGE} bytes", code="too-big", close_code=TOO_BIG)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError("the message is not JSON", code="not-json", close_code=INVALID) from None
    if not isinstance(message, dict):
        raise _wrong("the message", "a JSON object")
    event = _text(message, "event")
    read = _READERS.get(event)
    return Unknown(event=event) if read is None else read(message)


def _media(message: Mapping[str, Any]) -> Message:
    media = _object(message, "media")
    if media.get("track", "inbound") != "inbound":
        return Unknown(event="media of another track")
    payload = _text(media, "payload")
    try:
        # Strict, and yet "AAAA=" would pass: the length tells.
        if len(payload) % 4 == 0:
            return MediaMessage(payload=a2b_base64(payload, strict_mode=True))
    except ValueError:
        pass
    raise ProtocolError("media.payload is not base64", code="bad-base64", close_code=INVALID)


def _start(message: Mapping[str, Any]) -> Message:
    start = _object(message, "start")
    given = _object(start, "mediaFormat")
    if [str(given.get(key)) for key in ("encoding", "sampleRate", "channels")] != ["audio/x-mulaw", "8000", "1"]:
        raise ProtocolError("start.mediaFormat is not audio/x-mulaw at 8000 Hz with 1 channel", code="media-format", close_code=UNSUPPORTED)
    parameters = start.get("customParameters") or {}
    if not isinstance(parameters, dict) or not all(isinstance(value, str) for value in parameters.values()):
        raise _wrong("start.customParameters", "an object of strings")
    return Start(stream_sid=_text(start, "streamSid"), call_sid=_text(start, "callSid"), parameters=parameters)


def _dtmf(message: Mapping[str, Any]) -> Message:
    key = _text(_object(message, "dtmf"), "digit")
    if key in KEYS:
        return Dtmf(key=key)
    if key in ("A", "B", "C", "D"):  # a fourth column of keys that only test equipment has
        return Unknown(event=f"key {key}")
    raise _wrong("dtmf.digit", "one of 0-9, * and #")


def _mark(message: Mapping[str, Any]) -> Message:
    return MarkMessage(name=_text(_object(message, "mark"), "name"))


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Message]] = {
    "connected": lambda _: Connected(),
    "start": _start,
    "media": _media,
    "dtmf": _dtmf,
    "mark": _mark,
    "stop": lambda _: Stop(),
}


def _object(message: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = message.get(key)
    if not isinstance(found, dict):
        raise _wrong(key, "an object")
    return found


def _text(message: Mapping[str, Any], key: str) -> str:
    found = message.get(key)
    if not isinstance(found, str):
        raise _wrong(key, "a string")
    return found


def _wrong(what: str, should_be: str) -> ProtocolError:
    return ProtocolError(f"{what} should be {should_be}", code="wrong-shape", close_code=POLICY)


class Encoder:
    """Writes the messages to one stream, with exactly the keys the carrier takes: any other is an error there."""

    def __init__(self, stream_sid: str) -> None:
        stream = json.dumps(stream_sid)
        self._media = f'{{"event":"media","streamSid":{stream},"media":{{"payload":"'
        self._mark = f'{{"event":"mark","streamSid":{stream},"mark":{{"name":'
        self.clear = f'{{"event":"clear","streamSid":{stream}}}'

    def media(self, packets: bytes) -> str:
        """`packets`: μ-law, 8 kHz."""
        return self._media + b64encode(packets).decode("ascii") + '"}}'

    def mark(self, name: str) -> str:
        return self._mark + json.dumps(name) + "}}"
