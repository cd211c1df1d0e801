from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from amaan.kernel.errors import InvalidError
from amaan.trust import rules
from amaan.trust.model import (
    NO_FACTORS,
    Account,
    Factors,
    Grant,
    Method,
    PasswordRefusedError,
    Reach,
    Session,
)
from amaan.trust.roles import Role
from amaan.trust.rules import Attempts
from amaan.trust.settings import TrustSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = TrustSettings()


def test_fifth_attempt_in_a_row_locks_for_ten_minutes() -> None:
    attempts = Attempts(0, None)
    for _ in range(4):
        attempts = rules.count_attempt(attempts, NOW, SETTINGS)
        assert not rules.is_locked(attempts, NOW)
    attempts = rules.count_attempt(attempts, NOW, SETTINGS)
    assert rules.is_locked(attempts, NOW + timedelta(minutes=9, seconds=59))
    assert not rules.is_locked(attempts, NOW + timedelta(minutes=10))


def test_counting_begins_anew_after_a_lock() -> None:
    locked = Attempts(5, NOW - timedelta(seconds=1))
    assert rules.count_attempt(locked, NOW, SETTINGS) == Attempts(1, None)


@pytest.mark.parametrize(
    ("idle", "age", "over"),
    [
        (timedelta(minutes=29), timedelta(hours=1), False),
        (timedelta(minutes=30), timedelta(hours=1), True),
        (timedelta(0), timedelta(hours=13), True),
    ],
)
def test_session_is_over_by_idleness_or_age(idle: timedelta, age: timedelta, over: bool) -> None:
    ends_at = NOW - age + SETTINGS.session_longest
    assert (
        rules.is_over(last_seen_at=NOW - idle, ends_at=ends_at, now=NOW, settings=SETTINGS) is over
    )


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 12"),
        ("x" * 129, "at most 128"),
        ("aaaaaaaabbbb", "5 different"),
        ("my-Administrator-1", "user's name"),
        ("amaan-amaan-1234", "user's name or the product's"),
        ("1q2w3e4r5t6y", "everybody tries"),
        ("MortalKombat12!", "everybody tries"),
    ],
)
def test_weak_password_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(PasswordRefusedError, match=reason):
        rules.check_new_password(password, username="administrator")


def test_first_password_is_long_random_and_accepted() -> None:
    passwords = {rules.first_password() for _ in range(50)}
    assert len(passwords) == 50
    for password in passwords:
        rules.check_new_password(password, username="administrator")


def _account(*grants: Grant) -> Account:
    return Account(UUID(int=1), "a", "A", grants)


def test_a_role_reaches_what_it_is_for_and_nothing_else() -> None:
    investigator = _account(Grant("investigator"))
    assert rules.reach(investigator, "plates.search") == Reach(None)
    assert rules.reach(investigator, "trust.read_audit") is None
    assert rules.reach(investigator, "") is None
    assert rules.reach(_account(), "city.view") is None
    assert rules.reach(_account(Grant("administrator")), "plates.search") is None


def test_reach_is_the_union_of_the_sites_of_the_grants_that_have_the_permission() -> None:
    account = _account(
        Grant("dispatcher", "north", ("A", "B")),
        Grant("video_operator", "south", ("C",)),
        Grant("call_taker"),
    )
    assert rules.reach(account, "alarms.view") == Reach(("A", "B", "C"))
    assert rules.reach(account, "plates.live") == Reach(("C",))
    assert rules.reach(account, "city.view") == Reach(None)


def test_approving_needs_a_second_factor() -> None:
    account = _account(Grant("approving_officer"))
    assert rules.reach(account, "trust.approve_authority") is None
    assert rules.reach(account, "trust.approve_authority", strong=True) == Reach(None)


@pytest.mark.parametrize(
    ("origin", "host", "site", "own"),
    [
        ("http://centre:8080", "centre:8080", "same-origin", True),
        ("https://centre", "centre", None, True),
        (None, "centre", None, True),
        (None, "centre", "none", True),
        (None, "centre", "cross-site", False),
        (None, "centre", "same-site", False),
        ("http://evil", "centre", "cross-site", False),
        ("http://evil", "centre", None, False),
        ("http://centre:81", "centre:80", None, False),
        ("null", "centre", None, False),
        ("http://centre", None, None, False),
        ("http://centre", "centre", "same-site", False),
    ],
)
def test_write_must_come_from_our_own_page(
    origin: str | None, host: str | None, site: str | None, own: bool
) -> None:
    assert rules.same_origin(origin=origin, host=host, fetch_site=site) is own


def _session(
    *roles: str,
    strong: bool = False,
    factors: Factors = NO_FACTORS,
    method: Method = Method.PASSWORD,
) -> Session:
    account = _account(*(Grant(role) for role in roles))
    return Session(account, NOW, NOW, NOW, strong=strong, method=method, factors=factors)


@pytest.mark.parametrize(
    ("session", "must_change", "owed"),
    [
        (_session("supervisor"), False, None),
        (_session("supervisor"), True, "password"),
        (_session("supervisor", factors=Factors(totp=True)), True, "second_factor"),
        (_session("supervisor", factors=Factors(passkeys=1)), False, "second_factor"),
        (_session("supervisor", factors=Factors(totp=True), strong=True), True, "password"),
        (_session("supervisor", "approving_officer"), False, "enrol"),
        (_session("approving_officer"), True, "password"),
        (_session("senior_approving_officer", factors=Factors(totp=True)), False, "second_factor"),
        (_session("approving_officer", factors=Factors(totp=True), strong=True), False, None),
        (_session("approving_officer", strong=True, method=Method.OIDC), True, None),
        (_session("approving_officer", method=Method.OIDC), False, "enrol"),
        (
            _session("supervisor", factors=Factors(totp=True), method=Method.OIDC),
            False,
            "second_factor",
        ),
    ],
)
def test_session_owes_who_it_is_first_then_its_password_then_a_factor(
    session: Session, must_change: bool, owed: str | None
) -> None:
    assert rules.owed(session, must_change=must_change, settings=SETTINGS) == owed


def test_any_role_may_be_made_to_need_a_second_factor() -> None:
    everybody = TrustSettings(second_factor_roles=tuple(Role))
    assert rules.owed(_session("call_taker"), must_change=False, settings=everybody) == "enrol"
    with pytest.raises(ValidationError):
        TrustSettings(second_factor_roles=("king",))


@pytest.mark.parametrize("origin", ["https://Amaan.org", "amaan.org", "https://a.org/", "ws://a"])
def test_origin_that_is_none_is_refused(origin: str) -> None:
    assert TrustSettings(origins=("https://a.org:8443",)).origins
    with pytest.raises(ValidationError):
        TrustSettings(origins=(origin,))


def test_grants_are_each_held_once_and_watching_over_others_alone() -> None:
    given = [("supervisor", "north"), ("supervisor", None), ("supervisor", "north")]
    assert rules.check_grants(given) == (Grant("supervisor"), Grant("supervisor", "north"))
    for bad in (
        [("auditor", "north")],
        [("auditor", None), ("administrator", None)],
        [("administrator", None), ("supervisor", "north")],
        [("king", None)],
    ):
        with pytest.raises(InvalidError):
            rules.check_grants(bad)
