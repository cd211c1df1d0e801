"""What playback asks of others; ``app`` wires them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

from amaan.kernel.events import JsonValue
from amaan.trust.audit.model import Record
from amaan.trust.authority.model import Asked, Authority, Cover
from amaan.trust.authority.ports import Places

Head = Mapping[str, JsonValue]


class LongAnswer(Protocol):
    """What comes back bit by bit."""

    @property
    def head(self) -> Head:
        """Return what was said first."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the rest. UnavailableError when the worker breaks off."""
        ...


class Workers(Protocol):
    """The connected workers (``video.channel.Channels``)."""

    def connected(self) -> frozenset[str]:
        """Return who can be asked now."""
        ...

    def open(
        self, worker: str, kind: str, arguments: Head, timeout_s: float = 10.0
    ) -> AbstractAsyncContextManager[LongAnswer]:
        """Open a long answer. Raises UnavailableError, and what the worker says."""
        ...

    async def fetch(
        self, worker: str, kind: str, arguments: Head, most_bytes: int, timeout_s: float = 10.0
    ) -> tuple[Head, bytes]:
        """Return a long answer whole. Raises as ``open``."""
        ...


class AuthorityBook(Protocol):
    """The authorities (``trust.authority.service``)."""

    async def cover(self, identifier: UUID | None, asked: Asked, places: Places) -> Cover:
        """Return what of that is allowed now.

        Raises AuthorityNeededError, AuthorityNotActiveError, NotCoveredError.
        """
        ...

    async def authority(self, identifier: UUID) -> Authority:
        """Return an authority as time has left it. Raises AuthorityNotFoundError."""
        ...


class AuditBook(Protocol):
    """The audit log."""

    async def write(self, record: Record) -> int:
        """Return once written. Raises AuditUnavailableError."""
        ...
