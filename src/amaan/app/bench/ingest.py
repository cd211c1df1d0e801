"""`amaan bench ingest`: how many reads a second are durably stored, and how soon alarms show."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID, uuid4

import httpx
import psutil

from amaan.app.bench import people, traffic
from amaan.app.bench.centre import BenchError, RunningCentre, Watcher, folder, running_centre
from amaan.app.bench.figures import Voice, summary_ms
from amaan.app.bench.traffic import Plan
from amaan.app.opening import opened
from amaan.app.settings import CentreSettings
from amaan.kernel.acting import acting_as
from amaan.plates.confusion import skeleton
from amaan.plates.entries import HotlistService
from amaan.plates.importing import HotlistExchange

POOL: Final = 2_000_000  # different vehicles in the traffic
WANTED: Final = 2_000  # entries that do drive by
QUIET_AFTER_S: Final = 15.0  # alarms are awaited so long after the last delivery


@dataclass(slots=True)
class Outcome:
    """What was seen while driving; ``complete`` once ``expected`` alarms were heard.

    Times are of this machine's clock, which the centre shares.
    """

    expected: int
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    accepted: int = 0
    answers_s: list[float] = field(default_factory=list)
    from_arrival_s: list[float] = field(default_factory=list)
    from_sending_s: list[float] = field(default_factory=list)
    sent_at: dict[str, float] = field(default_factory=dict)  # by plate and time of each hit
    began: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """Deliveries made beforehand: where each lies in the file, by source."""

    file: IO[bytes]
    boots: tuple[UUID, ...]
    places: tuple[tuple[tuple[int, int, tuple[str, ...]], ...], ...]


def run(plan: Plan, entries: int, data: Path | None, voice: Voice) -> dict[str, Any]:
    """Measure; returns the figures. BenchError where what was acknowledged is not all there."""
    with folder(data) as root:
        pool = traffic.plates(min(POOL, max(50_000, plan.reads)))
        voice.step(f"hot-list of {entries} entries")
        wanted, import_s = asyncio.run(_fill_hotlist(root, entries, pool, voice))
        before = asyncio.run(_stored(root))
        voice.step(f"preparing {plan.reads} reads of {len(pool)} vehicles")
        with (root / "bench-deliveries").open("wb+") as file:
            prepared = _prepare(plan, pool, wanted, file, voice)
            voice.step("starting the centre")
            started = time.monotonic()
            with running_centre(root) as centre:
                start_s = time.monotonic() - started
                figures = _measure(plan, prepared, centre, voice)
        (root / "bench-deliveries").unlink()
        after = asyncio.run(_stored(root))
    stored = {name: count - before[name] for name, count in after.items()}
    if stored["reads"] != figures["accepted"] or stored["received"] != figures["accepted"]:
        raise BenchError(f"acknowledged {figures['accepted']} reads, stored {stored}")
    if figures["alarms_heard"] < figures["alarms_expected"]:
        raise BenchError(
            f"heard {figures['alarms_heard']} of {figures['alarms_expected']} alarms, "
            f"{QUIET_AFTER_S:.0f} s after the last delivery"
        )
    return {
        "entries": entries,
        "import_s": round(import_s, 1),
        "centre_start_s": round(start_s, 1),
        **figures,
        "stored": stored["reads"],
        "matches": stored["matches"],
    }


async def _fill_hotlist(
    root: Path, entries: int, pool: list[str], voice: Voice
) -> tuple[list[str], float]:
    avoid = frozenset(map(skeleton, pool))
    listed = traffic.plates(entries, avoid=avoid, seed=traffic.SEED + 1)
    path = root / "bench-hotlist.csv"
    path.write_text("".join(traffic.hotlist_csv(listed)))
    async with opened(CentreSettings(data=root)) as engines:
        with acting_as(people.SYSTEM):
            desk = await people.settle(engines, root)
            authority = await desk.allow(people.EVERY_PLATE)
            database, clock = engines.database, engines.clock
            service = HotlistService(database, clock, desk.service, matching=False)
            exchange = HotlistExchange(database, service, clock, desk.service)
            began = time.monotonic()
            with path.open("rb") as file:
                report = await exchange.take(
                    file, "bench", authority, lambda n: voice.progress(f"{n} lines")
                )
        if report.accepted != entries:
            raise BenchError(f"{report.rejected_count} lines refused: {report.rejected[:3]}")
    path.unlink()
    return listed[:WANTED], time.monotonic() - began


def _prepare(
    plan: Plan, pool: list[str], wanted: list[str], file: IO[bytes], voice: Voice
) -> Prepared:
    begin = datetime.now(UTC) + timedelta(seconds=10 + plan.reads / 80_000)
    boots = tuple(uuid4() for _ in range(plan.sources))
    places = []
    for source, boot in enumerate(boots):
        own = []
        for reads, hits in traffic.reads_json(plan, source, boot, begin, pool, wanted):
            own.append((file.tell(), len(reads), hits))
            file.write(reads)
            voice.progress(f"{file.tell() >> 20} MiB")
        places.append(tuple(own))
    file.flush()
    return Prepared(file, boots, tuple(places))


def _measure(plan: Plan, prepared: Prepared, centre: RunningCentre, voice: Voice) -> dict[str, Any]:
    with httpx.Client(headers={"Origin": centre.url}) as client:
        cookie = centre.sign_in(client)
    idle_rss = psutil.Process(centre.pid).memory_info().rss
    own_before = psutil.Process().cpu_times()
    voice.step(f"driving {plan.rate} reads/s for {plan.seconds} s from {plan.sources} sources")
    with Watcher(centre) as watcher:
        outcome = asyncio.run(_drive(plan, prepared, centre, cookie, voice))
    own_after = psutil.Process().cpu_times()
    elapsed = outcome.ended - outcome.began
    own = own_after.user + own_after.system - own_before.user - own_before.system
    return {
        "seconds": round(elapsed, 1),
        "offered_reads_per_s": plan.rate,
        "reads_per_s": round(outcome.accepted / elapsed),
        "accepted": outcome.accepted,
        "reads_per_delivery": plan.size,
        "sources": plan.sources,
        "alarms_expected": outcome.expected,
        "alarms_heard": len(outcome.from_arrival_s),
        "delivery_answered": summary_ms(outcome.answers_s),
        "alarm_after_arrival": summary_ms(outcome.from_arrival_s),
        "alarm_after_sending": summary_ms(outcome.from_sending_s),
        "centre_rss_mb": round(watcher.peak_rss_bytes / 1e6),
        "centre_rss_idle_mb": round(idle_rss / 1e6),
        "centre_cpu_share": round(watcher.cpu_s / elapsed, 2),
        "postgres_cpu_share": round(watcher.postgres_cpu_s / elapsed, 2),
        "driver_cpu_share": round(own / elapsed, 2),
    }


async def _drive(
    plan: Plan, prepared: Prepared, centre: RunningCentre, cookie: str, voice: Voice
) -> Outcome:
    outcome = Outcome(plan.reads // traffic.HIT_EVERY)
    listening = asyncio.Event()
    ear = asyncio.create_task(_listen(centre, cookie, outcome, listening))
    await listening.wait()
    headers = {
        "Authorization": f"Bearer {centre.worker_token}",
        "Content-Type": "application/json",
    }
    limits = httpx.Limits(max_connections=plan.sources)
    async with httpx.AsyncClient(
        base_url=centre.url, headers=headers, limits=limits, timeout=60
    ) as client:
        outcome.began = time.time()
        async with asyncio.TaskGroup() as sources:
            for source in range(plan.sources):
                sources.create_task(_send(plan, prepared, source, client, outcome))
            sources.create_task(_report(plan, outcome, voice))
        outcome.ended = time.time()
    with suppress(TimeoutError):
        async with asyncio.timeout(QUIET_AFTER_S):
            await outcome.complete.wait()
    ear.cancel()
    with suppress(asyncio.CancelledError):
        await ear
    return outcome


async def _report(plan: Plan, outcome: Outcome, voice: Voice) -> None:
    while outcome.accepted < plan.reads:
        await asyncio.sleep(1)
        rate = outcome.accepted / (time.time() - outcome.began)
        voice.progress(f"{outcome.accepted} reads stored, {rate:.0f}/s")


async def _send(
    plan: Plan, prepared: Prepared, source: int, client: httpx.AsyncClient, outcome: Outcome
) -> None:
    """Send one source's deliveries at their times, each after the last was answered."""
    worker = f"bench-{source + 1}"
    offset = source / plan.sources * plan.interval_s
    for index, (start, length, hits) in enumerate(prepared.places[source]):
        wait = outcome.began + offset + index * plan.interval_s - time.time()
        if wait > 0:
            await asyncio.sleep(wait)
        prepared.file.seek(start)
        body = traffic.envelope(worker, datetime.now(UTC), prepared.file.read(length))
        sent = time.time()
        outcome.sent_at.update(dict.fromkeys(hits, sent))
        answer = await client.post("/api/plates/observations", content=body)
        answer.raise_for_status()
        outcome.answers_s.append(time.time() - sent)
        outcome.accepted += int(answer.json()["accepted"])


async def _listen(
    centre: RunningCentre, cookie: str, outcome: Outcome, listening: asyncio.Event
) -> None:
    """Hear alarms as a console does."""
    async with (
        httpx.AsyncClient(base_url=centre.url, timeout=None) as client,  # noqa: S113  a stream
        client.stream("GET", "/api/console/events", headers={"Cookie": cookie}) as stream,
    ):
        stream.raise_for_status()
        listening.set()
        name = ""
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif name == "alarm.raised" and line.startswith("data: "):
                _note(json.loads(line[6:]), time.time(), outcome)


def _note(alarm: dict[str, Any], heard: float, outcome: Outcome) -> None:
    read = alarm["read"]
    received = datetime.fromisoformat(read["received_at"]).timestamp()
    outcome.from_arrival_s.append(heard - received)
    if len(outcome.from_arrival_s) >= outcome.expected:
        outcome.complete.set()
    sent = outcome.sent_at.get(traffic.hit_name(read["plate"], read["observed_at"]))
    if sent is not None:
        outcome.from_sending_s.append(heard - sent)


async def _stored(root: Path) -> dict[str, int]:
    """Count what the database holds, after the centre has ended."""
    async with opened(CentreSettings(data=root)) as engines:
        with acting_as(people.SYSTEM):
            async with engines.database.transaction() as c:
                cursor = await c.execute(
                    "SELECT (SELECT count(*) FROM plates.reads), "
                    "(SELECT coalesce(sum(received), 0) FROM plates.ledgers), "
                    "(SELECT count(*) FROM plates.matches)"
                )
                found: Sequence[Any] | None = await cursor.fetchone()
    assert found is not None
    return {"reads": int(found[0]), "received": int(found[1]), "matches": int(found[2])}
