from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from amaan.trust.roles import PERMISSIONS, Role
from amaan.video.ptz import LEASE, RANKS, Claim, SteeredByAnotherError, claim, holds, rank_of

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
OPERATOR = Claim(uuid4(), "Operator", rank_of(["video_operator"]))
COLLEAGUE = Claim(uuid4(), "Colleague", rank_of(["video_operator"]))
DISPATCHER = Claim(uuid4(), "Dispatcher", rank_of(["dispatcher"]))
CHIEF = Claim(uuid4(), "Chief", rank_of(["investigator", "supervisor"]))


def test_every_role_that_may_turn_cameras_has_a_rank() -> None:
    assert {role for role in Role if "video.steer" in PERMISSIONS[role]} == set(RANKS)
    assert CHIEF.rank > DISPATCHER.rank > OPERATOR.rank > rank_of(["auditor"]) == rank_of([])


def test_lease_lasts_ten_seconds_after_the_last_move() -> None:
    lease = claim(None, OPERATOR, NOW)
    assert lease.until - NOW == LEASE == timedelta(seconds=10)
    later = NOW + timedelta(seconds=9)
    lease = claim(lease, OPERATOR, later)
    assert lease.until == later + LEASE
    assert holds(lease, lease.until - timedelta(microseconds=1))
    assert not holds(lease, lease.until)
    assert not holds(None, NOW)


def test_equal_rank_waits_until_the_lease_is_over() -> None:
    lease = claim(None, OPERATOR, NOW)
    with pytest.raises(SteeredByAnotherError) as caught:
        claim(lease, COLLEAGUE, NOW + timedelta(seconds=9))
    assert caught.value.context["held_by"] == "Operator"
    after = claim(lease, COLLEAGUE, NOW + LEASE)
    assert (after.holder, after.taken_from) == (COLLEAGUE, None)


@pytest.mark.parametrize("higher", [DISPATCHER, CHIEF])
def test_higher_rank_takes_over_and_it_is_said_from_whom(higher: Claim) -> None:
    lease = claim(claim(None, OPERATOR, NOW), higher, NOW)
    assert (lease.holder, lease.taken_from) == (higher, OPERATOR)
    with pytest.raises(SteeredByAnotherError):
        claim(lease, OPERATOR, NOW)
    again = claim(lease, higher, NOW + timedelta(seconds=1))
    assert again.taken_from == OPERATOR


def test_lower_rank_never_takes_over() -> None:
    with pytest.raises(SteeredByAnotherError):
        claim(claim(None, CHIEF, NOW), DISPATCHER, NOW)
