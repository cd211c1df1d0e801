"""One live stream from the worker for each (camera, stream), however many watch.

Nothing here waits for a viewer: each has a queue of its own, bounded in bytes and in time, and
one that lags goes on at a later keyframe. A viewer that begins gets the current group of pictures
at once. The stream from the worker ends some seconds after its last viewer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from random import SystemRandom

import structlog

from amaan.kernel.acting import acting_as, system
from amaan.kernel.errors import AmaanError, NotFoundError, UnavailableError
from amaan.kernel.tasks import cancel_all
from amaan.video.channel import Answer, Arguments, Channels
from amaan.video.live_views.wire import JPEG, Format, Kind, Piece, PieceReader, format_of

LINGER_S = 5.0
QUEUE_BYTES = 8 << 20  # of one viewer: a group of pictures of 4 s at 16 Mbit/s
QUEUE_MS = 2_000  # older than this when a keyframe comes, and the viewer goes on there
PICTURES_QUEUED = 2
GOP_BYTES = 24 << 20  # kept for who begins; of a longer group he waits for the next
SILENCE_S = 20.0  # a worker says at least that it is still there
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
_REASON_BYTES = 300

_log = structlog.get_logger(__name__)

OffsetOf = Callable[[str], int]
"""By how many milliseconds a worker's clock is behind the centre's."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Why nothing comes; "" once something comes again."""

    reason: str


class StreamEndedError(UnavailableError):
    """A stream that will not come back by waiting; says why."""

    code = "live-ended"


@dataclass(slots=True, eq=False)
class Viewer:
    """One reader's queue: ``await next()`` and never mind the others."""

    camera: str
    stream: str
    skipped: int = 0
    _queue: deque[Piece | Notice] = field(default_factory=deque)
    _bytes: int = 0
    _skipping: bool = True
    _pictures: bool = False
    _ended: str | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> Piece | Notice:
        """Wait for what comes next: FORMAT first, then from a keyframe on. StreamEndedError."""
        while not self._queue:
            if self._ended is not None:
                raise StreamEndedError(self._ended)
            self._wake.clear()
            await self._wake.wait()
        taken = self._queue.popleft()
        if isinstance(taken, Piece):
            self._bytes -= len(taken.data)
        return taken

    def push(self, piece: Piece | Notice) -> None:
        """Take a piece without waiting; what there is no room for is skipped to a keyframe."""
        if isinstance(piece, Notice):
            self._append(piece)
            return
        if piece.kind is Kind.FORMAT:
            self._drop(keep_format=False)
            self._pictures = format_of(piece).mime == JPEG
            self._skipping = True
        elif piece.kind is Kind.KEY:
            if self._lags(piece):
                self._drop(keep_format=True)
            self._skipping = False
        elif self._skipping or self._bytes + len(piece.data) > QUEUE_BYTES:
            self.skipped += 1
            self._skipping = True
            return
        self._append(piece)

    def end(self, reason: str) -> None:
        """Let the reader come to its end."""
        self._ended = reason
        self._wake.set()

    def _lags(self, key: Piece) -> bool:
        waiting = [one for one in self._queue if isinstance(one, Piece) and one.observed_ms]
        if self._pictures:
            return len(waiting) >= PICTURES_QUEUED
        if not waiting:
            return False
        too_much = self._bytes + len(key.data) > QUEUE_BYTES
        return too_much or key.observed_ms - waiting[0].observed_ms > QUEUE_MS

    def _drop(self, *, keep_format: bool) -> None:
        kept: deque[Piece | Notice] = deque()
        for one in self._queue:
            if isinstance(one, Notice) or (keep_format and one.kind is Kind.FORMAT):
                kept.append(one)
            else:
                self.skipped += 1
        self._queue = kept
        self._bytes = sum(len(one.data) for one in kept if isinstance(one, Piece))

    def _append(self, piece: Piece | Notice) -> None:
        self._queue.append(piece)
        if isinstance(piece, Piece):
            self._bytes += len(piece.data)
        self._wake.set()


class _Upstream:
    """The stream of one camera from its worker, and what who begins must have."""

    def __init__(self, channels: Channels, offset_of: OffsetOf, camera: str, stream: str) -> None:
        self._channels = channels
        self._offset_of = offset_of
        self.camera, self.stream = camera, stream
        self.viewers: set[Viewer] = set()
        self.changed = asyncio.Event()  # somebody came or went
        self._pulling: asyncio.Task[str] | None = None
        self._format: Piece | None = None
        self._gop: list[Piece] = []
        self._gop_bytes = 0
        self._notice = Notice("")

    def add(self, viewer: Viewer) -> None:
        """Let a viewer begin with what is there."""
        self.viewers.add(viewer)
        self.changed.set()
        if self._notice.reason:
            viewer.push(self._notice)
        if self._format is not None:
            viewer.push(self._format)
            for piece in self._gop:
                viewer.push(piece)

    def remove(self, viewer: Viewer) -> None:
        """Forget a viewer."""
        self.viewers.discard(viewer)
        self.changed.set()

    async def run(self) -> str:
        """Return, and say why, when nobody has watched for LINGER_S or it is in vain."""
        self._pulling = asyncio.create_task(self._pull())
        while not self._pulling.done():
            self.changed.clear()
            if self.viewers:
                changed = asyncio.create_task(self.changed.wait())
                await asyncio.wait({self._pulling, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LINGER_S):
                    await self.changed.wait()
            if not self.viewers:
                return "nobody watches"
        return self._pulling.result()

    async def stop(self) -> None:
        """Stop pulling."""
        if self._pulling is not None and not self._pulling.done():
            self._pulling.cancel()
            await asyncio.wait({self._pulling})

    async def _pull(self) -> str:
        """Pull, again and again; return why it is in vain."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                try:
                    with acting_as(system("live_views")):
                        worker = await self._channels.worker_of(self.camera)
                except NotFoundError as error:
                    return error.detail
                arguments: Arguments = {"camera": self.camera, "stream": self.stream, "audio": True}
                async with self._channels.open(worker, "live.open", arguments) as answer:
                    async for piece in _pieces(answer):
                        wait_s = FIRST_WAIT_S
                        self._take(piece, self._offset_of(worker))
                reason = "the worker ended the stream"
            except AmaanError as error:
                reason = error.detail
            except Exception:  # noqa: BLE001 (top of the stream's task)
                _log.exception("live.fault", camera=self.camera)
                reason = "a fault of ours"
            self._tell(reason)
            await asyncio.sleep(wait_s * (0.5 + 0.5 * SystemRandom().random()))
            wait_s = min(LONGEST_WAIT_S, 2 * wait_s)

    def _tell(self, reason: str) -> None:
        if self._notice.reason == reason:
            return
        self._notice = Notice(reason)
        for viewer in self.viewers:
            viewer.push(self._notice)

    def _take(self, piece: Piece, offset_ms: int) -> None:
        if piece.kind is Kind.STILL_HERE:
            self._tell("no picture comes from the camera")
            return
        if piece.kind is Kind.CANNOT:
            self._tell(piece.data[:_REASON_BYTES].decode(errors="replace"))
            return
        if piece.kind is Kind.FORMAT:
            format_of(piece)  # refuse a worker's nonsense before anybody gets it
            self._format = piece
            self._gop, self._gop_bytes = [], 0
        else:
            self._tell("")
            piece = Piece(piece.kind, max(0, piece.observed_ms + offset_ms), piece.data)
            self._keep(piece)
        for viewer in self.viewers:
            viewer.push(piece)

    def _keep(self, piece: Piece) -> None:
        if piece.kind is Kind.KEY:
            self._gop, self._gop_bytes = [], 0
        elif not self._gop:
            return
        self._gop.append(piece)
        self._gop_bytes += len(piece.data)
        if self._gop_bytes > GOP_BYTES:
            self._gop, self._gop_bytes = [], 0


async def _pieces(answer: Answer) -> AsyncIterator[Piece]:
    reader, chunks = PieceReader(), aiter(answer)
    while True:
        try:
            async with asyncio.timeout(SILENCE_S):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise UnavailableError("the worker says nothing") from None
        if chunk is None:
            return
        for piece in reader.feed(chunk):
            yield piece


class Fanout:
    """Every stream that somebody watches."""

    def __init__(self, channels: Channels, offset_of: OffsetOf) -> None:
        self._channels = channels
        self._offset_of = offset_of
        self._upstreams: dict[tuple[str, str], _Upstream] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def streams(self) -> int:
        """How many streams come from workers."""
        return len(self._upstreams)

    def watch(self, camera: str, stream: str) -> Viewer:
        """Begin to watch; whoever does must ``leave``."""
        viewer = Viewer(camera, stream)
        upstream = self._upstreams.get((camera, stream))
        if upstream is None:
            upstream = _Upstream(self._channels, self._offset_of, camera, stream)
            self._upstreams[camera, stream] = upstream
            task = asyncio.create_task(self._run(upstream), name=f"live {camera} {stream}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        upstream.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Stop watching."""
        upstream = self._upstreams.get((viewer.camera, viewer.stream))
        if upstream is not None:
            upstream.remove(viewer)

    async def _run(self, upstream: _Upstream) -> None:
        reason = "the centre stops"
        try:
            reason = await upstream.run()
        finally:
            # First of all: who comes now begins a stream of his own.
            del self._upstreams[upstream.camera, upstream.stream]
            for viewer in upstream.viewers:
                viewer.end(reason)
            await upstream.stop()

    async def close(self) -> None:
        """End every stream."""
        await cancel_all(self._tasks)


__all__ = ["Fanout", "Format", "Notice", "StreamEndedError", "Viewer"]
