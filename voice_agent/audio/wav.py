"""WAV files in and out. Reads what people have: 8 to 64 bits, integer, float or μ-law, any rate, any number of channels.

The standard library's `wave` reads only integers, and before Python 3.12 not even those in the "extensible" form that
recorders write for 24 bits or several channels. The form: Microsoft, "Multimedia Programming Interface and Data
Specifications 1.0" (1991), and RFC 2361 for the codec numbers.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice_agent.audio import mulaw
from voice_agent.audio.pcm import Pcm, Samples
from voice_agent.errors import InputError


class _Codec:
    INTEGER = 1
    FLOAT = 3
    MULAW = 7
    EXTENSIBLE = 0xFFFE
    """The real codec is in the extension."""


_LARGEST = 1 << 30
"""Bytes; 18 hours at 8 kHz and 16 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    codec: int
    channels: int
    rate: int
    """Hz."""
    bits: int
    """Of one sample of one channel."""


def read_wav(path: Path) -> Pcm:
    """The file's audio, its channels averaged into one.

    Raises:
        InputError: it cannot be read, is no WAV file, is compressed, or holds no audio. Names the file.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise _wrong(path, "is larger than 1 GiB; cut it into shorter files")
        data = path.read_bytes()
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror or error}") from error
    chunks = _chunks(path, data)
    if b"fmt " not in chunks or b"data" not in chunks:
        missing = "format" if b"fmt " not in chunks else "data"
        raise _wrong(path, f"is a WAV file without a {missing} chunk; it is damaged or was cut off")
    form = _parse_format(path, chunks[b"fmt "])
    samples = _linear(path, form, chunks[b"data"])
    samples = samples[: len(samples) - len(samples) % form.channels].reshape(-1, form.channels)
    if not len(samples):
        raise _wrong(path, "holds no audio")
    mono = samples[:, 0] if form.channels == 1 else samples.mean(axis=1)
    return Pcm(samples=_to_int16(mono), rate=form.rate)


def write_wav(path: Path, pcm: Pcm) -> None:
    """16 bits, mono, in place of whatever was there."""
    audio = pcm.samples.astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", _Codec.INTEGER, 1, pcm.rate, pcm.rate * 2, 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(audio)) + b"WAVEfmt " + struct.pack("<I", 16) + form
    path.write_bytes(head + b"data" + struct.pack("<I", len(audio)) + audio)


def _wrong(path: Path, what: str) -> InputError:
    return InputError(f"{path}: {what}", code="bad-audio")


def _chunks(path: Path, data: bytes) -> dict[bytes, bytes]:
    """The chunks of the RIFF file by their four-letter names; the last may be cut short, as a recorder that was stopped leaves it."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise _wrong(path, "is not a WAV file; convert it, for example with: ffmpeg -i FILE -ar 16000 -ac 1 out.wav")
    chunks: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        chunks.setdefault(name, data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return chunks


def _parse_format(path: Path, chunk: bytes) -> _Format:
    if len(chunk) < 16:
        raise _wrong(path, "has a format chunk that is too short; it is damaged")
    codec, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if codec == _Codec.EXTENSIBLE and len(chunk) >= 26:
        (codec,) = struct.unpack_from("<H", chunk, 24)
    if not 1 <= channels <= 64 or not 1000 <= rate <= 768_000:
        raise _wrong(path, f"says it has {channels} channels at {rate} Hz, which cannot be right")
    return _Format(codec=codec, channels=channels, rate=rate, bits=bits)


def _linear(path: Path, form: _Format, data: bytes) -> NDArray[np.float64]:
    """Samples from −1 to 1, the channels interleaved."""
    data = data[: len(data) - len(data) % max(1, form.bits // 8)]
    match form.codec, form.bits:
        case _Codec.INTEGER, 8:
            return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) / 128
        case _Codec.INTEGER, 16 | 32:
            return np.frombuffer(data, f"<i{form.bits // 8}").astype(np.float64) / (1 << form.bits - 1)
        case _Codec.INTEGER, 24:
            wide = np.zeros((len(data) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return wide.reshape(-1).view("<i4").astype(np.float64) / (1 << 31)
        case _Codec.FLOAT, 32 | 64:
            return np.nan_to_num(np.frombuffer(data, f"<f{form.bits // 8}").astype(np.float64), posinf=1.0, neginf=-1.0)
        case _Codec.MULAW, 8:
            return mulaw.decode(data) / 32768.0
    raise _wrong(path, f"is encoded in a way not read here (codec {form.codec}, {form.bits} bits); save it as 16-bit PCM")


def _to_int16(samples: NDArray[np.float64]) -> Samples:
    return np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
