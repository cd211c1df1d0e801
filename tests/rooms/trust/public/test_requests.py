"""Requests of the public: every path through the workflow, and what the database keeps of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.trust.audit.service import AuditLog
from amaan.trust.public import rules
from amaan.trust.public.model import (
    OPEN,
    Asker,
    Matter,
    PublicRequest,
    RequestInputError,
    RequestKind,
    RequestNotFoundError,
    RequestState,
    RequestStateError,
    SamePersonError,
)
from amaan.trust.public.service import PublicService
from amaan.trust.sealing import Sealer

S = RequestState
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ASKER = Asker("Sana Qureshi", "0300-0000000")
MATTER = Matter("ABC123", "Who looked for my vehicle in March?")


@pytest.fixture
def public(database: PostgresDatabase, clock: ManualClock) -> PublicService:
    return PublicService(database, AuditLog(database, clock), Sealer(os.urandom(32)), clock)


async def an_account(database: PostgresDatabase) -> UUID:
    identifier = uuid4()
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO trust.accounts (id, username, display_name, password_hash, created_at, "
            "password_changed_at) VALUES (%s, %s, 'A', 'none', now(), now())",
            [identifier, identifier.hex],
        )
    return identifier


async def test_request_goes_to_an_answer_and_its_appeal_to_another_person(
    public: PublicService, database: PostgresDatabase, clock: ManualClock
) -> None:
    handler, officer = await an_account(database), await an_account(database)
    request = await public.receive(RequestKind.ACCESS, ASKER, MATTER, handler)
    assert rules.is_reference(request.reference)
    assert request.due_at == clock.now() + timedelta(days=30)
    await public.step(request.id, S.VERIFIED, handler, "Saw the CNIC")
    await public.step(request.id, S.REFUSED, handler, "A case is running")
    with pytest.raises(RequestNotFoundError):
        await public.appeal(request.id)
    clock.advance(timedelta(days=20))
    appealed = await public.step(request.id, S.APPEALED, handler, "It is over")
    assert appealed.due_at == clock.now() + timedelta(days=30)
    with pytest.raises(SamePersonError):
        await public.step(request.id, S.DISMISSED, handler, "No")
    await public.step(request.id, S.UPHELD, officer, "It is over indeed")
    found = await public.appeal(request.id)
    assert found.asker == ASKER
    assert found.matter == MATTER
    assert [step.state for step in found.history] == [
        *(S.RECEIVED, S.VERIFIED, S.REFUSED, S.APPEALED, S.UPHELD),
    ]
    assert [step.text for step in found.history][1:3] == ["Saw the CNIC", "A case is running"]
    with pytest.raises(RequestStateError):
        await public.step(request.id, S.APPEALED, handler, "Again")


async def test_waiting_longer_than_thirty_days_is_overdue_until_answered(
    public: PublicService, database: PostgresDatabase, clock: ManualClock
) -> None:
    handler = await an_account(database)
    request = await public.receive(RequestKind.COMPLAINT, ASKER, MATTER, handler)
    clock.advance(timedelta(days=30))
    assert not request.is_overdue(clock.now())
    clock.advance(timedelta(seconds=1))
    (listed,) = await public.page([S.RECEIVED], None, 9)
    assert listed.is_overdue(clock.now())
    await public.step(request.id, S.VERIFIED, handler, "By phone")
    answered = await public.step(request.id, S.ANSWERED, handler, "Looked into")
    assert not answered.is_overdue(clock.now())


@pytest.mark.parametrize(
    ("asker", "matter"),
    [(Asker(" ", "x"), MATTER), (Asker("x", " "), MATTER), (ASKER, Matter(None, " "))],
)
async def test_request_that_says_nothing_is_refused(
    public: PublicService, asker: Asker, matter: Matter
) -> None:
    with pytest.raises(RequestInputError):
        await public.receive(RequestKind.ACCESS, asker, matter, uuid4())


async def test_database_holds_nothing_of_the_person_in_the_clear(
    public: PublicService, database: PostgresDatabase, dsn: str
) -> None:
    handler = await an_account(database)
    request = await public.receive(RequestKind.ACCESS, ASKER, MATTER, handler)
    await public.step(request.id, S.VERIFIED, handler, "Saw CNIC 42101-0000000-1")
    with psycopg.connect(dsn) as owner:
        text = str(owner.execute("SELECT r::text FROM trust.requests r").fetchall())
        text += str(owner.execute("SELECT s::text FROM trust.request_steps s").fetchall())
    assert request.reference in text
    for secret in ("Sana", "0300", "ABC123", "March", "42101"):
        assert secret not in text
    assert "Sana" not in repr(request)
    assert "ABC123" not in repr(request)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM trust.request_steps",
        "UPDATE trust.request_steps SET at = now()",
        "DELETE FROM trust.requests",
        "UPDATE trust.requests SET received_at = now()",
        "UPDATE trust.requests SET state = 'answered', answered_by = (SELECT id FROM "
        "trust.accounts LIMIT 1)",
    ],
)
async def test_history_cannot_be_changed_and_no_step_left_out_even_by_the_owner(
    public: PublicService, database: PostgresDatabase, dsn: str, statement: str
) -> None:
    await public.receive(RequestKind.ACCESS, ASKER, MATTER, await an_account(database))
    with (
        psycopg.connect(dsn, autocommit=True) as owner,
        pytest.raises(psycopg.errors.RestrictViolation),
    ):
        owner.execute(statement)


async def test_one_person_cannot_answer_and_decide_in_the_database_either(
    public: PublicService, database: PostgresDatabase, dsn: str
) -> None:
    handler = await an_account(database)
    request = await public.receive(RequestKind.ACCESS, ASKER, MATTER, handler)
    for state in (S.REFUSED, S.APPEALED):
        await public.step(request.id, state, handler, "So")
    with (
        psycopg.connect(dsn, autocommit=True) as owner,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        owner.execute(
            "UPDATE trust.requests SET state = 'upheld', decided_by = %s WHERE id = %s",
            [handler, request.id],
        )


def test_every_slip_of_one_letter_and_every_swap_spoils_a_reference() -> None:
    reference = rules.reference_of(b"\x01\x23\x45\x67\x89\xab\xcd\xef")
    assert rules.is_reference(reference)
    assert rules.is_reference(reference.lower().replace("-", ""))
    for at, letter in enumerate(reference):
        if letter == "-":
            continue
        for other in rules.ALPHABET:
            slipped = reference[:at] + other + reference[at + 1 :]
            assert rules.is_reference(slipped) == (other == letter)
    plain = reference.replace("-", "")
    for at in range(len(plain) - 2):
        swapped = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
        assert rules.is_reference(swapped) == (swapped == plain)


class Workflow(RuleBasedStateMachine):
    """Anybody tries any step at any time; only the way that is drawn in ``model`` is open."""

    def __init__(self) -> None:
        super().__init__()
        self.people = [uuid4() for _ in range(3)]
        self.clock = ManualClock(BEGIN)
        self.request = PublicRequest(
            uuid4(), "X", RequestKind.ACCESS, S.RECEIVED, ASKER, MATTER, BEGIN,
            BEGIN + rules.ANSWER_WITHIN,
        )  # fmt: skip
        self.way = [S.RECEIVED]
        self.answerer: UUID | None = None

    @rule(days=st.integers(0, 40))
    def time_passes(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))

    @rule(to=st.sampled_from(S), person=st.integers(0, 2), text=st.sampled_from(["", " ", "So"]))
    def try_a_step(self, to: RequestState, person: int, text: str) -> None:
        by, before = self.people[person], self.request
        ways = {
            S.RECEIVED: {S.VERIFIED, S.REFUSED},
            S.VERIFIED: {S.ANSWERED, S.REFUSED},
            S.ANSWERED: {S.APPEALED},
            S.REFUSED: {S.APPEALED},
            S.APPEALED: {S.UPHELD, S.DISMISSED},
        }
        open_way = to in ways.get(before.state, set()) and bool(text.strip())
        own = to in (S.UPHELD, S.DISMISSED) and by == self.answerer
        try:
            after = rules.step(before, to, by, text, self.clock.now())
        except (RequestStateError, RequestInputError, SamePersonError):
            assert not open_way or own
            return
        assert open_way
        assert not own
        self.request = after
        self.way.append(to)
        if to in (S.ANSWERED, S.REFUSED):
            self.answerer = by
        assert after.history[:-1] == before.history

    @precondition(lambda self: self.request.state not in OPEN)
    @rule()
    def nobody_waits_for_what_is_answered(self) -> None:
        assert not self.request.is_overdue(self.clock.now() + timedelta(days=1_000))

    @invariant()
    def history_is_the_way_that_was_gone(self) -> None:
        assert [step.state for step in self.request.history] == self.way[1:]
        assert self.request.answered_by == self.answerer
        if self.request.state in (S.UPHELD, S.DISMISSED):
            assert self.request.history[-1].by != self.answerer


TestWorkflow = Workflow.TestCase
TestWorkflow.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
