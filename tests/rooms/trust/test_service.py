from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from amaan.engines.postgres.database import PostgresDatabase
from amaan.kernel.clock import ManualClock
from amaan.trust.model import (
    AccountLockedError,
    NotSignedInError,
    PasswordRefusedError,
    SignInRefusedError,
    Worker,
    WorkerRefusedError,
)
from amaan.trust.passwords import Passwords
from amaan.trust.service import TrustService, new_token
from amaan.trust.settings import TrustSettings

GOOD = "correct horse battery"
NAME = "administrator"


@pytest.fixture
async def trust(database: PostgresDatabase, clock: ManualClock) -> TrustService:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    service = TrustService(database, clock, TrustSettings(), quick)
    await service.create_first_account(GOOD)
    return service


async def _fail(trust: TrustService, times: int, name: str = NAME) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefusedError):
            await trust.sign_in(name, "wrong")


async def test_first_run_is_over_once_there_is_an_account(
    database: PostgresDatabase, clock: ManualClock
) -> None:
    service = TrustService(database, clock, TrustSettings())
    assert await service.is_first_run()
    await service.create_first_account(GOOD)
    assert not await service.is_first_run()


async def test_right_password_signs_in_under_a_name_in_any_case(trust: TrustService) -> None:
    token, session = await trust.sign_in(" Administrator ", GOOD)
    assert (await trust.session_of(token)).account == session.account
    assert session.account.roles == ("administrator",)


async def test_wrong_name_and_wrong_password_are_told_apart_by_nothing(
    trust: TrustService,
) -> None:
    with pytest.raises(SignInRefusedError) as wrong_password:
        await trust.sign_in(NAME, "wrong")
    with pytest.raises(SignInRefusedError) as wrong_name:
        await trust.sign_in("nobody", GOOD)
    assert wrong_name.value.detail == wrong_password.value.detail


@pytest.mark.parametrize("name", [NAME, "nobody"])
async def test_sixth_attempt_after_five_failures_is_locked_even_with_the_right_password(
    trust: TrustService, name: str, clock: ManualClock
) -> None:
    await _fail(trust, 5, name)
    with pytest.raises(AccountLockedError):
        await trust.sign_in(name, GOOD)
    clock.advance(timedelta(minutes=9))
    with pytest.raises(AccountLockedError):
        await trust.sign_in(name, GOOD)
    clock.advance(timedelta(minutes=1))
    await _fail(trust, 1, "nobody" if name == "nobody" else "someone")
    if name == NAME:
        await trust.sign_in(name, GOOD)


async def test_success_sets_the_count_back(trust: TrustService) -> None:
    await _fail(trust, 4)
    await trust.sign_in(NAME, GOOD)
    await _fail(trust, 4)
    await trust.sign_in(NAME, GOOD)


async def test_guesses_at_the_same_time_all_count(trust: TrustService) -> None:
    results = await asyncio.gather(
        *(trust.sign_in(NAME, f"guess {n}") for n in range(12)), return_exceptions=True
    )
    kinds = [type(result) for result in results]
    assert kinds.count(SignInRefusedError) == 5
    assert kinds.count(AccountLockedError) == 7


async def test_idle_session_is_over_and_a_busy_one_is_not(
    trust: TrustService, clock: ManualClock
) -> None:
    token, _ = await trust.sign_in(NAME, GOOD)
    for _ in range(4):
        clock.advance(timedelta(minutes=29))
        await trust.session_of(token)
    clock.advance(timedelta(minutes=30))
    with pytest.raises(NotSignedInError):
        await trust.session_of(token)


async def test_looking_without_activity_does_not_keep_a_session(
    trust: TrustService, clock: ManualClock
) -> None:
    token, _ = await trust.sign_in(NAME, GOOD)
    clock.advance(timedelta(minutes=29))
    await trust.session_of(token, active=False)
    clock.advance(timedelta(minutes=1))
    with pytest.raises(NotSignedInError):
        await trust.session_of(token, active=False)


async def test_busy_session_still_ends_after_the_longest_time(
    trust: TrustService, clock: ManualClock
) -> None:
    token, _ = await trust.sign_in(NAME, GOOD)
    for _ in range(38):
        clock.advance(timedelta(minutes=20))
        await trust.session_of(token)
    clock.advance(timedelta(minutes=20))
    with pytest.raises(NotSignedInError):
        await trust.session_of(token)


async def test_signing_out_ends_the_session_and_tells_listeners(trust: TrustService) -> None:
    told: list[bool] = []
    trust.when_sessions_end(lambda: told.append(True))
    token, _ = await trust.sign_in(NAME, GOOD)
    await trust.sign_out(token)
    await trust.sign_out(token)
    with pytest.raises(NotSignedInError):
        await trust.session_of(token)
    assert told


async def test_changed_password_ends_the_other_sessions_only(trust: TrustService) -> None:
    here, _ = await trust.sign_in(NAME, GOOD)
    there, _ = await trust.sign_in(NAME, GOOD)
    await trust.change_password(here, GOOD, "another good phrase")
    await trust.session_of(here)
    with pytest.raises(NotSignedInError):
        await trust.session_of(there)
    with pytest.raises(SignInRefusedError):
        await trust.sign_in(NAME, GOOD)
    await trust.sign_in(NAME, "another good phrase")


async def test_password_change_needs_the_current_one_and_a_strong_new_one(
    trust: TrustService,
) -> None:
    token, _ = await trust.sign_in(NAME, GOOD)
    with pytest.raises(SignInRefusedError):
        await trust.change_password(token, "wrong", "another good phrase")
    with pytest.raises(PasswordRefusedError):
        await trust.change_password(token, GOOD, "short")


async def test_given_password_signs_in_for_a_week_and_a_chosen_one_for_ever(
    trust: TrustService, clock: ManualClock
) -> None:
    await trust.create_account("a.khan", "A", GOOD, [], must_change=True)
    clock.advance(timedelta(days=6, hours=23))
    token, session = await trust.sign_in("a.khan", GOOD)
    assert session.owes == "password"
    clock.advance(timedelta(hours=1))
    with pytest.raises(SignInRefusedError):
        await trust.sign_in("a.khan", GOOD)
    with pytest.raises(NotSignedInError):
        await trust.session_of(token)
    clock.advance(timedelta(days=400))
    await trust.sign_in(NAME, GOOD)


async def test_database_holds_neither_passwords_nor_tokens(
    trust: TrustService, database: PostgresDatabase
) -> None:
    token, _ = await trust.sign_in(NAME, GOOD)
    worker = new_token()
    await trust.admit_worker_token(worker, "local")
    async with database.transaction() as connection:
        text = ""
        for table in ("accounts", "sessions", "worker_tokens"):
            rows = await connection.execute(f"SELECT t::text FROM trust.{table} t")  # noqa: S608
            text += str(await rows.fetchall())
    assert "$argon2id$" in text
    for secret in (GOOD, token, worker):
        assert secret not in text
        assert secret.encode().hex() not in text


async def test_worker_token_is_known_once_admitted_until_revoked(
    trust: TrustService, database: PostgresDatabase
) -> None:
    token = new_token()
    with pytest.raises(WorkerRefusedError):
        await trust.worker_of(token)
    await trust.admit_worker_token(token, "local")
    await trust.admit_worker_token(token, "local")
    assert (await trust.worker_of(token)) == Worker("local")
    async with database.transaction() as connection:
        await connection.execute("UPDATE trust.worker_tokens SET revoked_at = now()")
    with pytest.raises(WorkerRefusedError):
        await trust.worker_of(token)
    with pytest.raises(WorkerRefusedError):
        await trust.worker_of(None)
