"""A recording beside a feed."""

from __future__ import annotations

from pathlib import Path

from amaan.video.recent import RecentRecording
from amaan.video.settings import VideoSettings
from amaan.video.takers import RecentTaker


def recording(folder: Path, settings: VideoSettings | None = None) -> RecentTaker:
    """Record what a feed gives into a folder."""
    return RecentTaker(RecentRecording(folder, settings or VideoSettings()))
