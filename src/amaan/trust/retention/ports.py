"""What retention asks of the rooms whose things it has removed, and of trust's other chambers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from amaan.trust.retention.model import Planned, Receipt, Removal, Terms

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow


class Book(Protocol):
    """Where a keeper writes what it removed, inside the transaction that removed it."""

    async def record(self, connection: AsyncConnection[TupleRow], removal: Removal) -> None:
        """Sign a receipt. Nothing removed and no partition dropped: no receipt."""
        ...

    async def condemn(
        self, connection: AsyncConnection[TupleRow], name: str, digests: Sequence[str]
    ) -> None:
        """Give up blobs (SHA-256, hex): removed later unless another record refers to them."""
        ...


class Keeper(Protocol):
    """A room's own hand for removing what is over; registered by ``app``, run every night.

    What it does is idempotent and in batches, each a transaction: a run killed anywhere is
    finished by the next. It asks ``trust.is_held`` / ``trust.clip_is_held`` in SQL, so that a
    hold placed a moment ago counts.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """The classes that it removes."""
        ...

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Tell what ``remove`` would do now; change nothing."""
        ...

    async def remove(self, terms: Terms, book: Book) -> None:
        """Remove what is over."""
        ...

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Name what a receipt says is gone and is still there."""
        ...


class AuthorityBook(Protocol):
    """The authorities (``trust.authority.service``)."""

    async def is_active(self, authority_id: UUID) -> bool:
        """Tell whether an authority stands approved and unexpired."""
        ...


class Signer(Protocol):
    """Signs with the audit log's key (``trust.audit``)."""

    def sign_note(self, text: str) -> str:
        """Return the text, which ends with a newline, as a signed note (C2SP signed-note)."""
        ...


class Witness(Protocol):
    """The audit log, as far as deletions are told to it."""

    async def tell(self, receipt: Receipt) -> None:
        """Write that something was deleted; raises where the log does not take it."""
        ...
