"""Keeps pullers running: thirty-two cameras a process, started again when one dies.

What they are to pull, passwords and all, goes over a socket that only the two ends hold: neither
a command line nor an environment, which others on the machine can read.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import BinaryIO, cast

import structlog

from amaan.app.worker.pulling import (
    CloseTap,
    End,
    Ended,
    Entry,
    Formed,
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
    heard_by_worker,
    written,
)
from amaan.kernel.errors import NotFoundError
from amaan.video.feeds import Backoff
from amaan.video.model import CameraHealth, CameraState
from amaan.video.settings import VideoSettings
from amaan.video.taps import Fan, StreamName, Tapped, TappedPacket, TapQueue, Wanted

_log = structlog.get_logger(__name__)

CAMERAS_EACH = 32
SILENT_S = 20.0  # a puller tells its health every second: one so silent is ended
BEGIN_WITHIN_S = 120.0  # on a machine that starts much else at the same time
FIRST_WAIT_S, LONGEST_WAIT_S, STABLE_AFTER_S = 0.2, 10.0, 30.0
STOP_WITHIN_S = 1.6
READ_BYTES = 1 << 18
# Of the C library: few arenas, and large blocks given back when they are freed. Threads that
# each keep an arena of their own cost several times what the packets do.
FRUGAL = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "262144",
    "MALLOC_TRIM_THRESHOLD_": "262144",
}

Name = tuple[str, StreamName]
Key = tuple[str, StreamName, Wanted]


@dataclass(slots=True, eq=False)
class _Outlet:
    """One tap into a puller, shared by its readers here."""

    key: Key
    number: int
    fan: Fan = field(default_factory=Fan)
    readers: int = 0


class ProcessTap:
    """One reader's end of an outlet."""

    def __init__(self, queue: TapQueue, let_go: Callable[[TapQueue], None]) -> None:
        self._queue = queue
        self._let_go = let_go
        self._open = True

    @property
    def missed(self) -> int:
        """How many packets were dropped here because this reader lagged."""
        return self._queue.missed

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._queue.ended

    def take(self, timeout_s: float) -> Tapped | None:
        """Return the next; None when none came in time or all is over."""
        return self._queue.take(timeout_s)

    def close(self) -> None:
        """Take no more; with its last reader a tap costs nothing."""
        if self._open:
            self._open = False
            self._let_go(self._queue)


class _Puller:
    """One process and the thread that listens to it; another process when that one dies."""

    def __init__(self, number: int, pullers: Pullers) -> None:
        self._name = f"puller-{number}"
        self._pullers = pullers
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self.specs: dict[Name, StreamSpec] = {}
        self.health: dict[Name, StreamHealth] = {}
        self.starts = 0
        self._ending: dict[Name, list[threading.Event]] = {}
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def pid(self) -> int | None:
        process = self._process
        return None if process is None else process.pid

    def cameras(self) -> set[str]:
        return {camera for camera, _ in self.specs}

    def say(self, message: ToPuller) -> None:
        """Send; to a process that is down nothing: the next is told all."""
        with self._lock:
            self._send(message)

    def _send(self, message: ToPuller) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.sendall(written(message))

    def run(self, spec: StreamSpec) -> None:
        name = (spec.camera, spec.stream)
        with self._lock:
            self.specs[name] = spec
            self.health.pop(name, None)
            self._send(Run(spec))

    def end(self, name: Name) -> threading.Event:
        """Return what is set when it has ended, or the process that did it."""
        ended = threading.Event()
        with self._lock:
            self.specs.pop(name, None)
            self.health.pop(name, None)
            if self._line is None:
                ended.set()
            else:
                self._ending.setdefault(name, []).append(ended)
                self._send(End(*name))
        return ended

    def _let_end(self, name: Name | None) -> None:
        """Wake who waits for the end of one stream, or of all."""
        with self._lock:
            for one in list(self._ending) if name is None else [name]:
                for ended in self._ending.pop(one, []):
                    ended.set()

    def stop(self) -> None:
        """Let it finish, wait for that, and end it where it does not."""
        self._stopping.set()
        self.say(Stop())
        process = self._process
        if process is not None:
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(0.5)

    def _run(self) -> None:
        backoff = Backoff(FIRST_WAIT_S, LONGEST_WAIT_S)
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                self._live()
            except OSError as error:
                _log.error("puller.cannot_start", puller=self._name, reason=error.strerror)
            except Exception:  # noqa: BLE001 (top of a task loop)
                _log.exception("puller.fault", puller=self._name)
            if self._stopping.is_set():
                return
            if time.monotonic() - begun > STABLE_AFTER_S:
                backoff.reset()
            self._stopping.wait(backoff.next_s())

    def _live(self) -> None:
        """Start one process, hear it to its end."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                process = self._process = subprocess.Popen(
                    [sys.executable, "-m", "amaan.app.puller"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env={**os.environ, **FRUGAL},
                )
            self.starts += 1
            ours.settimeout(BEGIN_WITHIN_S)
            try:
                self._tell_all(ours)
                file = cast("BinaryIO", ours.makefile("rb", buffering=READ_BYTES))
                with contextlib.suppress(PullingEndedError, OSError):
                    self._hear(heard_by_worker(file))
                    ours.settimeout(SILENT_S)
                    while True:
                        self._hear(heard_by_worker(file))
            finally:
                with self._lock:
                    self._line = None
                self._bury(process)
                self._let_end(None)

    def _tell_all(self, line: socket.socket) -> None:
        """Set up, name every stream and every open tap; from then on others may speak."""
        setup = SetUp(self._pullers.settings.model_dump_json(), str(self._pullers.folder))
        with self._pullers.lock, self._lock:  # always in this order
            messages: list[ToPuller] = [setup]
            # A file that has been played is not played again.
            over = {name for name, one in self.health.items() if one.ended}
            messages += [Run(spec) for name, spec in self.specs.items() if name not in over]
            messages += self._pullers.taps_of(set(self.specs))
            with contextlib.suppress(OSError):
                line.sendall(b"".join(written(message) for message in messages))
            self._line = line

    def _hear(self, message: object) -> None:
        pullers = self._pullers
        if isinstance(message, tuple):
            pullers.pass_packet(*message)
        elif isinstance(message, Healths):
            told = {(one.health.camera, one.stream): one for one in message.streams}
            with self._lock:
                over = {name: one for name, one in self.health.items() if one.ended}
                self.health = {
                    name: one for name, one in {**over, **told}.items() if name in self.specs
                }
        elif isinstance(message, Formed):
            pullers.pass_format(message)
        elif isinstance(message, Entry):
            pullers.on_entry(message.entry)
        elif isinstance(message, Ended):
            self._let_end((message.camera, message.stream))
        elif isinstance(message, Said):
            _log.log(message.level, "puller.said", puller=self._name, text=message.text)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(STOP_WITHIN_S if self._stopping.is_set() else 0.5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._stopping.is_set():
            return
        at_s = time.time()
        with self._lock:
            self.health = {name: one for name, one in self.health.items() if one.ended}
            lost = [name for name in self.specs if name not in self.health]
        _log.error(
            "puller.died", puller=self._name, exit_code=process.returncode, cameras=len(lost)
        )
        for camera, stream in lost:
            self._pullers.on_lost(camera, stream, at_s)


class Pullers:
    """All streams of this worker, spread over processes. Safe from any thread.

    ``on_entry`` gets what recorders tell; ``on_lost(camera, stream, at_s)`` is called for each
    stream of a process that died. Both from listening threads; they must return soon.
    """

    def __init__(
        self,
        folder: Path,
        settings: VideoSettings,
        on_entry: Callable[[dict[str, object]], None] = lambda entry: None,
        on_lost: Callable[[str, StreamName, float], None] = lambda camera, stream, at_s: None,
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.on_entry = on_entry
        self.on_lost = on_lost
        self.lock = threading.RLock()
        self._pullers: list[_Puller] = []
        self._numbers = count(1)
        self._where: dict[Name, _Puller] = {}
        self._begun: dict[Name, datetime] = {}
        self._outlets: dict[Key, _Outlet] = {}
        self._by_number: dict[int, _Outlet] = {}

    # -- streams -----------------------------------------------------------------------------

    def run(self, spec: StreamSpec) -> None:
        """Pull a stream, or pull it otherwise. Both of a camera's are in one process."""
        name = (spec.camera, spec.stream)
        with self.lock:
            puller = self._where.get(name) or self._room_for(spec.camera)
            self._where[name] = puller
            self._begun[name] = datetime.now(UTC)
            puller.run(spec)
            for outlet in self._outlets_of({name}):
                puller.say(OpenTap(outlet.number, *outlet.key))

    def _room_for(self, camera: str) -> _Puller:
        for puller in self._pullers:
            if camera in puller.cameras():
                return puller
        least = min(self._pullers, key=lambda puller: len(puller.cameras()), default=None)
        if least is not None and len(least.cameras()) < CAMERAS_EACH:
            return least
        puller = _Puller(next(self._numbers), self)
        self._pullers.append(puller)
        puller.start()
        return puller

    def end(self, camera: str, stream: StreamName) -> threading.Event:
        """Pull a stream no more; its taps end. A process without streams ends too.

        What is returned is set when nothing of it is written any more.
        """
        name = (camera, stream)
        with self.lock:
            puller = self._where.pop(name, None)
            if puller is None:
                over = threading.Event()
                over.set()
                return over
            ended = puller.end(name)
            for outlet in self._outlets_of({name}):
                outlet.fan.end()
                del self._outlets[outlet.key], self._by_number[outlet.number]
            empty = not puller.specs
            if empty:
                self._pullers.remove(puller)
        if empty:
            threading.Thread(target=_retire, args=(puller, ended), daemon=True).start()
        return ended

    def health(self, camera: str, stream: StreamName) -> CameraHealth | None:
        """Return how a stream is; None when it is not pulled here."""
        name = (camera, stream)
        with self.lock:
            puller, begun = self._where.get(name), self._begun.get(name)
        if puller is None or begun is None:
            return None
        told = puller.health.get(name)
        if told is not None:
            return told.health
        reason = "" if puller.starts <= 1 else "its process ended and is started again"
        return replace(starting(camera), since=begun, reason=reason)

    def ended(self, camera: str, stream: StreamName) -> bool:
        """Tell whether nothing more comes: a file that played or broke."""
        with self.lock:
            puller = self._where.get((camera, stream))
        told = None if puller is None else puller.health.get((camera, stream))
        return told is not None and told.ended

    def pids(self) -> list[int]:
        """Return the processes there are now."""
        with self.lock:
            return [puller.pid for puller in self._pullers if puller.pid is not None]

    def stop(self) -> None:
        """End all, at the same time."""
        with self.lock:
            pullers = list(self._pullers)
            self._pullers.clear()
            self._where.clear()
            for outlet in self._outlets.values():
                outlet.fan.end()
            self._outlets.clear()
            self._by_number.clear()
        threads = [threading.Thread(target=puller.stop) for puller in pullers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # -- taps --------------------------------------------------------------------------------

    def open(self, camera: str, stream: StreamName, what: Wanted) -> ProcessTap:
        """Begin with the current group's keyframe. NotFoundError for a stream not pulled here."""
        key = (camera, stream, what)
        with self.lock:
            puller = self._where.get((camera, stream))
            if puller is None:
                raise NotFoundError("this worker does not pull that stream")
            outlet = self._outlets.get(key)
            if outlet is None:
                outlet = _Outlet(key, next(self._numbers))
                self._outlets[key] = self._by_number[outlet.number] = outlet
                queue = outlet.fan.open(what)
                puller.say(OpenTap(outlet.number, camera, stream, what))
            else:
                queue = outlet.fan.open(what)
        return ProcessTap(queue, lambda queue: self._let_go(outlet, queue))

    def _let_go(self, outlet: _Outlet, queue: TapQueue) -> None:
        with self.lock:
            left = outlet.fan.drop(queue)
            if left or self._outlets.get(outlet.key) is not outlet:
                return
            del self._outlets[outlet.key], self._by_number[outlet.number]
            puller = self._where.get(outlet.key[:2])
        if puller is not None:
            puller.say(CloseTap(outlet.number))

    def _outlets_of(self, names: set[Name]) -> list[_Outlet]:
        return [outlet for outlet in self._outlets.values() if outlet.key[:2] in names]

    def taps_of(self, names: set[Name]) -> list[ToPuller]:
        """Return what opens the taps of these streams in a new process; the lock must be held."""
        return [OpenTap(outlet.number, *outlet.key) for outlet in self._outlets_of(names)]

    def pass_packet(self, number: int, packet: TappedPacket) -> None:
        """Hand a packet to those who read its tap."""
        outlet = self._by_number.get(number)
        if outlet is not None:
            outlet.fan.put(packet)

    def pass_format(self, formed: Formed) -> None:
        """Hand a format to those who read its tap."""
        outlet = self._by_number.get(formed.number)
        if outlet is not None:
            outlet.fan.begin(formed.format())


def _retire(puller: _Puller, ended: threading.Event) -> None:
    """Stop a process that has nothing to do any more, when it has done the last of it."""
    ended.wait(STOP_WITHIN_S)
    puller.stop()


def starting(camera: str) -> CameraHealth:
    """Return the health of a camera of which nothing is known yet."""
    return CameraHealth(
        camera=camera,
        state=CameraState.STARTING,
        reason="",
        since=datetime.now(UTC),
        fps=0.0,
        width=0,
        height=0,
        last_frame_at=None,
        skipped_frames=0,
        reconnects=0,
    )
