"""What this room announces, and how reads, entries and matches look in JSON.

``plates.matched``: a read met an entry. Key: the match's id. Payload: ``match_id``, ``read_id``,
``entry_id``, ``camera``, ``observed_at`` (RFC 3339).
``plates.conflicted``: a number came twice with different payloads. Key: the id of the refused
observation. Payload: ``source``, ``boot``, ``seq``, ``received_at``.
``plates.read``: reads were stored. Key: the id of the newest. Payload: ``read_id``. At most a few
a second: a sample for the eye, not a feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from amaan.kernel.events import JsonValue, NewEvent
from amaan.plates.model import (
    CameraPlace,
    Category,
    Entry,
    EntryKind,
    Match,
    MatchKind,
    Read,
    Severity,
)

MATCHED: Final = "plates.matched"
CONFLICTED: Final = "plates.conflicted"
READ: Final = "plates.read"


def moment(at: datetime) -> str:
    """Write a UTC time as RFC 3339 with microseconds and Z."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def matched(
    match_id: UUID, read_id: UUID, entry_id: UUID, camera: str, observed_at: datetime
) -> NewEvent:
    """Announce a match."""
    payload = {
        "match_id": str(match_id),
        "read_id": str(read_id),
        "entry_id": str(entry_id),
        "camera": camera,
        "observed_at": moment(observed_at),
    }
    return NewEvent(MATCHED, str(match_id), observed_at, payload)


def conflicted(
    refused_id: UUID, source: str, boot: UUID, seq: int, received_at: datetime
) -> NewEvent:
    """Announce that a sender used one number for two payloads."""
    payload: dict[str, JsonValue] = {
        "source": source,
        "boot": str(boot),
        "seq": seq,
        "received_at": moment(received_at),
    }
    return NewEvent(CONFLICTED, str(refused_id), received_at, payload)


def read_seen(read_id: UUID, observed_at: datetime) -> NewEvent:
    """Announce that reads arrive."""
    return NewEvent(READ, str(read_id), observed_at, {"read_id": str(read_id)})


Moment = Annotated[
    datetime,
    PlainSerializer(moment, return_type=str, when_used="json"),
    Field(json_schema_extra={"format": "date-time"}),
]
"""RFC 3339 in UTC with microseconds and Z."""


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ReadView(_View):
    """One vehicle that passed one camera."""

    id: UUID
    plate: str = Field(description="Normalised: A-Z and digits.")
    raw_text: str = Field(description="What the reader made out, as it stands on the plate.")
    confidence: float
    characters: list[float] = Field(description="Posterior of each character of plate, 0 to 1.")
    camera: str
    camera_name: str | None
    site: str | None
    lon: float | None
    lat: float | None
    observed_at: Moment = Field(description="By the worker's clock, uncorrected.")
    received_at: Moment
    decided_at: Moment
    first_seen_at: Moment
    last_seen_at: Moment
    box: list[int] = Field(description="Left, top, width, height of the plate in pixels.")
    frame_size: list[int] = Field(description="Width, height of the picture in pixels.")
    direction: str
    frames: int
    agreeing: int
    uncertain: bool
    clock_offset_ms: int | None = Field(
        description="Centre minus worker; null where they agreed to within a second."
    )
    clock_suspect: bool
    picture: str | None = Field(description="SHA-256 of the picture of the vehicle.")
    crop: str | None = Field(description="SHA-256 of the picture of the plate.")

    @classmethod
    def of(cls, read: Read, places: Mapping[str, CameraPlace]) -> ReadView:
        """Show a read with where its camera stands today."""
        place = places.get(read.camera)
        return cls(
            id=read.id,
            plate=read.plate,
            raw_text=read.raw_text,
            confidence=read.confidence,
            characters=list(read.characters),
            camera=read.camera,
            camera_name=place.name if place else None,
            site=place.site if place else None,
            lon=place.lon if place else None,
            lat=place.lat if place else None,
            observed_at=read.observed_at,
            received_at=read.received_at,
            decided_at=read.decided_at,
            first_seen_at=read.first_seen_at,
            last_seen_at=read.last_seen_at,
            box=list(read.box),
            frame_size=list(read.frame_size),
            direction=read.direction,
            frames=read.frames,
            agreeing=read.agreeing,
            uncertain=read.uncertain,
            clock_offset_ms=read.clock_offset_ms,
            clock_suspect=read.clock_suspect,
            picture=read.picture,
            crop=read.crop,
        )


class EntryView(_View):
    """A hot-list entry."""

    id: UUID
    plate: str
    kind: EntryKind
    reason: str
    category: Category
    severity: Severity
    case_ref: str
    instructions: str
    valid_from: Moment
    valid_until: Moment | None
    created_by: str
    created_at: Moment
    authority: UUID | None = Field(description="Null only of entries from before authorities.")
    authority_until: Moment | None = Field(description="It matches no longer than this.")
    active: bool

    @classmethod
    def of(cls, entry: Entry, now: datetime) -> EntryView:
        """Show an entry; ``active`` is true of ``now``."""
        return cls(
            id=entry.id,
            plate=entry.plate,
            kind=entry.kind,
            reason=entry.reason,
            category=entry.category,
            severity=entry.severity,
            case_ref=entry.case_ref,
            instructions=entry.instructions,
            valid_from=entry.valid_from,
            valid_until=entry.valid_until,
            created_by=entry.created_by,
            created_at=entry.created_at,
            authority=entry.authority,
            authority_until=entry.authority_until,
            active=entry.is_active(now),
        )


class DifferenceView(_View):
    """One character read otherwise than the entry has it; ``position`` counts from 0."""

    position: int
    read: str
    entry: str


class MatchView(_View):
    """How a read met an entry."""

    kind: MatchKind
    cost: float
    verify: bool = Field(description="Compare the picture by eye: the text alone is not enough.")
    differences: list[DifferenceView]

    @classmethod
    def of(cls, match: Match) -> MatchView:
        """Show a match without its entry and read."""
        comparison = match.comparison
        return cls(
            kind=comparison.kind,
            cost=comparison.cost,
            verify=comparison.verify,
            differences=[
                DifferenceView(position=d.position, read=d.read, entry=d.entry)
                for d in comparison.differences
            ],
        )
