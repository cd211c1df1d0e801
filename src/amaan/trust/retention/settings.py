"""When the nightly run begins."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RetentionSettings(BaseModel):
    """How many days things are kept is no setting: people with the right change that, audited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hour: int = Field(
        default=21,
        ge=0,
        le=23,
        title="Hour of deletion",
        description="The nightly run begins at this hour (UTC), or at the centre's start when it "
        "was missed.",
    )
