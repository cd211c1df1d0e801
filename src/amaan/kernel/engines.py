"""What rooms ask of machinery. Implementations live in ``engines``; only ``app`` picks them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow


class Database(Protocol):
    """PostgreSQL 16+, by pool."""

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection[TupleRow]]:
        """Lend a connection inside a transaction: commits on a clean exit, else rolls back.

        Raises UnavailableError when the server does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob as it lies there; ``put_at`` is when it was last put."""

    digest: str
    put_at: datetime
    size_bytes: int


class BlobStore(Protocol):
    """Bytes by their SHA-256 (lower-case hex). Written once, never changed."""

    async def put(self, digest: str, content: bytes) -> None:
        """Store durably (fsync); idempotent. InvalidError if content does not hash to digest."""
        ...

    async def measure(self, digest: str) -> int | None:
        """Return the size in bytes; None when absent."""
        ...

    async def discard(self, digest: str, put_before: datetime) -> bool:
        """Forget the bytes unless they were put (again) since; tell whether they are gone.

        Safe against a ``put`` at the same moment: either that stays, or it stores anew.
        """
        ...

    def each(self, put_before: datetime) -> AsyncIterator[StoredBlob]:
        """Walk over everything that was last put before a moment; in no order."""
        ...

    async def tidy(self, begun_before: datetime) -> int:
        """Remove what broken-off puts left behind; return how many."""
        ...

    async def get(self, digest: str) -> bytes:
        """Return the bytes; NotFoundError when absent."""
        ...

    async def keep(self, chunks: AsyncIterator[bytes]) -> StoredBlob:
        """Store what comes, durably, under its SHA-256; never whole in memory.

        Nothing is stored where the chunks break off with an error.
        """
        ...

    def pieces(self, digest: str, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from ``first`` to ``last`` (included) bit by bit; NotFoundError."""
        ...

    async def delete(self, digest: str) -> None:
        """Forget the bytes; idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Spooled:
    """One item kept for shipping: ``(source, boot, seq)`` is unique for ever."""

    source: str
    boot: str
    seq: int
    kind: str
    payload: bytes


class Spool(Protocol):
    """A worker's own durable store-and-forward queue. Thread-safe."""

    def append(self, kind: str, payload: bytes) -> Spooled:
        """Return only once the item is on disk (fsync). SpoolFullError when the disk is full."""
        ...

    def pending(self, kind: str, limit: int) -> Sequence[Spooled]:
        """Return the oldest unacknowledged items of a kind, in order of (boot age, seq)."""
        ...

    def latest(self, kind: str, limit: int) -> Sequence[Spooled]:
        """Return the newest unacknowledged items of a kind, newest first."""
        ...

    def acknowledge(self, items: Iterable[tuple[str, str, int]]) -> None:
        """Forget items by (source, boot, seq), once the centre has committed them."""
        ...
