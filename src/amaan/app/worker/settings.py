"""What a worker is told when it starts."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from amaan.video.settings import VideoSettings


class WorkerSettings(BaseModel):
    """One worker process. Secrets come as files, never as values."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Unique among the workers."
    )
    centre: str = Field(pattern=r"^https?://", description="The centre's address.")
    data: Path = Field(description="Folder of this worker: spool, recent recording, assignment.")
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
