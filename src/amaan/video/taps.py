"""Hands one stream's packets to whoever wants them, without ever waiting for anybody.

A ``Fan`` holds the current group of pictures and fills the bounded queue of each reader. A reader
that lags loses what waits for it and goes on with the next keyframe; nobody else notices.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from amaan.video.packets import AudioFormat

RING_BYTES, RING_PACKETS = 4 << 20, 3000  # a longer group is not held: a reader waits for the next
QUEUE_BYTES, QUEUE_PACKETS = 12 << 20, 4000  # more than a ring, which a reader may begin with

StreamName = Literal["main", "sub"]
Wanted = Literal["keyframes", "all"]


@dataclass(frozen=True, slots=True)
class TappedFormat:
    """What the packets that follow are made of. Stamps may begin anew after it.

    ``extradata`` is as the source has it: Annex B parameter sets, avcC, hvcC or nothing.
    """

    codec: str
    width: int
    height: int
    extradata: bytes
    audio: AudioFormat | None
    fps: float = 0.0


@dataclass(frozen=True, slots=True)
class TappedPacket:
    """One coded picture or packet of sound.

    Stamps count 1/90,000 s on the source's clock; ``observed_at_s`` is Unix seconds at the
    camera, as well as that is known. Every packet of sound is a keyframe.
    """

    kind: Literal["video", "audio"]
    pts: int
    dts: int
    keyframe: bool
    observed_at_s: float
    data: bytes


Tapped = TappedFormat | TappedPacket


class Tap(Protocol):
    """What one reader takes. A format comes first, on every change and after every break.

    After a format the first picture is a keyframe.
    """

    @property
    def missed(self) -> int:
        """How many packets were dropped because this reader lagged."""
        ...

    @property
    def ended(self) -> bool:
        """Whether nothing more will come: closed, or the camera is no longer pulled here."""
        ...

    def take(self, timeout_s: float) -> Tapped | None:
        """Return the next; None when none came in time or the tap has ended."""
        ...

    def close(self) -> None:
        """Take no more; safe to call twice, from any thread."""
        ...


class Taps(Protocol):
    """All streams that this worker pulls."""

    def open(self, camera: str, stream: StreamName, what: Wanted) -> Tap:
        """Begin with the current group's keyframe at once, or with the first that comes.

        "keyframes" holds pictures only. A camera that is down gives nothing until it is up.
        NotFoundError for a stream that is not pulled here.
        """
        ...


class TapQueue:
    """One reader's bounded queue; ``put`` from one thread at a time, ``take`` from another.

    ``on_put`` is called after each packet, for a reader that watches many queues.
    """

    def __init__(self, what: Wanted, on_put: Callable[[], None] | None = None) -> None:
        self.what = what
        self._on_put = on_put
        self._condition = threading.Condition()
        self._items: deque[Tapped] = deque()
        self._bytes = 0
        self._format: TappedFormat | None = None
        self._waits_for_keyframe = True
        self._lagging = False
        self._ended = False
        self._missed = 0

    @property
    def missed(self) -> int:
        """How many packets were dropped because the reader lagged."""
        return self._missed

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended

    def begin(self, form: TappedFormat) -> None:
        """Go on with another format, from its first keyframe."""
        with self._condition:
            self._format = form
            self._waits_for_keyframe = True

    def put(self, packet: TappedPacket) -> None:
        """Offer a packet; returns at once."""
        with self._condition:
            if self._ended or not self._wants(packet):
                return
            if self._bytes > QUEUE_BYTES or len(self._items) >= QUEUE_PACKETS:
                self._missed += sum(isinstance(item, TappedPacket) for item in self._items)
                self._items.clear()
                self._bytes = 0
                self._waits_for_keyframe = self._lagging = True
            if self._waits_for_keyframe:
                if self._format is None or packet.kind == "audio" or not packet.keyframe:
                    self._missed += self._lagging
                    return
                self._waits_for_keyframe = self._lagging = False
                self._items.append(self._format)
            self._items.append(packet)
            self._bytes += len(packet.data)
            self._condition.notify()
        if self._on_put is not None:
            self._on_put()

    def _wants(self, packet: TappedPacket) -> bool:
        return self.what == "all" or (packet.kind == "video" and packet.keyframe)

    def take(self, timeout_s: float) -> Tapped | None:
        """Return the next; None when none came in time or all is over."""
        until = time.monotonic() + timeout_s
        with self._condition:
            while not self._items:
                left_s = until - time.monotonic()
                if self._ended or left_s <= 0:
                    return None
                self._condition.wait(left_s)
            item = self._items.popleft()
            if isinstance(item, TappedPacket):
                self._bytes -= len(item.data)
            return item

    def close(self) -> None:
        """Take no more; what waits is dropped."""
        with self._condition:
            self._ended = True
            self._items.clear()
            self._bytes = 0
            self._condition.notify_all()


class Fan:
    """One stream: its format, its current group of pictures, its readers.

    ``begin``, ``put`` and ``end`` from one thread; ``open`` and ``drop`` from any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._format: TappedFormat | None = None
        self._ring: list[TappedPacket] = []
        self._ring_bytes = 0
        self._queues: list[TapQueue] = []
        self._ended = False

    def begin(self, form: TappedFormat) -> None:
        """Take the format of what follows: a new connection, or a change."""
        with self._lock:
            self._format = form
            self._clear()
            for queue in self._queues:
                queue.begin(form)

    def put(self, packet: TappedPacket) -> None:
        """Hand on a packet; never waits."""
        with self._lock:
            starts = packet.kind == "video" and packet.keyframe
            if starts:
                self._clear()
            if starts or self._ring:
                self._ring.append(packet)
                self._ring_bytes += len(packet.data)
                if self._ring_bytes > RING_BYTES or len(self._ring) > RING_PACKETS:
                    self._clear()
            for queue in self._queues:
                queue.put(packet)

    def open(self, what: Wanted, on_put: Callable[[], None] | None = None) -> TapQueue:
        """Add a reader, who begins with the current group."""
        queue = TapQueue(what, on_put)
        with self._lock:
            if self._format is not None:
                queue.begin(self._format)
                for packet in self._ring:
                    queue.put(packet)
            if self._ended:
                queue.close()
            else:
                self._queues.append(queue)
        return queue

    def drop(self, queue: TapQueue) -> int:
        """Remove a reader; return how many are left."""
        queue.close()
        with self._lock:
            if queue in self._queues:
                self._queues.remove(queue)
            return len(self._queues)

    def end(self) -> None:
        """Hand on nothing more; all readers' taps end."""
        with self._lock:
            self._ended = True
            self._clear()
            for queue in self._queues:
                queue.close()
            self._queues.clear()

    def _clear(self) -> None:
        self._ring = []
        self._ring_bytes = 0
