"""Recordings as a worker makes them: a recorder whose tale a ledger keeps."""

from __future__ import annotations

from pathlib import Path

from amaan.video.packets import Coded, Source
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.recorder import Recorder, RecorderSettings


def book_of(folder: Path) -> Ledger:
    """Open the ledger of a folder."""
    videos = folder / "video"
    videos.mkdir(parents=True, exist_ok=True)
    return Ledger(folder / "ledger.sqlite", videos)


def recording(folder: Path, camera: str = "A", segment_s: float = 60.0) -> Recorder:
    """Record the main stream of a camera into a folder."""
    ledger = book_of(folder)
    settings = RecorderSettings(segment_s=segment_s)
    return Recorder(folder / "video", camera, "main", ledger.record, settings)


def record_all(recorder: Recorder, source: Source, offset_s: float) -> None:
    """Record a source to its end, its pictures so far from Unix seconds."""
    for item in source.packets():
        if isinstance(item, Coded) or item.packet.pts is not None:
            recorder.write(item, offset_s)
    source.close()
