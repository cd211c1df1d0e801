from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.people import People
from tests.rooms.trust.retention.month import Month

from amaan.kernel.clock import ManualClock
from amaan.kernel.events import JsonValue

SINCE, UNTIL = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"


@pytest.fixture
async def authority(month: Month) -> UUID:
    """An authority that is active."""
    identifier = await month.authority()
    await month.owner(
        "UPDATE trust.authorities SET state = 'active', decision = 'approved', decided_by = %s, "
        "decided_at = requested_at, decision_reason = 'lawful', active_since = requested_at "
        "WHERE id = %s",
        (await month.account()).id,
        identifier,
    )
    return identifier


def a_hold(authority: UUID, clock: ManualClock, **changes: JsonValue) -> dict[str, JsonValue]:
    hold: dict[str, JsonValue] = {
        "authority": str(authority),
        "case_ref": "FIR 12/26",
        "reason": "the court asked",
        "scope": {"plates": ["bgc-771"], "since": SINCE, "until": UNTIL},
        "review_at": (clock.now() + timedelta(days=90)).isoformat(),
    }
    return hold | changes


async def placed(by: httpx.AsyncClient, hold: dict[str, JsonValue]) -> dict[str, Any]:
    answer = await by.post("/api/trust/holds", json=hold)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_classes_are_shown_with_their_bounds(auditor: httpx.AsyncClient) -> None:
    answer = await auditor.get("/api/trust/retention")
    items = {item["name"]: item for item in answer.json()["items"]}
    assert (items["reads"]["days"], items["hits"]["days"], items["clips"]["days"]) == (30, 365, 30)
    assert items["audit"]["least"] == 2555
    assert items["reads"]["held"] is False
    assert all(item["least"] <= item["days"] <= item["most"] for item in items.values())


async def test_administrator_changes_days_with_a_reason_and_others_do_not(
    people: People, office: httpx.AsyncClient, console: httpx.AsyncClient
) -> None:
    change = {"days": 20, "reason": "a new order"}
    assert (await console.patch("/api/trust/retention/reads", json=change)).status_code == 403
    answer = await office.patch("/api/trust/retention/reads", json=change)
    assert (answer.status_code, answer.json()["days"]) == (200, 20)
    async with people.database.transaction() as connection:
        cursor = await connection.execute(
            "SELECT reason, changed_by FROM trust.retention_classes WHERE name = 'reads'"
        )
        assert await cursor.fetchone() == ("a new order", people.account_of(office).id)
    for bad in ({"days": 91, "reason": "x"}, {"days": 20, "reason": " "}, {"days": 20}):
        answer = await office.patch("/api/trust/retention/reads", json=bad)
        assert answer.status_code == 422, answer.text
    answer = await office.patch("/api/trust/retention/nothing", json=change)
    assert answer.status_code == 404


async def test_change_of_days_is_in_the_audit_log_with_its_reason(
    people: People, office: httpx.AsyncClient
) -> None:
    await office.patch("/api/trust/retention/reads", json={"days": 20, "reason": "a new order"})
    async with people.database.transaction() as connection:
        cursor = await connection.execute(
            "SELECT convert_from(leaf, 'UTF8')::json->'details' FROM trust.audit_entries "
            "WHERE action = 'change_retention' ORDER BY position DESC LIMIT 1"
        )
        row = await cursor.fetchone()
    assert row is not None
    assert row[0]["days"] == 20
    assert row[0]["days_before"] == 30
    assert row[0]["reason"] == "a new order"


async def test_hold_is_placed_reviewed_and_released_by_another(
    people: People, authority: UUID, month: Month
) -> None:
    placer = await people.person("investigator")
    approver = await people.person("approving_officer", strong=True)
    hold = await placed(placer, a_hold(authority, month.clock))
    assert hold["scope"]["plates"] == ["BGC771"]
    assert hold["overdue"] is False
    where = f"/api/trust/holds/{hold['id']}"
    review = {
        "reason": "the trial goes on",
        "review_at": (month.clock.now() + timedelta(days=100)).isoformat(),
    }
    answer = await placer.post(f"{where}/review", json=review)
    assert [one["reason"] for one in answer.json()["reviews"]] == ["the trial goes on"]
    assert (await placer.post(f"{where}/release", json={"reason": "x"})).status_code == 403
    answer = await approver.post(f"{where}/release", json={"reason": "the case is closed"})
    assert (answer.status_code, answer.json()["release_reason"]) == (200, "the case is closed")
    again = await approver.post(f"{where}/release", json={"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "retention.hold-released")


async def test_who_placed_a_hold_does_not_release_it_even_with_the_role(
    people: People, authority: UUID, month: Month
) -> None:
    both = await people.person("investigator", "approving_officer", strong=True)
    hold = await placed(both, a_hold(authority, month.clock))
    answer = await both.post(f"/api/trust/holds/{hold['id']}/release", json={"reason": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (403, "retention.same-person")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda hold, now: hold.update(review_at=(now + timedelta(days=181)).isoformat()),
        lambda hold, now: hold.update(scope={"since": SINCE, "until": UNTIL}),
        lambda hold, now: hold.update(scope={"plates": ["X"], "since": UNTIL, "until": SINCE}),
        lambda hold, now: hold.update(scope={"plates": ["*"], "since": SINCE, "until": UNTIL}),
        lambda hold, now: hold.update(reason=" "),
        lambda hold, now: hold.pop("case_ref"),
    ],
)
async def test_hold_that_says_too_little_is_refused(
    people: People, authority: UUID, month: Month, spoil: Callable[[dict[str, Any], Any], None]
) -> None:
    placer = await people.person("investigator")
    hold = a_hold(authority, month.clock)
    spoil(hold, month.clock.now())
    answer = await placer.post("/api/trust/holds", json=hold)
    assert answer.status_code == 422, answer.text


async def test_hold_needs_an_authority_that_is_active(
    people: People, authority: UUID, month: Month
) -> None:
    placer = await people.person("investigator")
    await month.owner(
        "UPDATE trust.authorities SET expires_at = requested_at + interval '1 second' "
        "WHERE id = %s",
        authority,
    )
    month.clock.advance(timedelta(seconds=2))
    for identifier in (uuid4(), await month.authority(), authority):
        answer = await placer.post("/api/trust/holds", json=a_hold(identifier, month.clock))
        assert (answer.status_code, answer.json()["code"]) == (403, "authority-not-active")


async def test_overdue_review_shows_in_the_list_and_degrades_health(
    people: People, authority: UUID, month: Month
) -> None:
    placer = await people.person("investigator")
    await placed(placer, a_hold(authority, month.clock))
    await month.owner(
        "UPDATE trust.holds SET placed_at = %s, review_at = %s",
        month.days_ago(90),
        month.clock.now() - timedelta(seconds=1),
    )
    listed = (await placer.get("/api/trust/holds")).json()["items"]
    assert [item["overdue"] for item in listed] == [True]
    health = (await placer.get("/api/health")).json()["checks"]["retention"]
    assert health["status"] == "degraded"
    assert "1 legal holds should have been reviewed" in health["detail"]
    classes = (await placer.get("/api/trust/retention")).json()["items"]
    assert {item["name"] for item in classes if item["held"]} >= {"reads", "clips", "alarms"}


async def test_who_watches_over_others_sees_holds_without_plates(
    people: People, authority: UUID, month: Month, auditor: httpx.AsyncClient
) -> None:
    placer = await people.person("investigator")
    await placed(placer, a_hold(authority, month.clock))
    (item,) = (await auditor.get("/api/trust/holds")).json()["items"]
    assert (item["scope"]["plates"], item["scope"]["plate_count"]) == (None, 1)
    (item,) = (await placer.get("/api/trust/holds")).json()["items"]
    assert item["scope"]["plates"] == ["BGC771"]


async def test_who_works_in_some_sites_sees_and_reviews_only_his_own_holds(
    people: People, authority: UUID, month: Month, office: httpx.AsyncClient
) -> None:
    group = {"code": "north", "name": "North", "sites": []}
    assert (await office.post("/api/trust/groups", json=group)).status_code == 201
    elsewhere = await people.person("investigator")
    hold = await placed(elsewhere, a_hold(authority, month.clock))
    here = await people.person("investigator", group="north")
    own = await placed(here, a_hold(authority, month.clock))
    listed = (await here.get("/api/trust/holds")).json()["items"]
    assert [item["id"] for item in listed] == [own["id"]]
    review = {"reason": "x", "review_at": (month.clock.now() + timedelta(days=9)).isoformat()}
    answer = await here.post(f"/api/trust/holds/{hold['id']}/review", json=review)
    assert answer.status_code == 404
    answer = await here.post(f"/api/trust/holds/{own['id']}/review", json=review)
    assert answer.status_code == 200


async def test_holds_and_receipts_are_paged(
    people: People, authority: UUID, month: Month, auditor: httpx.AsyncClient
) -> None:
    placer = await people.person("investigator")
    for number in range(3):
        month.clock.advance(timedelta(seconds=1))
        await placed(placer, a_hold(authority, month.clock, case_ref=f"FIR {number}"))
    first = (await auditor.get("/api/trust/holds?limit=2")).json()
    assert [item["case_ref"] for item in first["items"]] == ["FIR 2", "FIR 1"]
    cursor = first["next_cursor"]
    last = (await auditor.get(f"/api/trust/holds?limit=2&cursor={cursor}")).json()
    assert ([item["case_ref"] for item in last["items"]], last["next_cursor"]) == (["FIR 0"], None)

    for number in range(3):
        await month.read(month.days_ago(35 + number), f"OLD{number}")
    await month.night.run()
    page = (await auditor.get("/api/trust/retention/receipts?limit=2")).json()
    numbers = [item["number"] for item in page["items"]]
    assert numbers == sorted(numbers, reverse=True)
    more = await auditor.get(f"/api/trust/retention/receipts?cursor={page['next_cursor']}")
    assert more.json()["items"][0]["number"] == numbers[-1] - 1
    one = page["items"][0]
    whole = (await auditor.get(f"/api/trust/retention/receipts/{one['id']}")).json()
    assert whole["signed_note"].startswith("amaan retention receipt v1\n")
    assert {name: whole[name] for name in one} == one
    for path in ("holds", "retention/receipts"):
        assert (await auditor.get(f"/api/trust/{path}?cursor=x")).status_code == 422
    assert (await auditor.get(f"/api/trust/retention/receipts/{uuid4()}")).status_code == 404


async def test_call_taker_sees_nothing_of_it(people: People) -> None:
    client = await people.person("call_taker")
    for path in ("retention", "retention/receipts", f"retention/receipts/{uuid4()}", "holds"):
        assert (await client.get(f"/api/trust/{path}")).status_code == 403


def test_every_class_is_kept_by_somebody_or_says_who(month: Month) -> None:
    kept = {name for keeper in month.night.keepers for name in keeper.names}
    elsewhere = {"outbox", "audit"}
    assert kept | elsewhere == set(month.retention.days)
