"""Bounds of playback and exports."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class PlaybackSettings(BaseModel):
    """What people may look back at, and take out."""

    model_config = ConfigDict(frozen=True)

    grant_hours: float = Field(
        default=6.0, gt=0, le=48, description="Longest time that one opening of a playback covers."
    )
    grant_minutes: float = Field(
        default=15.0, gt=0, description="An opened playback that nobody uses ends after this."
    )
    export_hours: float = Field(default=24.0, gt=0, description="Longest export.")
    export_waits_hours: float = Field(
        default=72.0, gt=0, description="An export waits so long for a worker that is cut off."
    )
    copies_bytes: int = Field(
        default=50 << 30,
        ge=0,
        description="Most disk for copies of held recordings at the centre; the rest stays held "
        "at the workers.",
    )
