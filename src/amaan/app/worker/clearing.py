"""Removes what is over, and the oldest when the disk is short; says so."""

from __future__ import annotations

import os
import time

import structlog

from amaan.engines.spool.ballast import Ballast
from amaan.video.recording.ledger import Ledger
from amaan.video.recording.model import Policy
from amaan.video.recording.rules import DAY_MS, Clearing, Room, clearing
from amaan.video.settings import VideoSettings

_log = structlog.get_logger(__name__)

EVERY_S = 30.0  # what is over by time; room is looked at each time
SAID_FOR_S = 3600.0  # after video went for want of room, it is said for so long
BATCH = 50
BALLAST_BYTES = 16 << 20
DOUBTED_S = 2 * 86_400.0  # a first look so long after the last picture: is the clock right?
GAPS_DAYS = 90  # so long the edge itself remembers what it did not record


class Calendar:
    """The time by which recordings age. What is removed is gone: a wrong clock must not do it.

    A clock that runs ahead of the centre's, or that leaps forward while nobody can ask the
    centre, ages nothing; one that is behind ages less.
    """

    def __init__(self, newest_s: float | None) -> None:
        """``newest_s``: the last moment recorded before."""
        self._newest_s = newest_s
        self._believed: tuple[float, float] | None = None  # Unix seconds, at a steady moment

    def told(self, now_s: float) -> None:
        """Believe the centre."""
        self._believed = now_s, time.monotonic()

    def today_s(self, now_s: float) -> float:
        """Return the time by which to judge, when this machine's clock says ``now_s``."""
        if self._believed is None:
            newest_s = now_s if self._newest_s is None else self._newest_s
            first_s = now_s if now_s <= newest_s + DOUBTED_S else newest_s
            self._believed = first_s, time.monotonic()
        then_s, at = self._believed
        return min(now_s, then_s + time.monotonic() - at)


class Clearer:
    """``clear`` it every few seconds, always from one thread.

    ``ballast`` gives way when the disk is so full that the ledger could not note a removal.
    """

    def __init__(self, ledger: Ledger, settings: VideoSettings, ballast: Ballast) -> None:
        self._ledger = ledger
        self._ballast = ballast
        self._reserve = settings.disk_reserve_bytes
        self._recent_ms = round(settings.recent_s * 1000)
        self._fallback = Policy(days=settings.recording_days)
        newest = ledger.newest_ms()
        self.calendar = Calendar(None if newest is None else newest / 1000)
        self._looked = 0.0
        self._dropped: tuple[float, int] = (0.0, 0)
        self._short = 0

    @property
    def problem(self) -> str:
        """What a person should know, "" when all is well."""
        if self._short:
            return "the disk is full, and what is left is held: nothing more is recorded"
        when, count = self._dropped
        if count and time.time() - when < SAID_FOR_S:
            return f"the disk is full: {count} oldest pieces of video went before their time"
        return ""

    def clear(self, now_s: float) -> Clearing | None:
        """Remove what is to go; return it, None when it was not yet time to look. OSError."""
        need = max(0, self._reserve - self.free_bytes())
        if not need:
            self._short = 0
        if 0 <= now_s - self._looked < EVERY_S and (not need or self._short):
            return None  # where all that is left is held, another look so soon finds no more
        self._looked = now_s
        if self.free_bytes() > self._reserve + 2 * BALLAST_BYTES:
            self._ballast.take_in()
        today_ms = round(self.calendar.today_s(now_s) * 1000)
        plan = self._plan(today_ms, need)
        if plan.gone and self.free_bytes() < BALLAST_BYTES:
            self._ballast.throw_out()
        for start in range(0, len(plan.gone), BATCH):
            self._ledger.remove(plan.gone[start : start + BATCH])
        self._ledger.forget(today_ms - GAPS_DAYS * DAY_MS)
        self._short = plan.short_bytes
        full = sum(reason == "disk" for _, reason in plan.gone)
        if full:
            when, count = self._dropped
            self._dropped = now_s, full + (count if now_s - when < SAID_FOR_S else 0)
            _log.warning("recordings.disk_full", dropped=full, oldest_first=True)
        if self._short:
            _log.error("recordings.only_held_left", short_bytes=self._short)
        return plan

    def _plan(self, today_ms: int, need: int) -> Clearing:
        policies = self._ledger.policies()

        def begun_before(policy: Policy) -> int:
            return 0 if policy.days is None else today_ms - round(policy.days * DAY_MS)

        found = self._ledger.oldest(
            {camera: begun_before(policy) for camera, policy in policies.items()},
            begun_before(self._fallback),
            today_ms - self._recent_ms,
            need,
        )
        return clearing(found, policies, Room(today_ms, self._recent_ms, need), self._fallback)

    def free_bytes(self) -> int:
        """Return what the disk of the recordings has free for this process."""
        told = os.statvfs(self._ledger.videos)
        return told.f_bavail * told.f_frsize
