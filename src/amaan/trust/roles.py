"""Who may do what: the only table of roles and permissions. Default deny.

A permission is ``room.verb``. A role is held everywhere or in a group of sites. Roles that watch
over others are held alone: who manages accounts or reads the audit log reads no plates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from amaan.kernel.errors import InvalidError


class Role(StrEnum):
    """What a person does at the centre."""

    CALL_TAKER = "call_taker"
    VIDEO_OPERATOR = "video_operator"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    RESPONDER = "responder"
    INVESTIGATOR = "investigator"
    APPROVING_OFFICER = "approving_officer"
    SENIOR_APPROVING_OFFICER = "senior_approving_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


_EVERYBODY: Final = frozenset({"console.listen", "city.view"})
_APPROVING: Final = frozenset(
    {
        *("trust.view_authorities", "trust.approve_authority", "trust.revoke_authority"),
        *("trust.release_hold", "trust.view_retention", "trust.view_report", "plates.entries"),
        *("plates.reach", "trust.decide_appeals"),
    }
)
_OPERATING: Final = frozenset(
    {
        *("video.health", "video.watch", "alarms.view", "plates.entries"),
        *("video.live", "video.playback", "incidents.view"),
    }
)
_HANDLING: Final = frozenset({"incidents.handle", "incidents.pursue", "video.steer"})

PERMISSIONS: Final[Mapping[Role, frozenset[str]]] = {
    Role.CALL_TAKER: _EVERYBODY,
    Role.RESPONDER: _EVERYBODY,
    Role.VIDEO_OPERATOR: _EVERYBODY | _OPERATING | _HANDLING | {"alarms.decide", "plates.live"},
    Role.DISPATCHER: _EVERYBODY | _OPERATING | _HANDLING | {"alarms.decide"},
    Role.SUPERVISOR: _EVERYBODY
    | _OPERATING
    | _HANDLING
    | {
        "video.export",
        *("alarms.decide", "plates.live", "plates.search", "plates.edit_entries"),
        *("plates.export_entries", "trust.view_authorities"),
        *("trust.request_authority", "trust.declare_emergency", "trust.place_hold"),
        *("trust.view_retention", "trust.view_report"),
    },
    Role.INVESTIGATOR: _EVERYBODY
    | _OPERATING
    | {
        "video.export",
        *("plates.search", "plates.edit_entries", "plates.export_entries"),
        *("trust.view_authorities", "trust.request_authority", "trust.declare_emergency"),
        *("trust.place_hold", "trust.view_retention"),
    },
    Role.APPROVING_OFFICER: _EVERYBODY | _APPROVING,
    Role.SENIOR_APPROVING_OFFICER: _EVERYBODY | _APPROVING | {"trust.approve_beyond_tier"},
    Role.AUDITOR: _EVERYBODY
    | {
        *("trust.read_audit", "trust.export_audit", "trust.review_misuse", "trust.view_report"),
        *("trust.view_authorities", "trust.view_retention", "trust.view_accounts"),
        *("trust.handle_requests", "trust.keep_facts"),
    },
    Role.ADMINISTRATOR: _EVERYBODY
    | {
        *("city.edit", "video.health", "trust.view_accounts", "trust.manage_accounts"),
        "video.set_up",  # discovery, probing, one test picture of a camera being set up
        *("trust.view_retention", "trust.manage_retention", "trust.view_report"),
    },
}

CONFIGURING: Final = frozenset({"city.edit"})
"""Permissions by which what stands where is seen of every site, whatever the role's group.

To administrators and auditors all of theirs are such: see ``guards.Guard``.
"""

NEED_SECOND_FACTOR: Final = frozenset({"trust.approve_authority", "trust.approve_beyond_tier"})
"""Permissions that only a session with a second factor has."""

HELD_ALONE: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
OPERATIONAL: Final = frozenset(Role) - HELD_ALONE


def check_roles(roles: Iterable[str]) -> tuple[Role, ...]:
    """Return the roles, sorted. InvalidError for one unknown, or one held alone with others."""
    try:
        found = sorted({Role(role) for role in roles})
    except ValueError as error:
        raise InvalidError(f"no such role: one of {', '.join(Role)}") from error
    alone = HELD_ALONE.intersection(found)
    if alone and len(found) > 1:
        raise InvalidError(f"{min(alone)} is held alone: who watches over others does not operate")
    return tuple(found)


def all_permissions() -> frozenset[str]:
    """Return every permission that some role has."""
    return frozenset().union(*PERMISSIONS.values())
