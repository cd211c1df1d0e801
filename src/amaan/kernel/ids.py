"""Identifiers: UUIDv7, so that order by id is order by time (RFC 9562, section 5.7)."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

from amaan.kernel.errors import InvalidError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _compose(milliseconds: int, tail: bytes) -> UUID:
    value = int.from_bytes(tail[:10], "big")
    random_a = value >> 68
    random_b = value & ((1 << 62) - 1)
    bits = (milliseconds & ((1 << 48) - 1)) << 80
    bits |= 0x7 << 76 | (random_a & 0xFFF) << 64 | 0b10 << 62 | random_b
    return UUID(int=bits)


def new_id(now: datetime) -> UUID:
    """Return a fresh UUIDv7 stamped with ``now``."""
    return _compose((now - _EPOCH) // _MILLISECOND, os.urandom(10))


def derived_id(at: datetime, *parts: str) -> UUID:
    """Return the same UUIDv7 for the same moment and parts, on every machine.

    Its 74 free bits are the head of a SHA-256 over the parts, so sender and receiver name an
    observation alike without asking each other.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return _compose((at - _EPOCH) // _MILLISECOND, digest)


def id_time(identifier: UUID) -> datetime:
    """Return the moment (millisecond precision) that a UUIDv7 carries.

    Raises InvalidError for another kind of UUID whose bits name no moment before the year 10000.
    """
    try:
        return _EPOCH + (identifier.int >> 80) * _MILLISECOND
    except OverflowError as error:
        raise InvalidError("not an id of this system") from error
