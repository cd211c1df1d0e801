"""Authorities and their documents over HTTP."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from amaan.kernel.errors import InvalidError
from amaan.kernel.geography import Bounds
from amaan.trust.audit.trail import trail_of
from amaan.trust.authority import rules
from amaan.trust.authority.model import (
    Authority,
    Document,
    DocumentError,
    NewAuthority,
    Person,
    Purpose,
    Scope,
    State,
    Use,
)
from amaan.trust.authority.papers import DOCUMENT_BYTES, ENDINGS
from amaan.trust.authority.service import AuthorityService
from amaan.trust.guards import permitted, reach
from amaan.trust.model import Account, NotPermittedError

Requester = Annotated[Account, Depends(permitted("trust.request_authority"))]
Viewer = Annotated[Account, Depends(permitted("trust.view_authorities"))]
Approver = Annotated[Account, Depends(permitted("trust.approve_authority"))]
Revoker = Annotated[Account, Depends(permitted("trust.revoke_authority"))]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 in hexadecimal.")]
Text = Annotated[str, Field(max_length=64)]
_DOCUMENT = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in ENDINGS
        },
    }
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DocumentName(_Body):
    """A paper that was uploaded, and what it is called."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    name: str = Field(min_length=1, max_length=rules.NAME_LENGTH)


class ScopeBody(_Body):
    """What is allowed; null asks nothing of that kind."""

    plates: list[Text] | None = Field(
        default=None,
        max_length=rules.LIST_MOST,
        description="Plates, and patterns with ? and *. Null: every plate of a bounded area and "
        "time, for searches only.",
    )
    cameras: list[Text] | None = Field(default=None, max_length=rules.LIST_MOST)
    sites: list[Text] | None = Field(default=None, max_length=rules.LIST_MOST)
    bounds: tuple[float, float, float, float] | None = Field(
        default=None, description="west, south, east, north in degrees"
    )
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    uses: list[Use] = Field(min_length=1, max_length=3)

    def scope(self) -> Scope:
        """Return the noun."""
        return Scope(
            plates=None if self.plates is None else tuple(self.plates),
            cameras=None if self.cameras is None else tuple(self.cameras),
            sites=None if self.sites is None else tuple(self.sites),
            bounds=None if self.bounds is None else Bounds(*self.bounds),
            since=_utc(self.since),
            until=_utc(self.until),
            uses=tuple(self.uses),
        )

    @classmethod
    def of(cls, scope: Scope) -> ScopeBody:
        """Show a scope."""
        b = scope.bounds
        return cls.model_construct(
            plates=None if scope.plates is None else list(scope.plates),
            cameras=None if scope.cameras is None else list(scope.cameras),
            sites=None if scope.sites is None else list(scope.sites),
            bounds=None if b is None else (b.west, b.south, b.east, b.north),
            since=scope.since,
            until=scope.until,
            uses=list(scope.uses),
        )


class NewAuthorityBody(_Body):
    """What is asked for."""

    purpose: Purpose
    case_ref: str = Field(min_length=1, max_length=rules.CASE_LENGTH)
    grounds: str = Field(min_length=rules.GROUNDS_SHORTEST, max_length=rules.GROUNDS_LENGTH)
    document: DocumentName
    scope: ScopeBody
    expires_at: AwareDatetime
    emergency: bool = Field(
        default=False, description="Active at once, for 24 h at most; then approved or sealed."
    )
    replaces: UUID | None = Field(
        default=None, description="The authority whose scope this one changes."
    )

    def new(self) -> NewAuthority:
        """Return the noun."""
        expires_at = _utc(self.expires_at)
        assert expires_at is not None
        return NewAuthority(
            purpose=self.purpose,
            case_ref=self.case_ref,
            grounds=self.grounds,
            document=Document(self.document.sha256, self.document.name),
            scope=self.scope.scope(),
            expires_at=expires_at,
            emergency=self.emergency,
            replaces=self.replaces,
        )


class Reason(_Body):
    """Why."""

    reason: str = Field(default="", max_length=rules.REASON_LENGTH)


class PersonView(BaseModel):
    """Somebody."""

    id: UUID
    username: str
    display_name: str

    @classmethod
    def of(cls, person: Person) -> PersonView:
        """Show a person."""
        return cls(id=person.id, username=person.username, display_name=person.display_name)


class StepView(BaseModel):
    """A change; ``by`` null: time did it."""

    at: datetime
    by: PersonView | None
    change: str
    reason: str


class AuthorityView(BaseModel):
    """An authority as time has left it."""

    id: UUID
    number: int
    state: State
    purpose: Purpose
    case_ref: str
    grounds: str
    document: DocumentName
    scope: ScopeBody
    expires_at: datetime
    ends_at: datetime = Field(description="An unapproved emergency ends sooner than it expires.")
    emergency: bool
    replaces: UUID | None
    requested_by: PersonView
    requested_at: datetime
    decided_by: PersonView | None
    decided_at: datetime | None
    decision: str | None
    decision_reason: str | None
    active_since: datetime | None
    ended_at: datetime | None
    beyond_tier: bool = Field(description="Asks for older reads than a role reaches by itself.")
    history: list[StepView]

    @classmethod
    def of(cls, a: Authority) -> AuthorityView:
        """Show an authority."""
        return cls(
            id=a.id,
            number=a.number,
            state=a.state,
            purpose=a.purpose,
            case_ref=a.case_ref,
            grounds=a.grounds,
            document=DocumentName(sha256=a.document.sha256, name=a.document.name),
            scope=ScopeBody.of(a.scope),
            expires_at=a.expires_at,
            ends_at=rules.ends_at(a),
            emergency=a.emergency,
            replaces=a.replaces,
            requested_by=PersonView.of(a.requested_by),
            requested_at=a.requested_at,
            decided_by=PersonView.of(a.decided_by) if a.decided_by else None,
            decided_at=a.decided_at,
            decision=a.decision,
            decision_reason=a.decision_reason,
            active_since=a.active_since,
            ended_at=a.ended_at,
            beyond_tier=a.beyond_tier,
            history=[
                StepView(
                    at=step.at,
                    by=PersonView.of(step.by) if step.by else None,
                    change=step.change,
                    reason=step.reason,
                )
                for step in a.history
            ],
        )


class AuthoritiesView(BaseModel):
    """A page of authorities, newest first."""

    items: list[AuthorityView]
    next_cursor: str | None


class PurposeView(BaseModel):
    """A purpose; what it is called is the console's."""

    code: Purpose


class PurposesView(BaseModel):
    """The closed list."""

    items: list[PurposeView]


class StoredDocumentView(BaseModel):
    """A paper that was uploaded."""

    sha256: str
    size_bytes: int
    type: str


class AuthorityCursorError(InvalidError):
    """A cursor that this list did not give."""

    code = "authority-invalid-cursor"


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def _before(cursor: str | None) -> UUID | None:
    if not cursor:
        return None
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise AuthorityCursorError("not a cursor of this list") from error


async def _limited(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > DOCUMENT_BYTES:
            raise DocumentError(f"a document has at most {DOCUMENT_BYTES} bytes")
    return bytes(body)


def _note(request: Request, found: Authority) -> AuthorityView:
    trail = trail_of(request)
    trail.authority = found.id
    trail.note(
        purpose=found.purpose.value,
        case=found.case_ref,
        plate=None if found.scope.plates is None else list(found.scope.plates[:100]),
        decision=found.state.value,
        emergency=found.emergency,
    )
    return AuthorityView.of(found)


def router(authorities: AuthorityService) -> APIRouter:
    """Return the routes under /api/trust for authorities."""
    routes = APIRouter(prefix="/api/trust", tags=["trust"])
    _add_documents(routes, authorities)
    _add_questions(routes, authorities)
    _add_steps(routes, authorities)
    return routes


def _add_documents(routes: APIRouter, authorities: AuthorityService) -> None:
    @routes.post("/documents", status_code=201, openapi_extra=_DOCUMENT)
    async def put_document(request: Request, account: Requester) -> StoredDocumentView:
        """Keep the paper behind an authority: PDF, JPEG or PNG, at most 10 MiB."""
        stored = await authorities.put_document(await _limited(request), account)
        trail_of(request).note(document=stored.sha256)
        return StoredDocumentView(
            sha256=stored.sha256, size_bytes=stored.size_bytes, type=stored.type
        )

    @routes.get(
        "/documents/{sha256}",
        dependencies=[Depends(permitted("trust.view_authorities"))],
        response_class=Response,
        responses={200: {"content": {media_type: {} for media_type in ENDINGS}}},
    )
    async def get_document(request: Request, sha256: Digest) -> Response:
        """Return a paper, to be saved."""
        trail_of(request).note(document=sha256)
        stored, content = await authorities.document(sha256)
        name = f"{sha256[:16]}.{ENDINGS[stored.type]}"
        return Response(
            content,
            media_type=stored.type,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )


def _add_questions(routes: APIRouter, authorities: AuthorityService) -> None:
    @routes.get("/purposes", dependencies=[Depends(permitted("trust.view_authorities"))])
    async def list_purposes() -> PurposesView:
        """Return what plates may be looked for."""
        return PurposesView(items=[PurposeView(code=purpose) for purpose in Purpose])

    @routes.get("/authorities")
    async def list_authorities(
        account: Viewer,
        state: Literal["open", "requested", "active", "ended", "all"] = "all",
        mine: bool = False,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AuthoritiesView:
        """Return authorities newest first; ``open`` waits for a decision."""
        found = await authorities.page(
            state=state,
            mine=account.id if mine else None,
            before=_before(cursor),
            limit=limit + 1,
        )
        more = len(found) > limit
        last = base64.urlsafe_b64encode(found[limit - 1].id.bytes).decode() if more else None
        return AuthoritiesView(
            items=[AuthorityView.of(each) for each in found[:limit]],
            next_cursor=last.rstrip("=") if last else None,
        )

    @routes.get(
        "/authorities/{authority_id}", dependencies=[Depends(permitted("trust.view_authorities"))]
    )
    async def get_authority(request: Request, authority_id: UUID) -> AuthorityView:
        """Return one authority with its history."""
        trail_of(request).authority = authority_id
        return AuthorityView.of(await authorities.authority(authority_id))


def _add_steps(routes: APIRouter, authorities: AuthorityService) -> None:
    @routes.post("/authorities", status_code=201)
    async def request_authority(
        request: Request, new: NewAuthorityBody, account: Requester
    ) -> AuthorityView:
        """Ask for an authority; another person decides."""
        if new.emergency and reach(account, "trust.declare_emergency") is None:
            raise NotPermittedError("this account may not declare an emergency")
        trail_of(request).note(purpose=new.purpose.value, case=new.case_ref, reason=new.grounds)
        return _note(request, await authorities.request(account, new.new()))

    @routes.post("/authorities/{authority_id}/approve")
    async def approve_authority(
        request: Request, authority_id: UUID, reason: Reason, account: Approver
    ) -> AuthorityView:
        """Let it be active. Never by who asked for it."""
        trail = trail_of(request)
        trail.authority = authority_id
        trail.note(reason=reason.reason)
        strong = trail.session is not None and trail.session.strong
        senior = reach(account, "trust.approve_beyond_tier", strong=strong) is not None
        found = await authorities.approve(authority_id, account, reason.reason, senior=senior)
        return _note(request, found)

    @routes.post("/authorities/{authority_id}/refuse")
    async def refuse_authority(
        request: Request, authority_id: UUID, reason: Reason, account: Approver
    ) -> AuthorityView:
        """Say no, with a reason. An emergency is sealed by it."""
        trail_of(request).authority = authority_id
        trail_of(request).note(reason=reason.reason)
        return _note(request, await authorities.refuse(authority_id, account, reason.reason))

    @routes.post("/authorities/{authority_id}/revoke")
    async def revoke_authority(
        request: Request, authority_id: UUID, reason: Reason, account: Revoker
    ) -> AuthorityView:
        """End an active authority, with a reason."""
        trail_of(request).authority = authority_id
        trail_of(request).note(reason=reason.reason)
        return _note(request, await authorities.revoke(authority_id, account, reason.reason))

    @routes.post("/authorities/{authority_id}/withdraw")
    async def withdraw_authority(
        request: Request, authority_id: UUID, reason: Reason, account: Requester
    ) -> AuthorityView:
        """Take back what one asked for oneself."""
        trail_of(request).authority = authority_id
        return _note(request, await authorities.withdraw(authority_id, account, reason.reason))
