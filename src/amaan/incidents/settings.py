"""How far a pursuit looks."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class IncidentsSettings(BaseModel):
    """Pursuits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    look_ahead_s: float = Field(
        default=600,
        ge=60,
        le=3600,
        title="Look ahead",
        description="Cameras that are usually further away than this, in seconds, are not offered.",
    )
    footage_before_s: float = Field(
        default=60,
        ge=0,
        le=900,
        title="Footage before",
        description="Seconds before a sighting that are kept at the centre with the incident.",
    )
    footage_after_s: float = Field(
        default=120,
        ge=0,
        le=900,
        title="Footage after",
        description="Seconds after a sighting that are kept at the centre with the incident.",
    )
