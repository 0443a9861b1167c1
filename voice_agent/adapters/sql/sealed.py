"""Numbers to call back on, as they lie in the database: encrypted, so that a copy of it tells none."""

import base64
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voice_agent.errors import PortError

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Seal:
    """AES-256 in Galois counter mode, under a key made of a secret; what is sealed for one call opens for no other."""

    def __init__(self, secret: bytes) -> None:
        """`secret`: nobody can guess it. Another one for each database does no harm; a lost one makes open numbers unreadable."""
        self._box = AESGCM(hmac.digest(secret, b"voice_agent: numbers to call back on", "sha256"))

    def close(self, number: str, call: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._box.encrypt(nonce, number.encode(), call.encode())).decode()

    def open(self, sealed: str, call: str) -> str:
        """A PortError(code="other-key") when it was sealed under another secret, or for another call."""
        raw = base64.b64decode(sealed)
        try:
            return self._box.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], call.encode()).decode()
        except InvalidTag:
            raise PortError("this number was stored under another CALLBACK_KEY, and cannot be read", code="other-key") from None


def secret_of(file: Path, given: str | None) -> bytes:
    """The secret that is `given`, else the one in `file`, which is made when it is not there; only its owner may read it."""
    if given:
        return given.encode()
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        ours = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(ours, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writing:
            writing.write(secrets.token_hex(_KEY_BYTES).encode())
        try:
            file.hardlink_to(ours)  # whole or not at all, and only one of several processes that start at once
        except FileExistsError:
            pass
        finally:
            ours.unlink()
    return file.read_bytes()
