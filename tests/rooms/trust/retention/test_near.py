"""Holds keep what they name: a plate read otherwise too, and never a camera that is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.rooms.trust.retention.month import Month

from amaan.trust.retention.model import HoldError


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


async def test_hold_of_a_camera_that_is_not_there_is_refused(month: Month) -> None:
    at, hour = month.days_ago(3), timedelta(hours=1)
    await month.read(at, "SEEN11", camera="GONE-1")
    await month.hold(at - hour, at + hour, cameras=("GONE-1",))
    for cameras in (("gone-1",), ("GONE-1", "RZ-99-Z")):
        with pytest.raises(HoldError, match="no such camera"):
            await month.hold(at - hour, at + hour, cameras=cameras)
    with pytest.raises(HoldError, match="no such camera"):
        await month.hold(at + hour, at + 2 * hour, cameras=("GONE-1",))
