"""`amaan watch`: plates of one camera, file or folder as they are read, without a database.

Exit codes: 0 played to its end; 2 wrong use, or an address that no camera has; 3 the source cannot
be opened or read; 4 it broke off, and what could be read has been printed; 130 stopped by Ctrl-C.
Reads go to standard output, everything else to standard error.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from amaan.app.commands.arguments import hide_argument

if TYPE_CHECKING:
    from amaan.city.address import CameraAddress
    from amaan.video.model import CameraHealth, Frame
    from amaan.video.settings import VideoSettings
    from amaan.vision.model import PlateRead

EXIT_USE, EXIT_SOURCE, EXIT_BROKE_OFF, EXIT_INTERRUPTED = 2, 3, 4, 130


class Pipeline(Protocol):
    """What turns frames into reads."""

    def process(self, frame: Frame) -> list[PlateRead]:
        """Return the reads that this frame completes."""
        ...

    def finish(self) -> list[PlateRead]:
        """Return the reads still open at the end."""
        ...


class Face(Protocol):
    """Where reads and notes are shown."""

    def read(self, read: PlateRead, position_s: float) -> None:
        """Show one read; ``position_s`` counts from the source's first frame."""
        ...

    def note(self, text: str) -> None:
        """Show a line about the source."""
        ...


@dataclass(slots=True)
class Tally:
    """What the last line tells."""

    frames: int = 0
    reads: int = 0
    damaged: int = 0
    missed: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def line(self) -> str:
        """Sum up in one line."""
        parts = [f"{self.reads} reads", f"{self.frames} frames analysed"]
        if self.damaged:
            parts.append(f"{self.damaged} damaged pictures left out")
        if self.missed:
            parts.append(f"{self.missed} frames skipped to keep pace")
        if self.left_out:
            parts.append(f"{len(self.left_out)} stills left out")
        return ", ".join(parts)


def watch(
    source: Annotated[
        str,
        typer.Argument(
            help="rtsp://, rtsps://, http(s):// MJPEG, a video file, or folder:PATH of stills; "
            "- takes the address from standard input, so that a password is in no process list."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    fast: Annotated[
        bool,
        typer.Option(
            "--as-fast-as-possible/--pace",
            help="A file or folder: every analysed frame, or at its own pace as a camera would.",
        ),
    ] = True,
    fps: Annotated[
        float, typer.Option(min=0.1, max=60, help="Frames a second that are analysed.")
    ] = 5.0,
    still_interval: Annotated[
        float, typer.Option(min=0.01, max=60, help="Seconds between two stills of a folder.")
    ] = 0.2,
) -> None:
    """Show the number plates of a camera, a video or a folder of stills as they are read.

    Exit codes: 0 played to its end, 2 wrong use, 3 the source cannot be opened or read, 4 it
    broke off, 130 stopped by Ctrl-C.
    """
    from amaan.city.address import CameraAddressError, parse_address
    from amaan.video.errors import SourceError
    from amaan.video.settings import VideoSettings

    text = sys.stdin.readline().strip() if source == "-" else source
    try:
        address = parse_address(text)
    except CameraAddressError as error:
        hide_argument(source, "***")
        raise _failed(error.detail, EXIT_USE) from None
    hide_argument(source, address.redacted)
    signal.signal(signal.SIGTERM, _interrupt)
    settings = VideoSettings(still_interval_s=still_interval)
    tally = Tally()
    code = 0
    with _face(as_json, address.redacted) as face:
        try:
            _run(address, settings, (fps, fast), face, tally)
        except SourceError as error:
            code = EXIT_BROKE_OFF if tally.frames else EXIT_SOURCE
            face.note(f"error: {address.redacted}: {error.detail}")
        except KeyboardInterrupt:
            code = EXIT_INTERRUPTED
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        for name, reason in tally.left_out:
            face.note(f"left out {name}: {reason}")
        if code != EXIT_SOURCE:
            face.note(tally.line())
    raise typer.Exit(code)


def _failed(detail: str, code: int) -> typer.Exit:
    typer.echo(f"error: {detail}", err=True)
    return typer.Exit(code)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(
    address: CameraAddress,
    settings: VideoSettings,
    pace: tuple[float, bool],
    face: Face,
    tally: Tally,
) -> None:
    """Read the source to its end; the reads still open are told however it ends."""
    fps, fast = pace
    origin: datetime | None = None
    pipeline: Pipeline | None = None

    def tell(reads: list[PlateRead]) -> None:
        for read in reads:
            tally.reads += 1
            since = read.observed_at - (origin or read.observed_at)
            face.read(read, since.total_seconds())

    frames = (
        _live_frames(address, settings, fps, face, tally)
        if address.is_network or not fast
        else _file_frames(address, settings, fps, tally)
    )
    try:
        for frame in frames:
            if pipeline is None:  # the models are loaded only once there is something to read
                pipeline = _load_pipeline()
            origin = origin or frame.observed_at
            tally.frames += 1
            tell(pipeline.process(frame))
    finally:
        frames.close()
        if pipeline is not None:
            tell(pipeline.finish())


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let an interrupt wait until the block is done: libraries half loaded fail in odd ways."""
    caught: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda got, _: caught.append(got)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    if caught:
        raise KeyboardInterrupt


def _load_pipeline() -> Pipeline:
    with _interrupts_held():
        from amaan.vision.pipeline import PlatePipeline

        return PlatePipeline()


def _file_frames(
    address: CameraAddress, settings: VideoSettings, fps: float, tally: Tally
) -> Generator[Frame, None, None]:
    from amaan.video.reading import FrameReader
    from amaan.video.sources import open_source
    from amaan.video.stills import StillsSource

    source = open_source(address, settings)
    # A folder's stills are few and all wanted, whatever time lies between them.
    rate = None if isinstance(source, StillsSource) else fps
    reader = FrameReader(source, fps=rate, start=datetime.now(UTC), max_pixels=settings.max_pixels)
    try:
        yield from reader.frames()
    finally:
        tally.damaged = reader.damaged
        if isinstance(source, StillsSource):
            tally.left_out = source.problems
        source.close()


def _live_frames(
    address: CameraAddress, settings: VideoSettings, fps: float, face: Face, tally: Tally
) -> Generator[Frame, None, None]:
    """Yield the newest frames, through lost connections; SourceError when none was ever made."""
    from amaan.video.errors import SourceError
    from amaan.video.feeds import FeedPlan
    from amaan.video.live import CameraFeed
    from amaan.video.model import CameraState

    feed = CameraFeed(FeedPlan("watch", address), settings, fps=fps)
    feed.start()
    shown = feed.health()
    was_up = False
    try:
        while True:
            frame = feed.newest.take(0.25)
            health = feed.health()
            was_up = was_up or health.state is CameraState.UP
            lost = health.state in (CameraState.DOWN, CameraState.STOPPED)
            if lost and not (was_up or frame or tally.frames):
                raise SourceError(health.reason)
            if health.state is not shown.state:
                shown = health
                face.note(_state_line(health))
            if frame is not None:
                yield frame
            elif feed.ended() and not feed.newest.waiting():
                if health.reason != "played":
                    raise SourceError(health.reason)
                return
    finally:
        feed.stop()
        ended = feed.health()
        tally.missed = feed.newest.missed
        tally.damaged = ended.skipped_frames - tally.missed


def _state_line(health: CameraHealth) -> str:
    size = f" {health.width}x{health.height}" if health.width else ""
    return f"{health.state}{size}" + (f": {health.reason}" if health.reason else "")


@contextlib.contextmanager
def _face(as_json: bool, title: str) -> Iterator[Face]:
    from amaan.app.commands.watch_faces import JsonFace, PlainFace, TableFace

    if as_json:
        yield JsonFace()
    elif sys.stdout.isatty():
        with TableFace(title) as face:
            yield face
    else:
        yield PlainFace()
