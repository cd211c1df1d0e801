# ruff: noqa: S608  statements of constants and ids
"""The second wall: PostgreSQL itself, asked by SQL as the application."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import errors
from tests.walls.town import GATE, PORT, Town

from amaan.app.opening import Engines, opened
from amaan.app.settings import CentreSettings
from amaan.engines.postgres.application import ROLE, beginning, switched_to_role
from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.acting import NOBODY, Acting, acting_as, system
from amaan.kernel.errors import UnavailableError

SQL = psycopg.Connection[tuple[object, ...]]
EVERY = system("test")
AT_GATE = Acting("account:1", (GATE,))
OFFICE = Acting("account:2", (), configures=True)
NOT_SPLIT_BY_SITE = {
    *("kernel.cursors", "kernel.schema_version"),
    *("plates.ledgers", "plates.received_blocks", "plates.hotlist"),
    *("plates.dropped_days", "plates.condemned_plates", "plates.forgotten"),
    "city.road_networks",
}

# Table -> rows seen by: the centre, GATE alone, who configures, nobody.
SEEN = {
    "city.sites": (2, 1, 2, 0),
    "city.cameras": (2, 1, 2, 0),
    "city.devices": (2, 1, 2, 0),
    "city.device_states": (2, 1, 2, 0),
    "city.device_readings": (2, 1, 2, 0),
    "video.camera_states": (2, 1, 2, 0),
    "video.workers": (1, 1, 1, 0),
    "video.camera_log": (2, 1, 2, 0),
    "video.listening": (1, 0, 0, 0),
    "video.clips": (2, 1, 0, 0),
    "video.journals": (1, 0, 0, 0),
    "video.segments": (2, 1, 0, 0),
    "video.gaps": (2, 1, 0, 0),
    "video.recorded_days": (2, 1, 0, 0),
    "video.recorded_streams": (2, 1, 0, 0),
    "video.dropped_segments": (2, 1, 0, 0),
    "video.wanted_copies": (2, 1, 0, 0),
    "video.exports": (2, 1, 0, 0),
    "video.export_files": (2, 1, 0, 0),
    "plates.reads": (2, 1, 0, 0),
    "plates.matches": (2, 1, 0, 0),
    "plates.plates": (2, 2, 0, 0),
    "plates.entries": (1, 1, 0, 0),
    "plates.refused_observations": (1, 0, 0, 0),
    "alarms.alarms": (3, 1, 0, 0),
    "alarms.causes": (2, 1, 0, 0),
    "alarms.troubles": (2, 1, 0, 0),
    "incidents.incidents": (2, 1, 0, 0),
    "incidents.entries": (2, 1, 0, 0),
    "incidents.pursuits": (2, 1, 0, 0),
    "incidents.steps": (2, 1, 0, 0),
    "kernel.outbox": (1, 0, 0, 0),
    "kernel.failed_deliveries": (1, 0, 0, 0),
}


@pytest.fixture
def sql(two_sites: Town, dsn: str, application_dsn: str) -> Iterator[SQL]:
    """A connection as the application, outside any transaction."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO video.workers "
            "VALUES ('worker-1', 'up', '', now(), 'b', 0, 0, '', '', now())"
        )
        for table, columns, values in (
            ("devices", "code, kind, name, created_at, updated_at", "'door', 'd', now(), now()"),
            (
                "device_states",
                "device, state, since, detail, observed_at, received_at, told",
                "'open', now(), '', now(), now(), '{}'",
            ),
            (
                "device_readings",
                "device, observed_at, received_at, kind, told",
                "now(), now(), 'door', '{}'",
            ),
        ):
            owner.execute(
                f"INSERT INTO city.{table} (site, {columns}) "
                f"SELECT s, s || '-D', {values} FROM unnest(ARRAY['{GATE}', '{PORT}']) s"
            )
        owner.execute(
            "INSERT INTO plates.refused_observations (id, source, kind, reason, digest, payload, "
            "received_at) VALUES (gen_random_uuid(), 'w', 'rejected', '', '', '', now())"
        )
        owner.execute(
            "INSERT INTO alarms.alarms (id, kind, severity, title, raised_at, observed_at, "
            "last_observed_at, subject, place) "
            "VALUES (gen_random_uuid(), 'integrity', 'high', 't', now(), now(), now(), 'w', '')"
        )
        owner.execute(
            "INSERT INTO kernel.outbox (name, key, occurred_at, payload) "
            "VALUES ('a.b', 'k', now(), '{}')"
        )
        owner.execute(
            "INSERT INTO kernel.failed_deliveries VALUES ('s', 1, 'a.b', 'k', '{}', 1, '', now())"
        )
        _record(owner)
        _watch(owner)
    with psycopg.connect(application_dsn, autocommit=True) as connection:
        yield connection


def _record(owner: SQL) -> None:
    """Have a camera of each site recorded, missed, dropped, wanted and exported."""
    owner.execute("SET session_replication_role = replica")  # by nobody, under no authority
    owner.execute("INSERT INTO video.journals VALUES (gen_random_uuid(), 'worker-1', 1, now())")
    for site in (GATE, PORT):
        for statement in (
            "segments (id, camera, stream, start_at, bytes, codec, width, height, fps, has_audio,"
            " worker, ledger) VALUES (gen_random_uuid(), %(camera)s, 'main', now(), 0, '', 0, 0,"
            " 0, false, 'worker-1', (SELECT ledger FROM video.journals))",
            "gaps VALUES (gen_random_uuid(), %(camera)s, 'main', now(), NULL, 'link', 'link', '',"
            " 'worker-1')",
            "recorded_days VALUES (%(camera)s, 'main', now(), '', '')",
            "recorded_streams VALUES ('main', %(camera)s, 1)",
            "dropped_segments VALUES (gen_random_uuid(), %(camera)s, now(), now(), 1, 'age',"
            " now())",
            "wanted_copies VALUES (gen_random_uuid(), %(camera)s, now(), now() + interval '1 s',"
            " 'hold:1', now())",
            "exports VALUES (gen_random_uuid(), gen_random_uuid(), 'x', ARRAY[%(camera)s],"
            " 'main', now(), now() + interval '1 s', gen_random_uuid(), 'c', 'r', 'making',"
            " now())",
            "export_files VALUES (gen_random_uuid(), %(camera)s, 'making')",
        ):
            owner.execute(f"INSERT INTO video.{statement}", {"camera": f"{site}-A"})


def _watch(owner: SQL) -> None:
    """Have something wrong with a camera of each site, and an incident with a pursuit there."""
    owner.execute("INSERT INTO video.listening VALUES (true, now())")
    for site in (GATE, PORT):
        known = {"site": site, "camera": f"{site}-A"}
        for statement in (
            "video.camera_log (camera, kind, since, detail) VALUES (%(camera)s, 'up', now(), '')",
            "alarms.troubles VALUES (gen_random_uuid(), %(site)s, 'camera', %(camera)s, 'offline',"
            " now(), NULL, '', NULL)",
            "incidents.incidents (id, title, kind, state, sites, camera, lon, lat, opened_at,"
            " opened_by, state_at) VALUES (gen_random_uuid(), 't', 'k', 'new', ARRAY[%(site)s],"
            " %(camera)s, 67, 24, now(), 'a', now())",
            "incidents.entries (id, incident, at, by, kind, what, text, camera) SELECT"
            " gen_random_uuid(), id, now(), 'a', 'note', '', 'x', camera"
            " FROM incidents.incidents WHERE camera = %(camera)s",
            "incidents.pursuits SELECT gen_random_uuid(), id, now(), 'a', NULL, NULL"
            " FROM incidents.incidents WHERE camera = %(camera)s",
            "incidents.steps (id, pursuit, incident, what, camera, at, made_at, by, note) SELECT"
            " gen_random_uuid(), p.id, i.id, 'started', i.camera, now(), now(), 'a', ''"
            " FROM incidents.incidents i JOIN incidents.pursuits p ON p.incident = i.id"
            " WHERE i.camera = %(camera)s",
        ):
            owner.execute(f"INSERT INTO {statement}", known)


def _ask(sql: SQL, who: Acting, statement: str) -> list[tuple[object, ...]]:
    sql.execute(beginning(who))
    try:
        return sql.execute(statement).fetchall()
    finally:
        sql.execute("ROLLBACK")


def _count(sql: SQL, who: Acting, table: str) -> int:
    ((count,),) = _ask(sql, who, f"SELECT count(*) FROM {table}")
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize("table", SEEN)
def test_row_is_seen_only_by_whom_its_site_is_in_scope_of(sql: SQL, table: str) -> None:
    askers = (EVERY, AT_GATE, OFFICE, NOBODY)
    assert tuple(_count(sql, who, table) for who in askers) == SEEN[table]


@pytest.mark.parametrize("table", SEEN)
def test_connection_that_was_told_nothing_sees_nothing(sql: SQL, table: str) -> None:
    assert sql.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    _count(sql, EVERY, table)
    assert sql.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_every_table_with_rows_of_a_site_is_split_by_site(sql: SQL) -> None:
    found = {
        (f"{schema}.{table}", secured, forced)
        for schema, table, secured, forced in sql.execute(
            "SELECT relnamespace::regnamespace::text, relname, relrowsecurity, relforcerowsecurity "
            "FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND "
            "relnamespace::regnamespace::text IN "
            "('kernel', 'city', 'video', 'plates', 'alarms', 'incidents')"
        )
    }
    assert {name for name, secured, forced in found if secured and forced} == set(SEEN)
    assert {name for name, secured, _ in found if not secured} <= NOT_SPLIT_BY_SITE


def test_site_that_is_called_everywhere_reaches_no_further(sql: SQL) -> None:
    for sites in (("*",), (f"{GATE},{PORT}",), ("",), ("GATE'; SET amaan.sites = '*",)):
        assert _count(sql, Acting("account:1", sites), "plates.reads") == 0


def test_partition_of_reads_lets_nobody_look(sql: SQL) -> None:
    sql.execute("SELECT plates.ensure_day('2026-03-04')")
    for part in ("reads_default", "reads_20260304"):
        with pytest.raises(errors.InsufficientPrivilege):
            _ask(sql, EVERY, f"SELECT 1 FROM plates.{part}")
        with pytest.raises(errors.InsufficientPrivilege):
            _ask(sql, EVERY, f"DELETE FROM plates.{part} RETURNING 1")


def test_row_of_another_site_is_neither_changed_nor_taken_nor_written(
    sql: SQL, two_sites: Town
) -> None:
    port = two_sites.port
    for statement in (
        f"UPDATE alarms.alarms SET title = 'x' WHERE id = '{port.alarm}' RETURNING 1",
        f"DELETE FROM alarms.alarms WHERE id = '{port.alarm}' RETURNING 1",
        f"UPDATE city.cameras SET name = 'x' WHERE code = '{port.camera}' RETURNING 1",
        "UPDATE city.cameras SET name = 'x' RETURNING 1",
    ):
        assert _ask(sql, AT_GATE, statement) == []
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        _ask(sql, AT_GATE, f"UPDATE alarms.alarms SET place = '{port.camera}' RETURNING 1")
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        _ask(
            sql,
            AT_GATE,
            "INSERT INTO video.clips (id, camera, start_at, end_at, state, reason, wanted_at) "
            f"VALUES (gen_random_uuid(), '{port.camera}', now(), now() + interval '1 s', "
            "'wanted', '', now()) RETURNING 1",
        )


def test_other_sites_are_not_told_apart_by_an_error(sql: SQL, two_sites: Town) -> None:
    """A condition that fails on a row is not evaluated on rows that are not seen."""
    failing = "SELECT 1 FROM plates.reads WHERE 1 / (CASE plate WHEN %s THEN 0 ELSE 1 END) = 1"
    foreign = failing.replace("%s", f"'{two_sites.port.plate}'")
    assert _ask(sql, AT_GATE, foreign) == [(1,)]
    with pytest.raises(errors.DivisionByZero):
        _ask(sql, AT_GATE, failing.replace("%s", f"'{two_sites.gate.plate}'"))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE plates.reads DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE plates.reads NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY all_in_scope ON plates.reads",
        "CREATE POLICY mine ON plates.reads USING (true)",
        "ALTER TABLE alarms.alarms OWNER TO amaan_app",
        "CREATE OR REPLACE FUNCTION kernel.sees_everywhere() RETURNS boolean LANGUAGE sql "
        "RETURN true",
        "ALTER FUNCTION kernel.sees_everywhere() OWNER TO amaan_app",
        "CREATE FUNCTION plates.mine() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1",
        "CREATE TABLE plates.mine (n int)",
        "CREATE SCHEMA mine",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "ALTER ROLE amaan_app SUPERUSER",
        "ALTER ROLE amaan_app BYPASSRLS",
        "CREATE ROLE mine SUPERUSER",
        "ALTER SYSTEM SET row_security = off",
        "SET session_replication_role = replica",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('postgresql.conf')",
        "COPY plates.reads TO PROGRAM 'cat'",
        "COPY plates.plates TO '/tmp/x'",
        "TRUNCATE plates.reads",
        "TRUNCATE alarms.alarms CASCADE",
        "TRUNCATE trust.audit_entries",
        "UPDATE trust.audit_entries SET at = at",
        "DELETE FROM trust.audit_entries",
        "DELETE FROM trust.audit_tree",
        "UPDATE trust.audit_checkpoints SET size = 0",
        "DELETE FROM trust.audit_cosignatures",
        "UPDATE trust.receipts SET removed = 0",
        "DELETE FROM trust.receipts",
        "DELETE FROM trust.holds",
        "UPDATE plates.reads SET plate = 'X'",
        "DELETE FROM plates.reads",
        "DELETE FROM kernel.schema_version",
        "ALTER TABLE trust.audit_entries DISABLE TRIGGER ALL",
        "DROP TRIGGER stays ON trust.audit_entries",
    ],
)
def test_application_may_not(sql: SQL, statement: str) -> None:
    sql.execute("SET amaan.sites = '*'")
    with pytest.raises(errors.InsufficientPrivilege):
        sql.execute(statement)


@pytest.mark.parametrize(
    ("table", "condition", "wanted"),
    [
        ("plates.reads", "plate = 'A'", r"Index Cond: \(plate = "),
        ("plates.reads", "plate = ANY ('{A,B}')", r"Index Cond: \(plate = ANY"),
        ("plates.reads", "camera = 'C' AND observed_at > now()", r"Index Cond: \(\(camera = "),
        (
            "plates.reads",
            f"observed_at > now() AND id = '{UUID(int=7)}'",
            r"Index Cond: \(observed_at",
        ),
        ("plates.plates", "plate >= 'A' AND plate < 'B'", r"Index Cond: \(\(plate >= "),
        ("plates.plates", "reversed >= 'A' AND reversed < 'B'", r"Index Cond: \(\(reversed >= "),
        ("plates.entries", "plate = 'A'", r"Index Cond: \(plate = "),
        ("alarms.alarms", "subject = 'A' AND place = 'B'", r"Index Cond: \(\(subject = "),
    ],
)
def test_search_enters_its_index_under_row_level_security(
    sql: SQL, table: str, condition: str, wanted: str
) -> None:
    """Of a condition that is not leakproof PostgreSQL would first look at every row in scope."""
    sql.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    sql.execute("SELECT plates.ensure_day('2026-03-04')")
    plan = _ask(sql, AT_GATE, f"EXPLAIN SELECT * FROM {table} WHERE {condition}")
    text = "\n".join(str(line) for (line,) in plan)
    assert re.search(wanted, text), text
    assert "InitPlan" in text, "who asks is looked up once, not for every row"


def test_turning_row_level_security_off_for_oneself_shows_an_error_and_no_row(sql: SQL) -> None:
    sql.execute("SET row_security = off")
    with pytest.raises(errors.InsufficientPrivilege):
        sql.execute("SELECT 1 FROM plates.reads")


def test_everything_that_runs_as_the_owner_finds_names_in_a_fixed_place_only(sql: SQL) -> None:
    loose = sql.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef AND pronamespace::regnamespace"
        "::text IN ('kernel', 'trust', 'city', 'video', 'plates', 'alarms') "
        "AND NOT coalesce(array_to_string(proconfig, ' ') LIKE '%search_path=pg_catalog%', false)"
    ).fetchall()
    assert loose == []


def test_application_owns_nothing(sql: SQL) -> None:
    assert (
        sql.execute(
            "SELECT relname FROM pg_class WHERE pg_has_role('amaan_app', relowner, 'USAGE')"
        ).fetchall()
        == []
    )
    assert sql.execute("SELECT session_user::text, current_user::text").fetchone() == (ROLE, ROLE)


async def test_login_that_takes_the_role_up_sees_no_more(two_sites: Town, dsn: str) -> None:
    pool = PostgresDatabase(switched_to_role(dsn))
    await pool.open()
    try:
        for who, seen in ((AT_GATE, 1), (NOBODY, 0), (EVERY, 2)):
            with acting_as(who):
                async with pool.transaction() as connection:
                    cursor = await connection.execute("SELECT count(*) FROM plates.reads")
                    assert await cursor.fetchone() == (seen,)
    finally:
        await pool.close()


async def test_centre_works_on_another_server_as_the_application(
    dsn: str, centre_settings: CentreSettings
) -> None:
    settings = CentreSettings.model_validate({**dict(centre_settings), "database": dsn})
    async with opened(settings) as engines, engines.database.transaction() as connection:
        cursor = await connection.execute("SELECT current_user::text")
        assert await cursor.fetchone() == (ROLE,)


async def test_centre_refuses_to_work_as_one_whom_no_wall_holds(
    dsn: str, centre_settings: CentreSettings
) -> None:
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("ALTER ROLE amaan_app BYPASSRLS")
    try:
        settings = CentreSettings.model_validate({**dict(centre_settings), "database": dsn})
        with pytest.raises(UnavailableError, match="row-level security does not hold"):
            async with opened(settings):
                pass
    finally:
        with psycopg.connect(dsn, autocommit=True) as owner:
            owner.execute("ALTER ROLE amaan_app NOBYPASSRLS")


async def _copy(engines: Engines, table: str) -> None:
    async with (
        engines.database.transaction() as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN") as copy,
    ):
        await copy.write(b"")


async def test_reads_are_copied_into_their_day_as_their_table_takes_no_copy(
    engines: Engines,
) -> None:
    async with engines.database.transaction() as connection:
        await connection.execute("SELECT plates.ensure_day('2026-03-04')")
    await _copy(engines, "plates.reads_20260304")
    with pytest.raises(errors.FeatureNotSupported, match="row-level security"):
        await _copy(engines, "plates.reads")
