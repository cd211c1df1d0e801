"""Settings of the room."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class PlatesSettings(BaseModel):
    """Bounds of ingest and search."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ingest_connections: int = Field(
        default=2,
        ge=1,
        le=16,
        description="Deliveries committed at once, each over its connection.",
    )
    group_reads: int = Field(
        default=4_000, ge=1, le=50_000, description="At most this many reads share one commit."
    )
    waiting_reads: int = Field(
        default=100_000,
        ge=1_000,
        le=2_000_000,
        description="Reads held in memory before deliveries are turned away (and sent again).",
    )
    partition_days: int = Field(
        default=400,
        ge=1,
        le=3_650,
        description="Days back from now that get a partition each; older footage shares one.",
    )
    hotlist_poll_s: float = Field(
        default=0.5,
        ge=0.05,
        le=10.0,
        description="How often other processes' changes are looked for.",
    )
    search_timeout_s: float = Field(
        default=5.0,
        ge=0.1,
        le=60.0,
        description="A search that takes longer ends with an error.",
    )
    import_bytes: int = Field(
        default=256 << 20,
        ge=1 << 10,
        le=4 << 30,
        description="Largest hot-list file over HTTP.",
    )
    import_errors: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="Bad rows described; all are counted.",
    )
    picture_bytes: int = Field(
        default=4 << 20, ge=1 << 10, le=64 << 20, description="Largest picture."
    )
