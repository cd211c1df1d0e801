"""What may be set about reading plates."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ReaderSettings(BaseModel):
    """The plate reader."""

    model_config = ConfigDict(frozen=True)

    threads: int = Field(
        default=1, ge=1, le=64, title="Threads", description="Processor threads a network may use."
    )
    profile: Literal["pakistan", "generic"] = Field(
        default="pakistan",
        title="Country profile",
        description="Whose plate layouts are preferred where a reading is in doubt.",
    )
    still_side: int = Field(
        default=1280,
        ge=320,
        le=4096,
        title="Still size",
        description="Pixels of the longer side at which a photograph is searched, after a quicker "
        "look at three quarters of it; larger ones are searched again in tiles when nothing "
        "certain was found.",
    )
    crop_side: int = Field(
        default=320,
        ge=96,
        le=1024,
        title="Crop size",
        description="Pixels of the longer side at which lines are looked for within one plate.",
    )


class PipelineSettings(BaseModel):
    """From frames to one read a passing vehicle."""

    model_config = ConfigDict(frozen=True)

    firm_frames: int = Field(
        default=3,
        ge=2,
        le=20,
        title="Firm frames",
        description="Frames of exactly one text that end a vote.",
    )
    firm_confidence: float = Field(
        default=0.85, ge=0, le=1, title="Firm confidence", description="Consensus that ends a vote."
    )
    patience_s: float = Field(
        default=1.5,
        ge=0.1,
        le=10,
        title="Patience",
        description="Seconds after the first reading at which two agreeing frames are enough.",
    )
    lost_s: float = Field(
        default=1.2,
        ge=0.2,
        le=10,
        title="Lost",
        description="Seconds without a sighting after which a track ends.",
    )
    same_passing_s: float = Field(
        default=8.0,
        ge=0,
        le=120,
        title="Same passing",
        description="The same plate seen again so soon is the same passing.",
    )
    parked_s: float = Field(
        default=900.0,
        ge=0,
        le=86_400,
        title="Parked",
        description="The same plate in the same place within so long is a parked vehicle.",
    )
    sure_alone: float = Field(
        default=0.9,
        ge=0,
        le=1,
        title="Sure alone",
        description="A vehicle seen in one frame only is uncertain below this confidence.",
    )
    least_alone: float = Field(
        default=0.75,
        ge=0,
        le=1,
        title="Least alone",
        description="What no second frame confirms is taken for no plate below this confidence.",
    )
    floor: float = Field(
        default=0.55,
        ge=0,
        le=1,
        title="Floor",
        description="A consensus below this confidence is uncertain.",
    )
