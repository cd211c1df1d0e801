"""The nightly run over a month at a small centre."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta

import psycopg
import pytest
from tests.rooms.plates.deliveries import BOOT, a_read, delivery, moment
from tests.rooms.trust.retention.month import Month

from amaan.kernel.acting import Acting, acting_as
from amaan.kernel.errors import NotFoundError
from amaan.trust.retention.model import Removal


def day_of(month: Month, days: float) -> str:
    return f"reads_{month.days_ago(days):%Y%m%d}"


async def test_day_that_is_over_is_dropped_with_its_partition_plates_and_pictures(
    month: Month,
) -> None:
    await month.read(month.days_ago(35), "OLD111", picture=b"\xff\xd8 old picture")
    await month.read(month.days_ago(2), "NEW222", picture=b"\xff\xd8 new picture")
    old_day = day_of(month, 35)
    assert old_day in await month.partitions()

    assert await month.night.run() == []

    assert await month.plates() == ["NEW222"]
    assert old_day not in await month.partitions()
    assert await month.rows("SELECT plate FROM plates.plates") == [("NEW222",)]
    assert month.files() == [b"\xff\xd8 new picture"]
    dropped = await month.removals("reads", "reads")
    assert [(one.removed, one.kept, one.partitions) for one in dropped] == [(1, 0, (old_day,))]
    (files,) = await month.removals("pictures", "files")
    assert (files.blobs, files.blob_bytes) == (1, len(b"\xff\xd8 old picture"))
    assert files.names == (hashlib.sha256(b"\xff\xd8 old picture").hexdigest(),)
    assert len(month.log.told) == len(await month.receipts())


async def test_receipt_names_the_removed_reads_by_one_digest(month: Month) -> None:
    ids = [await month.read(month.days_ago(35), f"OLD{number}") for number in range(5)]
    await month.night.run()
    (dropped,) = await month.removals("reads", "reads")
    expected = hashlib.sha256(b"".join(sorted(one.bytes for one in ids))).hexdigest()
    assert (dropped.removed, dropped.digest) == (5, expected)


async def test_day_whose_last_hour_is_young_enough_stays_whole(month: Month) -> None:
    await month.read(month.days_ago(30.1), "ALMOST1")
    await month.night.run()
    assert await month.plates() == ["ALMOST1"]
    month.clock.advance(timedelta(days=1))
    await month.night.run()
    assert await month.plates() == []


async def test_hit_stays_its_own_days_in_the_default_partition(month: Month) -> None:
    hit = await month.read(month.days_ago(40), "HIT333", picture=b"\xff\xd8 hit")
    await month.read(month.days_ago(40), "NOHIT44", picture=b"\xff\xd8 no hit")
    await month.hit(hit)

    await month.night.run()
    assert await month.plates() == ["HIT333"]
    assert await month.partitions() == {"reads_default"}
    assert month.files() == [b"\xff\xd8 hit"]
    (dropped,) = await month.removals("reads", "reads")
    assert (dropped.removed, dropped.kept) == (1, 1)

    month.clock.advance(timedelta(days=320))
    await month.night.run()
    assert await month.plates() == ["HIT333"]
    month.clock.advance(timedelta(days=6))
    await month.night.run()
    assert await month.plates() == []
    assert await month.rows("SELECT count(*) FROM plates.matches") == [(0,)]
    assert month.files() == []


async def test_held_reads_stay_and_go_with_the_run_after_the_release(month: Month) -> None:
    at = month.days_ago(40)
    await month.read(at, "HELD77", picture=b"\xff\xd8 held")
    await month.read(at, "LOST88", picture=b"\xff\xd8 lost")
    await month.read(at, "CAMERA9", camera="RZ-09-B")
    await month.read(at - timedelta(days=3), "HELD77")
    around = (at - timedelta(hours=1), at + timedelta(hours=1))
    by_plate = await month.hold(*around, plates=("HELD77",))
    by_camera = await month.hold(*around, cameras=("RZ-09-B",))

    await month.night.run()
    assert await month.plates() == ["CAMERA9", "HELD77"]
    assert month.files() == [b"\xff\xd8 held"]

    await month.retention.release_hold(by_plate, "the case is closed", await month.account())
    month.clock.advance(timedelta(days=1))
    await month.night.run()
    assert await month.plates() == ["CAMERA9"]
    assert await month.rows("SELECT plate FROM plates.plates") == [("CAMERA9",)]
    assert month.files() == []

    await month.retention.release_hold(by_camera, "closed too", await month.account())
    await month.night.run()
    assert await month.plates() == []


async def test_hold_whose_review_is_overdue_goes_on_holding(month: Month) -> None:
    await month.read(month.days_ago(40), "HELD77")
    await month.hold(month.days_ago(41), month.days_ago(39), plates=("HELD77",))
    month.clock.advance(timedelta(days=200))
    assert (await month.retention.standing()).overdue_holds == 1
    await month.night.run()
    assert await month.plates() == ["HELD77"]


async def test_picture_that_another_record_refers_to_stays(month: Month) -> None:
    await month.read(month.days_ago(40), "FIRST1", picture=b"\xff\xd8 the same loop of film")
    await month.read(month.days_ago(3), "AGAIN2", picture=b"\xff\xd8 the same loop of film")
    await month.night.run()
    assert month.files() == [b"\xff\xd8 the same loop of film"]
    assert await month.rows("SELECT count(*) FROM trust.condemned_blobs") == [(0,)]


async def test_orphan_is_swept_once_it_is_old_and_not_before(month: Month) -> None:
    await month.picture(b"\xff\xd8 nobody's, old", month.days_ago(31))
    await month.picture(b"\xff\xd8 nobody's, young", month.days_ago(29))
    paper = await month.picture(b"%PDF- a warrant", month.days_ago(100))
    await month.authority(paper)
    await month.night.run()
    assert month.files() == [b"%PDF- a warrant", b"\xff\xd8 nobody's, young"]


async def test_clip_expires_and_its_bytes_go(month: Month) -> None:
    old = await month.clip(month.days_ago(31), b"old film")
    held = await month.clip(month.days_ago(32), b"held film")
    young = await month.clip(month.days_ago(29), b"young film")
    await month.read(month.days_ago(32), "HELD77")
    await month.hold(month.days_ago(33), month.days_ago(31.5), plates=("HELD77",))
    await month.night.run()
    gone = await month.clips.clip(old)
    assert (gone.state.value, gone.digest) == ("expired", None)
    assert gone.reason == "deleted: recordings are kept 30 days"
    with pytest.raises(NotFoundError, match="expired: deleted"):
        await month.clips.content(gone)
    assert (await month.clips.clip(held)).state.value == "ready"
    assert (await month.clips.clip(young)).state.value == "ready"
    assert month.files() == [b"held film", b"young film"]
    late = b"old film, sent again"
    await month.clips.deliver(old, late, hashlib.sha256(late).hexdigest())
    assert (await month.clips.clip(old)).state.value == "expired"
    assert month.files() == [b"held film", b"young film"]
    told = await month.rows(
        "SELECT payload->>'state' FROM kernel.outbox WHERE name = 'video.clip_changed' "
        "AND key = %s ORDER BY position DESC LIMIT 1",
        str(old),
    )
    assert told == [("expired",)]


async def test_alarm_goes_after_its_days_unless_its_read_is_held(month: Month) -> None:
    for plate in ("OVER11", "HELD77"):
        await month.alarm(month.days_ago(400), plate)
    await month.alarm(month.days_ago(300), "YOUNG2")
    await month.hold(month.days_ago(401), month.days_ago(399), plates=("HELD77",))
    await month.night.run()
    left = await month.rows("SELECT split_part(subject, ' ', 2) FROM alarms.alarms ORDER BY 1")
    assert left == [("HELD77",), ("YOUNG2",)]
    assert await month.rows("SELECT count(*) FROM alarms.causes") == [(2,)]
    (removed,) = await month.removals("alarms", "alarms")
    assert removed.removed == 1


async def test_refused_observations_failed_deliveries_and_sessions_go(month: Month) -> None:
    before, month.clock.at = month.clock.at, month.days_ago(31)
    await month.ingest.receive(delivery(a_read(900, confidence=7), sent_at=month.clock.at))
    month.clock.at = before
    await month.rows(
        "INSERT INTO kernel.failed_deliveries (subscriber, position, name, key, payload, attempts,"
        " error, failed_at) VALUES ('alarms', 1, 'plates.matched', 'k', '{}', 5, 'e', %s) "
        "RETURNING position",
        month.days_ago(31),
    )
    account = await month.account()
    for number, days in enumerate((92, 5)):
        await month.rows(
            "INSERT INTO trust.sessions (id, token_hash, account, created_at, last_seen_at, "
            "ends_at, address, agent, method) VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, '', "
            "'', 'password') RETURNING id",
            bytes([number]),
            account.id,
            *[month.days_ago(days)] * 3,
        )
    await month.night.run()
    for table in ("plates.refused_observations", "kernel.failed_deliveries"):
        assert await month.rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608
    assert await month.rows("SELECT token_hash FROM trust.sessions") == [(b"\x01",)]


async def test_request_of_the_public_goes_long_after_its_answer(month: Month) -> None:
    officer = (await month.account()).id
    for days, state in ((1200, "answered"), (1200, "received"), (900, "answered")):
        await month.owner(
            "WITH r AS (INSERT INTO trust.requests (id, reference, kind, state, asker_sealed, "
            "matter_sealed, received_at, due_at, changed_at, answered_by) VALUES "
            "(gen_random_uuid(), gen_random_uuid(), 'access', %s, 's', 's', %s, %s, %s, %s) "
            "RETURNING id) INSERT INTO trust.request_steps (request, number, at, by, state, "
            "text_sealed) SELECT id, 1, %s, %s, %s, 's' FROM r",
            *(state, *[month.days_ago(days)] * 3, None if state == "received" else officer),
            *(month.days_ago(days), officer, state),
        )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await month.rows("DELETE FROM trust.requests RETURNING id")
    await month.night.run()
    left = await month.rows("SELECT state FROM trust.requests ORDER BY received_at")
    assert left == [("received",), ("answered",)]
    assert await month.rows("SELECT count(*) FROM trust.request_steps") == [(2,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await month.rows("DELETE FROM trust.requests RETURNING id")


async def test_paper_of_an_authority_that_ended_long_ago_goes_and_its_trace_stays(
    month: Month,
) -> None:
    paper = await month.picture(b"%PDF- a warrant", month.days_ago(10))
    await month.authority(paper)
    month.clock.advance(timedelta(days=2_600))
    await month.night.run()
    assert month.files() == [b"%PDF- a warrant"]  # it never ended
    await month.rows(
        "UPDATE trust.authorities SET state = 'withdrawn', ended_at = %s RETURNING id",
        month.days_ago(2_590),
    )
    await month.night.run()
    assert month.files() == []
    assert await month.rows("SELECT count(*) FROM trust.documents") == [(1,)]


async def test_late_read_is_refused_without_its_content_and_makes_no_day(month: Month) -> None:
    at = month.days_ago(45)
    text = moment(at)
    late = a_read(
        1, "LATE99", observed_at=text, decided_at=text, first_seen_at=text, last_seen_at=text
    )
    receipt = await month.ingest.receive(delivery(late, sent_at=month.clock.now()))
    assert receipt.accepted == 0
    assert receipt.acknowledged == [(BOOT, 1, 1)]
    ((reason, payload),) = await month.rows(
        "SELECT reason, payload FROM plates.refused_observations"
    )
    assert "its days were over" in str(reason)
    assert payload == b""
    assert day_of(month, 45) not in await month.partitions()
    again = await month.ingest.receive(delivery(late, sent_at=month.clock.now()))
    assert again.duplicates == 1


async def test_day_that_was_dropped_is_never_made_again(month: Month) -> None:
    await month.read(month.days_ago(31.5), "OLD111")
    await month.night.run()
    month.ingest.days_kept = 60  # as another process that has not heard of it
    await month.read(month.days_ago(31.5), "LATE99")
    assert day_of(month, 31.5) not in await month.partitions()
    assert await month.plates() == ["LATE99"]
    await month.night.run()
    assert await month.plates() == []


async def test_read_of_a_worker_whose_clock_is_far_behind_is_as_young_as_it_is(
    month: Month,
) -> None:
    sent_at = month.days_ago(200)
    text = moment(sent_at)
    read = a_read(
        1, "BEHIND1", observed_at=text, decided_at=text, first_seen_at=text, last_seen_at=text
    )
    assert (await month.ingest.receive(delivery(read, sent_at=sent_at))).accepted == 1
    await month.night.run()
    assert await month.plates() == ["BEHIND1"]
    month.clock.advance(timedelta(days=31))
    await month.night.run()
    assert await month.plates() == []


async def test_plate_that_was_forgotten_is_found_when_it_comes_again(month: Month) -> None:
    await month.read(month.days_ago(35), "BACK11")
    await month.night.run()
    assert await month.rows("SELECT plate FROM plates.plates") == []
    await month.read(month.days_ago(1), "BACK11")
    assert await month.rows("SELECT plate FROM plates.plates") == [("BACK11",)]


async def test_plate_on_the_hot_list_stays_in_the_list_of_plates(month: Month) -> None:
    await month.read(month.days_ago(35), "LISTED1")
    await month.entry("LISTED1")
    await month.night.run()
    assert await month.rows("SELECT plate FROM plates.plates") == [("LISTED1",)]


async def test_changed_days_take_effect_with_the_next_run(month: Month) -> None:
    await month.read(month.days_ago(12), "TEN1010")
    await month.night.run()
    assert await month.plates() == ["TEN1010"]
    await month.retention.set_days("reads", 10, "a new order", await month.account())
    assert month.ingest.days_kept == 10
    await month.night.run()
    assert await month.plates() == []


async def test_run_with_nothing_to_do_writes_no_receipt(month: Month) -> None:
    await month.read(month.days_ago(1), "NEW222")
    await month.night.run()
    assert await month.receipts() == []


async def test_plan_tells_and_changes_nothing(month: Month) -> None:
    await month.read(month.days_ago(35), "OLD111", picture=b"\xff\xd8 old picture")
    found = await month.night.plan()
    assert [(one.name, one.count, one.partitions) for one in found if one.partitions] == [
        ("reads", 1, (day_of(month, 35),))
    ]
    assert await month.plates() == ["OLD111"]
    assert await month.receipts() == []


async def test_only_who_sees_every_site_can_delete(month: Month) -> None:
    await month.read(month.days_ago(35), "OLD111", picture=b"\xff\xd8 old picture")
    statements = (
        "SELECT * FROM trust.unreferred_blobs(ARRAY['\\x00'::bytea])",
        "SELECT * FROM plates.forget_plates(10)",
        f"SELECT * FROM plates.drop_day('{month.days_ago(35):%Y-%m-%d}', now(), now(), now())",  # noqa: S608
    )
    for statement in statements:
        with (
            acting_as(Acting("account:somebody", ("RZ-01",))),
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            await month.rows(statement)
    assert await month.plates() == ["OLD111"]


async def test_day_that_is_not_over_is_not_dropped_by_anybody(month: Month) -> None:
    await month.read(month.days_ago(1), "NEW222")
    with pytest.raises(psycopg.errors.CheckViolation):
        await month.rows(
            "SELECT * FROM plates.drop_day(%s, %s, %s, %s)",
            month.days_ago(1).date(),
            *[month.days_ago(1)] * 3,
        )
    assert await month.plates() == ["NEW222"]


async def test_audit_log_that_does_not_answer_hears_of_it_the_next_time(month: Month) -> None:
    await month.read(month.days_ago(35), "OLD111")
    month.log.broken = True
    with pytest.raises(RuntimeError):
        await month.night.run()
    assert month.log.told == []
    month.log.broken = False
    await month.night.run()
    assert [one.number for one in month.log.told] == [one.number for one in await month.receipts()]


def total(removals: list[Removal]) -> tuple[int, int]:
    return sum(one.removed for one in removals), sum(one.blob_bytes for one in removals)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4, 6, 8, 11])
async def test_run_that_was_killed_anywhere_is_finished_by_the_next(
    month: Month, steps: int
) -> None:
    for number in range(4):
        picture = b"\xff\xd8 picture %d" % number
        await month.read(month.days_ago(35 + number), f"OLD{number}", picture=picture)
    await month.clip(month.days_ago(33), b"old film")
    month.kill_after(steps)
    with pytest.raises(KeyboardInterrupt):
        await month.night.run()
    month.kill_after(None)
    assert await month.night.run() == []
    assert await month.plates() == []
    assert month.files() == []
    assert await month.rows("SELECT count(*) FROM plates.plates") == [(0,)]
    assert await month.rows("SELECT count(*) FROM trust.condemned_blobs") == [(0,)]
    assert total(await month.removals("reads", "reads"))[0] == 4
    assert total(await month.removals("reads", "plates"))[0] == 4
    size = 4 * len(b"\xff\xd8 picture 0") + len(b"old film")
    assert total(await month.removals("pictures", "files")) == (5, size)
    assert len(month.log.told) == len(await month.receipts())


async def test_two_runs_at_once_remove_everything_once(month: Month) -> None:
    for number in range(4):
        picture = b"\xff\xd8 picture %d" % number
        await month.read(month.days_ago(35 + number), f"OLD{number}", picture=picture)
    failed = await asyncio.gather(month.night.run("one"), month.night.run("two"))
    assert list(failed) == [[], []]
    assert await month.plates() == []
    assert month.files() == []
    assert total(await month.removals("reads", "reads"))[0] == 4
    assert total(await month.removals("pictures", "files"))[0] == 4
    numbers = [receipt.number for receipt in await month.receipts()]
    assert numbers == list(range(1, len(numbers) + 1))
