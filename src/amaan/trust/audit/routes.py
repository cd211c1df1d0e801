"""/api/trust/audit: reading the log, proofs, checkpoints and witnesses."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import AwareDatetime, BaseModel

from amaan.kernel.engines import Database
from amaan.kernel.errors import InvalidError
from amaan.kernel.events import JsonValue
from amaan.trust.audit import archive, rules
from amaan.trust.audit.model import (
    Asked,
    Entry,
    LogDivergedError,
    NoteError,
    NotSignedYetError,
    Outcome,
)
from amaan.trust.audit.notes import NOTE_BYTES
from amaan.trust.audit.recording import Recorder
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import Signer
from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import open_to_all, permitted

Position = Annotated[int, Path(ge=0, lt=1 << 62)]
Size = Annotated[int, Query(ge=0, lt=1 << 62)]
TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}


class EntryOut(BaseModel):
    """An entry. ``leaf`` is the text whose SHA-256(0x00 || leaf) is ``leaf_hash`` (hexadecimal)."""

    position: int
    at: AwareDatetime
    actor: str
    username: str | None
    action: str
    permission: str | None
    outcome: Outcome
    status: int | None
    method: str | None
    path: str | None
    address: str | None
    session: str | None
    request: str | None
    authority: UUID | None
    late: bool
    details: dict[str, Any]
    leaf: str
    leaf_hash: str

    @classmethod
    def of(cls, entry: Entry) -> EntryOut:
        """Show an entry."""
        record = entry.record
        assert record.at is not None
        return cls(
            position=entry.position,
            at=record.at,
            actor=record.actor,
            username=record.username,
            action=record.action,
            permission=record.permission,
            outcome=record.outcome,
            status=record.status,
            method=record.method,
            path=record.path,
            address=record.address,
            session=record.session,
            request=record.request,
            authority=record.authority,
            late=record.late,
            details=dict(record.details),
            leaf=entry.leaf.decode(),
            leaf_hash=entry.leaf_hash.hex(),
        )


class EntriesView(BaseModel):
    """A page of entries, newest first."""

    items: list[EntryOut]
    next_cursor: str | None


class ProofView(BaseModel):
    """That an entry is under a signed checkpoint. Hashes in base64; ``checkpoint`` is the note."""

    position: int
    leaf_hash: str
    size: int
    proof: list[str]
    checkpoint: str


class ConsistencyView(BaseModel):
    """That the log of ``to`` entries begins with that of ``from``. Hashes in base64."""

    proof: list[str]


class CheckpointView(BaseModel):
    """The newest signed checkpoint; ``root`` in base64."""

    size: int
    root: str
    at: AwareDatetime


class WitnessView(BaseModel):
    """What a witness signed last; None: nothing yet."""

    name: str
    size: int | None
    at: AwareDatetime | None


class StatusView(BaseModel):
    """How the log stands. ``state``: ``ok``, or ``diverged`` (nothing is signed any more).

    ``late`` entries wait in a file; ``reason`` says why it diverged; ``key`` checks checkpoints.
    """

    size: int
    checkpoint: CheckpointView | None
    witnesses: list[WitnessView]
    late: int
    state: str
    reason: str | None
    key: str


def _asked(  # noqa: PLR0913  one parameter per query parameter of the API
    actor: Annotated[str | None, Query(max_length=200)] = None,
    action: Annotated[str | None, Query(max_length=200)] = None,
    permission: Annotated[str | None, Query(max_length=200)] = None,
    outcome: Outcome | None = None,
    plate: Annotated[str | None, Query(max_length=64)] = None,
    authority: UUID | None = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    cursor: Annotated[str | None, Query(pattern="^[0-9]{1,18}$")] = None,
) -> Asked:
    return Asked(
        actor=actor or None,
        action=action or None,
        permission=permission or None,
        outcome=outcome,
        plate=rules.plate_key(plate) if plate else None,
        authority=authority,
        since=since,
        until=until,
        before=None if cursor is None else int(cursor),
    )


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]


def _times(since: datetime | None, until: datetime | None) -> dict[str, JsonValue]:
    given = {"since": since, "until": until}
    return {name: at.isoformat() for name, at in given.items() if at is not None}


def router(log: AuditLog, signer: Signer, recorder: Recorder, database: Database) -> APIRouter:
    """Return the routes under /api/trust/audit."""
    routes = APIRouter(prefix="/api/trust/audit", tags=["trust"])
    _add_reading(routes, log, signer)
    _add_proofs(routes, signer)

    @routes.get(
        "/export",
        dependencies=[Depends(permitted("trust.export_audit"))],
        response_class=StreamingResponse,
        responses={200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}},
    )
    async def export_audit(
        request: Request,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    ) -> StreamingResponse:
        """Stream entries as lines of JSON, with what proves them offline (`amaan audit verify`).

        It holds every entry between the first and the last that fit, and ends where the newest
        checkpoint does.
        """
        with suppress(LogDivergedError):  # what was signed before is shown all the more
            await signer.sign()
        span = await log.span_of(since, until)
        part = await archive.part_of(database, span, await signer.newest())
        trail_of(request).note(**_times(since, until), rows=part.end - part.begin, begin=part.begin)
        return StreamingResponse(
            archive.lines(database, part),
            media_type="application/jsonl",
            headers={"Content-Disposition": 'attachment; filename="amaan-audit.jsonl"'},
        )

    @routes.get("/status", dependencies=[Depends(permitted("trust.read_audit"))])
    async def read_audit_status() -> StatusView:
        """Say how far the log has grown, what was signed, and who witnessed it."""
        size = await log.size()
        diverged = signer.diverged
        try:
            held = await signer.newest()
            checkpoint = CheckpointView(
                size=held.checkpoint.size,
                root=base64.b64encode(held.checkpoint.root).decode(),
                at=held.at,
            )
        except NotSignedYetError:
            checkpoint = None
        except LogDivergedError as error:  # not ours: it is told of all the more
            checkpoint, diverged = None, diverged or error.detail
        seen = {name: (size, at) for name, size, at in await signer.seen_by_witnesses()}
        names = sorted({key.name for key in signer.witnesses} | set(seen))
        return StatusView(
            size=size,
            checkpoint=checkpoint,
            witnesses=[
                WitnessView(name=name, size=at[0], at=at[1])
                if (at := seen.get(name))
                else WitnessView(name=name, size=None, at=None)
                for name in names
            ],
            late=recorder.late.count,
            state="diverged" if diverged else "ok",
            reason=diverged,
            key=str(signer.verifier),
        )

    return routes


def _add_reading(routes: APIRouter, log: AuditLog, signer: Signer) -> None:
    reader = Depends(permitted("trust.read_audit"))

    @routes.get("/entries", dependencies=[reader])
    async def read_audit(
        request: Request,
        asked: Annotated[Asked, Depends(_asked)],
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> EntriesView:
        """Read the log, newest first. ``actor`` is an actor (`account:ID`) or a user name."""
        found = await log.newest(asked, limit)
        named: dict[str, JsonValue] = {
            "asked_actor": asked.actor,
            "asked_action": asked.action,
            "asked_plate": asked.plate,
        }
        trail_of(request).note(
            **{name: value for name, value in named.items() if value is not None},
            **_times(asked.since, asked.until),
            count=len(found),
        )
        return EntriesView(
            items=[EntryOut.of(entry) for entry in found],
            next_cursor=str(found[-1].position) if len(found) == limit else None,
        )

    @routes.get("/entries/{position}/proof", dependencies=[reader])
    async def prove_entry(position: Position) -> ProofView:
        """Prove that an entry is under a signed checkpoint (RFC 6962 inclusion proof)."""
        await log.entry(position)
        held, hashed, proof = await signer.prove_entry(position)
        return ProofView(
            position=position,
            leaf_hash=base64.b64encode(hashed).decode(),
            size=held.checkpoint.size,
            proof=_texts(proof),
            checkpoint=str(held.note),
        )


def _add_proofs(routes: APIRouter, signer: Signer) -> None:
    @routes.get(
        "/checkpoint",
        dependencies=[Depends(open_to_all("a signed size and hash: witnesses have no account"))],
        response_class=PlainTextResponse,
        responses=TEXT,
    )
    async def read_checkpoint() -> PlainTextResponse:
        """Return the newest checkpoint, a C2SP signed note, with its cosignatures."""
        return PlainTextResponse(str((await signer.newest()).note))

    @routes.get(
        "/consistency",
        dependencies=[Depends(open_to_all("hashes only: witnesses have no account"))],
    )
    async def prove_consistency(
        old: Annotated[Size, Query(alias="from")], new: Annotated[Size, Query(alias="to")]
    ) -> ConsistencyView:
        """Prove that the log only grew between two sizes (RFC 6962 consistency proof)."""
        if old > new:
            raise InvalidError("from is at most to")
        return ConsistencyView(proof=_texts(await signer.prove_consistency(old, new)))

    @routes.post(
        "/witnesses",
        status_code=204,
        dependencies=[Depends(open_to_all("proves itself by a known witness's signature"))],
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        },
    )
    async def take_cosignature(request: Request) -> Response:
        """Take a checkpoint of this log that a known witness has signed."""
        raw = await request.body()
        if len(raw) > NOTE_BYTES:
            raise NoteError(f"a note has at most {NOTE_BYTES} bytes")
        await signer.take_cosignature(raw.decode())
        return Response(status_code=204)
