"""Reading and writing the messages of a media stream."""

import base64
import json
import timeit
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.adapters.twilio.messages import (
    MAX_MESSAGE,
    Connected,
    Dtmf,
    Encoder,
    MarkMessage,
    MediaMessage,
    Message,
    Start,
    Stop,
    Unknown,
    parse,
)
from voice_agent.errors import ProtocolError

PACKET = bytes(range(160))
PAYLOAD = base64.b64encode(PACKET).decode()

# As in Twilio's documentation of the protocol.
CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "start": {
        "accountSid": "AC1",
        "streamSid": "MZ1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "secret", "Größe": "groß"},
    },
    "streamSid": "MZ1",
}
MEDIA = {
    "event": "media",
    "sequenceNumber": "3",
    "media": {"track": "inbound", "chunk": "1", "timestamp": "5", "payload": PAYLOAD},
    "streamSid": "MZ1",
}


def read(message: Any) -> Message:
    return parse(json.dumps(message))


def refused(text: str | bytes) -> tuple[str, int]:
    with pytest.raises(ProtocolError) as refusal:
        parse(text)
    return refusal.value.code, refusal.value.close_code


def start_with(**changed: Any) -> dict[str, Any]:
    return {"event": "start", "start": {**START["start"], **changed}}


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        (CONNECTED, Connected()),
        (START, Start(stream_sid="MZ1", call_sid="CA1", parameters={"token": "secret", "Größe": "groß"})),
        (MEDIA, MediaMessage(payload=PACKET)),
        ({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"track": "inbound_track", "digit": "*"}}, Dtmf(key="*")),
        ({"event": "mark", "sequenceNumber": "4", "streamSid": "MZ1", "mark": {"name": "one"}}, MarkMessage(name="one")),
        ({"event": "stop", "sequenceNumber": "5", "stop": {"accountSid": "AC1", "callSid": "CA1"}}, Stop()),
    ],
)
def test_the_messages_of_the_documentation_are_understood(message: Any, meaning: Message) -> None:
    assert read(message) == meaning


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ({"event": "connected"}, Connected()),
        ({"event": "media", "media": {"payload": PAYLOAD}}, MediaMessage(payload=PACKET)),
        ({"event": "media", "media": {"payload": ""}}, MediaMessage(payload=b"")),
        ({"event": "stop"}, Stop()),
        (
            start_with(
                tracks=None, customParameters=None, mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"}
            ),
            Start(stream_sid="MZ1", call_sid="CA1", parameters={}),
        ),
    ],
)
def test_what_carriers_leave_out_is_not_missed(message: Any, meaning: Message) -> None:
    assert read(message) == meaning


@pytest.mark.parametrize(
    "message",
    [
        {"event": "hologram", "hologram": {"any": ["thing"]}},
        {"event": ""},
        {"event": "media", "media": {"track": "outbound", "payload": "our own voice"}},
        {"event": "dtmf", "dtmf": {"digit": "A"}},
    ],
)
def test_what_does_not_concern_the_call_is_no_error(message: Any) -> None:
    assert isinstance(read(message), Unknown)


@pytest.mark.parametrize(
    "text", ["", "{", "{'event':'stop'}", '{"event":"stop"}}', "nul", '{"event": "stop",}', "[" * 60_000, "1" * 60_000]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    assert refused(text) == ("not-json", 1007)


def test_binary_messages_are_refused() -> None:
    assert refused(json.dumps(MEDIA).encode()) == ("binary", 1003)


@pytest.mark.parametrize("letter", ["x", "ü", "😀"])
def test_messages_beyond_64_kib_are_refused_before_they_are_read(letter: str) -> None:
    frame = len('{"event":""}')
    fits = (MAX_MESSAGE - frame) // len(letter.encode())

    assert parse('{"event":"' + letter * fits + '"}') == Unknown(event=letter * fits)
    assert refused('{"event":"' + letter * (fits + 1) + '"}') == ("too-big", 1009)


@pytest.mark.parametrize(
    "payload",
    ["A", "AA", "AAA", "AAAA=", "=AAA", "AA==AAAA", "AAAA\n", "AA-_", "AA A", "ä===", "🎧"],
)
def test_odd_base64_is_refused(payload: str) -> None:
    assert refused(json.dumps({"event": "media", "media": {"payload": payload}})) == ("bad-base64", 1007)


@pytest.mark.parametrize(
    "given_format",
    [
        {},
        {"encoding": "audio/x-alaw", "sampleRate": 8000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000},
    ],
)
def test_audio_that_is_not_mu_law_at_8_khz_is_refused(given_format: dict[str, Any]) -> None:
    assert refused(json.dumps(start_with(mediaFormat=given_format))) == ("media-format", 1003)


@pytest.mark.parametrize(
    "message",
    [
        None, 1, "stop", [], [MEDIA], {}, {"event": None}, {"event": 3}, {"event": ["media"]}, {"Event": "stop"},
        {"event": "media"}, {"event": "media", "media": None}, {"event": "media", "media": PAYLOAD}, {"event": "media", "media": []},
        {"event": "media", "media": {}}, {"event": "media", "media": {"payload": None}}, {"event": "media", "media": {"payload": 12}},
        {"event": "mark"}, {"event": "mark", "mark": {}}, {"event": "mark", "mark": {"name": 1}},
        {"event": "dtmf"}, {"event": "dtmf", "dtmf": {"digit": "12"}}, {"event": "dtmf", "dtmf": {"digit": ""}},
        {"event": "dtmf", "dtmf": {"digit": 1}},
        {"event": "start"}, {"event": "start", "start": {}}, start_with(streamSid=None), start_with(callSid=7),
        start_with(mediaFormat="mu-law"),
        start_with(customParameters=["token"]), start_with(customParameters={"token": 1}), start_with(customParameters={"token": None}),
    ],
)  # fmt: skip
def test_messages_of_the_wrong_shape_are_refused(message: Any) -> None:
    assert refused(json.dumps(message)) == ("wrong-shape", 1008)


def test_a_refusal_names_the_field_and_shows_nothing_of_the_message() -> None:
    with pytest.raises(ProtocolError) as refusal:
        read({"event": "dtmf", "dtmf": {"digit": "4111 1111 1111 1111"}})

    assert str(refusal.value) == "dtmf.digit should be one of 0-9, * and #"


def test_a_start_does_not_show_its_token() -> None:
    assert "secret" not in repr(read(START))


_NAMES = ["event", "start", "media", "payload", "mark", "name", "dtmf", "digit", "mediaFormat", "customParameters", "streamSid"]
_EVENTS = ["start", "media", "mark", "dtmf", "stop", "connected"]
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(_EVENTS),
    lambda value: st.lists(value) | st.dictionaries(st.sampled_from(_NAMES), value),
)
_MESSAGES = st.fixed_dictionaries({"event": st.sampled_from(_EVENTS)}, optional=dict.fromkeys(_EVENTS, _VALUES))


@given(st.text() | st.binary() | _MESSAGES.map(json.dumps))
def test_whatever_comes_is_understood_or_refused_with_a_code_for_its_peer(text: str | bytes) -> None:
    code = 1000
    try:
        parse(text)
    except ProtocolError as refusal:
        code = refusal.close_code

    assert code in (1000, 1003, 1007, 1008, 1009)


def test_outgoing_messages_have_exactly_the_keys_the_carrier_takes() -> None:
    encode = Encoder("MZ1")

    assert json.loads(encode.media(PACKET)) == {"event": "media", "streamSid": "MZ1", "media": {"payload": PAYLOAD}}
    assert json.loads(encode.mark("one")) == {"event": "mark", "streamSid": "MZ1", "mark": {"name": "one"}}
    assert json.loads(encode.clear) == {"event": "clear", "streamSid": "MZ1"}


@given(st.text(), st.text(), st.binary(max_size=480))
def test_outgoing_messages_are_json_whatever_is_in_them(stream: str, name: str, packets: bytes) -> None:
    encode = Encoder(stream)

    assert json.loads(encode.mark(name)) == {"event": "mark", "streamSid": stream, "mark": {"name": name}}
    media = json.loads(encode.media(packets))
    assert (media["streamSid"], base64.b64decode(media["media"]["payload"])) == (stream, packets)


def test_a_packet_is_read_within_15_microseconds_and_written_within_10() -> None:
    text, encode = json.dumps(MEDIA), Encoder("MZ" + "1" * 32)
    rounds = 2000

    # The quickest of several runs is the code's own time; slower ones are the machine's.
    reading = min(timeit.repeat(lambda: parse(text), number=rounds, repeat=20)) / rounds
    writing = min(timeit.repeat(lambda: encode.media(PACKET), number=rounds, repeat=20)) / rounds

    assert reading < 15e-6
    assert writing < 10e-6
