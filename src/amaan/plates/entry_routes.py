"""The hot-list over HTTP."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from datetime import UTC
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from amaan.kernel.clock import Clock
from amaan.plates import rules
from amaan.plates.entries import HotlistService
from amaan.plates.events import EntryView
from amaan.plates.model import Category, CursorError, EntryDraft, EntryError, Severity
from amaan.trust.audit.trail import trail_of
from amaan.trust.authority.model import AuthorityNeededError
from amaan.trust.guards import permitted
from amaan.trust.model import Account

Editor = Annotated[Account, Depends(permitted("plates.edit_entries"))]


class EntriesView(BaseModel):
    """A page of entries, newest first."""

    items: list[EntryView]
    next_cursor: str | None


class NewEntry(BaseModel):
    """An entry to be written."""

    model_config = ConfigDict(extra="forbid")

    plate: str = Field(max_length=64, description="A plate, or a pattern with ? and *.")
    reason: str = Field(max_length=rules.REASON_LENGTH)
    category: Category
    severity: Severity
    case_ref: str = Field(default="", max_length=rules.CASE_LENGTH)
    instructions: str = Field(default="", max_length=rules.INSTRUCTIONS_LENGTH)
    valid_from: AwareDatetime | None = Field(default=None, description="Now, where not given.")
    valid_until: AwareDatetime | None = Field(
        default=None, description="As long as the authority, where not given."
    )
    authority: UUID | None = Field(
        default=None, description="What allows it: active, for entries, and covering the plate."
    )


class EntryChanges(BaseModel):
    """What to change of an entry; what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, max_length=rules.REASON_LENGTH)
    category: Category | None = None
    severity: Severity | None = None
    case_ref: str | None = Field(default=None, max_length=rules.CASE_LENGTH)
    instructions: str | None = Field(default=None, max_length=rules.INSTRUCTIONS_LENGTH)
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    authority: UUID | None = Field(default=None, description="Another that allows it.")

    def apply(self, draft: EntryDraft) -> EntryDraft:
        """Return the draft with the changes; only ``valid_until`` may be set to null."""
        for name in self.model_fields_set - {"valid_until"}:
            if getattr(self, name) is None:
                raise EntryError(f"{name} cannot be null", field=name)
        given = {name: getattr(self, name) for name in self.model_fields_set}
        for name in given.keys() & {"valid_from", "valid_until"}:
            given[name] = given[name].astimezone(UTC) if given[name] else None
        return replace(draft, **given)


def _cursor(entry_id: UUID) -> str:
    return base64.urlsafe_b64encode(entry_id.bytes).decode().rstrip("=")


def _before(cursor: str | None) -> UUID | None:
    if not cursor:
        return None
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise CursorError("not a cursor of this list") from error


def router(hotlist: HotlistService, clock: Clock) -> APIRouter:
    """Return the routes under /api/plates/entries, without import and export."""
    routes = APIRouter(prefix="/api/plates/entries", tags=["plates"])
    reader = Depends(permitted("plates.entries"))

    @routes.get("", dependencies=[reader])
    async def list_entries(
        q: Annotated[str | None, Query(max_length=100)] = None,
        state: Literal["active", "expired", "all"] = "active",
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> EntriesView:
        """Return entries newest first; ``q`` may be part of a plate, case or reason."""
        found = await hotlist.page(state=state, text=q, before=_before(cursor), limit=limit + 1)
        now = clock.now()
        return EntriesView(
            items=[EntryView.of(entry, now) for entry in found[:limit]],
            next_cursor=_cursor(found[limit - 1].id) if len(found) > limit else None,
        )

    @routes.post("", status_code=201)
    async def add_entry(request: Request, new: NewEntry, account: Editor) -> EntryView:
        """Write an entry; it matches from the moment of the answer, while its authority stands."""
        trail = trail_of(request)
        trail.authority = new.authority
        trail.note(plate=new.plate, case=new.case_ref, reason=new.reason)
        if new.authority is None:
            raise AuthorityNeededError("name the authority that allows this")
        plate, kind = rules.entry_text(new.plate)
        now = clock.now()
        draft = EntryDraft(
            plate,
            kind,
            new.reason.strip(),
            new.category,
            new.severity,
            new.case_ref.strip(),
            new.instructions.strip(),
            (new.valid_from or now).astimezone(UTC),
            new.valid_until.astimezone(UTC) if new.valid_until else None,
            new.authority,
        )
        entry = await hotlist.add(draft, account.username)
        trail.note(entry=str(entry.id))
        return EntryView.of(entry, now)

    @routes.get("/{entry_id}", dependencies=[reader])
    async def get_entry(entry_id: UUID) -> EntryView:
        """Return one entry, ended or not."""
        return EntryView.of(await hotlist.entry(entry_id), clock.now())

    _add_changes(routes, hotlist, clock)
    return routes


def _add_changes(routes: APIRouter, hotlist: HotlistService, clock: Clock) -> None:
    @routes.patch(
        "/{entry_id}",
        dependencies=[Depends(permitted("plates.edit_entries"))],
    )
    async def change_entry(request: Request, entry_id: UUID, changes: EntryChanges) -> EntryView:
        """Change an entry; its plate stays: end it and write another.

        Its authority, or another named here, must allow what it then says.
        """
        trail = trail_of(request)
        trail.note(entry=str(entry_id), changed=sorted(changes.model_fields_set))
        entry = await hotlist.change(entry_id, changes.apply)
        trail.authority = entry.authority
        trail.note(plate=entry.plate)
        return EntryView.of(entry, clock.now())

    @routes.delete(
        "/{entry_id}",
        dependencies=[Depends(permitted("plates.edit_entries"))],
        status_code=204,
    )
    async def end_entry(request: Request, entry_id: UUID) -> None:
        """Let an entry match nothing from now on; it stays on record."""
        trail_of(request).note(entry=str(entry_id))
        await hotlist.end(entry_id)
