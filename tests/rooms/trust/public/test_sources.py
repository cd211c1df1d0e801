"""The report from the database and from an export of its log are the same bytes."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import orjson
import pytest
from tests.rooms.trust.misuse.year import a_year

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.kernel.errors import InvalidError
from amaan.trust.audit.archive import FORMAT
from amaan.trust.audit.merkle import Frontier
from amaan.trust.audit.model import Outcome, Record
from amaan.trust.audit.rules import leaf_of
from amaan.trust.audit.service import AuditLog
from amaan.trust.public.page import html_of
from amaan.trust.public.report import Period
from amaan.trust.public.sources import DatabaseLog, ExportedLog, compile_report

QUARTER = Period(date(2025, 1, 1), date(2025, 4, 1))


@pytest.fixture
async def log(database: PostgresDatabase, clock: ManualClock) -> AuditLog:
    found = AuditLog(database, clock)
    rng = Random(3)
    records = a_year(3, each=1, days=100, share=0.1).records()
    records += [
        Record(
            rng.choice(("confirm_alarm", "reject_alarm")),
            "account:x",
            rng.choice((Outcome.ALLOWED, Outcome.DENIED)),
            "alarms.decide",
            at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(2400)),
        )
        for _ in range(400)
    ]
    records.sort(key=lambda record: str(record.at))
    leaves = [leaf_of(record, clock.now()) for record in records]
    for begin in range(0, len(leaves), 500):
        await found.append(leaves[begin : begin + 500])
    return found


async def an_export(log: AuditLog, file: Path, drop: int | None = None) -> Path:
    """Write the form of ``amaan audit export``; the note of its first line is not looked at."""
    lines = [
        orjson.dumps({"position": entry.position, "leaf": entry.leaf.decode()})
        async for entry in log.entries()
        if entry.position != drop
    ]
    first = {"format": FORMAT, "begin": 0, "end": len(lines), "before": [], "after": [],
             "checkpoint": ""}  # fmt: skip
    content = b"\n".join([orjson.dumps(first), *lines, b""])
    await asyncio.to_thread(file.write_bytes, content)
    return file


async def test_database_and_export_give_the_same_bytes_at_any_time(
    log: AuditLog, database: PostgresDatabase, clock: ManualClock, tmp_path: Path
) -> None:
    from_database = await compile_report(DatabaseLog(database, log), QUARTER)
    clock.advance(timedelta(days=500))
    await log.write(Record("get_report", "system:test"))  # the log has grown since
    from_export = await compile_report(
        ExportedLog(await an_export(log, tmp_path / "audit.jsonl")), QUARTER
    )
    assert from_database == from_export
    assert from_database == await compile_report(DatabaseLog(database, log), QUARTER)
    report = json.loads(from_database)
    assert report["tables"]["searches"]["total"]["at_least"] > 100
    assert report["tables"]["hits"]["total"]["n"] > 100


async def test_report_names_the_root_of_the_log_as_it_was_at_its_end(
    log: AuditLog, database: PostgresDatabase
) -> None:
    report = json.loads(await compile_report(DatabaseLog(database, log), QUARTER))
    tree = Frontier()
    async for entry in log.entries():
        if entry.position < report["log"]["size"]:
            tree.append(entry.leaf_hash)
    assert base64.b64decode(report["log"]["root"]) == tree.root()


async def test_late_entry_changes_the_report_and_the_published_size_brings_it_back(
    log: AuditLog, database: PostgresDatabase
) -> None:
    source = DatabaseLog(database, log)
    published = await compile_report(source, QUARTER)
    size = json.loads(published)["log"]["size"]
    at = datetime(2025, 2, 2, tzinfo=UTC)
    await log.write(Record("confirm_alarm", "account:x", permission="alarms.decide", at=at))
    assert await compile_report(source, QUARTER) != published
    assert await compile_report(source, QUARTER, size) == published


async def test_log_that_is_shorter_or_lacks_an_entry_is_refused(
    log: AuditLog, database: PostgresDatabase, tmp_path: Path
) -> None:
    with pytest.raises(InvalidError, match="not so many"):
        await compile_report(DatabaseLog(database, log), QUARTER, 10**6)
    whole = ExportedLog(await an_export(log, tmp_path / "a.jsonl"))
    with pytest.raises(InvalidError, match="not so many"):
        await compile_report(whole, QUARTER, 10**6)
    holed = ExportedLog(await an_export(log, tmp_path / "b.jsonl", drop=5))
    with pytest.raises(InvalidError, match="missing"):
        await compile_report(holed, QUARTER)
    part = tmp_path / "c.jsonl"
    part.write_bytes(b'{"format":"amaan-audit/1","begin":3,"end":4,"before":[],"after":[],'
                     b'"checkpoint":""}\n')  # fmt: skip
    with pytest.raises(InvalidError, match="first entry"):
        await compile_report(ExportedLog(part), QUARTER)


async def test_page_for_people_is_whole_in_both_languages(
    log: AuditLog, database: PostgresDatabase
) -> None:
    report = await compile_report(DatabaseLog(database, log), QUARTER)
    english, urdu = html_of(report, "en", draft=True), html_of(report, "ur")
    assert '<html lang="en" dir="ltr">' in english
    assert '<html lang="ur" dir="rtl">' in urdu
    assert "Not for publication" in english
    assert 'class="draft"' not in urdu
    for page in (english, urdu):
        assert page.count("<table>") == 8
        assert "<script" not in page
        assert "http" not in page
        assert json.loads(report)["log"]["root"] in page
