"""A recording beside a feed, with its ledger."""

from __future__ import annotations

from pathlib import Path

from amaan.video.packets import Coded, Sound
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.recorder import Recorder, RecorderSettings
from amaan.video.settings import VideoSettings
from amaan.video.takers import Interruption


class Recording:
    """Takes what a feed gives; ``ledger`` says what is there of camera A's main stream."""

    def __init__(self, folder: Path, settings: VideoSettings) -> None:
        videos = folder / "video"
        videos.mkdir(parents=True)
        self.ledger = Ledger(folder / "ledger.sqlite", videos)
        kept = RecorderSettings(settings.fragment_s, settings.segment_s)
        self._recorder = Recorder(videos, "A", "main", self.ledger.record, kept)

    @property
    def problem(self) -> str:
        """What the disk refuses."""
        return self._recorder.problem

    def write(self, item: Coded | Sound, offset_s: float) -> None:
        """Record one."""
        self._recorder.write(item, offset_s)

    def interrupted(self, cause: Interruption, detail: str, at_s: float) -> None:
        """Finish the segment."""
        self._recorder.interrupted(cause, detail, at_s)

    def close(self) -> None:
        """Finish."""
        self._recorder.close()


def recording(folder: Path, settings: VideoSettings | None = None) -> Recording:
    """Record what a feed gives into a folder."""
    return Recording(folder, settings or VideoSettings())
