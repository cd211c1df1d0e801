"""`amaan bench timeline`: how long a timeline takes over a month of a whole city's recordings.

The month is made up, with gaps as they come: short losses of the link all day, cameras that are
down for hours, sites without power, nights off by plan. It is loaded as the journal's intake
leaves it. Segments that are finished are not looked at by a timeline; only those that grow.

``first`` is one question, asked as soon as the centre answers: what it keeps in memory it has to
read. ``while_recording``: before each question one of six cameras finished a segment, as they do in
ten seconds of a running city. The other figures are of a centre that has answered before.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import psycopg

from amaan.app.bench import people
from amaan.app.bench.centre import BenchError, RunningCentre, folder, running_centre
from amaan.app.bench.figures import Voice, summary_ms
from amaan.app.opening import opened
from amaan.app.settings import CentreSettings
from amaan.video.index import rules
from amaan.video.index.model import Cause

SEED: Final = 20_261_122
WIDTH: Final = 1_200
OVERVIEW: Final = 300  # pixels of each camera where a whole city is drawn
WIDE: Final = 1_000
WARM: Final = 5
WORKER: Final = "worker-1"
CAUSES: Final = (Cause.LINK,) * 6 + (Cause.CAMERA, Cause.CAMERA, Cause.POWER, Cause.RESTART)


def code_of(number: int) -> str:
    """Return the code of a camera."""
    return f"BT-{number:05d}"


def run(cameras: int, days: int, queries: int, data: Path | None, voice: Voice) -> dict[str, Any]:
    """Measure; returns the figures. Raises BenchError."""
    with folder(data) as root:
        people.allow(root)
        voice.step(f"loading {days} days of {cameras} cameras")
        began = time.monotonic()
        loaded = asyncio.run(_load(root, cameras, days))
        load_s = time.monotonic() - began
        with running_centre(root) as centre:
            figures = _measure(centre, cameras, days, queries, voice)
    return {"cameras": cameras, "days": days, "load_s": round(load_s, 1), **loaded, **figures}


async def _load(root: Path, cameras: int, days: int) -> dict[str, Any]:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    spans = gaps = 0
    async with (
        opened(CentreSettings(data=root)) as engines,
        await psycopg.AsyncConnection.connect(engines.dsn, autocommit=True) as connection,
    ):
        await connection.execute("SET amaan.sites = '*'; SET amaan.configures = 'on'")
        async with connection.transaction(), connection.cursor() as cursor:
            async with cursor.copy(
                "COPY video.recorded_days (camera, stream, day, spans, gaps) FROM STDIN"
            ) as copy:
                for number in range(cameras):
                    for day, recorded, missed in _month(number, today, days):
                        spans += len(recorded)
                        gaps += len(missed)
                        await copy.write_row(
                            (
                                *(code_of(number), "main", day.date()),
                                *(rules.pack(recorded), rules.pack(missed)),
                            )
                        )
            await _grow(cursor, cameras)
        await connection.execute("VACUUM (ANALYZE) video.recorded_days")
        await connection.execute("VACUUM (ANALYZE) video.segments")
        found = await connection.execute("SELECT pg_total_relation_size('video.recorded_days')")
        row = await found.fetchone()
    assert row is not None
    return {"spans": spans, "gaps": gaps, "table_mb": round(int(row[0]) / 1e6, 1)}


async def _grow(cursor: psycopg.AsyncCursor[Any], cameras: int) -> None:
    """Have every camera write a segment now."""
    now, ledger = datetime.now(UTC), uuid4()
    await cursor.execute("INSERT INTO video.journals VALUES (%s, %s, 1, %s)", [ledger, WORKER, now])
    async with cursor.copy(
        "COPY video.segments (id, camera, stream, start_at, bytes, codec, width, height, fps,"
        " has_audio, worker, ledger) FROM STDIN"
    ) as copy:
        for number in range(cameras):
            row: tuple[UUID | str | datetime | int | float | bool, ...] = (
                *(uuid4(), code_of(number), "main", now - timedelta(seconds=20)),
                *(0, "h264", 1920, 1080, 25.0, False, WORKER, ledger),
            )
            await copy.write_row(row)


def _month(
    number: int, today: datetime, days: int
) -> Iterator[tuple[datetime, list[rules.Pair], list[rules.Triple]]]:
    """Yield day, spans and gaps of one camera."""
    chance = random.Random(SEED + number)  # noqa: S311  no secret
    frail = chance.random() < 0.15  # some cameras lose their link every few minutes
    for back in range(days - 1, -1, -1):
        day = today - timedelta(days=back)
        start = rules.to_ms(day)
        missed: list[rules.Triple] = []
        for _ in range(chance.randint(20, 80) if frail else chance.randint(0, 12)):
            at = start + chance.randrange(rules.DAY_MS)
            long = int(chance.expovariate(1 / 20_000)) + 1_500
            cause = chance.choice(CAUSES)
            missed.append(rules.gap_row(at, min(at + long, start + rules.DAY_MS), cause))
        if chance.random() < 0.06:  # down for hours
            at = start + chance.randrange(rules.DAY_MS // 2)
            long = chance.randrange(3_600_000, 10 * 3_600_000)
            missed.append(rules.gap_row(at, at + long, Cause.CAMERA))
        missed.sort()
        holes = [(one[0], one[1]) for one in missed]
        yield day, rules.take([(start, start + rules.DAY_MS)], holes), missed


@dataclass(frozen=True, slots=True)
class Kind:
    """A question. ``cameras`` None: every one there is."""

    cameras: int | None
    days: int
    width: int
    changing: bool = False


def _kinds(days: int) -> dict[str, Kind]:
    return {
        "one_camera": Kind(1, days, WIDTH),
        "four_cameras": Kind(4, days, WIDTH),
        "sixteen_cameras": Kind(16, days, WIDTH),
        "every_camera": Kind(None, days, OVERVIEW),
        "every_camera_while_recording": Kind(None, days, OVERVIEW, changing=True),
        "every_camera_1000_wide": Kind(None, days, WIDE),
        "every_camera_one_day": Kind(None, 1, OVERVIEW),
    }


def _measure(
    centre: RunningCentre, cameras: int, days: int, queries: int, voice: Voice
) -> dict[str, Any]:
    chance = random.Random(SEED)  # noqa: S311  no secret
    figures: dict[str, Any] = {}
    with httpx.Client(base_url=centre.url, headers={"Origin": centre.url}, timeout=60) as client:
        client.headers["Cookie"] = centre.sign_in(client)
        whole = Kind(None, days, OVERVIEW)
        figures["first_ms"] = round(_ask(client, chance, cameras, whole)[0] * 1000, 1)
        for name, kind in _kinds(days).items():
            voice.step(f"asking {queries} times: {name}")
            asked = []
            for turn in range(queries + WARM):
                if kind.changing:
                    asyncio.run(_change(centre.data))
                answer = _ask(client, chance, cameras, kind)
                if turn >= WARM:
                    asked.append(answer)
            figures[name] = {
                **summary_ms([took for took, _ in asked]),
                "most_kb": round(max(size for _, size in asked) / 1000),
            }
    return figures


def _ask(
    client: httpx.Client, chance: random.Random, cameras: int, kind: Kind
) -> tuple[float, int]:
    """Return how long an answer took, whole, in seconds, and its size. Raises BenchError."""
    asked = _question(chance, cameras, kind)
    began = time.perf_counter()
    answer = client.get("/api/video/timeline", params=asked)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise BenchError(f"the centre answers {answer.status_code}")
    _check(answer, kind.cameras or cameras)
    return took, len(answer.content)


async def _change(root: Path) -> None:
    """Write every sixth camera's newest day anew."""
    async with (
        opened(CentreSettings(data=root)) as engines,
        await psycopg.AsyncConnection.connect(engines.dsn, autocommit=True) as connection,
    ):
        await connection.execute("SET amaan.sites = '*'; SET amaan.configures = 'on'")
        await connection.execute(
            "UPDATE video.recorded_days SET spans = spans"
            " WHERE day = (SELECT max(day) FROM video.recorded_days)"
            " AND substr(camera, 4)::int %% 6 = %s",
            [time.monotonic_ns() % 6],
        )


def _question(chance: random.Random, cameras: int, kind: Kind) -> dict[str, str | int]:
    until = datetime.now(UTC)
    asked: dict[str, str | int] = {
        "from": (until - timedelta(days=kind.days)).isoformat(),
        "to": until.isoformat(),
        "width": kind.width,
    }
    if kind.cameras is not None:
        named = chance.sample(range(cameras), min(kind.cameras, cameras))
        asked["cameras"] = ",".join(map(code_of, named))
    return asked


def _check(answer: httpx.Response, cameras: int) -> None:
    """Raise BenchError unless every camera is there with recordings."""
    found = answer.json()["cameras"]
    if len(found) != cameras or not all(one["spans"] for one in found):
        raise BenchError("the timeline lacks cameras or recordings")
