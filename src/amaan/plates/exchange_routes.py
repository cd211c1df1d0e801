"""Import and export of the hot-list over HTTP."""

from __future__ import annotations

import asyncio
import tempfile
from typing import IO, Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from amaan.plates.importing import HotlistExchange, ImportReport
from amaan.plates.model import BatchTooLargeError
from amaan.plates.settings import PlatesSettings
from amaan.trust.audit.trail import trail_of
from amaan.trust.authority.model import AuthorityNeededError
from amaan.trust.guards import permitted
from amaan.trust.model import Account

Editor = Annotated[Account, Depends(permitted("plates.edit_entries"))]
Named = Annotated[UUID | None, Query(description="The authority that allows it.")]
_IN_MEMORY = 8 << 20
_FILE = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class RejectedRowView(BaseModel):
    """A bad line of the file."""

    line: int = Field(description="Counts from 1, the heading included.")
    column: str = Field(description="Empty where the line as a whole is at fault.")
    reason: str
    row: str


class ImportReportView(BaseModel):
    """What became of a file."""

    accepted: int = Field(description="Lines that now stand on the hot-list.")
    added: int
    changed: int
    unchanged: int
    rejected_count: int
    rejected: list[RejectedRowView] = Field(description="The first thousand bad lines.")

    @classmethod
    def of(cls, report: ImportReport) -> ImportReportView:
        """Show a report."""
        return cls(
            accepted=report.accepted,
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
            rejected_count=report.rejected_count,
            rejected=[
                RejectedRowView(line=r.line, column=r.column, reason=r.reason, row=r.row)
                for r in report.rejected
            ],
        )


async def _spool(request: Request, file: IO[bytes], limit: int) -> None:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit:
            raise BatchTooLargeError(f"a hot-list file may have at most {limit} bytes")
        await asyncio.to_thread(file.write, chunk)
    await asyncio.to_thread(file.seek, 0)


def router(exchange: HotlistExchange, settings: PlatesSettings | None = None) -> APIRouter:
    """Return the routes; mount them before those of single entries."""
    bounds = settings or PlatesSettings()
    routes = APIRouter(prefix="/api/plates/entries", tags=["plates"])

    @routes.post("/import", openapi_extra=_FILE)
    async def import_entries(
        request: Request, account: Editor, authority: Named = None
    ) -> ImportReportView:
        """Take a CSV file: its good lines all at once, its bad lines named one by one.

        All stand under the authority named; a line that it does not cover is a bad one.
        """
        trail = trail_of(request)
        trail.authority = authority
        if authority is None:
            raise AuthorityNeededError("name the authority that allows this")
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            await _spool(request, file, bounds.import_bytes)
            report = await exchange.take(file, account.username, authority)
        trail.note(count=report.accepted, rejected=report.rejected_count)
        return ImportReportView.of(report)

    @routes.get(
        "/export",
        dependencies=[Depends(permitted("plates.export_entries"))],
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def export_entries(
        request: Request,
        authority: Named = None,
        state: Annotated[
            Literal["unended", "active", "expired", "all"],
            Query(description="unended: valid now or later; import reads these back."),
        ] = "unended",
    ) -> StreamingResponse:
        """Give an authority's entries out as CSV, safe to open in a spreadsheet."""
        trail = trail_of(request)
        trail.authority = authority
        trail.note(rows=await exchange.count(authority, state))
        return StreamingResponse(
            exchange.give(authority, state),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="hot-list.csv"'},
        )

    return routes
