"""What devices do by themselves, for as long as the centre runs."""

from __future__ import annotations

import asyncio

import structlog

from amaan.city.devices.service import DeviceService
from amaan.kernel.errors import UnavailableError

_log = structlog.get_logger(__name__)

_TICK_S = 5.0


async def watch_devices(devices: DeviceService) -> None:
    """Notice silence and the end of windows until cancelled; wait out an absent database."""
    while True:
        await asyncio.sleep(_TICK_S)
        try:
            await devices.notice()
        except UnavailableError as error:
            _log.warning("city.devices_wait", reason=error.detail)
        except Exception:  # noqa: BLE001 (top of a task loop)
            _log.exception("city.devices_fault")
