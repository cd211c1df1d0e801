"""`amaan bench search`: how long an operator waits for reads among millions."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import httpx
import psycopg

from amaan.app.bench import people, traffic
from amaan.app.bench.centre import BenchError, RunningCentre, folder, running_centre
from amaan.app.bench.figures import Voice, summary_ms
from amaan.app.bench.loading import DAYS, SKEW, Loaded, load
from amaan.app.opening import opened
from amaan.app.settings import CentreSettings
from amaan.engines.postgres.database import PostgresDatabase
from amaan.trust.authority.model import Scope, Use

WARM: Final = 20  # questions of each kind asked before those that count
Question = dict[str, str | list[str]]
Make = Callable[[random.Random], Question]


def run(reads: int, queries: int, data: Path | None, voice: Voice) -> dict[str, Any]:
    """Measure; returns the figures."""
    with folder(data) as root:
        voice.step(f"loading {reads} reads")
        began = time.monotonic()
        loaded, sizes = asyncio.run(_load(root, reads, voice))
        load_s = time.monotonic() - began
        authority = people.allow(root, _scope(loaded))
        voice.step("starting the centre")
        with running_centre(root) as centre:
            figures = _measure(centre, loaded, queries, authority, voice)
    return {
        "reads": reads,
        "plates": len(loaded.plates),
        "days": DAYS,
        "load_s": round(load_s, 1),
        **sizes,
        **figures,
    }


async def _load(root: Path, reads: int, voice: Voice) -> tuple[Loaded, dict[str, Any]]:
    async with opened(CentreSettings(data=root)) as engines:
        owner = PostgresDatabase(engines.dsn, max_connections=4)
        await owner.open()
        try:
            loaded = await load(owner, reads, voice.step)
        finally:
            await owner.close()
        async with await psycopg.AsyncConnection.connect(engines.dsn, autocommit=True) as c:
            await c.execute("SET statement_timeout = 0")
            await c.execute("VACUUM (ANALYZE) plates.plates")
            await c.execute("VACUUM (ANALYZE) plates.reads")
            found = await c.execute(
                "SELECT sum(pg_table_size(relid)), sum(pg_indexes_size(relid)) "
                "FROM pg_partition_tree('plates.reads')"
            )
            row = await found.fetchone()
    assert row is not None
    return loaded, {
        "table_gb": round(int(row[0]) / 1e9, 2),
        "indexes_gb": round(int(row[1]) / 1e9, 2),
        "bytes_a_read": round((int(row[0]) + int(row[1])) / reads),
    }


def _scope(loaded: Loaded) -> Scope:
    """Return the scope of all that was loaded: every plate of every camera."""
    first = datetime.combine(loaded.first_day, datetime.min.time(), UTC)
    return Scope(
        cameras=tuple(map(traffic.camera, range(traffic.CAMERAS))),
        since=first,
        until=first + timedelta(days=DAYS + 2),
        uses=(Use.SEARCH,),
    )


def _measure(
    centre: RunningCentre, loaded: Loaded, queries: int, authority: UUID, voice: Voice
) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    with httpx.Client(base_url=centre.url, headers={"Origin": centre.url}, timeout=60) as client:
        client.headers["Cookie"] = centre.sign_in(client)
        wildcards: list[float] = []
        for name, make in _kinds(loaded).items():
            voice.step(f"asking {queries} times: {name}")
            seconds, found = _ask(client, make, queries, authority)
            figures[name] = {**summary_ms(seconds), "reads_found": found}
            if name.startswith("wildcard"):
                wildcards += seconds
        figures["wildcard_all"] = summary_ms(wildcards)
    return figures


def _ask(
    client: httpx.Client, make: Make, queries: int, authority: UUID
) -> tuple[list[float], int]:
    chance = random.Random(traffic.SEED)  # noqa: S311  no secret
    seconds, found = [], 0
    for number in range(WARM + queries):
        target = "/api/plates/reads?" + urlencode(
            {**make(chance), "authority": str(authority)}, doseq=True
        )
        began = time.perf_counter()
        answer = client.get(target)
        took = time.perf_counter() - began
        if answer.status_code != 200:
            raise BenchError(f"{target}: {answer.status_code} {answer.text[:300]}")
        if number >= WARM:
            seconds.append(took)
            found += len(answer.json()["items"])
    return seconds, found


def _kinds(loaded: Loaded) -> dict[str, Make]:
    """Name the questions; plates are asked for as often as they drive by."""
    first = datetime.combine(loaded.first_day, datetime.min.time(), UTC)

    def plate(chance: random.Random) -> str:
        return loaded.plates[int(len(loaded.plates) * chance.random() ** SKEW)]

    def wild(shape: Callable[[str], str]) -> Make:
        return lambda chance: {"plate": shape(plate(chance)), "match": "pattern"}

    def camera(chance: random.Random, hours: int) -> Question:
        begin = first + timedelta(hours=chance.randrange(DAYS * 24 - hours))
        return {
            "camera": traffic.camera(chance.randrange(traffic.CAMERAS)),
            "from": begin.isoformat(),
            "to": (begin + timedelta(hours=hours)).isoformat(),
        }

    return {
        "exact": lambda chance: {"plate": plate(chance)},
        "exact_absent": lambda chance: {"plate": f"ZZZ{chance.randrange(100_000, 999_999)}"},
        "near": lambda chance: {"plate": plate(chance), "match": "near"},
        "wildcard_tail ABC12*": wild(lambda p: p[:5] + "*"),
        "wildcard_tail AB*": wild(lambda p: p[:2] + "*"),
        "wildcard_one ABC1?34": wild(lambda p: p[:4] + "?" + p[5:]),
        "wildcard_one ?BC1234": wild(lambda p: "?" + p[1:]),
        "wildcard_two A??1234": wild(lambda p: p[0] + "??" + p[3:]),
        "wildcard_head *1234": wild(lambda p: "*" + p[3:]),
        "wildcard_head *34": wild(lambda p: "*" + p[5:]),
        "wildcard_middle A*4": wild(lambda p: p[0] + "*" + p[-1]),
        "wildcard_both *C12*": wild(lambda p: "*" + p[2:5] + "*"),
        "wildcard_both *BC123*": wild(lambda p: "*" + p[1:6] + "*"),
        "wildcard_gaps ?B?1?3?": wild(lambda p: f"?{p[1]}?{p[3]}?{p[5]}?"),
        "camera_hour": lambda chance: camera(chance, 1),
        "camera_day": lambda chance: camera(chance, 24),
        "camera_plate": lambda chance: {"plate": plate(chance), **camera(chance, 24)},
        "latest": lambda _: {},
    }
