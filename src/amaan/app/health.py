"""Is the centre well? Asked without signing in, so answers hold no names and no secrets."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from amaan.city.devices.mqtt import MqttIntake
from amaan.engines.postgres.relay import Relay
from amaan.kernel.errors import AmaanError
from amaan.plates.ingest import IngestCounts
from amaan.trust.guards import open_to_all

State = Literal["ok", "degraded", "failing"]
_WORSE: tuple[State, ...] = ("ok", "degraded", "failing")
CHECK_LIMIT_S = 5.0
WAITING_LONG_S = 10.0
DISK_LOW_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """One finding."""

    status: State
    detail: str


class CheckOut(BaseModel):
    """One finding."""

    status: State
    detail: str


class HealthOut(BaseModel):
    """The worst of all checks, and each of them."""

    status: State
    checks: dict[str, CheckOut]
    version: str


class Health:
    """Named checks, run side by side, each with a time limit."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._checks: dict[str, Callable[[], Awaitable[Check]]] = {}

    def add(self, name: str, check: Callable[[], Awaitable[Check]]) -> None:
        """Ask ``check`` each time; one that raises or takes too long is failing."""
        self._checks[name] = check

    async def report(self) -> HealthOut:
        """Run all checks."""
        found = await asyncio.gather(*(self._run(check) for check in self._checks.values()))
        worst: State = max((check.status for check in found), key=_WORSE.index, default="ok")
        return HealthOut(
            status=worst,
            checks={
                name: CheckOut(**asdict(check))
                for name, check in zip(self._checks, found, strict=True)
            },
            version=self._version,
        )

    async def _run(self, check: Callable[[], Awaitable[Check]]) -> Check:
        try:
            async with asyncio.timeout(CHECK_LIMIT_S):
                return await check()
        except TimeoutError:
            return Check("failing", f"no answer within {CHECK_LIMIT_S:g} s")
        except AmaanError as error:
            return Check("failing", error.detail)


def broker_check(intake: MqttIntake) -> Callable[[], Awaitable[Check]]:
    """The MQTT broker of site devices is away."""

    async def check() -> Check:
        if intake.connected_since is None:
            return Check(
                "degraded", f"the MQTT broker is away: {intake.problem or 'not yet asked'}"
            )
        return Check("ok", "site devices may publish")

    return check


def relay_check(relay: Relay) -> Callable[[], Awaitable[Check]]:
    """Events wait too long, or were given up."""

    async def check() -> Check:
        deliveries = await relay.deliveries()
        given_up = sum(delivery.given_up for delivery in deliveries)
        oldest = max((delivery.oldest_s for delivery in deliveries), default=0.0)
        if given_up:
            return Check("degraded", f"{given_up} events were given up (kernel.failed_deliveries)")
        if oldest > WAITING_LONG_S:
            return Check("degraded", f"an event waits for {oldest:.0f} s")
        return Check("ok", "events flow")

    return check


def reads_check(counts: IngestCounts) -> Callable[[], Awaitable[Check]]:
    """Workers sent reads that could not be stored: each may be a vehicle that nobody heard of."""

    async def check() -> Check:
        if counts.rejected:
            return Check(
                "degraded",
                f"{counts.rejected} reads were rejected since the start "
                "(plates.refused_observations)",
            )
        return Check("ok", "reads are stored")

    return check


def disk_check(folder: Path) -> Callable[[], Awaitable[Check]]:
    """The data folder's disk runs full."""

    async def check() -> Check:
        usage = await asyncio.to_thread(shutil.disk_usage, folder)
        free = f"{usage.free / (1 << 30):.1f} GiB free"
        return Check("degraded" if usage.free < DISK_LOW_BYTES else "ok", free)

    return check


def router(health: Health) -> APIRouter:
    """Return /api/health."""
    routes = APIRouter(prefix="/api", tags=["app"])

    everybody = Depends(open_to_all("who repairs it may not be able to sign in; it names nobody"))

    @routes.get("/health", responses={503: {"model": HealthOut}}, dependencies=[everybody])
    async def read_health(response: Response) -> HealthOut:
        """Say whether the centre works; 503 when it does not."""
        report = await health.report()
        response.status_code = 503 if report.status == "failing" else 200
        return report

    return routes
