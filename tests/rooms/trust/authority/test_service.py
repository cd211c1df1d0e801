from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.authorities import PAPER, Desk, add_person

from amaan.engines.postgres.database import PostgresDatabase
from amaan.engines.postgres.outbox import events_after
from amaan.kernel.clock import ManualClock
from amaan.trust.authority.model import (
    Asked,
    AuthorityNeededError,
    AuthorityNotActiveError,
    AuthorityStateError,
    Document,
    DocumentError,
    DocumentNotFoundError,
    EmergencyAgainError,
    NeedsSeniorError,
    NotCoveredError,
    OwnAuthorityError,
    Scope,
    State,
    Use,
)

SEARCH = Asked(Use.SEARCH, plate="BGC771")


async def test_request_allows_nothing_until_another_person_approves(desk: Desk) -> None:
    asked = await desk.requested()
    assert asked.state is State.REQUESTED
    with pytest.raises(AuthorityNotActiveError):
        await desk.service.cover(asked.id, SEARCH, {})
    with pytest.raises(OwnAuthorityError):
        await desk.service.approve(asked.id, desk.asker)
    approved = await desk.service.approve(asked.id, desk.approver, "order seen")
    assert (approved.state, approved.decision_reason) == (State.ACTIVE, "order seen")
    assert approved.decided_by is not None
    assert approved.decided_by.id == desk.approver.id
    covered = await desk.service.cover(asked.id, SEARCH, {})
    assert covered.plates == ("BGC771",)
    assert [step.change.value for step in approved.history] == ["requested", "approved"]
    with pytest.raises(NotCoveredError):
        await desk.service.cover(asked.id, Asked(Use.SEARCH, plate="BGC772"), {})


async def test_nothing_named_allows_nothing(desk: Desk) -> None:
    for nothing in (None, desk.asker.id):
        with pytest.raises(AuthorityNeededError):
            await desk.service.cover(nothing, SEARCH, {})


async def test_authority_ends_at_its_moment_though_nobody_wrote_it_down(
    desk: Desk, clock: ManualClock
) -> None:
    active = await desk.active(expires_at=clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
    await desk.service.cover(active.id, SEARCH, {})
    clock.advance(timedelta(microseconds=1))
    with pytest.raises(AuthorityNotActiveError):
        await desk.service.cover(active.id, SEARCH, {})
    assert (await desk.service.authority(active.id)).state is State.EXPIRED
    with pytest.raises(AuthorityStateError):
        await desk.service.revoke(active.id, desk.approver, "too late")


async def test_task_writes_down_what_time_has_ended_and_announces_it(
    desk: Desk, clock: ManualClock, database: PostgresDatabase
) -> None:
    expiring = await desk.active(expires_at=clock.now() + timedelta(hours=1))
    waiting = await desk.requested(expires_at=clock.now() + timedelta(hours=1))
    emergency = await desk.requested(emergency=True)
    lasting = await desk.active()
    clock.advance(timedelta(hours=25))
    assert await desk.service.expire_due() == 3
    assert await desk.service.expire_due() == 0
    async with database.transaction() as connection:
        rows = await connection.execute("SELECT id, state FROM trust.authorities")
        states = dict(await rows.fetchall())
        events = await events_after(connection, 0, 100)
    assert states == {
        expiring.id: "expired",
        waiting.id: "expired",
        emergency.id: "sealed",
        lasting.id: "active",
    }
    told = [(event.key, event.payload["state"]) for event in events[-3:]]
    assert sorted(told) == sorted(
        [(str(expiring.id), "expired"), (str(waiting.id), "expired"), (str(emergency.id), "sealed")]
    )


async def test_emergency_is_active_at_once_and_sealed_after_a_day(
    desk: Desk, clock: ManualClock
) -> None:
    emergency = await desk.requested(emergency=True)
    assert emergency.state is State.ACTIVE
    await desk.service.cover(emergency.id, SEARCH, {})
    clock.advance(timedelta(hours=24))
    with pytest.raises(AuthorityNotActiveError):
        await desk.service.cover(emergency.id, SEARCH, {})
    assert (await desk.service.authority(emergency.id)).state is State.SEALED
    with pytest.raises(AuthorityStateError):
        await desk.service.approve(emergency.id, desk.approver)


async def test_approved_emergency_goes_on_to_its_expiry(desk: Desk, clock: ManualClock) -> None:
    emergency = await desk.requested(emergency=True)
    await desk.service.approve(emergency.id, desk.approver)
    clock.advance(timedelta(days=20))
    await desk.service.cover(emergency.id, SEARCH, {})


@pytest.mark.parametrize("step", ["refuse", "revoke", "withdraw"])
async def test_unapproved_emergency_ends_sealed_however_it_ends(desk: Desk, step: str) -> None:
    emergency = await desk.requested(emergency=True)
    by = desk.asker if step == "withdraw" else desk.approver
    ended = await getattr(desk.service, step)(emergency.id, by, "no")
    assert ended.state is State.SEALED


async def test_emergency_is_not_declared_again_and_again(desk: Desk, clock: ManualClock) -> None:
    await desk.requested(emergency=True)
    for days in (0, 2, 25):
        clock.advance(timedelta(days=days))
        with pytest.raises(EmergencyAgainError):
            await desk.requested(emergency=True)
    for same in ("fir-12/26", "FIR\u200b 12 / 26", "\uff26IR 12/26", "F.I.R. 12-26"):
        with pytest.raises(EmergencyAgainError, match="of this case"):
            await desk.requested(emergency=True, case_ref=same)
    await desk.requested(emergency=True, case_ref="FIR 13/26")


async def test_person_whose_emergencies_nobody_approves_declares_no_more(
    desk: Desk, clock: ManualClock, database: PostgresDatabase
) -> None:
    first, *_ = [await desk.requested(emergency=True, case_ref=f"case {n}") for n in range(3)]
    with pytest.raises(EmergencyAgainError, match="3 of your emergencies"):
        await desk.requested(emergency=True, case_ref="case 4")
    other = await add_person(database, clock, "supervisor")
    await desk.service.request(other, await desk.asked(emergency=True, case_ref="case 5"))
    await desk.service.approve(first.id, desk.approver)
    await desk.requested(emergency=True, case_ref="case 6")
    clock.advance(timedelta(days=31))
    await desk.requested(emergency=True, case_ref="case 7")


async def test_old_scope_stands_until_the_new_one_is_approved(
    desk: Desk, database: PostgresDatabase, clock: ManualClock
) -> None:
    old = await desk.active()
    wider = await desk.requested(Scope(plates=("BGC77?",)), replaces=old.id)
    await desk.service.cover(old.id, SEARCH, {})
    with pytest.raises(AuthorityNotActiveError):
        await desk.service.cover(wider.id, SEARCH, {})
    await desk.service.approve(wider.id, desk.approver)
    await desk.service.cover(wider.id, Asked(Use.SEARCH, plate="BGC779"), {})
    with pytest.raises(AuthorityNotActiveError):
        await desk.service.cover(old.id, SEARCH, {})
    assert (await desk.service.authority(old.id)).history[-1].change.value == "replaced"
    other = await add_person(database, clock, "investigator")
    with pytest.raises(AuthorityStateError):
        await desk.service.request(other, await desk.asked(replaces=old.id))


async def test_reaching_beyond_the_tier_needs_a_senior(desk: Desk, clock: ManualClock) -> None:
    since = clock.now() - timedelta(days=200)
    asked = await desk.requested(Scope(plates=("BGC771",), since=since))
    assert asked.beyond_tier
    with pytest.raises(NeedsSeniorError):
        await desk.service.approve(asked.id, desk.approver)
    await desk.service.approve(asked.id, desk.approver, senior=True)
    assert (await desk.service.cover(asked.id, SEARCH, {})).since == since


async def test_refused_withdrawn_and_revoked_allow_nothing(desk: Desk) -> None:
    refused = await desk.requested()
    await desk.service.refuse(refused.id, desk.approver, "no ground")
    withdrawn = await desk.requested()
    with pytest.raises(OwnAuthorityError):
        await desk.service.withdraw(withdrawn.id, desk.approver)
    await desk.service.withdraw(withdrawn.id, desk.asker)
    revoked = await desk.active()
    await desk.service.revoke(revoked.id, desk.approver, "vehicle found")
    for ended in (refused, withdrawn, revoked):
        with pytest.raises(AuthorityNotActiveError):
            await desk.service.cover(ended.id, SEARCH, {})
        with pytest.raises(AuthorityStateError):
            await desk.service.approve(ended.id, desk.approver)


async def test_document_must_have_been_uploaded_and_be_what_it_is(desk: Desk) -> None:
    with pytest.raises(DocumentNotFoundError):
        await desk.requested(document=Document("ab" * 32, "order.pdf"))
    for content in (b"", b"<html>", b"MZ..", b"%PDF-" + bytes(10 << 20)):
        with pytest.raises(DocumentError):
            await desk.service.put_document(content, desk.asker)
    document = await desk.document()
    stored, content = await desk.service.document(document.sha256)
    assert (content, stored.type) == (PAPER, "application/pdf")
    with pytest.raises(DocumentNotFoundError):
        await desk.service.document("ab" * 32)


async def test_pages_follow_each_other_and_are_told_by_state(
    desk: Desk, clock: ManualClock
) -> None:
    made = []
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        made.append((await desk.requested()).id)
    await desk.service.approve(made[0], desk.approver)
    clock.advance(timedelta(seconds=1))
    emergency = await desk.requested(emergency=True)

    async def page(
        state: str, mine: UUID | None = None, before: UUID | None = None, limit: int = 10
    ) -> list[UUID]:
        found = await desk.service.page(state=state, mine=mine, before=before, limit=limit)
        return [each.id for each in found]

    assert await page("requested") == [made[2], made[1]]
    assert await page("open") == [emergency.id, made[2], made[1]]
    assert await page("active") == [emergency.id, made[0]]
    assert await page("all", limit=2) == [emergency.id, made[2]]
    assert await page("all", before=made[2]) == [made[1], made[0]]
    assert await page("all", mine=desk.approver.id) == []
    clock.advance(timedelta(days=31))
    assert len(await page("ended")) == 4
    assert await page("active") == []
