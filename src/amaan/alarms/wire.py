"""How alarms look in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from amaan.alarms.model import AlarmDetail, AlarmKind, AlarmState, Trouble
from amaan.plates.events import EntryView, MatchView, Moment, ReadView
from amaan.plates.model import CameraPlace, Severity
from amaan.video.model import Clip, ClipState


class ClipView(BaseModel):
    """The recording around the moment, as far as it has come."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    state: ClipState
    reason: str

    @classmethod
    def of(cls, clip: Clip) -> ClipView:
        """Show a clip without its content."""
        return cls(id=clip.id, state=clip.state, reason=clip.reason)


class TroubleView(BaseModel):
    """One camera or device under an alarm. ``until`` null: it lasts."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str | None
    kind: str
    since: Moment
    until: Moment | None
    detail: str

    @classmethod
    def of(cls, trouble: Trouble, places: Mapping[str, CameraPlace]) -> TroubleView:
        """Show a trouble with its camera's name."""
        place = places.get(trouble.code) if trouble.source == "camera" else None
        return cls(
            code=trouble.code,
            name=place.name if place else None,
            kind=trouble.kind,
            since=trouble.since,
            until=trouble.until,
            detail=trouble.detail,
        )


class AlarmView(BaseModel):
    """An alarm with what a person needs to decide."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: AlarmKind
    state: AlarmState
    severity: Severity
    title: str
    raised_at: Moment
    observed_at: Moment
    last_observed_at: Moment
    acknowledged_at: Moment | None
    acknowledged_by: str | None
    decided_at: Moment | None
    decided_by: str | None
    decision_reason: str | None
    repeat_count: int = Field(description="Further matches within a minute, shown as one.")
    match: MatchView | None
    entry: EntryView | None
    read: ReadView | None
    clip: ClipView | None
    site: str | None = Field(description="Of kinds camera, site and device.")
    detail: str
    ended_at: Moment | None = Field(description="Since when the cause is over.")
    cameras: list[TroubleView]
    devices: list[TroubleView]

    @classmethod
    def of(cls, detail: AlarmDetail, places: Mapping[str, CameraPlace], now: datetime) -> AlarmView:
        """Show an alarm with where its camera stands and whether its entry still holds."""
        alarm, match = detail.alarm, detail.match
        return cls(
            id=alarm.id,
            kind=alarm.kind,
            state=alarm.state,
            severity=alarm.severity,
            title=alarm.title,
            raised_at=alarm.raised_at,
            observed_at=alarm.observed_at,
            last_observed_at=alarm.last_observed_at,
            acknowledged_at=alarm.acknowledged_at,
            acknowledged_by=alarm.acknowledged_by,
            decided_at=alarm.decided_at,
            decided_by=alarm.decided_by,
            decision_reason=alarm.decision_reason,
            repeat_count=alarm.repeat_count,
            match=MatchView.of(match) if match else None,
            entry=EntryView.of(match.entry, now) if match else None,
            read=ReadView.of(match.read, places) if match else None,
            clip=ClipView.of(detail.clip) if detail.clip else None,
            site=alarm.site,
            detail=alarm.detail,
            ended_at=alarm.ended_at,
            cameras=_troubles(detail, "camera", places),
            devices=_troubles(detail, "device", places),
        )


def _troubles(
    detail: AlarmDetail, source: str, places: Mapping[str, CameraPlace]
) -> list[TroubleView]:
    return [TroubleView.of(one, places) for one in detail.troubles if one.source == source]
