"""How long to wait, how much to keep."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from amaan.city.networks import OWN_SHELL, CameraNetworks

MIB = 1024 * 1024


class VideoSettings(BaseModel):
    """Limits of pulling, recording and cutting; the same for every camera of a worker."""

    model_config = ConfigDict(frozen=True)

    networks: CameraNetworks = Field(
        default=OWN_SHELL,
        description="Where cameras may be. Local workers get the centre's `cameras` settings.",
    )
    open_timeout_s: float = Field(
        default=5.0, gt=0, le=60, description="Longest wait for a camera to accept and describe."
    )
    read_timeout_s: float = Field(
        default=10.0, gt=0, le=120, description="Silence after which a connection is given up."
    )
    stalled_after_s: float = Field(
        default=3.0, gt=0, le=60, description="Silence after which a camera is shown as stalled."
    )
    retry_first_s: float = Field(
        default=0.5, gt=0, le=60, description="First wait before connecting again; then doubled."
    )
    retry_most_s: float = Field(
        default=30.0, gt=0, le=600, description="Longest wait before connecting again."
    )
    stable_after_s: float = Field(
        default=20.0, gt=0, description="Up for so long, a camera's next wait is the first again."
    )
    still_interval_s: float = Field(
        default=0.2, gt=0, le=60, description="Time between two stills of a folder."
    )
    accept_own_certificates: bool = Field(
        default=True,
        description="Accept TLS certificates that nobody vouches for: cameras sign their own.",
    )
    max_pixels: int = Field(
        default=16_000_000,
        ge=100_000,
        description="Pictures larger than this are read reduced (stills) or refused (streams).",
    )
    max_part_bytes: int = Field(
        default=16 * MIB, ge=64 * 1024, description="Largest picture taken from an MJPEG stream."
    )
    segment_s: float = Field(
        default=60.0, ge=2, le=600, description="Recording is kept in files of this length."
    )
    event_segment_s: float = Field(
        default=10.0,
        ge=2,
        le=600,
        description="The same where only events or hours are wanted: less that is not is kept.",
    )
    fragment_s: float = Field(
        default=0.8, gt=0.1, le=10, description="A killed process loses at most this much."
    )
    recent_s: float = Field(
        default=180.0,
        ge=10,
        description="What of a recording is not wanted is there for so long, for clips and events.",
    )
    recording_days: float = Field(
        default=30.0,
        gt=0,
        le=3650,
        description="Recording is kept for so long where its camera does not say otherwise.",
    )
    disk_reserve_bytes: int = Field(
        default=2048 * MIB,
        ge=0,
        description="Free disk below which the oldest recording goes before its time.",
    )
    clip_most_s: float = Field(default=120.0, gt=0, description="Longest clip that is cut.")
    clip_bytes: int = Field(default=64 * MIB, ge=MIB, description="Largest clip that is cut.")
