from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.rooms.alarms.conftest import House
from tests.rooms.plates.deliveries import NOW, a_read, delivery, moment

from amaan.alarms.model import AlarmKind, AlarmState, AlarmStateError, DecisionError
from amaan.plates.model import Severity


async def raised(house: House) -> UUID:
    await house.hotlist.add(house.wanted(), "amna")
    await house.ingest.receive(delivery(a_read(1)))
    await house.relay()
    return (await house.alarms.page(state="open", before=None, limit=1))[0].id


async def test_match_raises_an_alarm_with_entry_read_and_wanted_clip(house: House) -> None:
    alarm = await house.alarms.alarm(await raised(house))
    assert alarm.state is AlarmState.RAISED
    assert alarm.severity is Severity.CRITICAL
    assert alarm.title == "BGC771 at Club Road"
    assert alarm.read is not None
    assert (alarm.read.camera_name, alarm.read.lon) == ("Club Road", 67.03)
    assert alarm.entry is not None
    assert alarm.entry.active
    assert alarm.match is not None
    assert not alarm.match.verify
    assert alarm.clip is not None
    assert alarm.clip.state.value == "wanted"


async def test_alarm_is_announced_as_the_console_shows_it(house: House) -> None:
    await house.hotlist.add(house.wanted(), "amna")
    await house.ingest.receive(delivery(a_read(1, "8GC771")))
    announced = {event.name: event for event in await house.relay()}
    payload = announced["alarms.raised"].payload
    assert payload["match"] == {
        "kind": "near",
        "cost": 0.25,
        "verify": True,
        "differences": [{"position": 0, "read": "8", "entry": "B"}],
    }
    shown = await house.alarms.alarm(UUID(announced["alarms.raised"].key))
    assert shown.model_dump(mode="json") == payload


async def test_same_match_announced_twice_raises_one_alarm(house: House) -> None:
    await raised(house)
    house.position = 0
    await house.relay()
    open_alarms = await house.alarms.page(state="open", before=None, limit=10)
    assert [alarm.repeat_count for alarm in open_alarms] == [0]


async def test_same_vehicle_at_the_same_camera_within_a_minute_joins(house: House) -> None:
    await raised(house)
    later = {"observed_at": moment(NOW + timedelta(seconds=40))}
    much_later = {"observed_at": moment(NOW + timedelta(seconds=240))}
    elsewhere = {"camera": "SD-02-B"}
    await house.ingest.receive(
        delivery(a_read(2, **later), a_read(3, **much_later), a_read(4, **elsewhere))
    )
    await house.relay()
    found = await house.alarms.page(state="all", before=None, limit=10)
    assert sorted((a.repeat_count, a.read.camera) for a in found if a.read) == [
        (0, "RZ-01-A"),
        (0, "SD-02-B"),
        (1, "RZ-01-A"),
    ]


async def test_exact_match_after_a_rejected_near_one_raises_its_own_alarm(house: House) -> None:
    await house.hotlist.add(house.wanted(), "amna")
    await house.ingest.receive(delivery(a_read(1, "8GC771")))
    await house.relay()
    (near,) = await house.alarms.page(state="open", before=None, limit=10)
    await house.alarms.reject(near.id, "bilal", "another vehicle")
    later = {"observed_at": moment(NOW + timedelta(seconds=40))}
    await house.ingest.receive(delivery(a_read(2, **later)))
    await house.relay()
    found = await house.alarms.page(state="all", before=None, limit=10)
    assert sorted((a.state.value, a.repeat_count) for a in found) == [
        ("raised", 0),
        ("rejected", 0),
    ]


async def test_exact_match_does_not_join_an_open_near_one(house: House) -> None:
    await house.hotlist.add(house.wanted(), "amna")
    await house.ingest.receive(delivery(a_read(1, "8GC771"), a_read(2)))
    await house.relay()
    found = await house.alarms.page(state="open", before=None, limit=10)
    assert [alarm.repeat_count for alarm in found] == [0, 0]


async def test_person_decides_with_a_reason_and_only_once(house: House) -> None:
    identifier = await raised(house)
    taken = await house.alarms.acknowledge(identifier, "bilal")
    assert (taken.state, taken.acknowledged_by) == (AlarmState.ACKNOWLEDGED, "bilal")
    with pytest.raises(DecisionError):
        await house.alarms.confirm(identifier, "bilal", "  ")
    decided = await house.alarms.confirm(identifier, "bilal", "plate and colour agree")
    assert (decided.state, decided.decided_by) == (AlarmState.CONFIRMED, "bilal")
    for again in (
        house.alarms.reject(identifier, "amna", "no"),
        house.alarms.acknowledge(identifier, "amna"),
    ):
        with pytest.raises(AlarmStateError):
            await again
    assert [e.name for e in await house.relay()] == ["alarms.changed", "alarms.changed"]


async def test_rejecting_unasked_also_acknowledges(house: House) -> None:
    decided = await house.alarms.reject(await raised(house), "bilal", "a taxi badge")
    assert (decided.acknowledged_by, decided.decision_reason) == ("bilal", "a taxi badge")


async def test_conflicting_payload_raises_an_integrity_alarm(house: House) -> None:
    await house.ingest.receive(delivery(a_read(1), a_read(2)))
    await house.ingest.receive(delivery(a_read(1, "XYZ999"), a_read(2, "XYZ998")))
    await house.relay()
    (alarm,) = await house.alarms.page(state="open", before=None, limit=10)
    assert (alarm.kind, alarm.severity) == (AlarmKind.INTEGRITY, Severity.HIGH)
    assert "worker-1" in alarm.title
    assert (alarm.repeat_count, alarm.read) == (1, None)


async def test_pages_follow_each_other_without_gap(house: House) -> None:
    await house.hotlist.add(house.wanted(), "amna")
    await house.ingest.receive(delivery(*(a_read(n, camera=f"C-{n}") for n in range(1, 6))))
    await house.relay()
    first = await house.alarms.page(state="open", before=None, limit=3)
    rest = await house.alarms.page(state="open", before=first[-1].id, limit=3)
    ids = [alarm.id for alarm in (*first, *rest)]
    assert len(ids) == 5
    assert ids == sorted(ids, reverse=True)
