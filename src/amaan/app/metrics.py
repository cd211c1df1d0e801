"""/metrics for Prometheus: from this machine, or with a worker token."""

from __future__ import annotations

import ipaddress
import time

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amaan.app.supervisor import Supervisor
from amaan.console.live import LiveEvents
from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.relay import Relay
from amaan.trust.guards import current_worker, open_to_all

REQUESTS = Counter(
    "amaan_http_requests", "Requests answered, by route and status.", ["method", "route", "status"]
)
SECONDS = Histogram(
    "amaan_http_request_seconds", "Time to the first byte of the answer.", ["method", "route"]
)
POOL = Gauge("amaan_database_pool", "Counters of the connection pool.", ["counter"])
WAITING = Gauge("amaan_events_waiting", "Events after a subscriber's cursor.", ["subscriber"])
OLDEST = Gauge("amaan_events_oldest_seconds", "Age of the oldest of them.", ["subscriber"])
GIVEN_UP = Gauge("amaan_events_given_up", "Events put aside after failures.", ["subscriber"])
STREAMS = Gauge("amaan_console_streams", "Open event streams.")
WORKER_STARTS = Gauge("amaan_worker_starts", "Starts since the centre began.", ["worker"])


class Measured:
    """ASGI middleware that counts answers by route, never by address: those hold plates."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                REQUESTS.labels(scope["method"], route, message["status"]).inc()
                SECONDS.labels(scope["method"], route).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, counted)


def router(
    database: PostgresDatabase, relay: Relay, live: LiveEvents, supervisor: Supervisor | None
) -> APIRouter:
    """Return /metrics."""
    routes = APIRouter(include_in_schema=False)

    near = Depends(open_to_all("for this machine, and with a worker's token beyond it: see below"))

    @routes.get("/metrics", dependencies=[near])
    async def read_metrics(request: Request) -> Response:
        """Return all metrics in Prometheus' text format."""
        if not _is_local(request):
            await current_worker(request)
        for name, value in database.connections().items():
            POOL.labels(name).set(value)
        for delivery in await relay.deliveries():
            WAITING.labels(delivery.subscriber).set(delivery.waiting)
            OLDEST.labels(delivery.subscriber).set(delivery.oldest_s)
            GIVEN_UP.labels(delivery.subscriber).set(delivery.given_up)
        STREAMS.set(live.clients)
        if supervisor is not None:
            for name, starts in supervisor.starts().items():
                WORKER_STARTS.labels(name).set(starts)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


def _is_local(request: Request) -> bool:
    """Tell whether the asker is this machine itself and no proxy for somebody else."""
    if request.client is None or "forwarded" in request.headers:
        return False
    if "x-forwarded-for" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
