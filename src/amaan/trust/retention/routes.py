"""Retention, legal holds and receipts over HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from amaan.kernel.clock import Clock
from amaan.kernel.errors import InvalidError
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted, reach
from amaan.trust.model import Account
from amaan.trust.retention.model import HoldDraft, HoldNotFoundError, HoldScope, Receipt
from amaan.trust.retention.rules import CAMERAS_AT_MOST, PLATES_AT_MOST, REASON_LENGTH
from amaan.trust.retention.service import HoldDetail, RetentionService

Viewer = Annotated[Account, Depends(permitted("trust.view_retention"))]
Keeper = Annotated[Account, Depends(permitted("trust.manage_retention"))]
Placer = Annotated[Account, Depends(permitted("trust.place_hold"))]
Releaser = Annotated[Account, Depends(permitted("trust.release_hold"))]


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time out of range") from error


def _plate(text: str) -> str:
    plate = re.sub(r"[\s.-]", "", text).upper()
    if not re.fullmatch(r"[A-Z0-9]{1,16}", plate):
        raise ValueError("a plate has 1 to 16 letters and digits")
    return plate


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Reason = Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]
Plate = Annotated[str, Field(max_length=32), AfterValidator(_plate)]
Camera = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassView(BaseModel):
    """How long one kind of record is kept; ``held``: a hold may keep some of it longer."""

    name: str
    days: int
    least: int
    most: int
    about: str
    held: bool


class ClassesView(BaseModel):
    """Every class, shortest first."""

    items: list[ClassView]
    next_cursor: str | None = None


class DaysBody(_Body):
    """New days for a class, from the next run on."""

    days: Annotated[int, Field(ge=1, le=36_500)]
    reason: Reason


class ReceiptView(BaseModel):
    """What was deleted at one stroke. ``digest``: SHA-256 over the removed ids, ascending."""

    id: UUID
    number: int
    name: str
    things: str
    at: datetime
    since: datetime | None
    until: datetime | None
    removed: int
    kept: int = Field(description="Of the same range, and stays: hits, held, or younger.")
    digest: str
    partitions: list[str]
    blobs: int
    blob_bytes: int

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptView:
        """Show a receipt without its note."""
        return cls.model_validate(_shown(receipt))


class SignedReceiptView(ReceiptView):
    """A receipt with the note that proves it (C2SP signed-note)."""

    signed_note: str


class ReceiptsView(BaseModel):
    """Receipts, newest first."""

    items: list[ReceiptView]
    next_cursor: str | None


class ScopeBody(_Body):
    """What must stay; ``plates`` or ``cameras`` or both. since <= observed < until."""

    plates: Annotated[list[Plate], Field(min_length=1, max_length=PLATES_AT_MOST)] | None = None
    cameras: Annotated[list[Camera], Field(min_length=1, max_length=CAMERAS_AT_MOST)] | None = None
    since: Moment
    until: Moment


class HoldBody(_Body):
    """A legal hold to be placed under an active authority."""

    authority: UUID
    case_ref: Annotated[str, Field(min_length=1, max_length=120)]
    reason: Reason
    scope: ScopeBody
    review_at: Moment


class ReviewBody(_Body):
    """It is needed still; look again then."""

    reason: Reason
    review_at: Moment


class ReleaseBody(_Body):
    """It is needed no more."""

    reason: Reason


class ScopeView(BaseModel):
    """What stays. ``plates`` None with ``plate_count`` > 0: not for this account's eyes."""

    plates: list[str] | None
    plate_count: int
    cameras: list[str] | None
    since: datetime
    until: datetime


class HoldReviewView(BaseModel):
    """One look at a hold."""

    at: datetime
    by: str
    reason: str
    review_at: datetime


class HoldView(BaseModel):
    """A legal hold. ``overdue``: its review is; it holds all the same."""

    id: UUID
    authority: UUID
    case_ref: str
    reason: str
    scope: ScopeView
    review_at: datetime
    overdue: bool
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str | None
    release_reason: str | None
    reviews: list[HoldReviewView]


class HoldsView(BaseModel):
    """Holds, newest first."""

    items: list[HoldView]
    next_cursor: str | None


def _shown(receipt: Receipt) -> dict[str, object]:
    removal = receipt.removal
    return {
        "id": receipt.id,
        "number": receipt.number,
        "name": removal.name,
        "things": removal.things,
        "at": receipt.at,
        "since": removal.since,
        "until": removal.until,
        "removed": removal.removed,
        "kept": removal.kept,
        "digest": removal.digest,
        "partitions": list(removal.partitions),
        "blobs": removal.blobs,
        "blob_bytes": removal.blob_bytes,
    }


def _view(detail: HoldDetail, now: datetime, *, plates: bool) -> HoldView:
    hold, scope = detail.hold, detail.hold.scope
    shown = list(scope.plates) if plates and scope.plates is not None else None
    return HoldView(
        id=hold.id,
        authority=hold.authority,
        case_ref=hold.case_ref,
        reason=hold.reason,
        scope=ScopeView(
            plates=shown,
            plate_count=len(scope.plates or ()),
            cameras=None if scope.cameras is None else list(scope.cameras),
            since=scope.since,
            until=scope.until,
        ),
        review_at=hold.review_at,
        overdue=hold.is_overdue(now),
        placed_at=hold.placed_at,
        placed_by=hold.placed_by_username,
        released_at=hold.released_at,
        released_by=hold.released_by_username,
        release_reason=hold.release_reason,
        reviews=[
            HoldReviewView(
                at=one.at, by=one.by_username, reason=one.reason, review_at=one.review_at
            )
            for one in detail.reviews
        ],
    )


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", cursor):
        raise InvalidError("not a cursor of this list")
    return int(cursor)


def _identifier(cursor: str | None) -> UUID | None:
    try:
        return None if cursor is None else UUID(cursor)
    except ValueError as error:
        raise InvalidError("not a cursor of this list") from error


HELD = frozenset({"reads", "hits", "clips", "alarms", "pictures", "documents"})
"""Classes of which a hold may keep something."""


def router(service: RetentionService, clock: Clock) -> APIRouter:
    """Return the routes of retention under /api/trust."""
    routes = APIRouter(prefix="/api/trust", tags=["trust"])
    _add_class_routes(routes, service)
    _add_hold_routes(routes, service, clock)
    return routes


def _add_class_routes(routes: APIRouter, service: RetentionService) -> None:
    @routes.get("/retention")
    async def list_retention_classes(_: Viewer) -> ClassesView:
        """Return how long each kind of record is kept."""
        holding = (await service.standing()).holds > 0
        return ClassesView(
            items=[
                ClassView(
                    name=one.name,
                    days=one.days,
                    least=one.least,
                    most=one.most,
                    about=one.about,
                    held=holding and one.name in HELD,
                )
                for one in await service.classes()
            ]
        )

    @routes.get("/retention/receipts")
    async def list_receipts(
        _: Viewer,
        cursor: Annotated[str | None, Query(max_length=32)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> ReceiptsView:
        """Return what was deleted, newest first."""
        found = await service.receipts(_number(cursor), limit + 1)
        more = len(found) > limit
        return ReceiptsView(
            items=[ReceiptView.of(receipt) for receipt in found[:limit]],
            next_cursor=str(found[limit - 1].number) if more else None,
        )

    @routes.get("/retention/receipts/{receipt_id}")
    async def get_receipt(receipt_id: UUID, _: Viewer) -> SignedReceiptView:
        """Return one receipt with its signed note."""
        receipt = await service.receipt(receipt_id)
        shown = {**_shown(receipt), "signed_note": receipt.note}
        return SignedReceiptView.model_validate(shown)

    @routes.patch("/retention/{name}")
    async def change_retention(
        name: str, body: DaysBody, account: Keeper, request: Request
    ) -> ClassView:
        """Change the days of a class, from the next run on."""
        trail = trail_of(request)
        trail.note(retention=name, days=body.days, reason=body.reason)
        changed, before = await service.set_days(name, body.days, body.reason, account)
        trail.note(days_before=before)
        holding = (await service.standing()).holds > 0
        return ClassView(
            name=changed.name,
            days=changed.days,
            least=changed.least,
            most=changed.most,
            about=changed.about,
            held=holding and name in HELD,
        )


def _add_hold_routes(routes: APIRouter, service: RetentionService, clock: Clock) -> None:
    @routes.get("/holds")
    async def list_holds(
        account: Viewer,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> HoldsView:
        """Return legal holds, newest first; who works in some sites only sees his own."""
        everywhere = _is_everywhere(account, "trust.view_retention")
        found = await service.holds(
            placed_by=None if everywhere else account.id,
            before=_identifier(cursor),
            limit=limit + 1,
        )
        more = len(found) > limit
        plates = _sees_plates(account)
        return HoldsView(
            items=[_view(detail, clock.now(), plates=plates) for detail in found[:limit]],
            next_cursor=str(found[limit - 1].hold.id) if more else None,
        )

    @routes.post("/holds", status_code=201)
    async def place_hold(body: HoldBody, account: Placer, request: Request) -> HoldView:
        """Keep reads, pictures, clips and alarms, though their days be over, until released."""
        scope = body.scope
        trail = trail_of(request)
        trail.authority = body.authority
        trail.note(
            plate=scope.plates,
            cameras=scope.cameras,
            since=scope.since.isoformat(),
            until=scope.until.isoformat(),
            case=body.case_ref,
            reason=body.reason,
        )
        draft = HoldDraft(
            authority=body.authority,
            case_ref=body.case_ref,
            reason=body.reason,
            scope=HoldScope(
                None if scope.plates is None else tuple(sorted(set(scope.plates))),
                None if scope.cameras is None else tuple(sorted(set(scope.cameras))),
                scope.since,
                scope.until,
            ),
            review_at=body.review_at,
        )
        detail = await service.place_hold(draft, account)
        trail.note(hold=str(detail.hold.id))
        return _view(detail, clock.now(), plates=True)

    @routes.post("/holds/{hold_id}/review")
    async def review_hold(
        hold_id: UUID, body: ReviewBody, account: Placer, request: Request
    ) -> HoldView:
        """Say that a hold is needed still, and when to look again."""
        trail_of(request).note(hold=str(hold_id), reason=body.reason)
        await _seen(service, hold_id, account)
        detail = await service.review_hold(hold_id, body.review_at, body.reason, account)
        return _view(detail, clock.now(), plates=True)

    @routes.post("/holds/{hold_id}/release")
    async def release_hold(
        hold_id: UUID, body: ReleaseBody, account: Releaser, request: Request
    ) -> HoldView:
        """End a hold that somebody else placed; what is over goes with the next run."""
        trail_of(request).note(hold=str(hold_id), reason=body.reason)
        detail = await service.release_hold(hold_id, body.reason, account)
        return _view(detail, clock.now(), plates=True)


async def _seen(service: RetentionService, hold_id: UUID, account: Account) -> None:
    """Answer as for none where the account, at work in some sites only, placed it not."""
    if not _is_everywhere(account, "trust.place_hold"):
        detail = await service.hold(hold_id)
        if detail.hold.placed_by != account.id:
            raise HoldNotFoundError(f"no hold {hold_id}")


def _is_everywhere(account: Account, permission: str) -> bool:
    reached = reach(account, permission, strong=True)
    return reached is not None and reached.sites is None


def _sees_plates(account: Account) -> bool:
    """Tell whether an account works with plates: those that watch over others do not."""
    return any(
        reach(account, permission, strong=True) is not None
        for permission in ("trust.place_hold", "trust.release_hold")
    )
