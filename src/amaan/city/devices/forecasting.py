"""How long a site's battery lasts, against the eight hours it was bought for. Pure.

Three ways to know, the best that there is data for: the discharge measured now; load and capacity
(a battery of unknown age holds ``AGED`` to all of what it held new); the last discharge. A rate
comes with bounds: the tenth and ninetieth percentile of the slopes between its readings, never
narrower than ``LEAST_SPREAD``. Where the bounds lie on both sides of eight hours the answer is
"uncertain", and where there is no rate it is "unknown": no figure is better than a false one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Literal

from amaan.city.devices.model import Forecast, Reading, Verdict
from amaan.city.devices.rules import EMPTY

BACK_UP = timedelta(hours=8)
LOOKS_BACK = timedelta(hours=3)
LEAST_SPAN_S = 600.0
LEAST_DROP = 0.005
LEAST_SPREAD = 0.10
AGED = 0.70
POINTS_MOST = 60
LONGEST_H = 24 * 14.0
NOTHING = Forecast(False, "none", None, None, None, None, "unknown")


@dataclass(frozen=True, slots=True)
class Rate:
    """Share of the charge used up an hour, and its bounds. 0 < low <= likely <= high."""

    low: float
    likely: float
    high: float
    basis: Literal["discharge", "past", "load"]


def forecast(readings: Sequence[Reading], capacity_wh: float | None, now: datetime) -> Forecast:
    """Forecast from a power device's readings in observed order, the newest last."""
    if not readings:
        return NOTHING
    newest = readings[-1]
    charge = newest.told.get("charge_share")
    runs = _discharges(readings)
    running = bool(runs) and runs[-1][-1] is newest
    if charge is None:
        return Forecast(running, "none", None, None, None, None, "unknown")
    rate = _rate(runs[-1], "discharge") if running else None
    rate = rate or _rate_by_load(readings, running, capacity_wh)
    if rate is None:
        past = [found for run in reversed(runs) if (found := _rate(run, "past"))]
        rate = past[0] if past else None
    if rate is None:
        return Forecast(running, "none", None, None, None, None, "unknown")
    usable = max(0.0, float(charge) - EMPTY)
    begin = newest.observed_at if running else now
    empties, earliest, latest = (
        begin + timedelta(hours=min(usable / each, LONGEST_H))
        for each in (rate.likely, rate.high, rate.low)
    )
    wanted = (runs[-1][0].observed_at if running else begin) + BACK_UP
    return Forecast(
        running=running,
        basis=rate.basis,
        empties_at=empties,
        earliest=earliest,
        latest=latest,
        hours_left=max(0.0, (empties - now).total_seconds() / 3600),
        against_8h=_verdict(earliest, latest, wanted),
    )


def _verdict(earliest: datetime, latest: datetime, wanted: datetime) -> Verdict:
    if earliest >= wanted:
        return "met"
    return "short" if latest < wanted else "uncertain"


def _discharges(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Return the runs of readings on battery that tell a charge, oldest run first."""
    runs: list[list[Reading]] = []
    drawn = False
    for reading in readings:
        is_drawn = reading.told.get("source") == "battery" and "charge_share" in reading.told
        if is_drawn and not drawn:
            runs.append([])
        if is_drawn:
            runs[-1].append(reading)
        drawn = is_drawn
    return runs


def _rate(run: Sequence[Reading], basis: Literal["discharge", "past"]) -> Rate | None:
    """Return the median slope of a discharge's last hours; None from too little of it."""
    newest = run[-1].observed_at
    late = [reading for reading in run if newest - reading.observed_at <= LOOKS_BACK]
    late = late[:: max(1, len(late) // POINTS_MOST)]
    points = [
        (reading.observed_at.timestamp() / 3600, float(reading.told["charge_share"]))
        for reading in late
    ]
    if len(points) < 3 or (points[-1][0] - points[0][0]) * 3600 < LEAST_SPAN_S:
        return None
    if points[0][1] - points[-1][1] < LEAST_DROP:
        return None
    least_h = (points[-1][0] - points[0][0]) / 4  # neighbours tell of rounding, not of slope
    slopes = [
        (a[1] - b[1]) / (b[0] - a[0])
        for index, a in enumerate(points)
        for b in points[index + 1 :]
        if b[0] - a[0] >= least_h
    ]
    likely = median(slopes)
    if likely <= 0:
        return None
    tenths = quantiles(slopes, n=10) if len(slopes) > 1 else [likely]
    low = min(tenths[0], likely * (1 - LEAST_SPREAD))
    return Rate(max(low, likely / 4), likely, max(tenths[-1], likely * (1 + LEAST_SPREAD)), basis)


def _rate_by_load(
    readings: Sequence[Reading], running: bool, capacity_wh: float | None
) -> Rate | None:
    """Return the rate of the load of the last quarter of an hour."""
    newest = readings[-1].observed_at
    loads = [
        float(reading.told["load_w"])
        for reading in readings
        if "load_w" in reading.told and newest - reading.observed_at <= timedelta(minutes=15)
    ]
    if capacity_wh is None or not loads or median(loads) <= 0:
        return None
    best, worst = min(loads) / capacity_wh, max(loads) / (capacity_wh * AGED)
    likely = median(loads) / (capacity_wh * (1 + AGED) / 2)
    return Rate(max(best, likely / 4), likely, worst, "load")
