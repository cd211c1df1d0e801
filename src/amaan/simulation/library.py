"""The folder where a simulated city's films lie, and the files it plays from there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av

from amaan.simulation.city import By, DemoCamera
from amaan.simulation.mjpeg import pictures_of
from amaan.simulation.street.render import FPS, render_all

FILM_ROUNDS = 12  # a film is its loop so many times over
STILL_EVERY = 2  # a still of every second picture
MJPEG_EVERY = 2


class Library:
    """Films by what they show; what is there is not made again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def loop(self, camera: DemoCamera) -> Path:
        """Return where a camera's loop lies."""
        return self.folder / camera.plan.file_name

    def film(self, camera: DemoCamera) -> Path:
        """Return where the long film of a camera lies."""
        return self.folder / "films" / f"{camera.code}-{camera.plan.file_name}"

    def stills(self, camera: DemoCamera) -> Path:
        """Return the folder of a camera's stills."""
        return self.folder / "stills" / f"{camera.code}-{Path(camera.plan.file_name).stem}"

    def make(
        self,
        cameras: Sequence[DemoCamera],
        processes: int = 2,
        *,
        kept_too: Sequence[DemoCamera] = (),
    ) -> Iterator[tuple[int, int]]:
        """Make what is missing and remove what nobody shows; yields (done, wanted) loops."""
        yield from render_all([camera.plan for camera in cameras], self.folder, processes)
        kept = {camera.plan.file_name for camera in (*cameras, *kept_too)}
        for path in self.folder.glob("*.mp4"):
            if path.name not in kept:
                path.unlink()
        for camera in cameras:
            if camera.by is By.FILM:
                _make_film(self.loop(camera), self.film(camera))
            elif camera.by is By.STILLS:
                _make_stills(self.loop(camera), self.stills(camera))


def _make_film(loop: Path, film: Path) -> None:
    """Join a loop's rounds without coding them again."""
    if film.is_file():
        return
    _empty(film.parent)
    fresh = film.with_name(".new.mp4")
    with av.open(str(loop), "r") as source, av.open(str(fresh), "w") as out:
        stream = source.streams.video[0]
        copied = out.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.size]
        for number in range(FILM_ROUNDS):
            for index, packet in enumerate(packets):
                again = av.Packet(bytes(packet))
                again.stream, again.time_base = copied, Fraction(1, FPS)
                again.pts = again.dts = number * len(packets) + index
                again.duration = 1
                again.is_keyframe = packet.is_keyframe
                out.mux(again)
    fresh.replace(film)


def _make_stills(loop: Path, folder: Path) -> None:
    if folder.is_dir():
        return
    _empty(folder.parent)
    fresh = folder.with_name(".new")
    fresh.mkdir()
    for number, picture in enumerate(pictures_of(loop, STILL_EVERY)):
        (fresh / f"{number:04d}.jpg").write_bytes(picture)
    fresh.rename(folder)


def _empty(folder: Path) -> None:
    """Make a folder that holds nothing, whatever an earlier version left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
