"""A live stream as HLS, for browsers that cannot be fed by a socket. In memory, a few seconds."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from amaan.kernel.errors import ConflictError, NotFoundError
from amaan.video.live_views.wire import JPEG, Kind, Piece, format_of

SEGMENT_MS = 1_000  # at least, then at the next keyframe
LONGEST_MS = 4_000  # then wherever it stands
LISTED, KEPT = 6, 12
SEGMENT_BYTES = 24 << 20


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of the playlist. ``form`` numbers the initialisation it needs."""

    number: int
    form: int
    observed_ms: int
    lasts_ms: int
    data: bytes


class HlsWindow:
    """The newest segments of one view, and the playlist that names them."""

    def __init__(self) -> None:
        self._segments: deque[Segment] = deque()
        self._inits: dict[int, bytes] = {}
        self._form = 0
        self._number = 0
        self._open: list[Piece] = []
        self._bytes = 0
        self._refused = ""
        self._grown = asyncio.Event()
        self.ended = False

    def put(self, piece: Piece) -> None:
        """Take the next piece."""
        if piece.kind is Kind.FORMAT:
            self._open, self._bytes = [], 0
            form = format_of(piece)
            self._refused = "this camera sends pictures, no film" if form.mime == JPEG else ""
            self._form += 1
            self._inits[self._form] = form.init
            for old in [number for number in self._inits if number < self._form - KEPT]:
                del self._inits[old]
            return
        if self._refused:
            self._grown.set()
            return
        if self._open:
            lasts_ms = max(1, piece.observed_ms - self._open[0].observed_ms)
            due = lasts_ms >= (SEGMENT_MS if piece.kind is Kind.KEY else LONGEST_MS)
            if due or self._bytes > SEGMENT_BYTES:
                self._cut(lasts_ms)
        elif piece.kind is not Kind.KEY:
            return
        self._open.append(piece)
        self._bytes += len(piece.data)

    def _cut(self, lasts_ms: int) -> None:
        data = b"".join(piece.data for piece in self._open)
        self._segments.append(
            Segment(self._number, self._form, self._open[0].observed_ms, lasts_ms, data)
        )
        self._number += 1
        self._open, self._bytes = [], 0
        while len(self._segments) > KEPT:
            self._segments.popleft()
        self._grown.set()

    async def playlist(self, wait_s: float) -> str:
        """Return the playlist, waiting for its first segment. ConflictError, NotFoundError."""
        try:
            async with asyncio.timeout(wait_s):
                await self._grown.wait()
        except TimeoutError:
            raise NotFoundError("no picture has come yet: ask again") from None
        if self._refused:
            raise ConflictError(self._refused)
        listed = list(self._segments)[-LISTED:]
        longest = max(math.ceil(segment.lasts_ms / 1000) for segment in listed)
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{longest}",
            f"#EXT-X-MEDIA-SEQUENCE:{listed[0].number}",
        ]
        form = 0
        for segment in listed:
            if segment.form != form:
                if form:
                    lines.append("#EXT-X-DISCONTINUITY")
                form = segment.form
                lines.append(f'#EXT-X-MAP:URI="init.mp4?form={form}"')
            at = datetime.fromtimestamp(segment.observed_ms / 1000, UTC)
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{at.isoformat(timespec='milliseconds')}")
            lines.append(f"#EXTINF:{segment.lasts_ms / 1000:.3f},")
            lines.append(f"{segment.number}.m4s")
        if self.ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join(lines) + "\n"

    def init(self, form: int | None) -> bytes:
        """Return an initialisation segment, the newest by default. NotFoundError."""
        found = self._inits.get(self._form if form is None else form)
        if found is None:
            raise NotFoundError("there is no such initialisation")
        return found

    def segment(self, number: int) -> bytes:
        """Return a segment that is still kept. NotFoundError."""
        for segment in self._segments:
            if segment.number == number:
                return segment.data
        raise NotFoundError("that segment is gone, or not yet there")
