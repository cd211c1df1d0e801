"""`amaan bench pursuit`: which cameras one can come to next, over a large city's streets.

The streets are made up by seed: a grid of side streets with wider roads every few blocks, some one
way, some missing. Real cities have fewer junctions a camera, so this is the harder case. An answer
is taken from the service, with its questions to the database, without HTTP.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg

from amaan.app.bench.centre import BenchError, folder
from amaan.app.bench.figures import Voice, summary_ms
from amaan.app.opening import opened
from amaan.app.settings import CentreSettings
from amaan.city.roads.model import Roads
from amaan.city.roads.service import RoadsService
from amaan.kernel.acting import acting_as, system

SEED: Final = 20_261_122
LON, LAT = 66.95, 24.80
BLOCK_M: Final = 90.0
BLOCK_DEG: Final = BLOCK_M / 111_195.0
AVENUE: Final = 8  # every so manieth street is wide
MISSING: Final = 0.12
ONE_WAY: Final = 0.15
WARM: Final = 5


def run(
    nodes: int, cameras: int, minutes: int, queries: int, data: Path | None, voice: Voice
) -> dict[str, Any]:
    """Measure; returns the figures. Raises BenchError."""
    with folder(data) as root:
        return asyncio.run(_run(root, (nodes, cameras, minutes, queries), voice))


def made_up(nodes: int) -> Roads:
    """Return about so many nodes of streets; the same each time."""
    chance = np.random.default_rng(SEED)
    side = max(2, round(nodes**0.5))
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    number = np.arange(side * side, dtype=np.int32)
    east, north = number[column < side - 1], number[row < side - 1]
    start, end = np.concatenate((east, north)), np.concatenate((east + 1, north + side))
    along = np.concatenate((row[east], column[north]))
    wide = along % AVENUE == 0
    kept = wide | (chance.random(len(start)) >= MISSING)
    start, end, wide = start[kept], end[kept], wide[kept]
    return Roads(
        lon=LON + column * BLOCK_DEG / np.cos(np.radians(LAT)),
        lat=LAT + row * BLOCK_DEG,
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        metres=np.full(len(start), BLOCK_M, np.float32),
        kmh=np.where(wide, 55, 25).astype(np.float32),
        one_way=~wide & (chance.random(len(start)) < ONE_WAY),
    )


async def _run(root: Path, plan: tuple[int, int, int, int], voice: Voice) -> dict[str, Any]:
    nodes, cameras, minutes, queries = plan
    chance = random.Random(SEED)  # noqa: S311  no secret
    roads = made_up(nodes)
    settings = CentreSettings(data=root)
    async with opened(settings) as engines:
        voice.step(f"entering {roads.nodes} nodes of streets and {cameras} cameras")
        async with await psycopg.AsyncConnection.connect(engines.dsn, autocommit=True) as owner:
            await _stand(owner, roads, cameras, chance)
        service = RoadsService(engines.database, engines.clock, settings.roads)
        with acting_as(system("bench")):
            await service.put(roads, "made up")
            began = time.perf_counter()
            await service.next_cameras(_code(0), 60.0)
            first_s = time.perf_counter() - began
            voice.step(f"asking {queries} times")
            seconds, found = [], []
            for turn in range(queries + WARM):
                camera = _code(chance.randrange(cameras))
                began = time.perf_counter()
                reach = await service.next_cameras(camera, minutes * 60.0)
                took = time.perf_counter() - began
                if reach.basis != "roads":
                    raise BenchError("the streets were not used")
                if turn >= WARM:
                    seconds.append(took)
                    found.append(len(reach.cameras))
    return {
        "nodes": roads.nodes,
        "edges": roads.edges,
        "cameras": cameras,
        "minutes": minutes,
        "first_s": round(first_s, 2),
        "next_cameras": summary_ms(seconds),
        "cameras_found": round(sum(found) / len(found), 1),
    }


def _code(number: int) -> str:
    return f"BP-{number:05d}"


async def _stand(
    owner: psycopg.AsyncConnection[Any], roads: Roads, cameras: int, chance: random.Random
) -> None:
    """Have cameras stand beside streets, all of one site, in the place of those before."""
    now = datetime.now(UTC)
    await owner.execute("SET amaan.sites = '*'; SET amaan.configures = 'on'")
    async with owner.transaction(), owner.cursor() as cursor:
        await cursor.execute("DELETE FROM city.cameras WHERE starts_with(code, 'BP-')")
        await cursor.execute(
            "INSERT INTO city.sites (code, name, name_ur, kind, lon, lat, created_at, updated_at)"
            " VALUES ('BENCH', 'BENCH', '', 'other', %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [LON, LAT, now, now],
        )
        async with cursor.copy(
            "COPY city.cameras (code, name, site, lon, lat, address_sealed, address_redacted,"
            " enabled, read_plates, analysis_fps, created_at, updated_at) FROM STDIN"
        ) as copy:
            for number in range(cameras):
                edge, share = chance.randrange(roads.edges), chance.random()
                a, b = int(roads.start[edge]), int(roads.end[edge])
                lon = roads.lon[a] + (roads.lon[b] - roads.lon[a]) * share
                lat = roads.lat[a] + (roads.lat[b] - roads.lat[a]) * share
                await copy.write_row(
                    (
                        *(_code(number), _code(number), "BENCH", float(lon), float(lat)),
                        *("none", "none", True, False, 5.0, now, now),
                    )
                )
