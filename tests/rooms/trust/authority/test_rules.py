from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from amaan.kernel.geography import Bounds
from amaan.trust.authority import rules
from amaan.trust.authority.model import (
    Asked,
    Authority,
    AuthorityError,
    AuthorityNotActiveError,
    Document,
    NewAuthority,
    NotCoveredError,
    Person,
    Purpose,
    Scope,
    State,
    Use,
)
from amaan.trust.authority.settings import AuthoritySettings

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SETTINGS = AuthoritySettings()
AMNA, BILAL = (Person(UUID(int=n), name, name) for n, name in ((1, "amna"), (2, "bilal")))
NEW = NewAuthority(
    Purpose.STOLEN_VEHICLE,
    "FIR 12/26",
    "reported stolen in Clifton",
    Document("ab" * 32, "order.pdf"),
    Scope(plates=("BGC771",)),
    NOW + timedelta(days=30),
)
AREA = Scope(
    cameras=("A",), since=NOW - timedelta(days=1), until=NOW + timedelta(days=1), uses=(Use.SEARCH,)
)


@dataclass(frozen=True)
class At:
    site: str
    lon: float
    lat: float


PLACES = {"A": At("S1", 67.0, 24.8), "B": At("S1", 67.2, 24.8), "C": At("S2", 67.0, 24.9)}


def active(scope: Scope, **changes: Any) -> Authority:
    new = rules.checked(replace(NEW, scope=scope, **changes), NOW, SETTINGS)
    asked = rules.requested(new, UUID(int=9), AMNA, NOW, SETTINGS)
    return rules.approve(asked, BILAL, NOW, "", senior=True)


def cover_of(authority: Authority, **asked: Any) -> Any:
    return rules.cover(authority, Asked(Use.SEARCH, **asked), PLACES, NOW, SETTINGS)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"case_ref": " "}, "case_ref"),
        ({"case_ref": "x" * 101}, "case_ref"),
        ({"grounds": "because"}, "grounds"),
        ({"grounds": "because of\0that"}, "grounds"),
        ({"document": Document("AB" * 32, "a.pdf")}, "document.sha256"),
        ({"document": Document("ab" * 32, "")}, "document.name"),
        ({"expires_at": NOW}, "expires_at"),
        ({"expires_at": NOW + timedelta(days=367)}, "expires_at"),
        ({"emergency": True, "replaces": UUID(int=3)}, "replaces"),
        ({"scope": Scope(plates=())}, "scope.plates"),
        ({"scope": Scope(plates=("*",))}, "scope.plates"),
        ({"scope": Scope(plates=("A*",))}, "scope.plates"),
        ({"scope": Scope(plates=("کراچی",))}, "scope.plates"),
        ({"scope": Scope(plates=tuple(f"A{n}" for n in range(2001)))}, "scope.plates"),
        ({"scope": Scope(plates=("A1",), uses=())}, "scope.uses"),
        ({"scope": Scope(plates=("A1",), since=NOW, until=NOW)}, "scope.until"),
        ({"scope": Scope()}, "scope.plates"),
        ({"scope": Scope(uses=(Use.SEARCH,))}, "scope.cameras"),
        ({"scope": replace(AREA, since=None)}, "scope"),
        ({"scope": replace(AREA, until=NOW + timedelta(days=31))}, "scope.until"),
    ],
)
def test_request_that_says_too_little_or_too_much_is_refused(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(AuthorityError) as raised:
        rules.checked(replace(NEW, **change), NOW, SETTINGS)
    assert raised.value.context["field"] == field


def test_plates_are_taken_in_normal_form_and_once() -> None:
    scope = Scope(plates=("bgc-771", "BGC 771", "ab**1"))
    assert rules.checked(replace(NEW, scope=scope), NOW, SETTINGS).scope.plates == (
        "BGC771",
        "AB*1",
    )


@pytest.mark.parametrize(
    ("scope", "asked", "cameras"),
    [
        (Scope(plates=("A1",)), {}, None),
        (Scope(plates=("A1",)), {"cameras": ("B", "X")}, ("B", "X")),
        (Scope(plates=("A1",), cameras=("A", "X")), {}, ("A", "X")),
        (Scope(plates=("A1",), cameras=("A", "B")), {"cameras": ("B", "C")}, ("B",)),
        (Scope(plates=("A1",), sites=("S1",)), {}, ("A", "B")),
        (Scope(plates=("A1",), bounds=Bounds(66.9, 24.7, 67.1, 25.0)), {}, ("A", "C")),
        (Scope(plates=("A1",), sites=("S1",), bounds=Bounds(66.9, 24.7, 67.1, 25)), {}, ("A",)),
        (Scope(plates=("A1",), sites=("S1",)), {"bounds": Bounds(67.1, 24, 68, 25)}, ("B",)),
        (Scope(plates=("A1",)), {"bounds": Bounds(0, 0, 1, 1)}, ()),
    ],
)
def test_cameras_are_those_asked_for_that_are_in_the_scope(
    scope: Scope, asked: dict[str, Any], cameras: tuple[str, ...] | None
) -> None:
    assert cover_of(active(scope), plate="A1", **asked).cameras == cameras


@pytest.mark.parametrize(
    ("scope", "asked"),
    [
        (Scope(plates=("A1",)), {"plate": "A2"}),
        (Scope(plates=("A1",)), {}),
        (Scope(plates=("A1",)), {"plate": "A?"}),
        (Scope(plates=("AB?",)), {"plate": "AB*"}),
        (Scope(plates=("A1",), uses=(Use.ENTRY,)), {"plate": "A1"}),
        (Scope(plates=("A1",), cameras=("A",)), {"plate": "A1", "cameras": ("B",)}),
        (Scope(plates=("A1",), sites=("S9",)), {"plate": "A1"}),
        (Scope(plates=("A1",), until=NOW), {"plate": "A1", "since": NOW}),
        (AREA, {"cameras": ("B",)}),
    ],
)
def test_what_lies_outside_the_scope_is_not_covered(scope: Scope, asked: dict[str, Any]) -> None:
    with pytest.raises(NotCoveredError):
        cover_of(active(scope), **asked)


def test_age_tier_slides_and_the_scope_bounds_it() -> None:
    tier = NOW - timedelta(days=90)
    assert cover_of(active(Scope(plates=("A1",))), plate="A1").since == tier
    recent = active(Scope(plates=("A1",), since=NOW - timedelta(days=3)))
    assert cover_of(recent, plate="A1").since == NOW - timedelta(days=3)
    early = NOW - timedelta(days=900)
    assert cover_of(recent, plate="A1", since=early).since == NOW - timedelta(days=3)
    senior = active(Scope(plates=("A1",), since=early))
    assert cover_of(senior, plate="A1").since == early
    emergency = rules.requested(
        replace(NEW, scope=Scope(plates=("A1",), since=early), emergency=True),
        UUID(int=9),
        AMNA,
        NOW,
        SETTINGS,
    )
    assert cover_of(emergency, plate="A1").since == tier, "nobody senior has approved it"


def test_emergency_never_lasts_longer_than_it_was_asked_for() -> None:
    new = replace(NEW, emergency=True, expires_at=NOW + timedelta(hours=2))
    emergency = rules.requested(new, UUID(int=9), AMNA, NOW, SETTINGS)
    assert rules.ends_at(emergency) == NOW + timedelta(hours=2)
    assert rules.standing(emergency, NOW + timedelta(hours=2)) is State.SEALED
    longer = rules.requested(replace(NEW, emergency=True), UUID(int=9), AMNA, NOW, SETTINGS)
    assert rules.ends_at(longer) == NOW + timedelta(hours=24)


def test_nothing_is_covered_after_the_end() -> None:
    authority = active(Scope(plates=("A1",)))
    with pytest.raises(AuthorityNotActiveError):
        rules.cover(authority, Asked(Use.SEARCH, "A1"), PLACES, authority.expires_at, SETTINGS)
