"""A held plate that was read otherwise: its read, its clip and its alarm stay."""

from __future__ import annotations

from datetime import timedelta

from tests.rooms.trust.retention.month import Month


async def test_read_that_met_the_entry_of_a_held_plate_stays_with_clip_and_alarm(
    month: Month,
) -> None:
    at, other = month.days_ago(400), month.days_ago(409)
    met = await month.read(at, "H1T333")
    ((seen,),) = await month.rows("SELECT observed_at FROM plates.reads WHERE id = %s", met)
    await month.hit(met)  # of an entry for HIT333
    await month.read(at + timedelta(seconds=1), "OTHER1")
    await month.read(other, "H1T333")
    assert seen == at
    await month.clip(at, b"the car of H1T333")
    await month.clip(other, b"another day")
    await month.alarm(at, "H1T333")
    await month.alarm(other, "H1T333")
    hour = timedelta(hours=1)
    await month.hold(at - hour, at + hour, plates=("HIT333",))
    await month.night.run()
    assert await month.plates() == ["H1T333"]
    assert month.files() == [b"the car of H1T333"]
    assert await month.rows("SELECT observed_at FROM alarms.alarms") == [(at,)]
