"""What is left of a removed read on the disk, and how it goes."""

from __future__ import annotations

from pathlib import Path

import psycopg
from tests.rooms.trust.retention.month import Month

from amaan.engines.postgres.embedded import EmbeddedPostgres

CANARY = "CANARY4711"
PICTURE = b"\xff\xd8 a picture of CANARY4711"


async def tables_with(month: Month, server: EmbeddedPostgres, text: str) -> set[str]:
    """Return the names of this database's tables and indices whose files hold a text."""
    async with await psycopg.AsyncConnection.connect(
        month.owner_dsn, autocommit=True
    ) as connection:
        await connection.execute("CHECKPOINT")
        cursor = await connection.execute(
            "SELECT oid::regclass::text, pg_relation_filepath(oid) FROM pg_class "
            "WHERE pg_relation_filepath(oid) IS NOT NULL"
        )
        files = {str(row[1]): str(row[0]) for row in await cursor.fetchall()}
        folder = Path(str((await (await connection.execute(
            "SELECT current_setting('data_directory')")).fetchone() or ("",))[0]))  # fmt: skip
    found = set()
    for place, name in files.items():
        parts = [folder / place, *(folder / place).parent.glob(f"{Path(place).name}.*")]
        if any(part.exists() and text.encode() in part.read_bytes() for part in parts):
            found.add(name)
    known = {Path(place).name for place in files}
    base = (folder / next(iter(files))).parent
    for file in base.iterdir():
        if (
            file.name.split(".")[0].split("_")[0] not in known
            and text.encode() in file.read_bytes()
        ):
            found.add(f"a file of no table: {file.name}")
    return found


async def vacuum(month: Month, how: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        month.owner_dsn, autocommit=True
    ) as connection:
        await connection.execute(how)


async def test_nothing_of_a_dropped_day_is_in_any_table_after_the_run(
    month: Month, postgres_server: EmbeddedPostgres
) -> None:
    day = f"reads_{month.days_ago(35):%Y%m%d}"
    for number in range(50):
        await month.read(month.days_ago(35), f"{CANARY}{number}", picture=PICTURE)
    await month.read(month.days_ago(1), "NEW222", picture=b"\xff\xd8 young")
    await vacuum(month, "ANALYZE")
    before = await tables_with(month, postgres_server, CANARY)
    assert {f"plates.{day}", "plates.plates"} <= before

    await month.night.run()

    assert await tables_with(month, postgres_server, CANARY) <= {"pg_statistic"}
    assert not any(PICTURE in content for content in month.files())
    statistics = await month.seen_by_owner(
        "SELECT count(*) FROM pg_stats WHERE most_common_vals::text LIKE %s "
        "OR histogram_bounds::text LIKE %s",
        f"%{CANARY}%",
        f"%{CANARY}%",
    )
    assert statistics == [(0,)]

    await vacuum(month, "VACUUM FULL pg_statistic")  # autovacuum takes its time
    assert await tables_with(month, postgres_server, CANARY) == set()


async def test_nothing_of_a_read_whose_hold_was_released_is_in_any_table(
    month: Month, postgres_server: EmbeddedPostgres
) -> None:
    await month.read(month.days_ago(35), CANARY)
    await month.read(month.days_ago(35), "STAYS1")
    since, until = month.days_ago(36), month.days_ago(34)
    hold = await month.hold(since, until, cameras=("RZ-01-A",))
    await month.hold(since, until, plates=("STAYS1",))
    await month.night.run()
    assert "plates.reads_default" in await tables_with(month, postgres_server, CANARY)
    await month.retention.release_hold(hold, "closed", await month.account())
    await month.night.run()
    assert await month.plates() == ["STAYS1"]
    assert await tables_with(month, postgres_server, CANARY) <= {"pg_statistic"}


async def test_plain_files_of_the_data_folder_hold_nothing_of_it(month: Month) -> None:
    await month.read(month.days_ago(35), CANARY, picture=PICTURE)
    await month.clip(month.days_ago(35), b"film of " + PICTURE)
    await month.night.run()
    for path in month.folder.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path
