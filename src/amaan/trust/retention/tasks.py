"""What retention does by itself, for as long as the centre runs."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Final

import structlog

from amaan.kernel.errors import UnavailableError
from amaan.trust.retention.nightly import Night
from amaan.trust.retention.settings import RetentionSettings

LOOK_EVERY_S: Final = 60.0
FIRST_LOOK_S: Final = 10.0  # a centre that starts has other things to do first
_log = structlog.get_logger(__name__)


async def watch_the_clock(night: Night, settings: RetentionSettings) -> None:
    """Run whenever a run is due, until cancelled; wait out an absent database."""
    await asyncio.sleep(FIRST_LOOK_S)
    while True:
        try:
            await night.run_when_due(settings, _ran())
        except UnavailableError as error:
            _log.warning("retention.waits", reason=error.detail)
        except Exception:  # noqa: BLE001  top of a task loop
            _log.exception("retention.fault")
        await asyncio.sleep(LOOK_EVERY_S)


def _ran() -> timedelta:
    """Return how long the machine has run, asleep too: where that is known."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return timedelta(seconds=time.monotonic() if boot is None else time.clock_gettime(boot))
