"""How a device stands by what it tells. Pure.

Worse is believed at once, better when it has held for a while; thresholds differ by direction.
So a flapping relay or a disk at its limit is one piece of news and not a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from amaan.city.devices.model import (
    SILENT,
    STATES,
    Device,
    DeviceInputError,
    DeviceKind,
    Outage,
    Reading,
    Standing,
    Told,
    Window,
)

SOURCES = ("mains", "solar", "battery", "none")
AHEAD_MOST = timedelta(minutes=2)
LATE_MOST = timedelta(days=7)
NEWS_WITHIN = timedelta(minutes=15)
THIN_S = 60.0
SILENCE_IS_OUT = timedelta(minutes=10)

# Kind -> seconds that a better state must hold; the way out of silence needs none.
SETTLE_S = {
    DeviceKind.POWER: 60.0,
    DeviceKind.DOOR: 5.0,
    DeviceKind.TAMPER: 60.0,
    DeviceKind.LINK: 60.0,
    DeviceKind.DISK: 300.0,
}
LOW, LOW_OVER = 0.30, 0.40  # of a charge: low below, over again above
EMPTY = 0.05
LOSSY, LOSSY_OVER = 0.05, 0.02
FILLING, FILLING_OVER = 0.10, 0.15
FULL, FULL_OVER = 0.02, 0.04

# Kind -> name of a value -> its bounds; bool for a flag; a tuple of texts to choose from.
_VALUES: Mapping[DeviceKind, Mapping[str, type[bool] | tuple[float, float] | tuple[str, ...]]] = {
    DeviceKind.POWER: {
        "source": SOURCES,
        "charge_share": (0.0, 1.0),
        "load_w": (0.0, 100_000.0),
        "solar_w": (0.0, 100_000.0),
        "voltage_v": (0.0, 1_000.0),
    },
    DeviceKind.DOOR: {"open": bool},
    DeviceKind.TAMPER: {"tampered": bool},
    DeviceKind.LINK: {
        "up": bool,
        "latency_ms": (0.0, 3_600_000.0),
        "loss_share": (0.0, 1.0),
    },
    DeviceKind.DISK: {"free_share": (0.0, 1.0), "failing": bool},
}
_NEEDED = {
    DeviceKind.POWER: "source",
    DeviceKind.DOOR: "open",
    DeviceKind.TAMPER: "tampered",
    DeviceKind.LINK: "up",
    DeviceKind.DISK: "free_share",
}


def check_told(kind: DeviceKind, values: Mapping[str, object]) -> Told:
    """Return the values this kind may tell; others are left out. Raises DeviceInputError."""
    told: dict[str, bool | float | str] = {}
    for name, bounds in _VALUES[kind].items():
        value = values.get(name)
        if value is None:
            continue
        if bounds is bool:
            if not isinstance(value, bool):
                raise DeviceInputError(f"{name} is true or false", field=name)
            told[name] = value
        elif isinstance(value, str):
            if value not in bounds:
                raise DeviceInputError(f"{name} is one of {', '.join(SOURCES)}", field=name)
            told[name] = value
        else:
            told[name] = _number(name, value, bounds)
    if _NEEDED[kind] not in told:
        raise DeviceInputError(f"a {kind} device tells {_NEEDED[kind]}", field=_NEEDED[kind])
    return told


def _number(name: str, value: object, bounds: object) -> float:
    numeric = isinstance(bounds, tuple) and len(bounds) == 2
    if not numeric or isinstance(value, bool) or not isinstance(value, int | float):
        raise DeviceInputError(f"{name} is of another kind", field=name)
    assert isinstance(bounds, tuple)
    if not math.isfinite(value) or not float(bounds[0]) <= value <= float(bounds[1]):
        raise DeviceInputError(f"{name} is {bounds[0]:g} to {bounds[1]:g}", field=name)
    return float(value)


def in_maintenance(device: Device, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the device's door may stand open."""
    if device.maintenance_until is not None and at < device.maintenance_until:
        return True
    local = at.astimezone(zone)
    return any(_within(window, local) for window in device.windows)


def _within(window: Window, local: datetime) -> bool:
    day, clock = local.weekday(), local.time()
    if window.since < window.until:
        return day in window.days and window.since <= clock < window.until
    begun = day in window.days and clock >= window.since
    goes_on = (day - 1) % 7 in window.days and clock < window.until
    return begun or goes_on


def judge(
    device: Device, before: Standing | None, reading: Reading, at: datetime, zone: ZoneInfo
) -> Standing:
    """Return how a device stands by its newest reading, at a moment not before it.

    Call it again with the same reading when time has passed: windows end.
    """
    state = None if before is None else before.state
    wanted, detail = _wanted(device, state, reading.told, in_maintenance(device, at, zone))
    heard = (reading.observed_at, reading.received_at, reading.told)
    if before is None or state == SILENT:
        return Standing(wanted, reading.observed_at, detail, *heard)
    kept = replace(
        before,
        observed_at=reading.observed_at,
        received_at=reading.received_at,
        told=reading.told,
        pending=None,
        pending_since=None,
    )
    if wanted == before.state:
        return replace(kept, detail=detail)
    order = STATES[device.kind]
    # A door whose window ends is open since then, not since it was opened.
    since = reading.observed_at if reading.observed_at > before.observed_at else at
    planned = wanted == "maintenance"  # a person said so
    if planned or order.index(wanted) > order.index(before.state):
        return Standing(wanted, since, detail, *heard)
    begun = before.pending_since if before.pending == wanted else None
    begun = begun or since
    if (at - begun).total_seconds() >= SETTLE_S[device.kind]:
        return Standing(wanted, begun, detail, *heard)
    return replace(kept, pending=wanted, pending_since=begun)


def _wanted(device: Device, state: str | None, told: Told, allowed: bool) -> tuple[str, str]:
    """Return the state that values ask for, thresholds leaning towards the present one."""
    if device.kind is DeviceKind.POWER:
        return _power(state, told)
    if device.kind is DeviceKind.DOOR:
        if not told["open"]:
            return "closed", ""
        return ("maintenance", "open, as planned") if allowed else ("open", "open, not planned")
    if device.kind is DeviceKind.TAMPER:
        if not told["tampered"]:
            return "quiet", ""
        return ("maintenance", "as planned") if allowed else ("tampered", "not planned")
    if device.kind is DeviceKind.LINK:
        loss = float(told.get("loss_share", 0.0))
        if not told["up"] or loss >= 1.0:
            return "down", ""
        lossy = loss > (LOSSY_OVER if state in ("lossy", "down") else LOSSY)
        return ("lossy" if lossy else "up"), f"{loss:.0%} lost"
    free = float(told["free_share"])
    detail = f"{free:.0%} free"
    if told.get("failing"):
        return "failing", detail
    if free <= (FULL_OVER if state == "full" else FULL):
        return "full", detail
    filling = free <= (FILLING_OVER if state in ("filling", "full") else FILLING)
    return ("filling" if filling else "ok"), detail


def _power(state: str | None, told: Told) -> tuple[str, str]:
    charge = told.get("charge_share")
    detail = "" if charge is None else f"{float(charge):.0%} charged"
    source = str(told["source"])
    if source == "none":
        return "out", detail
    if source != "battery" or charge is None:
        return source, detail
    share = float(charge)
    if share <= EMPTY:
        return "out", detail
    low = share < (LOW_OVER if state in ("low", "out") else LOW)
    return ("low" if low else "battery"), detail


def silent(before: Standing, now: datetime, after: timedelta) -> Standing | None:
    """Return the standing of a device not heard for longer than ``after``; None while it talks."""
    if before.state == SILENT or now - before.received_at <= after:
        return None
    since = before.received_at
    return replace(before, state=SILENT, since=since, detail=f"last: {before.state}", pending=None)


def is_news(standing: Standing, announced: str | None, now: datetime) -> bool:
    """Tell whether a state is to be announced: another than before, and not long over.

    A gateway that was cut off tells hours in a row when it returns: nobody is to be called to a
    door that was shut again an hour ago.
    """
    if standing.state == announced:
        return False
    return standing.state == SILENT or standing.observed_at >= now - NEWS_WITHIN


def thinned(kept_last: Reading | None, readings: Iterable[Reading]) -> list[Reading]:
    """Return the readings worth keeping: changes, and one a minute. Given in observed order."""
    kept = []
    for reading in readings:
        if kept_last is not None:
            passed_s = (reading.observed_at - kept_last.observed_at).total_seconds()
            if 0 <= passed_s < THIN_S and not _is_news(kept_last.told, reading.told):
                continue
        kept.append(reading)
        kept_last = reading
    return kept


def _is_news(before: Told, now: Told) -> bool:
    flags = {name for name, value in now.items() if isinstance(value, bool | str)}
    return any(before.get(name) != now[name] for name in flags)


def outages(readings: Sequence[Reading], until: datetime) -> list[Outage]:
    """Return when power was out, from a power device's readings in observed order.

    Silence after a battery that was low counts as out until the device is heard with power
    again; other silence counts as nothing: nobody knows.
    """
    found: list[Outage] = []
    out_since: datetime | None = None
    before: Reading | None = None
    state: str | None = None
    for reading in readings:
        low = state == "low" and before is not None and out_since is None
        if low and before and reading.observed_at - before.observed_at > SILENCE_IS_OUT:
            out_since = before.observed_at
        state, _ = _power(state, reading.told)
        if state == "out":
            out_since = out_since or reading.observed_at
        elif out_since is not None:
            found.append(Outage(out_since, reading.observed_at))
            out_since = None
        before = reading
    if state == "low" and before is not None and until - before.observed_at > SILENCE_IS_OUT:
        out_since = before.observed_at
    if out_since is not None:
        found.append(Outage(out_since, None))
    return found


def at_once(of_devices: Sequence[Sequence[Outage]]) -> list[Outage]:
    """Return the times that stand in every list; one list is returned as it is."""
    if not of_devices:
        return []
    common = list(of_devices[0])
    for others in of_devices[1:]:
        common = [
            Outage(max(a.since, b.since), _earlier(a.until, b.until))
            for a in common
            for b in others
            if (a.until is None or b.since < a.until) and (b.until is None or a.since < b.until)
        ]
    return sorted(common, key=lambda outage: outage.since)


def _earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    return b if a is None else a if b is None else min(a, b)


def site_power(standings: Iterable[Standing]) -> Standing | None:
    """Return the worst power of a site; silent only where nothing is heard at all."""
    order = STATES[DeviceKind.POWER]
    every = list(standings)
    known = [standing for standing in every if standing.state != SILENT]
    if known:
        return max(known, key=lambda standing: order.index(standing.state))
    return max(every, key=lambda standing: standing.since, default=None)
