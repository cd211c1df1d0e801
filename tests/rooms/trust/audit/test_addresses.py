"""Who asks, behind proxies, and how refused workers are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amaan.trust.audit.addresses import ADDRESSES_MOST, Refusals, client_address, networks

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        (None, [], "unknown"),
        ("9.9.9.9", [], "9.9.9.9"),
        ("9.9.9.9", ["1.2.3.4"], "9.9.9.9"),
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["no address"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.3"),
        ("10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_address_is_believed_only_from_trusted_proxies(
    peer: str | None, forwarded: list[str], found: str
) -> None:
    assert client_address(peer, forwarded, networks(["10.0.0.0/8"])) == found


def test_first_refusal_is_written_and_the_rest_of_the_minute_counted() -> None:
    refusals = Refusals()
    assert [refusals.is_first("1.2.3.4", NOW) for _ in range(5)] == [True] + [False] * 4
    assert refusals.is_first("5.6.7.8", NOW)
    assert refusals.due(NOW + timedelta(seconds=59)) == []
    assert refusals.due(NOW + timedelta(seconds=60)) == [("1.2.3.4", 4)]
    assert refusals.is_first("1.2.3.4", NOW + timedelta(seconds=61))


def test_many_addresses_are_counted_as_one() -> None:
    refusals = Refusals()
    firsts = sum(refusals.is_first(str(number), NOW) for number in range(ADDRESSES_MOST + 500))
    assert firsts == ADDRESSES_MOST + 1
    assert refusals.due(NOW + timedelta(minutes=1)) == [("many", 499)]
