"""Passwords, as argon2id hashes with the parameters that OWASP's password cheat sheet gives first (19 MiB, 2 passes, 1 lane)."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 10
MOST = 200
"""Characters of a password."""


class Passwords:
    """Hashes one at a time: it takes some 30 ms of a core, and calls are under way."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._nobodys = self._hasher.hash("what is compared with when there is nothing to compare with")
        self._turn = asyncio.Semaphore(1)

    async def hashed(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def holds(self, password: str, stored: str) -> bool:
        """Takes as long for an account that does not exist, or has no password yet (`stored` is empty), as for any other."""
        async with self._turn:
            return await asyncio.to_thread(self._verify, password, stored or self._nobodys) and bool(stored)

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def complaint(password: str) -> str:
    """What is wrong with a password that somebody chooses; empty when it will do."""
    if len(password) < LEAST:
        return f"Please choose at least {LEAST} characters."
    if len(password) > MOST:
        return f"Please choose at most {MOST} characters."
    if len(set(password)) < 4:
        return "Please do not repeat the same few characters."
    return ""
