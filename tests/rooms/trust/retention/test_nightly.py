from __future__ import annotations

from datetime import timedelta

from tests.rooms.trust.retention.month import Month


async def test_day_that_is_over_is_dropped_with_its_partition_plates_and_pictures(
    month: Month,
) -> None:
    await month.read(month.days_ago(35), "OLD111", picture=b"\xff\xd8 old picture")
    await month.read(month.days_ago(2), "NEW222", picture=b"\xff\xd8 new picture")
    old_day = f"reads_{month.days_ago(35):%Y%m%d}"
    assert old_day in await month.partitions()

    assert await month.night.run() == []

    assert await month.plates() == ["NEW222"]
    assert old_day not in await month.partitions()
    assert await month.rows("SELECT plate FROM plates.plates") == [("NEW222",)]
    kept = [path.read_bytes() for path in (month.folder / "blobs").rglob("*") if path.is_file()]
    assert kept == [b"\xff\xd8 new picture"]
    dropped = await month.removals("reads", "reads")
    assert [(one.removed, one.kept, one.partitions) for one in dropped] == [(1, 0, (old_day,))]
    (files,) = await month.removals("pictures", "files")
    assert (files.blobs, files.blob_bytes) == (1, len(b"\xff\xd8 old picture"))
    assert len(month.log.told) == len(await month.receipts())


async def test_held_read_stays_and_goes_with_the_run_after_its_release(month: Month) -> None:
    await month.read(month.days_ago(40), "HELD77", picture=b"\xff\xd8 held")
    await month.read(month.days_ago(40), "LOST88", picture=b"\xff\xd8 lost")
    hold = await month.hold(month.days_ago(41), month.days_ago(39), plates=("HELD77",))

    await month.night.run()
    assert await month.plates() == ["HELD77"]
    assert await month.partitions() == {"reads_default"}
    await month.blobs.get(await _picture_of(month))

    await month.retention.release_hold(hold, "the case is closed", await month.account())
    month.clock.advance(timedelta(days=1))
    await month.night.run()
    assert await month.plates() == []
    assert await month.rows("SELECT plate FROM plates.plates") == []
    assert not [path for path in (month.folder / "blobs").rglob("*") if path.is_file()]


async def _picture_of(month: Month) -> str:
    ((digest,),) = await month.rows("SELECT encode(picture, 'hex') FROM plates.reads")
    return str(digest)
