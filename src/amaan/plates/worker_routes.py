"""What workers send: deliveries of reads, and pictures."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response

from amaan.kernel.errors import InvalidError
from amaan.plates.ingest import IngestService, Receipt
from amaan.plates.model import BatchTooLargeError
from amaan.plates.service import PlatesService
from amaan.plates.settings import PlatesSettings
from amaan.trust.guards import current_worker

DELIVERY_BYTES = 16 << 20  # 5,000 reads of 3 KB
JPEG_START = b"\xff\xd8\xff"
_encode = msgspec.json.Encoder().encode


class PictureError(InvalidError):
    """Not a JPEG."""

    code = "plates.invalid-picture"


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

    @routes.post("/observations", operation_id="deliverReads", response_class=Response)
    async def deliver_reads(request: Request) -> Response:
        """Take a delivery; answered once committed, so that the worker may forget it."""
        receipt = await ingest.receive(await bounded_body(request, DELIVERY_BYTES))
        return Response(_encode(_answer(receipt)), media_type="application/json")

    @routes.put("/pictures/{digest}", operation_id="putPicture", status_code=204)
    async def put_picture(
        request: Request, digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
    ) -> None:
        """Keep a JPEG under its SHA-256; again is no fault."""
        content = await bounded_body(request, bounds.picture_bytes)
        if not content.startswith(JPEG_START):
            raise PictureError("not a JPEG")
        await service.put_picture(digest, content)

    return routes
