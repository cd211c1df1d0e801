"""Removes what is over, and the oldest when the disk is short; says so."""

from __future__ import annotations

import os
import time

import structlog

from amaan.video.recording.ledger import Ledger
from amaan.video.recording.model import Policy
from amaan.video.recording.rules import Clearing, Room, clearing
from amaan.video.settings import VideoSettings

_log = structlog.get_logger(__name__)

EVERY_S = 30.0  # what is over by time; room is looked at each time
SAID_FOR_S = 3600.0  # after video went for want of room, it is said for so long
BATCH = 50


class Clearer:
    """``clear`` it every few seconds, always from one thread."""

    def __init__(self, ledger: Ledger, settings: VideoSettings) -> None:
        self._ledger = ledger
        self._reserve = settings.disk_reserve_bytes
        self._recent_ms = round(settings.recent_s * 1000)
        self._fallback = Policy(days=settings.recording_days)
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
        if not need and now_s - self._looked < EVERY_S:
            self._short = 0
            return None
        self._looked = now_s
        room = Room(round(now_s * 1000), self._recent_ms, need)
        plan = clearing(self._ledger.finished(), self._ledger.policies(), room, self._fallback)
        for start in range(0, len(plan.gone), BATCH):
            self._ledger.remove(plan.gone[start : start + BATCH])
        self._short = plan.short_bytes
        full = sum(reason == "disk" for _, reason in plan.gone)
        if full:
            when, count = self._dropped
            self._dropped = now_s, full + (count if now_s - when < SAID_FOR_S else 0)
            _log.warning("recordings.disk_full", dropped=full, oldest_first=True)
        if self._short:
            _log.error("recordings.only_held_left", short_bytes=self._short)
        return plan

    def free_bytes(self) -> int:
        """Return what the disk of the recordings has free for this process."""
        told = os.statvfs(self._ledger.videos)
        return told.f_bavail * told.f_frsize
