"""What an emergency found that nobody approved is seen by nobody."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.rooms.alarms.conftest import House
from tests.rooms.plates.deliveries import a_read, delivery, moment

from amaan.alarms.model import AlarmNotFoundError
from amaan.kernel.errors import NotFoundError
from amaan.kernel.events import Event
from amaan.trust.authority.model import Authority, Scope


async def emergency_alarm(house: House) -> tuple[Authority, UUID, UUID]:
    """Return an emergency, the alarm it led to, and the alarm's clip."""
    emergency = await house.desk.requested(
        Scope(plates=("BGC771",)), emergency=True, case_ref="FIR 9/26"
    )
    await house.hotlist.add(house.wanted(emergency), "amna")
    await house.ingest.receive(delivery(a_read(1)))
    await house.relay()
    (alarm,) = await house.alarms.page(state="open", before=None, limit=5)
    assert alarm.clip is not None
    return emergency, alarm.id, alarm.clip.id


async def assert_nobody_sees(house: House, alarm: UUID, clip: UUID) -> None:
    assert await house.alarms.page(state="all", before=None, limit=5) == []
    with pytest.raises(AlarmNotFoundError):
        await house.alarms.alarm(alarm)
    with pytest.raises(AlarmNotFoundError):
        await house.alarms.confirm(alarm, "bilal", "same car")
    with pytest.raises(NotFoundError):
        await house.clips.clip(clip)


async def test_alarm_match_and_clip_are_gone_when_the_day_is_over_though_no_task_ran(
    house: House,
) -> None:
    _, alarm, clip = await emergency_alarm(house)
    house.clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert (await house.alarms.alarm(alarm)).match is not None
    await house.clips.clip(clip)
    house.clock.advance(timedelta(seconds=1))
    await assert_nobody_sees(house, alarm, clip)


@pytest.mark.parametrize("step", ["refuse", "revoke", "withdraw"])
async def test_emergency_that_ends_early_takes_its_alarms_with_it(house: House, step: str) -> None:
    emergency, alarm, clip = await emergency_alarm(house)
    by = house.desk.asker if step == "withdraw" else house.desk.approver
    await getattr(house.desk.service, step)(emergency.id, by, "not founded")
    await assert_nobody_sees(house, alarm, clip)
    told = {event.name: event for event in await house.relay()}
    assert told["alarms.sealed"].payload == {"id": str(alarm), "camera": "RZ-01-A"}
    await assert_nobody_sees(house, alarm, clip)


async def test_consoles_that_come_back_are_not_told_of_a_sealed_alarm(house: House) -> None:
    emergency = await house.desk.requested(
        Scope(plates=("BGC771",)), emergency=True, case_ref="FIR 9/26"
    )
    await house.hotlist.add(house.wanted(emergency), "amna")
    await house.ingest.receive(delivery(a_read(1)))
    raised: Event = next(e for e in await house.relay() if e.name == "alarms.raised")
    assert await house.alarms.show(raised) == raised.payload
    await house.desk.service.refuse(emergency.id, house.desk.approver, "not founded")
    assert await house.alarms.show(raised) is None
    sealed = next(e for e in await house.relay() if e.name == "alarms.sealed")
    assert await house.alarms.show(sealed) == sealed.payload


async def test_alarm_under_an_approved_authority_stays_when_that_ends(house: House) -> None:
    await house.hotlist.add(house.wanted(), "amna")
    await house.ingest.receive(delivery(a_read(1)))
    await house.relay()
    await house.desk.service.revoke(house.authority.id, house.desk.approver, "found")
    await house.relay()
    (alarm,) = await house.alarms.page(state="open", before=None, limit=5)
    assert alarm.entry is not None
    assert not alarm.entry.active


async def test_match_under_another_authority_does_not_join_an_emergency_s_alarm(
    house: House,
) -> None:
    emergency, alarm, _ = await emergency_alarm(house)
    (entry,) = await house.hotlist.page(state="active", text=None, before=None, limit=5)
    other = house.authority.id
    await house.hotlist.change(entry.id, lambda _: house.wanted())
    later = moment(house.clock.now() + timedelta(seconds=5))
    await house.ingest.receive(delivery(a_read(2, observed_at=later)))
    await house.relay()
    await house.desk.service.refuse(emergency.id, house.desk.approver, "not founded")
    await house.relay()
    (left,) = await house.alarms.page(state="all", before=None, limit=5)
    assert left.id != alarm
    assert left.entry is not None
    assert left.entry.authority == other
