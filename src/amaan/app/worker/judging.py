"""Looks at a key frame of each camera every few seconds, in one thread for all of them."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import structlog

from amaan.app.worker.centre import AssignedCamera
from amaan.kernel.errors import NotFoundError
from amaan.kernel.events import JsonValue
from amaan.video.judging import rules
from amaan.video.judging.judge import CameraJudge
from amaan.video.judging.keyframes import KeyframeDecoder
from amaan.video.judging.looks import look_at
from amaan.video.model import CameraHealth, CameraState, Condition, ConditionKind
from amaan.video.taps import Tap, TappedFormat, TappedPacket, Taps

LOOK_AROUND_S = 0.5
KEPT_EVERY_S = 600.0
STOP_WITHIN_S = 0.5

_log = structlog.get_logger(__name__)


class Feeds(Protocol):
    """The cameras that run here (``feeds.FeedKeeper``)."""

    def health(self) -> list[CameraHealth]:
        """Return how every assigned camera is."""
        ...

    def assigned(self, camera: str) -> AssignedCamera | None:
        """Return what was said of a camera; None when it does not run here."""
        ...


@dataclass(slots=True)
class _Watched:
    """One camera. ``memory`` is where what was learnt of it is kept."""

    tap: Tap
    memory: Path
    judge: CameraJudge = field(default_factory=CameraJudge)
    decoder: KeyframeDecoder = field(default_factory=KeyframeDecoder)
    due_s: float = 0.0
    kept_s: float = 0.0
    forget: bool = False
    conditions: tuple[Condition, ...] = ()
    clocks: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=8))


class Judging:
    """``start`` once, ``stop`` once. ``with_conditions`` from any thread."""

    def __init__(self, data: Path, feeds: Feeds, taps: Taps) -> None:
        self._folder = data / "judging"
        self._feeds = feeds
        self._taps = taps
        self._watched: dict[str, _Watched] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="judging", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and keep what was learnt."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN_S)

    def with_conditions(self, cameras: Iterable[CameraHealth]) -> list[CameraHealth]:
        """Return cameras' health with what was judged of those that give pictures."""
        found = []
        for health in cameras:
            watched = self._watched.get(health.camera)
            judged = watched is not None and health.state is CameraState.UP
            conditions = watched.conditions if watched is not None and judged else ()
            found.append(replace(health, conditions=conditions))
        return found

    def turned(self, camera: str) -> None:
        """Learn anew how a camera looks: an operator turns it."""
        watched = self._watched.get(camera)
        if watched is not None:
            watched.forget = True

    def forget(self, arguments: Mapping[str, object]) -> dict[str, JsonValue]:
        """Learn anew how ``camera`` looks: a person says that it is right so. NotFoundError."""
        watched = self._watched.get(str(arguments.get("camera")))
        if watched is None:
            raise NotFoundError("this worker does not look at that camera")
        watched.forget = True
        return {}

    def clock(self, camera: str, ahead_s: float, at_s: float) -> bool:
        """Take by how much a camera's clock is ahead of ours, read at ``at_s`` (Unix seconds).

        Returns whether another reading is wanted soon: this one says otherwise than what holds.
        """
        watched = self._watched.get(camera)
        if watched is None:
            return True
        watched.clocks.append((ahead_s, at_s))
        holds = any(one.kind is ConditionKind.CLOCK for one in watched.conditions)
        return rules.clock_sign(ahead_s) is (not holds)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_AROUND_S):
            try:
                self._look_around(self._feeds.health())
            except Exception:  # noqa: BLE001 (top of a task loop)
                _log.exception("worker.judging_fault")
                self._stopping.wait(5.0)
        for watched in self._watched.values():
            _keep(watched)

    def _look_around(self, cameras: Sequence[CameraHealth]) -> None:
        known = {health.camera for health in cameras}
        for code in self._watched.keys() - known:
            self._leave(code)
        for health in cameras:
            if self._stopping.is_set():
                return
            watched = self._watched.get(health.camera) or self._begin(health.camera)
            if watched is None:
                continue
            if watched.tap.ended:
                self._leave(health.camera)
                continue
            self._look(watched, health)

    def _begin(self, code: str) -> _Watched | None:
        assigned = self._feeds.assigned(code)
        if assigned is None:
            return None
        try:
            tap = self._taps.open(code, "main", "keyframes")
        except NotFoundError:
            return None
        # Another address is another camera: what was learnt of the old one says nothing.
        which = hashlib.sha256(assigned.address_sealed.encode()).hexdigest()[:12]
        watched = _Watched(tap, self._folder / f"{code}.{which}.npz")
        try:
            for path in self._folder.glob(f"{code}.*.npz"):
                if path == watched.memory:
                    watched.judge.remember(path.read_bytes())
                elif path.name.count(".") == watched.memory.name.count("."):
                    path.unlink()
        except OSError as error:
            _log.warning("worker.judging_memory", camera=code, reason=error.strerror)
        watched.kept_s = time.monotonic()
        self._watched[code] = watched
        return watched

    def _leave(self, code: str) -> None:
        watched = self._watched.pop(code)
        watched.tap.close()
        _keep(watched)

    def _look(self, watched: _Watched, health: CameraHealth) -> None:
        if watched.forget:
            watched.forget = False
            watched.judge.forget()
            watched.memory.unlink(missing_ok=True)
        newest: TappedPacket | None = None
        while (item := watched.tap.take(0.0)) is not None:
            if isinstance(item, TappedFormat):
                watched.decoder.begin(item)
                watched.judge.interrupted()
                newest = None
            else:
                watched.judge.keyframe(item.observed_at_s)
                newest = item
        now_s = time.monotonic()
        if newest is not None and now_s >= watched.due_s:
            luma = watched.decoder.decode(newest)
            if luma is not None:
                watched.judge.see(look_at(luma, newest.observed_at_s))
            watched.due_s = now_s + watched.judge.wait_s()
        while watched.clocks:
            watched.judge.clock(*watched.clocks.popleft())
        if health.state is CameraState.UP and health.last_frame_at is not None:
            watched.judge.flows(health.last_frame_at.timestamp())
        watched.conditions = watched.judge.conditions()
        if now_s - watched.kept_s > KEPT_EVERY_S:
            watched.kept_s = now_s
            _keep(watched)


def _keep(watched: _Watched) -> None:
    learnt = watched.judge.remembered()
    if learnt is None:
        return
    part = watched.memory.with_suffix(".part")
    try:
        part.write_bytes(learnt)
        part.replace(watched.memory)
    except OSError as error:
        _log.warning("worker.judging_not_kept", reason=error.strerror)
