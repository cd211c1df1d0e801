"""How far authorities reach."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AuthoritySettings(BaseModel):
    """Bounds of authorities; none can be set wider than the law this was built for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reach_back_days: int = Field(
        default=90,
        ge=1,
        le=90,
        title="Age tier",
        description="Reads older than so many days need an authority that a senior approved.",
    )
    emergency_hours: int = Field(
        default=24,
        ge=1,
        le=24,
        title="Emergency",
        description="An emergency that nobody approves ends after so long, and is sealed.",
    )
    longest_days: int = Field(
        default=366,
        ge=1,
        le=366,
        title="Longest authority",
        description="An authority expires at most so many days after it was requested.",
    )
    area_days: int = Field(
        default=31,
        ge=1,
        le=92,
        title="Longest look at an area",
        description="An authority for every plate of an area spans at most so many days.",
    )
