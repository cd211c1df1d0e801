"""Days of each class, legal holds, and what was deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.ids import new_id
from amaan.trust.model import Account
from amaan.trust.retention import holdings, receipts, rules, store
from amaan.trust.retention.model import (
    Hold,
    HoldAuthorityError,
    HoldDraft,
    HoldError,
    HoldNotFoundError,
    HoldReleasedError,
    HoldReview,
    HoldSamePersonError,
    Receipt,
    ReceiptNotFoundError,
    RetentionClass,
    RetentionClassNotFoundError,
    Run,
    Terms,
)
from amaan.trust.retention.ports import AuthorityBook


@dataclass(frozen=True, slots=True)
class HoldDetail:
    """A hold with every look that was taken at it."""

    hold: Hold
    reviews: tuple[HoldReview, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How retention stands: for health and metrics."""

    holds: int
    overdue_holds: int
    last_run: Run | None


class RetentionService:
    """Use cases; one transaction each. ``load`` before the rest."""

    def __init__(self, database: Database, authorities: AuthorityBook, clock: Clock) -> None:
        self._database = database
        self._authorities = authorities
        self._clock = clock
        self._days: dict[str, int] = {}
        self._when_changed: list[Callable[[Mapping[str, int]], None]] = []

    def when_changed(self, call: Callable[[Mapping[str, int]], None]) -> None:
        """Call back with the days of every class whenever they are read afresh."""
        self._when_changed.append(call)

    @property
    def days(self) -> Mapping[str, int]:
        """The days of every class as last read."""
        return self._days

    async def load(self) -> None:
        """Read the days; call it now and then, as another process may change them."""
        await self.classes()

    # -- classes -------------------------------------------------------------------------------

    async def classes(self) -> list[RetentionClass]:
        """Return all classes, shortest first."""
        async with self._database.transaction() as connection:
            found = await store.classes(connection)
        days = {one.name: one.days for one in found}
        if days != self._days:
            self._days = days
            for call in self._when_changed:
                call(days)
        return found

    async def set_days(
        self, name: str, days: int, reason: str, by: Account
    ) -> tuple[RetentionClass, int]:
        """Change the days of a class, from the next run on; return it and the days before.

        Raises RetentionClassNotFoundError, RetentionDaysError.
        """
        async with self._database.transaction() as connection:
            found = await store.lock_class(connection, name)
            if found is None:
                raise RetentionClassNotFoundError(f"no class {name}")
            text = rules.check_days(found, days, reason)
            await store.set_days(connection, name, days, (self._clock.now(), by.id, text))
        await self.classes()
        return replace(found, days=days), found.days

    async def terms(self) -> Terms:
        """Return what a run goes by that begins now."""
        found = await self.classes()
        return Terms(self._clock.now(), {one.name: one.days for one in found})

    async def standing(self) -> Standing:
        """Return how retention stands."""
        async with self._database.transaction() as connection:
            now = self._clock.now()
            holds, overdue = await holdings.counts(connection, now)
            return Standing(holds, overdue, await store.last_run(connection, now))

    # -- holds ---------------------------------------------------------------------------------

    async def place_hold(self, draft: HoldDraft, by: Account) -> HoldDetail:
        """Keep what the scope names until somebody else releases it.

        Raises HoldError, HoldAuthorityError.
        """
        now = self._clock.now()
        rules.check_draft(draft, now)
        reason = rules.checked_reason(draft.reason)
        if not await self._authorities.is_active(draft.authority):
            raise HoldAuthorityError("the authority is not active", authority=str(draft.authority))
        hold = Hold(
            id=new_id(now),
            authority=draft.authority,
            case_ref=" ".join(draft.case_ref.split()),
            reason=reason,
            scope=draft.scope,
            review_at=draft.review_at,
            placed_at=now,
            placed_by=by.id,
            placed_by_username=by.username,
        )
        async with self._database.transaction() as connection:
            unknown = await holdings.unknown_cameras(connection, hold.scope)
            if unknown:  # a hold of nothing would look like one
                raise HoldError(f"no such camera: {', '.join(unknown[:5])}", field="cameras")
            await holdings.add(connection, hold)
        return HoldDetail(hold, ())

    async def holds(
        self, *, placed_by: UUID | None, before: UUID | None, limit: int
    ) -> list[HoldDetail]:
        """Return holds newest first: all, or one person's."""
        async with self._database.transaction() as connection:
            found = await holdings.page(connection, placed_by, before, limit)
            reviews = await holdings.reviews(connection, [hold.id for hold in found])
        return [HoldDetail(hold, tuple(reviews.get(hold.id, ()))) for hold in found]

    async def review_hold(
        self, identifier: UUID, review_at: datetime, reason: str, by: Account
    ) -> HoldDetail:
        """Note that the hold is needed still, and when to look again.

        Raises HoldNotFoundError, HoldReleasedError, HoldError.
        """
        now = self._clock.now()
        rules.check_review(review_at, now)
        review = HoldReview(now, by.username, rules.checked_reason(reason), review_at)
        async with self._database.transaction() as connection:
            hold = await holdings.get(connection, identifier, lock=True)
            _holding(hold)
            await holdings.review(connection, identifier, by.id, review)
        return await self.hold(identifier)

    async def release_hold(self, identifier: UUID, reason: str, by: Account) -> HoldDetail:
        """End a hold: what is over goes with the next run.

        Raises HoldNotFoundError, HoldReleasedError, HoldSamePersonError, HoldError.
        """
        text = rules.checked_reason(reason)
        async with self._database.transaction() as connection:
            hold = _holding(await holdings.get(connection, identifier, lock=True))
            if hold.placed_by == by.id:
                raise HoldSamePersonError("who placed a hold does not release it")
            await holdings.release(connection, identifier, (self._clock.now(), by.id, text))
        return await self.hold(identifier)

    async def hold(self, identifier: UUID) -> HoldDetail:
        """Return a hold. Raises HoldNotFoundError."""
        async with self._database.transaction() as connection:
            hold = await holdings.get(connection, identifier)
            if hold is None:
                raise HoldNotFoundError(f"no hold {identifier}")
            reviews = await holdings.reviews(connection, [identifier])
        return HoldDetail(hold, tuple(reviews.get(identifier, ())))

    # -- receipts ------------------------------------------------------------------------------

    async def receipts(self, before: int | None, limit: int) -> list[Receipt]:
        """Return receipts newest first, of numbers below ``before``."""
        async with self._database.transaction() as connection:
            found = await store.notes(connection, before, limit)
        return [read_unchecked(note) for _, _, note in found]

    async def receipt(self, identifier: UUID) -> Receipt:
        """Return a receipt. Raises ReceiptNotFoundError."""
        async with self._database.transaction() as connection:
            note = await store.note(connection, identifier)
        if note is None:
            raise ReceiptNotFoundError(f"no receipt {identifier}")
        return read_unchecked(note)


def _holding(hold: Hold | None) -> Hold:
    if hold is None:
        raise HoldNotFoundError("no such hold")
    if hold.released_at is not None:
        raise HoldReleasedError("the hold was released: place another")
    return hold


def read_unchecked(note: str) -> Receipt:
    """Read a receipt of our own table without checking its signature: for showing only."""
    return receipts.receipt_of(note.rpartition("\n\n")[0] + "\n", note)
