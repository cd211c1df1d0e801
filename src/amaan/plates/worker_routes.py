"""What workers send: deliveries of reads, and pictures."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from amaan.kernel.errors import InvalidError
from amaan.plates.grouping import Receipt
from amaan.plates.ingest import IngestService
from amaan.plates.model import BatchTooLargeError
from amaan.plates.observations import delivery_schema
from amaan.plates.service import PlatesService
from amaan.plates.settings import PlatesSettings
from amaan.trust.guards import current_worker

DELIVERY_BYTES = 16 << 20  # 5,000 reads of 3 KB
JPEG_START = b"\xff\xd8\xff"
_encode = msgspec.json.Encoder().encode


class PictureError(InvalidError):
    """Not a JPEG."""

    code = "plates.invalid-picture"


class SpanView(BaseModel):
    """Numbers that need not be sent again, first and last included."""

    boot: UUID
    first: int
    last: int


class ConflictView(BaseModel):
    """A number that came before with another payload; what came first stands."""

    boot: UUID
    seq: int


class RejectedReadView(BaseModel):
    """A read that cannot be stored; it is kept aside. Nulls: its number is unreadable too."""

    boot: UUID | None
    seq: int | None
    reason: str


class ReceiptView(BaseModel):
    """What became of a delivery."""

    acknowledged: list[SpanView]
    accepted: int
    duplicates: int
    conflicts: list[ConflictView]
    rejected: list[RejectedReadView]


def _body(media_type: str, schema: dict[str, object]) -> dict[str, object]:
    return {"required": True, "content": {media_type: {"schema": schema}}}


async def bounded_body(request: Request, limit: int) -> bytes:
    """Return the body; BatchTooLargeError as soon as it is longer than ``limit`` bytes."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise BatchTooLargeError(f"the body may have at most {limit} bytes")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BatchTooLargeError(f"the body may have at most {limit} bytes")
    return bytes(body)


def _answer(receipt: Receipt) -> dict[str, Any]:
    return {
        "acknowledged": [
            {"boot": boot, "first": first, "last": last}
            for boot, first, last in receipt.acknowledged
        ],
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "conflicts": [{"boot": boot, "seq": seq} for boot, seq in receipt.conflicts],
        "rejected": [
            {"boot": boot, "seq": seq, "reason": reason} for boot, seq, reason in receipt.rejected
        ],
    }


def router(
    ingest: IngestService, service: PlatesService, settings: PlatesSettings | None = None
) -> APIRouter:
    """Return the routes under /api/plates that take a worker's token."""
    bounds = settings or PlatesSettings()
    routes = APIRouter(
        prefix="/api/plates", tags=["plates"], dependencies=[Depends(current_worker)]
    )

    @routes.post(
        "/observations",
        response_class=Response,
        responses={200: {"model": ReceiptView, "description": "Committed."}},
        openapi_extra={"requestBody": _body("application/json", delivery_schema())},
    )
    async def deliver_reads(request: Request) -> Response:
        """Take a delivery; answered once committed, so that the worker may forget it."""
        receipt = await ingest.receive(await bounded_body(request, DELIVERY_BYTES))
        return Response(_encode(_answer(receipt)), media_type="application/json")

    @routes.put(
        "/pictures/{digest}",
        status_code=204,
        openapi_extra={"requestBody": _body("image/jpeg", {"type": "string", "format": "binary"})},
    )
    async def put_picture(
        request: Request, digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
    ) -> None:
        """Keep a JPEG under its SHA-256; again is no fault."""
        content = await bounded_body(request, bounds.picture_bytes)
        if not content.startswith(JPEG_START):
            raise PictureError("not a JPEG")
        await service.put_picture(digest, content)

    return routes
