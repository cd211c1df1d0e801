"""What devices announce. Payloads are what the console shows, so that no one has to ask back."""

from __future__ import annotations

from datetime import UTC, datetime

from amaan.city.devices.model import Device, DeviceKind, Standing
from amaan.kernel.events import JsonValue, NewEvent

DEVICE_CHANGED = "city.device_changed"
SITE_POWER_CHANGED = "city.site_power_changed"


def wire_time(at: datetime | None) -> str | None:
    """Return RFC 3339 in UTC with milliseconds and Z."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _payload(device: Device, standing: Standing) -> dict[str, JsonValue]:
    return {
        "site": device.site,
        "device": device.code,
        "kind": device.kind.value,
        "state": standing.state,
        "since": wire_time(standing.since),
        "detail": standing.detail,
    }


def device_changed(device: Device, standing: Standing, at: datetime) -> NewEvent:
    """Announce that a device stands otherwise than before."""
    return NewEvent(DEVICE_CHANGED, device.code, at, _payload(device, standing))


def site_power_changed(device: Device, standing: Standing, at: datetime) -> NewEvent:
    """Announce how a site is supplied now; ``device`` is the one that says so.

    ``state``: mains, solar, battery, low, out, or silent where no power device is heard.
    """
    assert device.kind is DeviceKind.POWER
    return NewEvent(SITE_POWER_CHANGED, device.site, at, _payload(device, standing))
