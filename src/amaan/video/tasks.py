"""What video does by itself, for as long as the centre runs."""

from __future__ import annotations

import asyncio

import structlog

from amaan.kernel.errors import UnavailableError
from amaan.video.clips import ClipService
from amaan.video.service import VideoService

_log = structlog.get_logger(__name__)

_TICK_S = 1.0
_CLIPS_EVERY_TICKS = 10
_LISTENING_EVERY_TICKS = 5


async def watch_workers(video: VideoService, clips: ClipService) -> None:
    """Notice silent workers and overdue clips until cancelled; wait out an absent database."""
    ticks = 0
    while True:
        await asyncio.sleep(_TICK_S)
        ticks += 1
        try:
            await video.notice_silence()
            if ticks % _LISTENING_EVERY_TICKS == 0:
                await video.note_listening()
            if ticks % _CLIPS_EVERY_TICKS == 0:
                await clips.give_up_overdue()
        except UnavailableError as error:
            _log.warning("video.watch_waits", reason=error.detail)
        except Exception:  # noqa: BLE001 (top of a task loop)
            _log.exception("video.watch_fault")
