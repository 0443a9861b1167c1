"""A call's personal data: the placeholders that stand for it, and the few originals that somebody may still need.

A placeholder is typed and numbered, and the same for the same data however it is said again. Originals are kept only of
kinds that a purpose of `privacy.yaml` names, encrypted under a key that was made for this call and dies with it.
"""

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voice_agent.core.words import RedactedText, Seconds
from voice_agent.errors import PortError, RefusedError
from voice_agent.ports import Redaction, Redactor

REDACT_WITHIN: Seconds = 2.0
"""For one utterance; it takes a hundredth of a second. Later, the words are dropped."""
_NONCE_BYTES = 12
_TOUCHING: Seconds = 1e-6
"""Spans of audio are sums of floats."""


@dataclass(slots=True, kw_only=True)
class _Said:
    """An utterance, or the beginning of one that went on."""

    begin: Seconds
    end: Seconds
    text: RedactedText = RedactedText("")
    named: list[str] = field(default_factory=list)
    """The placeholders it was the first to need."""


class Vault:
    def __init__(self, redactor: Redactor, purposes: Mapping[str, frozenset[str]]) -> None:
        """`purposes`: what an original may be asked for, and of which kinds."""
        self._redactor = redactor
        self._purposes = purposes
        self._kept = frozenset(kind for kinds in purposes.values() for kind in kinds)
        self._key: bytes | None = AESGCM.generate_key(bit_length=256)
        self._said: list[_Said] = []
        self._names: dict[bytes, str] = {}
        """Placeholder by keyed digest of the data."""
        self._sealed: dict[str, bytes] = {}

    async def redact(self, text: str, *, begin: Seconds, end: Seconds) -> RedactedText:
        """Of what was said in a span of the caller's audio. Said again in a longer span, it takes the place of the shorter one.

        Raises:
            PortError: the redactor could not run, or took too long. The text must be dropped.
        """
        before = [said for said in self._said if said.end <= begin + _TOUCHING]
        try:
            async with asyncio.timeout(REDACT_WITHIN):
                redaction = await self._redactor.redact(text, after=before[-1].text if before else "")
        except TimeoutError:
            raise PortError("The redactor took too long, so the text was dropped.", code="redactor-slow") from None
        return self._placed(text, redaction, _Said(begin=begin, end=end))

    def reveal(self, placeholder: str, purpose: str) -> str:
        """The original behind a placeholder such as "<PHONE_1>".

        Raises:
            RefusedError: this purpose may not have it, or it was not kept, or the call is over.
        """
        kind = placeholder.strip("<>").rpartition("_")[0]
        if kind not in self._purposes.get(purpose, frozenset()):
            raise RefusedError(f"privacy.yaml allows no {kind or 'such data'} to be shown for {purpose!r}.", code="not-allowed")
        sealed = self._sealed.get(placeholder)
        if sealed is None or self._key is None:
            raise RefusedError("This is no longer kept: the caller did not say it, or the call is over.", code="not-kept")
        nonce, box = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(self._key).decrypt(nonce, box, placeholder.encode()).decode()

    def close(self) -> None:
        """The call is over: without its key nothing in here can be read again."""
        self._key = None
        self._names.clear()
        self._sealed.clear()
        self._said.clear()

    def _placed(self, text: str, redaction: Redaction, said: _Said) -> RedactedText:
        for stale in [other for other in self._said if said.begin - _TOUCHING <= other.begin < said.end - _TOUCHING]:
            self._forget(stale)
        pieces, at = [], 0
        for entity, original in zip(redaction.entities, redaction.originals, strict=True):
            pieces += [text[at : entity.start], self._name(entity.type, original, said)]
            at = entity.end
        said.text = RedactedText("".join([*pieces, text[at:]]))
        self._said.append(said)
        return said.text

    def _name(self, kind: str, original: str, said: _Said) -> str:
        if self._key is None:
            raise PortError("The call is over, so the text was dropped.", code="call-over")
        digest = hmac.digest(self._key, f"{kind} {original}".encode(), "sha256")
        if digest in self._names:
            return self._names[digest]
        taken = set(self._names.values())
        placeholder = next(name for number in range(1, len(taken) + 2) if (name := f"<{kind}_{number}>") not in taken)
        self._names[digest] = placeholder
        said.named.append(placeholder)
        if kind in self._kept:
            nonce = secrets.token_bytes(_NONCE_BYTES)
            self._sealed[placeholder] = nonce + AESGCM(self._key).encrypt(nonce, original.encode(), placeholder.encode())
        return placeholder

    def _forget(self, stale: _Said) -> None:
        self._said.remove(stale)
        self._names = {digest: name for digest, name in self._names.items() if name not in stale.named}
        for name in stale.named:
            self._sealed.pop(name, None)
