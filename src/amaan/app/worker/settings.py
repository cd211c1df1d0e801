"""What a worker is told when it starts: flags win, then AMAAN_WORKER_ variables, then defaults."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from amaan.engines.spool.settings import MIB, SpoolSettings
from amaan.video.settings import VideoSettings
from amaan.vision.settings import PipelineSettings, ReaderSettings


class SpoolLimits(BaseModel):
    """How much of the disk a worker's spool may take."""

    model_config = ConfigDict(frozen=True)

    database_bytes: int = Field(
        default=2048 * MIB,
        ge=64 * 1024,
        description="Most disk for reads not yet delivered; about two million of them by default.",
    )
    file_bytes: int = Field(
        default=8192 * MIB, ge=0, description="Most disk for pictures not yet delivered."
    )
    reserve_bytes: int = Field(
        default=64 * MIB,
        ge=0,
        description="Free disk that pictures may not eat into, so that there is room for reads.",
    )
    ballast_bytes: int = Field(
        default=8 * MIB, ge=0, description="Disk set by so that a full disk can still be drained."
    )


class WorkerSettings(BaseSettings):
    """One worker process. Secrets come as files, never as values.

    Nested ones: AMAAN_WORKER_VIDEO__RECENT_S=600.
    """

    model_config = SettingsConfigDict(
        env_prefix="AMAAN_WORKER_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Unique among the workers."
    )
    centre: str = Field(pattern=r"^https?://", description="The centre's address.")
    data: Path = Field(description="Folder of this worker: spool, ledger, recordings, assignment.")
    token_file: Path = Field(description="File with the worker token.")
    key_file: Path = Field(description="File with the key that opens camera addresses.")
    parent_pid: int | None = Field(
        default=None, description="Supervisor; when it is gone, the worker ends. None: goes on."
    )
    heartbeat_s: float = Field(default=1.0, gt=0, le=4, description="Time between heartbeats.")
    readers: int = Field(
        default=1, ge=1, le=16, description="Frames read for plates at the same time."
    )
    backlog_reads: int = Field(
        default=10_000, ge=1, description="Reads held in memory while the spool's disk refuses."
    )
    picture_width: int = Field(
        default=1280, ge=320, le=3840, description="Pictures are scaled down to this width."
    )
    jpeg_quality: int = Field(default=80, ge=30, le=95, description="Of pictures and crops.")
    video: VideoSettings = Field(default_factory=VideoSettings, description="For every camera.")
    spool: SpoolLimits = Field(
        default_factory=SpoolLimits, description="What waits for the centre, on disk."
    )
    reader: ReaderSettings = Field(default_factory=ReaderSettings, description="The plate reader.")
    pipeline: PipelineSettings = Field(
        default_factory=PipelineSettings, description="From frames to one read a vehicle."
    )

    @property
    def spool_settings(self) -> SpoolSettings:
        """The worker's spool, in its folder."""
        return SpoolSettings(directory=self.data, source=self.name, **self.spool.model_dump())
