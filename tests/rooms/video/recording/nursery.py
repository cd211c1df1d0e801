"""Children that record until they are killed. A line on stdin, ``FOLDER``, begins one.

Run as a program of its own: ``nursery.py FILM``. A child enters what its recorder tells into a
ledger, as a worker does, and writes the stamp of each picture to FOLDER/pulled once it is handed
over. Its clock runs forty times as fast as the world's.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from amaan.video.packets import Coded
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.recorder import Recorder, RecorderSettings
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file

SPEED = 40.0
BEGINS_S = 1_700_000_000.0


def record(folder: Path, film: Path) -> None:
    """Record for ever."""
    videos = folder / "video"
    videos.mkdir(exist_ok=True)
    ledger = Ledger(folder / "ledger.sqlite", videos)
    ledger.recover("boot")
    standing = ledger.standing("CAM-1", "main").known_ms
    begins_s = BEGINS_S if standing is None else standing / 1000 + 5
    settings = RecorderSettings(segment_s=6.0)
    recorder = Recorder(videos, "CAM-1", "main", ledger.record, settings)
    began, passed_s = time.monotonic(), 0.0
    with (folder / "pulled").open("w") as pulled:
        while True:
            source = open_file(film, VideoSettings())
            last_s = 0.0
            for item in source.packets():
                assert isinstance(item, Coded)
                last_s = max(last_s, item.pts_s)
                at_s = begins_s + passed_s + item.pts_s
                wait_s = (passed_s + item.dts_s) / SPEED - (time.monotonic() - began)
                if wait_s > 0:
                    time.sleep(wait_s)
                recorder.write(item, begins_s + passed_s)
                pulled.write(f"{at_s:.6f}\n")
                pulled.flush()
            recorder.close()
            passed_s += last_s + 0.04


def main() -> None:
    """Fork a child for each line."""
    film = Path(sys.argv[1])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            record(Path(line.strip()), film)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("gone\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
