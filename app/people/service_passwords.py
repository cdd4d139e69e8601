"""Passwords: hashed with argon2 in a thread, so that no request waits for another one's hash."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY: Final = _HASHER.hash("nobody has this password")
"""Checked for unknown logins, so that they take as long as known ones."""


async def hashed(password: str) -> str:
    """Return the argon2 hash of a password."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def matches(password_hash: str, password: str) -> bool:
    """Tell whether a password belongs to a hash; an empty hash belongs to none, and takes as long to find out."""
    return await asyncio.to_thread(_matches, password_hash, password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False
