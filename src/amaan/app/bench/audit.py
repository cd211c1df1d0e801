"""`amaan bench audit`: what writing everything down costs, and how long proving it takes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import psycopg
from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from amaan.app.auditing import Auditing
from amaan.app.bench.centre import BenchError, folder
from amaan.app.bench.figures import Voice, percentile, summary_ms
from amaan.app.opening import Engines, opened
from amaan.app.settings import CentreSettings
from amaan.kernel.acting import acting_as, system
from amaan.kernel.tasks import cancel_all
from amaan.trust.audit import rules
from amaan.trust.audit.checking import check_database
from amaan.trust.audit.model import Record
from amaan.trust.audit.recording import Recording
from amaan.trust.audit.trail import trail_of
from amaan.trust.audit.verifying import Verdict

AT_ONCE: Final = 200  # writers that each wait for their entry
LOADED_AT_ONCE: Final = 5_000
WARM: Final = 50
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
READS: Final = 50  # ids that a search gives back


def run(entries: int, requests: int, data: Path | None, voice: Voice) -> dict[str, Any]:
    """Measure; returns the figures."""
    with folder(data) as root:
        return asyncio.run(_run(root, entries, requests, voice))


async def _run(root: Path, entries: int, requests: int, voice: Voice) -> dict[str, Any]:
    settings = CentreSettings(data=root)
    async with opened(settings) as engines:
        auditing = Auditing(engines, settings)
        with acting_as(system("bench")):
            async with _writing(auditing):
                voice.step("writing entries, each waited for")
                writing = await _rate(auditing, min(entries, 20_000))
                voice.step("asking, written down and not, in turns")
                asking = await _ask(engines, auditing, requests)
            voice.step(f"loading up to {entries} entries")
            await _load(auditing, entries, voice)
            await auditing.signer.sign()
            voice.step("verifying all of them")
            proving = await _verify(engines, auditing, voice)
    return {**writing, **asking, **proving}


@asynccontextmanager
async def _writing(auditing: Auditing) -> AsyncIterator[None]:
    task = asyncio.create_task(auditing.log.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        await cancel_all([task])


def _record(number: int) -> Record:
    chance = random.Random(number)  # noqa: S311  no secret
    return Record(
        "search_reads",
        f"account:{UUID(int=chance.getrandbits(128), version=4)}",
        permission="plates.search",
        username=f"person{number % 300}",
        status=200,
        method="GET",
        path="/api/plates/reads",
        address="10.0.0.1",
        session=str(UUID(int=chance.getrandbits(128), version=4)),
        request=f"{chance.getrandbits(128):032x}",
        authority=UUID(int=chance.getrandbits(128), version=4),
        details={"plate": f"BGC{number % 10_000:04}", "match": "exact", "count": number % 50},
    )


async def _rate(auditing: Auditing, count: int) -> dict[str, Any]:
    records = [_record(number) for number in range(count)]
    waits: list[float] = []

    async def write(own: Sequence[Record]) -> None:
        for record in own:
            began = time.perf_counter()
            await auditing.log.write(record)
            waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(write(records[each::AT_ONCE]) for each in range(AT_ONCE)))
    took = time.perf_counter() - began
    return {"entries_a_second": round(count / took), "wait": summary_ms(waits)}


def _application(engines: Engines) -> FastAPI:
    app = FastAPI()

    @app.get("/search")
    async def search(request: Request) -> dict[str, list[str]]:
        async with engines.database.transaction() as connection:
            cursor = await connection.execute(
                "SELECT request FROM (SELECT md5(position::text) AS request "
                "FROM trust.audit_entries ORDER BY position DESC LIMIT %s) AS newest",
                [READS],
            )
            reads = [row[0] for row in await cursor.fetchall()]
        trail = trail_of(request)
        trail.permission = "plates.search"
        trail.note(plate="BGC-771", count=len(reads), reads=reads)
        return {"items": reads}

    return app


async def _ask(engines: Engines, auditing: Auditing, requests: int) -> dict[str, Any]:
    plain = _application(engines)
    audited = Recording(_application(engines), auditing.recorder, auditing.refuse)
    apps: dict[str, ASGIApp] = {"unaudited": plain, "audited": audited}
    took: dict[str, list[float]] = {name: [] for name in apps}
    before = await auditing.log.size()
    clients = {
        name: httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre")
        for name, app in apps.items()
    }
    for number in range(WARM + requests):
        for name, client in clients.items():
            began = time.perf_counter()
            answer = await client.get("/search")
            if number >= WARM:
                took[name].append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise BenchError(f"{name}: {answer.status_code} {answer.text[:300]}")
    for client in clients.values():
        await client.aclose()
    if await auditing.log.size() != before + WARM + requests:
        raise BenchError("not every audited request is in the log")

    def added(share: float) -> float:
        with_it, without = (percentile(took[name], share) or 0 for name in ("audited", "unaudited"))
        return round((with_it - without) * 1000, 2)

    mean = (sum(took["audited"]) - sum(took["unaudited"])) / requests
    return {
        **{name: summary_ms(seconds) for name, seconds in took.items()},
        "added_mean_ms": round(mean * 1000, 2),
        "added_p50_ms": added(0.50),
        "added_p95_ms": added(0.95),
    }


async def _load(auditing: Auditing, entries: int, voice: Voice) -> None:
    now = time.monotonic()
    size = await auditing.log.size()
    while size < entries:
        count = min(LOADED_AT_ONCE, entries - size)
        leaves = await asyncio.to_thread(_leaves, size, count)
        await auditing.log.append(leaves)
        size += count
        voice.progress(f"{size} entries, {size / (time.monotonic() - now):.0f} a second")


def _leaves(first: int, count: int) -> list[bytes]:
    return [
        rules.leaf_of(_record(number), START + timedelta(seconds=30 * number))
        for number in range(first, first + count)
    ]


async def _verify(engines: Engines, auditing: Auditing, voice: Voice) -> dict[str, Any]:
    size = await auditing.log.size()
    began = time.perf_counter()
    async with await psycopg.AsyncConnection.connect(engines.dsn) as connection:
        result = await check_database(
            connection,
            auditing.signer.verifier,
            progress=lambda done, total: voice.progress(f"{done} of {total} verified"),
        )
        verify_s = time.perf_counter() - began
        found = await connection.execute(
            "SELECT pg_total_relation_size('trust.audit_entries') "
            "+ pg_total_relation_size('trust.audit_nodes')"
        )
        row = await found.fetchone()
    if result.verdict is not Verdict.VALID or row is None:
        raise BenchError(f"the log is {result.verdict.name}: {result.finding}")
    proofs: list[float] = []
    chance = random.Random(7)  # noqa: S311  no secret
    for _ in range(200):
        began = time.perf_counter()
        await auditing.signer.prove_entry(chance.randrange(size))
        proofs.append(time.perf_counter() - began)
    return {
        "verified_entries": result.entries,
        "verify_s": round(verify_s, 1),
        "verified_a_second": round(result.entries / verify_s),
        "inclusion_proof": summary_ms(proofs),
        "bytes_an_entry": round(row[0] / size),
    }
