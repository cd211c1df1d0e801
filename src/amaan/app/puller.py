"""A puller: pulls and records at most thirty-two cameras, and nothing else. Started by a worker.

Everything comes over the socket that is its standard input. It ends when that closes, at once:
what was being written is readable, and another process may already be looking at it.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from amaan.app.worker.pulling import (
    CloseTap,
    End,
    Ended,
    Entry,
    Healths,
    OpenTap,
    PullingEndedError,
    Run,
    Said,
    SetUp,
    Stop,
    StreamHealth,
    StreamSpec,
    ToPuller,
    heard_by_puller,
    written,
    written_format,
    written_packet,
)
from amaan.city.address import parse_address
from amaan.kernel.errors import AmaanError
from amaan.video.feeds import FeedPlan, StreamFeed
from amaan.video.recording.recorder import Recorder, RecorderSettings
from amaan.video.settings import VideoSettings
from amaan.video.takers import PacketTaker, TapTaker
from amaan.video.taps import Fan, StreamName, TappedFormat, TapQueue

HEALTH_EVERY_S = 1.0
GATHER_S = 0.02  # packets of so long go out together
BATCH_BYTES = 1 << 18
STOP_WITHIN_S = 1.2
OVER_WITHIN_S = 12.0  # longer than a connection hangs
MESSAGES_MOST = 100_000
STACK_BYTES = 512 * 1024

log = logging.getLogger(__name__)

Name = tuple[str, StreamName]


class Outlet:
    """Sends to the worker from a thread of its own: whoever gives it something never waits."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._messages: deque[bytes] = deque(maxlen=MESSAGES_MOST)
        self._health = b""
        self._taps: dict[int, TapQueue] = {}
        self._thread = threading.Thread(target=self._run, name="outlet", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def say(self, message: bytes) -> None:
        """Send a message; kept until it can be."""
        self._messages.append(message)
        self._wake.set()

    def tell_health(self, message: bytes) -> None:
        """Send this, unless a newer one comes first."""
        self._health = message
        self._wake.set()

    def add(self, number: int, queue: TapQueue) -> None:
        """Send what comes out of a tap."""
        with self._lock:
            self._taps[number] = queue
        self._wake.set()

    def remove(self, number: int) -> TapQueue | None:
        """Send nothing more of a tap."""
        with self._lock:
            return self._taps.pop(number, None)

    def wake(self) -> None:
        """Look at the taps soon."""
        if not self._wake.is_set():
            self._wake.set()

    def drained(self, within_s: float) -> None:
        """Wait until every message has been sent."""
        until = time.monotonic() + within_s
        while self._messages and time.monotonic() < until:
            time.sleep(0.01)

    def _run(self) -> None:
        try:
            while True:
                self._wake.wait()
                time.sleep(GATHER_S)
                self._wake.clear()
                self._send()
        except OSError:
            os._exit(0)  # the worker is gone

    def _send(self) -> None:
        health, self._health = self._health, b""
        if health:
            self._line.sendall(health)
        while self._messages:
            self._line.sendall(self._messages[0])
            self._messages.popleft()
        with self._lock:
            taps = list(self._taps.items())
        for number, queue in taps:
            self._send_tap(number, queue)

    def _send_tap(self, number: int, queue: TapQueue) -> None:
        batch: list[bytes] = []
        size = 0
        while (item := queue.take(0.0)) is not None:
            batch.append(
                written_format(number, item)
                if isinstance(item, TappedFormat)
                else written_packet(number, item)
            )
            size += len(batch[-1])
            if size > BATCH_BYTES:
                self._wake.set()  # the rest in the next round: others wait too
                break
        if batch:
            self._line.sendall(b"".join(batch))


@dataclass(slots=True)
class _Running:
    spec: StreamSpec
    feed: StreamFeed
    fan: Fan
    taps: set[int] = field(default_factory=set)


class Puller:
    """Does what the worker says; ``run`` returns when it is told to stop."""

    def __init__(self, line: socket.socket, setup: SetUp) -> None:
        self._settings = VideoSettings.model_validate_json(setup.settings)
        self._folder = Path(setup.folder)
        self.outlet = Outlet(line)
        self._lock = threading.Lock()
        self._running: dict[Name, _Running] = {}
        self._taps: dict[int, tuple[Name, TapQueue]] = {}  # of the thread of ``run``
        self._health_thread = threading.Thread(target=self._tell, name="health", daemon=True)

    def run(self, said: BinaryIO) -> None:
        """Heed messages until Stop. PullingEndedError, OSError when the worker is gone."""
        self.outlet.start()
        self._health_thread.start()
        while True:
            message = heard_by_puller(said)
            if isinstance(message, Stop):
                self._stop(list(self._running.values()))
                self.outlet.drained(STOP_WITHIN_S)
                return
            self._heed(message)

    def _heed(self, message: ToPuller) -> None:
        if isinstance(message, Run):
            self._begin(message.spec)
        elif isinstance(message, End):
            self._end((message.camera, message.stream))
        elif isinstance(message, OpenTap):
            self._open_tap(message)
        elif isinstance(message, CloseTap):
            self._close_tap(message.number)

    def _begin(self, spec: StreamSpec) -> None:
        name = (spec.camera, spec.stream)
        before = self._let_go(name)
        try:
            address = parse_address(spec.address)
        except AmaanError:
            log.error("camera %s: an address that no camera has", spec.camera)
            return
        fan = Fan()
        takers: list[PacketTaker] = [TapTaker(fan)]
        if spec.record is not None:
            takers.append(self._recorder(spec))
        feed = StreamFeed(FeedPlan(spec.camera, address, spec.audio), self._settings, takers)
        with self._lock:
            self._running[name] = _Running(spec, feed, fan)
        threading.Thread(target=_succeed, args=(before, feed), daemon=True).start()

    def _recorder(self, spec: StreamSpec) -> PacketTaker:
        def tell(entry: dict[str, object]) -> None:
            self.outlet.say(written(Entry(entry)))

        assert spec.record is not None
        settings = RecorderSettings(self._settings.fragment_s, spec.record.segment_s)
        return Recorder(self._folder / "video", spec.camera, spec.stream, tell, settings)

    def _end(self, name: Name) -> None:
        threading.Thread(target=self._finish, args=(name, self._let_go(name)), daemon=True).start()

    def _finish(self, name: Name, before: StreamFeed | None) -> None:
        _end(before)
        self.outlet.say(written(Ended(*name)))

    def _let_go(self, name: Name) -> StreamFeed | None:
        """Forget a stream and its taps; return the feed, which is still to be stopped."""
        running = self._running.get(name)
        if running is None:
            return None
        for number in list(running.taps):
            self._close_tap(number)
        with self._lock:
            del self._running[name]
        return running.feed

    def _stop(self, all_running: list[_Running]) -> None:
        if all_running:
            with ThreadPoolExecutor(len(all_running)) as pool:
                list(pool.map(lambda running: running.feed.stop(), all_running))

    def _open_tap(self, wish: OpenTap) -> None:
        running = self._running.get((wish.camera, wish.stream))
        if running is None or wish.number in self._taps:
            return
        queue = running.fan.open(wish.what, self.outlet.wake)
        running.taps.add(wish.number)
        self._taps[wish.number] = ((wish.camera, wish.stream), queue)
        self.outlet.add(wish.number, queue)

    def _close_tap(self, number: int) -> None:
        self.outlet.remove(number)
        known = self._taps.pop(number, None)
        if known is None:
            return
        name, queue = known
        running = self._running.get(name)
        if running is not None:
            running.taps.discard(number)
            running.fan.drop(queue)

    def _tell(self) -> None:
        while True:
            with self._lock:
                running = list(self._running.values())
            told = [
                StreamHealth(one.spec.stream, one.feed.health(), one.feed.ended())
                for one in running
            ]
            self.outlet.tell_health(written(Healths(told)))
            time.sleep(HEALTH_EVERY_S)


def _succeed(before: StreamFeed | None, feed: StreamFeed) -> None:
    """Start a feed when the one before it, which wrote into the same folder, has stopped."""
    _end(before)
    feed.start()


def _end(feed: StreamFeed | None) -> None:
    """Stop a feed; its recorder may close late, where its thread hangs in a connection."""
    if feed is not None:
        feed.stop()
        if not feed.over(OVER_WITHIN_S):
            log.error("camera %s: its connection does not end", feed.plan.camera)


class _ToWorker(logging.Handler):
    """Log lines go to the worker; a line's traceback does not: it may hold an address."""

    def __init__(self, outlet: Outlet) -> None:
        super().__init__(logging.WARNING)
        self._outlet = outlet

    def emit(self, record: logging.LogRecord) -> None:
        self._outlet.say(written(Said(record.levelno, record.getMessage())))


def _say_kind_only() -> None:
    """Let no unforeseen error print its text: a library's may hold a camera's address."""

    def tell(where: str, kind: type[BaseException] | None, trace: TracebackType | None) -> None:
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        line = "" if trace is None else f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
        log.error("fault in %s: %s%s", where, "?" if kind is None else kind.__name__, line)

    sys.excepthook = lambda kind, _, trace: tell("puller", kind, trace)
    sys.unraisablehook = lambda told: tell("cleaning up", told.exc_type, told.exc_traceback)
    threading.excepthook = lambda told: tell("thread", told.exc_type, told.exc_traceback)


def main() -> None:
    """Run until told to stop or the worker is gone."""
    # The worker decides when we end: a signal to the whole group is for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _say_kind_only()
    threading.stack_size(STACK_BYTES)
    line = socket.socket(fileno=os.dup(0))
    said = line.makefile("rb")
    try:
        setup = heard_by_puller(said)
        assert isinstance(setup, SetUp), "comes first"
        puller = Puller(line, setup)
        logging.getLogger().addHandler(_ToWorker(puller.outlet))
        puller.run(said)
    except (PullingEndedError, OSError):
        pass
    os._exit(0)  # a thread may hang in a connection


if __name__ == "__main__":
    main()
