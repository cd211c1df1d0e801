"""How cameras stood is forgotten when its days are over, and signed for; what lasts is not."""

from __future__ import annotations

import hashlib
from datetime import datetime

from tests.rooms.trust.retention.month import Month

_INSERT = (
    "INSERT INTO video.camera_log (camera, kind, since, until, detail)"
    " VALUES ('RZ-01-A', %s, %s, %s, '') RETURNING id"
)


async def entry(month: Month, kind: str, since: datetime, until: datetime | None) -> int:
    (row,) = await month.rows(_INSERT, kind, since, until)
    return int(str(row[0]))


async def test_log_of_cameras_goes_by_the_end_of_each_entry(month: Month) -> None:
    ago = month.days_ago
    old = [
        await entry(month, "down", ago(900), ago(410)),
        await entry(month, "covered", ago(420), ago(401)),
    ]
    await entry(month, "up", ago(410), ago(399))
    await entry(month, "offline", ago(800), None)

    assert await month.night.run() == []

    left = await month.rows("SELECT kind FROM video.camera_log ORDER BY kind")
    assert left == [("offline",), ("up",)]
    (gone,) = await month.removals("camera_log", "entries")
    assert (gone.removed, gone.since, gone.until) == (2, ago(900), ago(401))
    assert gone.digest == hashlib.sha256("".join(f"{one}\n" for one in old).encode()).hexdigest()


async def test_days_of_the_log_are_what_an_administrator_set(month: Month) -> None:
    await entry(month, "up", month.days_ago(50), month.days_ago(40))
    await month.rows(
        "UPDATE trust.retention_classes SET days = 31 WHERE name = 'camera_log' RETURNING days"
    )
    await month.retention.load()
    await month.night.run()
    assert await month.rows("SELECT kind FROM video.camera_log") == []
