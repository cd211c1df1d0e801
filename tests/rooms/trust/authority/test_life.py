"""Any order of steps by anybody at any time, against a model of ten lines."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from tests.authorities import Desk, add_person, open_desk

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import ManualClock
from amaan.kernel.errors import AmaanError
from amaan.trust.authority.model import Asked, Authority, Scope, State, Use
from amaan.trust.authority.service import EMERGENCIES_MOST, EMERGENCY_MEMORY
from amaan.trust.model import Account

T = TypeVar("T")
DAY = timedelta(hours=24)
people = st.integers(0, 2)


@dataclass
class Expected:
    """What must be true of an authority, kept apart from how the product decides it."""

    by: int
    emergency: bool
    began: datetime
    expires: datetime
    replaces: UUID | None
    approved: bool = False
    ended: State | None = None

    def state(self, now: datetime) -> State:
        if self.ended:
            return self.ended
        if self.emergency and not self.approved:
            return State.SEALED if now >= min(self.expires, self.began + DAY) else State.ACTIVE
        if now >= self.expires:
            return State.EXPIRED
        return State.ACTIVE if self.approved else State.REQUESTED


class Life(RuleBasedStateMachine):
    """``refused`` compares: the product refuses a step just when the model does."""

    dsn: ClassVar[str]
    authorities = Bundle("authorities")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
        self.model: dict[UUID, Expected] = {}
        self.run_(self._open())

    async def _open(self) -> None:
        self.database = PostgresDatabase(self.dsn, max_connections=2)
        await self.database.open()
        papers = Path(self.folder.name)
        self.desk: Desk = await open_desk(self.database, self.clock, papers)
        third = await add_person(self.database, self.clock, "supervisor")
        self.people: list[Account] = [self.desk.asker, self.desk.approver, third]

    def run_(self, work: Coroutine[Any, Any, T]) -> T:
        async def as_system() -> T:
            with acting_as(system("test")):
                return await work

        return self.runner.run(as_system())

    def attempt(self, work: Coroutine[Any, Any, Authority]) -> Authority | None:
        """Return what came of it; None where it was refused."""
        try:
            return self.run_(work)
        except AmaanError:
            return None

    @rule(
        target=authorities,
        by=people,
        emergency=st.booleans(),
        hours=st.integers(1, 60),
    )
    def request(self, by: int, emergency: bool, hours: int) -> Any:
        return self._request(by, hours, emergency=emergency, replaces=None)

    @rule(target=authorities, by=people, hours=st.integers(1, 60), old=authorities)
    def request_in_place_of(self, by: int, hours: int, old: UUID) -> Any:
        return self._request(by, hours, emergency=False, replaces=old)

    def _request(self, by: int, hours: int, *, emergency: bool, replaces: UUID | None) -> Any:
        now = self.clock.now()
        expires = now + timedelta(hours=hours)
        new = self.run_(
            self.desk.asked(
                Scope(plates=("BGC771",)),
                emergency=emergency,
                expires_at=expires,
                replaces=replaces,
                case_ref=f"case {len(self.model)} of {id(self)}",
            )
        )
        made = self.attempt(self.desk.service.request(self.people[by], new))
        old = self.model.get(replaces) if replaces else None
        allowed = old is None or (old.approved and old.state(now) is State.ACTIVE)
        if emergency:
            allowed = (
                sum(
                    one.by == by
                    and one.emergency
                    and not one.approved
                    and one.began >= now - EMERGENCY_MEMORY
                    for one in self.model.values()
                )
                < EMERGENCIES_MOST
            )
        assert (made is not None) == allowed
        if made is None:
            return multiple()
        self.model[made.id] = Expected(by, emergency, now, expires, replaces)
        return made.id

    @rule(authority=authorities, by=people, reason=st.just("seen"))
    def approve(self, authority: UUID, by: int, reason: str) -> None:
        expected, now = self.model[authority], self.clock.now()
        old = self.model.get(expected.replaces) if expected.replaces else None
        waits = expected.state(now) in (State.REQUESTED, State.ACTIVE) and not expected.approved
        stands = old is None or (old.approved and old.state(now) is State.ACTIVE)
        done = self.attempt(self.desk.service.approve(authority, self.people[by], reason))
        assert (done is not None) == (by != expected.by and waits and stands)
        if done:
            expected.approved = True
            if old:
                old.ended = State.REVOKED

    @rule(authority=authorities, by=people)
    def refuse(self, authority: UUID, by: int) -> None:
        expected, now = self.model[authority], self.clock.now()
        waits = expected.state(now) in (State.REQUESTED, State.ACTIVE) and not expected.approved
        done = self.attempt(self.desk.service.refuse(authority, self.people[by], "no"))
        assert (done is not None) == (by != expected.by and waits)
        if done:
            expected.ended = State.SEALED if expected.emergency else State.REFUSED

    @rule(authority=authorities, by=people)
    def revoke(self, authority: UUID, by: int) -> None:
        expected = self.model[authority]
        active = expected.state(self.clock.now()) is State.ACTIVE
        done = self.attempt(self.desk.service.revoke(authority, self.people[by], "no more"))
        assert (done is not None) == active
        if done:
            expected.ended = State.REVOKED if expected.approved else State.SEALED

    @rule(authority=authorities, by=people)
    def withdraw(self, authority: UUID, by: int) -> None:
        expected = self.model[authority]
        open_ = expected.state(self.clock.now()) in (State.REQUESTED, State.ACTIVE)
        done = self.attempt(self.desk.service.withdraw(authority, self.people[by]))
        assert (done is not None) == (by == expected.by and open_)
        if done:
            sealed = expected.emergency and not expected.approved
            expected.ended = State.SEALED if sealed else State.WITHDRAWN

    @rule(minutes=st.sampled_from([1, 59, 60, 600, 1439, 1440, 3000]))
    def wait(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def write_down_what_time_ended(self) -> None:
        self.run_(self.desk.service.expire_due())

    @invariant()
    def states_are_as_expected_and_only_the_active_allow_anything(self) -> None:
        now = self.clock.now()
        for identifier, expected in self.model.items():
            found = self.run_(self.desk.service.authority(identifier))
            assert found.state is expected.state(now)
            try:
                self.run_(self.desk.service.cover(identifier, Asked(Use.SEARCH, "BGC771"), {}))
                allowed = True
            except AmaanError:
                allowed = False
            assert allowed == (expected.state(now) is State.ACTIVE)

    @invariant()
    def database_holds_no_active_one_that_nobody_else_approved(self) -> None:
        self.run_(self._look_for_unapproved())

    async def _look_for_unapproved(self) -> None:
        async with self.database.transaction() as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM trust.authorities WHERE decided_by = requested_by "
                "OR (active_since IS NOT NULL AND decision IS DISTINCT FROM 'approved' "
                "AND (NOT emergency OR emergency_until > active_since + interval '1 day'))"
            )
            assert await cursor.fetchone() == (0,)

    def teardown(self) -> None:
        self.run_(self.database.close())
        self.runner.close()
        self.folder.cleanup()


def test_no_order_of_steps_lets_one_person_alone_allow_anything(application_dsn: str) -> None:
    machine = type("LifeHere", (Life,), {"dsn": application_dsn})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
