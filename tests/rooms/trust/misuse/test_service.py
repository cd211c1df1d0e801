from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.rooms.trust.misuse.conftest import House
from tests.rooms.trust.misuse.staff import local
from tests.rooms.trust.misuse.year import a_year, score

from amaan.kernel.errors import RefusedError
from amaan.trust.audit.model import Asked, Outcome, Record
from amaan.trust.misuse import store
from amaan.trust.misuse.model import (
    Detector,
    FactsInputError,
    FindingReviewedError,
    ReviewDecision,
    Shift,
    UnknownPersonError,
)

DAY = timedelta(days=1)


def a_search(house: House, who: UUID, plate: str, at: datetime | None = None) -> Record:
    return Record(
        action="search_reads",
        actor=f"account:{who}",
        permission="plates.search",
        details={"plate": plate, "match": "exact", "count": 3},
        at=at or house.clock.now(),
    )


async def investigator(house: House, own: str = "ABC123") -> UUID:
    who = uuid4()
    await house.account(who, f"person-{who.hex[:6]}", "investigator")
    await house.misuse.set_vehicles(who, [own], [])
    return who


async def test_months_of_audit_through_the_log_raise_what_the_rules_raise(house: House) -> None:
    year = a_year(11, each=2, days=91, share=0.15)
    for person in year.force.people:
        await house.account(
            UUID(person.actor.removeprefix("account:")), person.username, *person.roles
        )
    async with house.database.transaction() as connection:
        for actor, shifts in year.force.shifts.items():
            account = UUID(actor.removeprefix("account:"))
            await store.put_shifts(connection, [(account, shift) for shift in shifts])
        for actor, vehicles in year.force.vehicles.items():
            account = UUID(actor.removeprefix("account:"))
            await store.set_vehicles(connection, account, vehicles, house.clock.now())
        for place in year.force.places:
            await store.insert_place(connection, place, house.clock.now())
    house.cameras.found = year.force.cameras
    await house.write(year.records())
    raised = 0
    for day in range(10, 101, 10):
        since = local(day, 12) - 10 * DAY
        raised += (await house.misuse.run(since, since + 10 * DAY, actor="system:misuse")).raised
    findings = await house.misuse.page(state="all", before=None, limit=500)
    assert len(findings) == raised
    assert len(await house.events("trust.misuse_found")) == raised
    result = score(year, [finding.suspicion for finding in findings])
    assert result.recall >= 0.9, str(result)
    again = await house.misuse.run(local(-1, 12), local(90, 12), actor="system:misuse")
    assert again.raised == 0


async def test_same_evidence_is_raised_once_and_more_of_it_joins_the_finding(house: House) -> None:
    who, start = await investigator(house), house.clock.now()
    await house.write([a_search(house, who, "ABC-123")])
    first = await house.misuse.run(start - DAY, start + DAY, actor="system:misuse")
    second = await house.misuse.run(start - DAY, start + DAY, actor="system:misuse")
    assert (first.raised, second.raised, second.grown) == (1, 0, 0)
    await house.write([a_search(house, who, "abc 123", start + timedelta(hours=2))])
    third = await house.misuse.run(start - DAY, start + DAY, actor="system:misuse")
    assert (third.raised, third.grown) == (0, 1)
    (finding,) = await house.misuse.page(state="open", before=None, limit=9)
    assert finding.suspicion.detector is Detector.OWN_VEHICLE
    assert len(finding.suspicion.positions) == 2
    _, entries = await house.misuse.finding(finding.id)
    assert [entry.record.details["plate"] for entry in entries] == ["ABC-123", "abc 123"]


async def test_announcement_names_neither_person_nor_plate(house: House) -> None:
    who, start = await investigator(house), house.clock.now()
    await house.write([a_search(house, who, "ABC123")])
    await house.misuse.run(start - DAY, start + DAY, actor="system:misuse")
    ((key, payload, _),) = await house.events("trust.misuse_found")
    assert set(payload) == {"id", "detector", "found_at"}
    assert payload["id"] == key
    assert str(who) not in str(payload)


async def test_reviewed_finding_stays_as_it_is_and_new_evidence_raises_another(
    house: House, dsn: str
) -> None:
    who, auditor, start = await investigator(house), uuid4(), house.clock.now()
    await house.account(auditor, "auditor", "auditor")
    await house.write([a_search(house, who, "ABC123")])
    await house.misuse.run(start - DAY, start + DAY, actor="system:misuse")
    (finding,) = await house.misuse.page(state="open", before=None, limit=9)
    with pytest.raises(RefusedError):
        await house.misuse.review(finding.id, who, ReviewDecision.EXPLAINED, "It was me")
    with pytest.raises(FactsInputError):
        await house.misuse.review(finding.id, auditor, ReviewDecision.EXPLAINED, "  ")
    await house.misuse.review(finding.id, auditor, ReviewDecision.EXPLAINED, "Stolen, FIR 7/2026")
    with pytest.raises(FindingReviewedError):
        await house.misuse.review(finding.id, auditor, ReviewDecision.REFERRED, "Or not")
    assert (await house.misuse.run(start - DAY, start + DAY, actor="system:misuse")).raised == 0
    await house.write([a_search(house, who, "ABC123", start + timedelta(hours=3))])
    assert (await house.misuse.run(start - DAY, start + DAY, actor="system:misuse")).raised == 1
    with psycopg.connect(dsn, autocommit=True) as owner:
        for statement in (
            "UPDATE trust.misuse_findings SET note = 'x' WHERE decision IS NOT NULL",
            "DELETE FROM trust.misuse_evidence",
            "DELETE FROM trust.misuse_findings",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement)


async def test_reviewer_cannot_be_whom_it_is_about_in_the_database_either(
    house: House, dsn: str
) -> None:
    who, start = await investigator(house), house.clock.now()
    await house.write([a_search(house, who, "ABC123")])
    await house.misuse.run(start - DAY, start + DAY, actor="system:misuse")
    with (
        psycopg.connect(dsn, autocommit=True) as owner,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        owner.execute(
            "UPDATE trust.misuse_findings SET decision = 'explained', note = 'x', "
            "reviewed_at = now(), reviewed_by = %s",
            [who],
        )


async def test_run_is_written_in_the_log_and_intents_and_the_system_are_not_judged(
    house: House,
) -> None:
    who, start = await investigator(house), house.clock.now()
    begun = Record("add_entry", f"account:{who}", Outcome.BEGUN, "plates.edit_entries",
                   details={"plate": "ABC123"}, at=start)  # fmt: skip
    system = Record("search_reads", "system:alarms", permission="plates.search",
                    details={"plate": "ABC123"}, at=start)  # fmt: skip
    await house.write([begun, system])
    assert (await house.misuse.run(start - DAY, start + DAY, actor="system:x")).raised == 0
    asked = Asked(action="run_misuse_detectors")
    (entry,) = [entry async for entry in house.log.entries(asked)]
    assert entry.record.actor == "system:x"
    assert entry.record.details["count"] == 0


async def test_nights_that_were_missed_are_made_up_for_once(house: House) -> None:
    house.clock.at = datetime.fromisoformat("2026-03-04T23:00:00+00:00")
    who = await investigator(house)
    await house.write([a_search(house, who, "ABC123", house.clock.now() - timedelta(hours=20))])
    first = await house.misuse.run_due(actor="system:misuse")
    assert first is not None
    assert first.until == datetime.fromisoformat("2026-03-04T07:00:00+00:00")
    assert first.raised == 1
    assert await house.misuse.run_due(actor="system:misuse") is None
    house.clock.advance(timedelta(days=3))
    now = house.clock.now()
    await house.misuse.run(now - DAY, now + DAY, actor="system:cli:me")  # leaves the nights theirs
    later = await house.misuse.run_due(actor="system:misuse")
    assert later is not None
    assert later.since == first.until
    assert later.until == first.until + timedelta(days=3)
    assert later.raised == 0


async def test_vehicles_are_for_known_accounts_and_shifts_replace_those_that_begin_alike(
    house: House,
) -> None:
    who = await investigator(house)
    with pytest.raises(UnknownPersonError):
        await house.misuse.set_vehicles(uuid4(), [], [])
    with pytest.raises(FactsInputError):
        await house.misuse.set_vehicles(who, ["?"], [])
    declared = await house.misuse.set_vehicles(who, ["abc-124"], ["ABC 124", "le 55"])
    assert declared.own == {"ABC124"}
    assert declared.household == {"LE55"}
    assert await house.misuse.vehicles(who) == declared
    async with house.database.transaction() as connection:
        name = next(n for n, i in (await store.account_ids(connection)).items() if i == who)
    sheet = f"username,start,end\n{name},2026-03-04T07:00+05:00,2026-03-04T{{}}:00+05:00\n"
    for hour in ("15", "17"):
        roster = await house.misuse.import_shifts(sheet.format(hour))
        assert len(roster.shifts) == 1
    async with house.database.transaction() as connection:
        found = await store.shifts(connection, local(0, 0), local(9_999, 0))
    assert found[f"account:{who}"] == [
        Shift(
            datetime.fromisoformat("2026-03-04T02:00:00+00:00"),
            datetime.fromisoformat("2026-03-04T12:00:00+00:00"),
        )
    ]
