"""The vectors of the configuration's phrases, kept in a file so that only a new phrase is embedded at the next start."""

import asyncio
import hashlib
import os
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice_agent.ports import Embedder, Vectors


async def kept_vectors(embedder: Embedder, texts: Sequence[str], file: Path) -> Vectors:
    """What `embedder.embed` gives.

    The file holds these texts' vectors afterwards and no others, each under a hash of the embedder's name and the text,
    never the text. A file that is old, not whole or not there is made anew.
    """
    keys = [_key(embedder.name, text) for text in texts]
    known = await asyncio.to_thread(_read, file)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    found = known | dict(zip(missing, await embedder.embed(list(missing.values())), strict=True))
    if found.keys() != known.keys() or known.keys() - set(keys):
        # Unwritten, it costs the next start some seconds; that must not keep this one from taking calls.
        with suppress(OSError):
            await asyncio.to_thread(_write, file, {key: found[key] for key in keys})
    return np.stack([found[key] for key in keys]) if keys else await embedder.embed([])


def _key(name: str, text: str) -> bytes:
    return hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()[:32].encode()


def _read(file: Path) -> dict[bytes, NDArray[np.float32]]:
    try:
        with np.load(file, allow_pickle=False) as held:
            return dict(zip(held["keys"].tolist(), held["vectors"], strict=True))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
        return {}


def _write(file: Path, found: Mapping[bytes, NDArray[np.float32]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}")
    with part.open("wb") as out:
        np.savez(out, keys=np.array(list(found)), vectors=np.stack(list(found.values())))
    part.replace(file)
