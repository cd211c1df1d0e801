"""How wide the windows of arrival are."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RoadsSettings(BaseModel):
    """Factors on the usual speed of a street. They are assumptions, not measured: set your own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fast_factor: float = Field(
        default=1.6,
        ge=1,
        le=4,
        title="Fast",
        description="Who flees drives at most so many times the usual speed of a street: the "
        "earliest arrival. An assumption: compare it with your own pursuits.",
    )
    slow_factor: float = Field(
        default=0.4,
        gt=0,
        le=1,
        title="Slow",
        description="In traffic a street is driven at least at this share of its usual speed: the "
        "latest arrival. An assumption.",
    )
    halt_s: float = Field(
        default=45,
        ge=0,
        le=900,
        title="Halt",
        description="Seconds that a halt on the way (a light, a crossing) may add to the latest "
        "arrival.",
    )
    snap_m: float = Field(
        default=60,
        ge=5,
        le=500,
        title="Camera to street",
        description="A camera that stands further from every street, in metres, is on none; it is "
        "offered by the straight line.",
    )
