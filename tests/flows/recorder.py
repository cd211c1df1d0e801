"""A worker at the roadside that recorded one film over and over, and answers by the channel.

It speaks the protocol over real sockets: the journal over HTTP, pieces, pictures, cuts and files
over the channel. Media times of a piece begin at nought.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import av
import cv2
import httpx

from amaan.app.worker.channel import Answerer, Arguments, Streamed, WorkerChannel
from amaan.kernel.errors import NotFoundError
from amaan.video.events import wire_time

FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Recorded:
    """One showing of the film. ``shift``: ms by which files differ, so that no hash is twice."""

    id: UUID
    camera: str
    start: datetime
    end: datetime
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def length_of(film: Path) -> float:
    """Return a film's length in seconds."""
    with av.open(str(film)) as container:
        assert container.duration is not None
        return container.duration / av.time_base


def cut(
    film: Path, start_s: float, end_s: float, *, keyframes: bool = False
) -> tuple[bytes, float]:
    """Return fMP4 from the keyframe at or before a moment on, and how far in that lies."""
    target = io.BytesIO()
    first: float | None = None
    with av.open(str(film)) as source, av.open(target, "w", "mp4", options=FRAGMENTED) as out:
        stream = source.streams.video[0]
        copied = out.add_stream_from_template(stream)
        assert stream.time_base is not None
        source.seek(int((start_s + 1e-3) / stream.time_base), stream=stream)
        base = 0
        for packet in source.demux(stream):
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            at = float(packet.pts * packet.time_base)
            if first is None:
                first, base = at, packet.dts
            if at >= end_s and packet.is_keyframe:
                break
            if keyframes and not packet.is_keyframe:
                continue
            packet.pts, packet.dts = packet.pts - base, packet.dts - base
            packet.stream = copied
            out.mux(packet)
    return target.getvalue(), first or 0.0


def whole(film: Path, note: str) -> bytes:
    """Return the film as a file of its own: the same pictures, another hash."""
    target = io.BytesIO()
    with av.open(str(film)) as source, av.open(target, "w", "mp4") as out:
        out.metadata["comment"] = note
        copied = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copied
                out.mux(packet)
    return target.getvalue()


@dataclass
class Recorder:
    """``record`` first, ``tell`` the centre, then ``start`` answering."""

    url: str
    token: str
    film: Path
    name: str = "roadside-1"
    ledger: UUID = field(default_factory=uuid4)
    recorded: list[Recorded] = field(default_factory=list)
    entries: list[dict[str, object]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answerer: Answerer = field(default_factory=Answerer)

    def __post_init__(self) -> None:
        self.length_s = length_of(self.film)
        self.answerer.register("recordings.piece", self._piece)
        self.answerer.register("recordings.thumbnail", self._thumbnail)
        self.answerer.register("recordings.cut", self._cut)
        self.answerer.register("recordings.segment", self._segment)

    def record(self, camera: str, start: datetime, showings: int) -> datetime:
        """Have the film shown so many times from a moment on; return when it ends."""
        at = start
        for _ in range(showings):
            end = at + timedelta(seconds=self.length_s)
            content = whole(self.film, f"{camera} {at}")
            one = Recorded(uuid4(), camera, at, end, content)
            self.recorded.append(one)
            self._say(
                "segment",
                id=str(one.id),
                camera=camera,
                stream="main",
                start=wire_time(at),
                end=wire_time(end),
                bytes=len(content),
                sha256=one.sha256,
                codec="h264",
                width=320,
                height=240,
                fps=10.0,
                has_audio=False,
            )
            at = end
        return at

    def miss(self, camera: str, start: datetime, end: datetime | None, cause: str) -> None:
        """Have a time not recorded."""
        self._say(
            "gap",
            id=str(uuid4()),
            camera=camera,
            stream="main",
            start=wire_time(start),
            end=wire_time(end),
            cause=cause,
            detail="",
        )

    def _say(self, kind: str, **said: object) -> None:
        self.entries.append({"seq": len(self.entries) + 1, "kind": kind, **said})

    def tell(self) -> None:
        """Send the journal."""
        body = {"worker": self.name, "ledger": str(self.ledger), "entries": self.entries}
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.post(f"{self.url}/api/video/journal", json=body, headers=headers, timeout=20)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"applied": len(self.entries)}

    def channel(self) -> WorkerChannel:
        """Return the line to the centre, not yet started."""
        return WorkerChannel(self.url, self.token, self.name, self.answerer)

    # -- answers -----------------------------------------------------------------------------

    def _at(self, arguments: Arguments, name: str = "at") -> tuple[Recorded, float]:
        at = datetime.fromisoformat(str(arguments[name]))
        for one in self.recorded:
            if one.camera == arguments["camera"] and one.end > at:
                return one, max(0.0, (at - one.start).total_seconds())
        raise NotFoundError("nothing is recorded then")

    def _piece(self, arguments: Arguments) -> Streamed:
        self.asked.append("piece")
        one, into = self._at(arguments)
        most = float(str(arguments["most_s"]))
        keyframes = bool(arguments["keyframes_only"])
        content, first = cut(self.film, into, into + most, keyframes=keyframes)
        start = one.start + timedelta(seconds=first)
        with av.open(io.BytesIO(content), "r") as made:
            long = (made.duration or 0) / av.time_base
        end = min(one.end, start + timedelta(seconds=most if keyframes else long))
        nexts = [other.start for other in self.recorded if other.start >= end]
        following = min(nexts, default=None) if one.end - end < timedelta(seconds=0.05) else None
        head = {
            "start": wire_time(start),
            "end": wire_time(one.end if following else end),
            "mime": 'video/mp4; codecs="avc1.64001e"',
            "next": wire_time(following),
        }
        return Streamed(head, iter([content]))

    def _thumbnail(self, arguments: Arguments) -> Streamed:
        self.asked.append("thumbnail")
        one, into = self._at(arguments)
        content, first = cut(self.film, into, into + 0.1)
        with av.open(io.BytesIO(content), "r") as made:
            frame = next(made.decode(video=0))
        small = frame.reformat(width=int(str(arguments["width"])), height=136, format="bgr24")
        _, picture = cv2.imencode(".jpg", small.to_ndarray())
        taken = wire_time(one.start + timedelta(seconds=first))
        return Streamed({"at": taken}, iter([picture.tobytes()]))

    def _cut(self, arguments: Arguments) -> Streamed:
        self.asked.append("cut")
        one, into = self._at(arguments, "from")
        until = datetime.fromisoformat(str(arguments["to"]))
        content, _ = cut(self.film, into, (until - one.start).total_seconds())
        return Streamed({}, _chunks(content))

    def _segment(self, arguments: Arguments) -> Streamed:
        self.asked.append("segment")
        for one in self.recorded:
            if str(one.id) == arguments["id"]:
                return Streamed({}, _chunks(one.content))
        raise NotFoundError("no such segment")


def _chunks(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), CHUNK):
        yield content[at : at + CHUNK]
