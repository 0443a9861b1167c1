import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from voice_agent.audio.mulaw import encode
from voice_agent.audio.pcm import Pcm
from voice_agent.audio.wav import read_wav, write_wav
from voice_agent.errors import InputError

RAMP = np.linspace(-0.9, 0.9, 2000)
AS_16_BIT = np.rint(RAMP * 32768).astype(np.int16)


def wav(
    codec: int, bits: int, data: bytes, *, channels: int = 1, rate: int = 44_100, extensible: bool = False, before: bytes = b""
) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else codec, channels, rate, rate * block, block, bits)
    if extensible:
        guid = struct.pack("<H", codec) + bytes.fromhex("000000001000800000aa00389b71")
        form += struct.pack("<HHI", 22, bits, 4) + guid
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + before + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def in_24_bits(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bytes:
    whole = np.rint(samples * (1 << 23)).astype("<i4")
    return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "caller.wav"


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(
    ("codec", "bits", "data", "within"),
    [
        (1, 8, np.rint(RAMP * 128 + 128).astype(np.uint8).tobytes(), 129),
        (1, 16, AS_16_BIT.astype("<i2").tobytes(), 0),
        (1, 24, in_24_bits(RAMP), 1),
        (1, 32, np.rint(RAMP * (1 << 31)).astype("<i4").tobytes(), 1),
        (3, 32, RAMP.astype("<f4").tobytes(), 1),
        (3, 64, RAMP.astype("<f8").tobytes(), 0),
        (7, 8, encode(AS_16_BIT), 512),
    ],
)
def test_samples_of_every_width_come_back(path: Path, codec: int, bits: int, data: bytes, within: int, *, extensible: bool) -> None:
    path.write_bytes(wav(codec, bits, data, extensible=extensible))

    pcm = read_wav(path)

    assert pcm.rate == 44_100
    assert pcm.samples.dtype == np.int16
    assert np.abs(pcm.samples.astype(int) - AS_16_BIT).max() <= within


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged(path: Path, channels: int) -> None:
    frames = np.zeros((2000, channels), np.int16)
    frames[:, 0] = AS_16_BIT
    path.write_bytes(wav(1, 16, frames.astype("<i2").tobytes(), channels=channels))

    assert np.abs(read_wav(path).samples.astype(float) - AS_16_BIT / channels).max() <= 0.51


def test_what_is_written_is_read_and_is_a_wav_file_to_others(path: Path) -> None:
    write_wav(path, Pcm(samples=AS_16_BIT, rate=8000))

    assert (read_wav(path).samples == AS_16_BIT).all()
    with wave.open(str(path)) as other:
        assert (other.getframerate(), other.getnchannels(), other.getsampwidth(), other.getnframes()) == (8000, 1, 2, 2000)


def test_chunks_of_other_kinds_are_passed_over(path: Path) -> None:
    path.write_bytes(wav(1, 16, AS_16_BIT.astype("<i2").tobytes(), before=b"LIST" + struct.pack("<I", 3) + b"abc\0"))

    assert (read_wav(path).samples == AS_16_BIT).all()


def test_a_file_that_was_cut_off_gives_what_is_there(path: Path) -> None:
    path.write_bytes(wav(1, 16, AS_16_BIT.astype("<i2").tobytes())[:-1001])

    assert (read_wav(path).samples == AS_16_BIT[: 2000 - 501]).all()


def test_samples_that_are_no_numbers_are_silence(path: Path) -> None:
    path.write_bytes(wav(3, 32, np.array([np.nan, 0.5, np.inf], "<f4").tobytes()))

    assert read_wav(path).samples.tolist() == [0, 16384, 32767]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not a WAV file"),
        (b"ID3\x04" + bytes(100), "not a WAV file"),
        (b"RIFF" + bytes(40), "not a WAV file"),
        (wav(1, 16, b"")[:36], "without a data chunk"),
        (wav(1, 16, b"")[:12] + b"data\4\0\0\0abcd", "without a format chunk"),
        (wav(1, 16, b"")[:12] + b"fmt \x08\0\0\0" + bytes(8) + b"data\4\0\0\0abcd", "too short"),
        (wav(1, 16, b""), "holds no audio"),
        (wav(1, 16, b"\0\0", channels=2), "holds no audio"),
        (wav(2, 4, bytes(100)), "codec 2, 4 bits"),
        (wav(1, 12, bytes(100)), "codec 1, 12 bits"),
        (wav(1, 16, bytes(100), channels=0), "0 channels"),
        (wav(1, 16, bytes(100), rate=0), "at 0 Hz"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_name(path: Path, content: bytes, complaint: str) -> None:
    path.write_bytes(content)

    with pytest.raises(InputError, match=complaint) as wrong:
        read_wav(path)
    assert str(path) in str(wrong.value)
    assert wrong.value.code == "bad-audio"


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(InputError, match=r"caller\.wav: cannot be read: No such file"):
        read_wav(path)


def test_a_file_larger_than_memory_should_take_is_refused_unread(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate((1 << 30) + 1)

    with pytest.raises(InputError, match="larger than 1 GiB"):
        read_wav(path)
