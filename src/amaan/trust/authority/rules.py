"""Decisions about authorities. Pure: time and who asks are passed in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from amaan.kernel.geography import Point
from amaan.kernel.plates import PATTERN_LITERALS, PLATE_LENGTH, normalise
from amaan.trust.authority.model import (
    Asked,
    Authority,
    AuthorityError,
    AuthorityNotActiveError,
    AuthorityStateError,
    Cover,
    Decision,
    EntryCover,
    NeedsSeniorError,
    NewAuthority,
    NotCoveredError,
    OwnAuthorityError,
    Person,
    Scope,
    Sighting,
    State,
    Use,
)
from amaan.trust.authority.ports import Places
from amaan.trust.authority.scope import PlateScope, cameras_of, covers_camera, is_everywhere
from amaan.trust.authority.settings import AuthoritySettings

CASE_LENGTH: Final = 100
GROUNDS_SHORTEST: Final = 10
GROUNDS_LENGTH: Final = 2_000
REASON_LENGTH: Final = 500
NAME_LENGTH: Final = 200
LIST_MOST: Final = 2_000  # plates, cameras or sites; longer ones are not read by who approves
ENDED: Final = frozenset(State) - {State.REQUESTED, State.ACTIVE}

_PLATE: Final = re.compile(rf"[A-Z0-9?*]{{1,{PLATE_LENGTH}}}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


# -- what is asked for ---------------------------------------------------------------------------


def scope_plate(text: str) -> str:
    """Normalise a plate or pattern of a scope. Raises AuthorityError."""
    plate = re.sub(r"\*+", "*", normalise(text))
    if not _PLATE.fullmatch(plate):
        raise AuthorityError(
            f"only 1 to {PLATE_LENGTH} letters A-Z, digits, ? and * can stand in a plate: "
            f"{plate[:40]!r}",
            field="scope.plates",
        )
    if sum(character not in "?*" for character in plate) < min(PATTERN_LITERALS, len(plate)):
        raise AuthorityError(
            f"a pattern names at least {PATTERN_LITERALS} characters: {plate!r}",
            field="scope.plates",
        )
    return plate


def checked(new: NewAuthority, now: datetime, settings: AuthoritySettings) -> NewAuthority:
    """Return what was asked for, in normal form. Raises AuthorityError saying what to mend."""
    case_ref = _text(new.case_ref, "case_ref", 1, CASE_LENGTH)
    grounds = _text(new.grounds, "grounds", GROUNDS_SHORTEST, GROUNDS_LENGTH)
    name = _text(new.document.name, "document.name", 1, NAME_LENGTH)
    if not _DIGEST.fullmatch(new.document.sha256):
        raise AuthorityError("a document is named by its SHA-256", field="document.sha256")
    if new.expires_at <= now:
        raise AuthorityError("it would have expired already", field="expires_at")
    if new.expires_at > now + timedelta(days=settings.longest_days):
        raise AuthorityError(
            f"an authority lasts at most {settings.longest_days} days", field="expires_at"
        )
    if new.emergency and new.replaces is not None:
        raise AuthorityError("an emergency replaces nothing: it stands by itself", field="replaces")
    return replace(
        new,
        case_ref=case_ref,
        grounds=grounds,
        document=replace(new.document, name=name),
        scope=_checked_scope(new.scope, settings),
    )


def _text(text: str, field: str, shortest: int, longest: int) -> str:
    stripped = text.strip()
    if not shortest <= len(stripped) <= longest:
        raise AuthorityError(f"{field} has {shortest} to {longest} characters", field=field)
    if any(character < " " and character not in "\n\t\r" for character in stripped):
        raise AuthorityError(f"{field} holds a control character", field=field)
    return stripped


def _checked_scope(scope: Scope, settings: AuthoritySettings) -> Scope:
    for field in ("plates", "cameras", "sites"):
        named = getattr(scope, field)
        if named is not None and not 1 <= len(named) <= LIST_MOST:
            raise AuthorityError(
                f"scope.{field} names 1 to {LIST_MOST}, or is null", field=f"scope.{field}"
            )
    if not scope.uses:
        raise AuthorityError("say what for: search, entry, export", field="scope.uses")
    if scope.since is not None and scope.until is not None and scope.until <= scope.since:
        raise AuthorityError("scope.until must be later than scope.since", field="scope.until")
    if scope.plates is None:
        _check_area(scope, settings)
        plates = None
    else:
        if Use.EXPORT in scope.uses:
            _check_bounded(scope, settings, "for recordings")
        plates = tuple(dict.fromkeys(scope_plate(plate) for plate in scope.plates))
    return replace(
        scope,
        plates=plates,
        cameras=None if scope.cameras is None else tuple(sorted(set(scope.cameras))),
        sites=None if scope.sites is None else tuple(sorted(set(scope.sites))),
        uses=tuple(sorted(set(scope.uses))),
    )


def _check_area(scope: Scope, settings: AuthoritySettings) -> None:
    if Use.ENTRY in scope.uses:
        raise AuthorityError(
            "a hot-list entry needs its plate named",
            field="scope.plates",
        )
    _check_bounded(scope, settings, "without plates")


def _check_bounded(scope: Scope, settings: AuthoritySettings, why: str) -> None:
    if is_everywhere(scope):
        raise AuthorityError(
            f"{why}, cameras, sites or bounds must be named", field="scope.cameras"
        )
    if scope.since is None or scope.until is None:
        raise AuthorityError(f"{why}, both ends of the time must be named", field="scope")
    if scope.until - scope.since > timedelta(days=settings.area_days):
        raise AuthorityError(
            f"{why}, at most {settings.area_days} days can be seen", field="scope.until"
        )


def requested(
    new: NewAuthority, identifier: UUID, by: Person, now: datetime, settings: AuthoritySettings
) -> Authority:
    """Return a checked request as an authority; an emergency is active at once."""
    until = min(new.expires_at, now + timedelta(hours=settings.emergency_hours))
    earliest = now - timedelta(days=settings.reach_back_days)
    return Authority(
        id=identifier,
        number=0,
        state=State.ACTIVE if new.emergency else State.REQUESTED,
        purpose=new.purpose,
        case_ref=new.case_ref,
        grounds=new.grounds,
        document=new.document,
        scope=new.scope,
        expires_at=new.expires_at,
        emergency=new.emergency,
        emergency_until=until if new.emergency else None,
        replaces=new.replaces,
        beyond_tier=new.scope.since is not None and new.scope.since < earliest,
        beyond_tier_approved=False,
        requested_by=by,
        requested_at=now,
        active_since=now if new.emergency else None,
    )


# -- what time makes of it -----------------------------------------------------------------------


def is_unapproved(authority: Authority) -> bool:
    """Tell whether it is an emergency that no second person has approved."""
    return authority.emergency and authority.decision is not Decision.APPROVED


def ends_at(authority: Authority) -> datetime:
    """Return the first moment at which it allows nothing, as far as is known now."""
    if authority.ended_at is not None:
        return authority.ended_at
    if is_unapproved(authority):
        assert authority.emergency_until is not None
        return authority.emergency_until
    return authority.expires_at


def standing(authority: Authority, now: datetime) -> State:
    """Return its state with time compared, whatever was last written down."""
    if authority.state in ENDED or now < ends_at(authority):
        return authority.state
    return State.SEALED if is_unapproved(authority) else State.EXPIRED


def timed_out(authority: Authority, now: datetime) -> Authority:
    """Return it as time has left it; unchanged where time has not ended it."""
    state = standing(authority, now)
    if state is authority.state:
        return authority
    return replace(authority, state=state, ended_at=ends_at(authority))


# -- steps ---------------------------------------------------------------------------------------


def checked_reason(text: str, *, needed: bool = True) -> str:
    """Return a reason in one line. Raises AuthorityError."""
    reason = " ".join(text.split())
    if needed and not reason:
        raise AuthorityError("a reason is needed", field="reason")
    if len(reason) > REASON_LENGTH:
        raise AuthorityError(f"a reason has at most {REASON_LENGTH} characters", field="reason")
    return reason


def _second_person(authority: Authority, by: Person) -> None:
    if by.id == authority.requested_by.id:
        raise OwnAuthorityError("nobody decides on what he asked for himself")


def check_weighed(authority: Authority, by: UUID) -> None:
    """Raise OwnAuthorityError where somebody would learn what his own request finds."""
    if by == authority.requested_by.id:
        raise OwnAuthorityError("what it would find is told to who decides on it")


def _decidable(authority: Authority, now: datetime) -> None:
    state = standing(authority, now)
    if authority.decision is not None or state not in (State.REQUESTED, State.ACTIVE):
        raise AuthorityStateError(
            f"the authority is {state.value}: there is nothing to decide", state=state.value
        )


def approve(
    authority: Authority, by: Person, now: datetime, reason: str, *, senior: bool
) -> Authority:
    """Let it be active. Raises OwnAuthorityError, AuthorityStateError, NeedsSeniorError."""
    _second_person(authority, by)
    _decidable(authority, now)
    if authority.beyond_tier and not senior:
        raise NeedsSeniorError("it reaches further back than your role approves")
    return replace(
        authority,
        state=State.ACTIVE,
        decision=Decision.APPROVED,
        decided_by=by,
        decided_at=now,
        decision_reason=reason,
        beyond_tier_approved=authority.beyond_tier,
        active_since=authority.active_since or now,
    )


def refuse(authority: Authority, by: Person, now: datetime, reason: str) -> Authority:
    """Say no; an emergency that was used already is sealed. Raises as ``approve``."""
    _second_person(authority, by)
    _decidable(authority, now)
    return replace(
        authority,
        state=State.SEALED if authority.emergency else State.REFUSED,
        decision=Decision.REFUSED,
        decided_by=by,
        decided_at=now,
        decision_reason=reason,
        ended_at=now,
    )


def revoke(authority: Authority, now: datetime) -> Authority:
    """End what is active; an unapproved emergency is sealed. Raises AuthorityStateError."""
    state = standing(authority, now)
    if state is not State.ACTIVE:
        raise AuthorityStateError(
            f"the authority is {state.value}: there is nothing to revoke", state=state.value
        )
    ended = State.SEALED if is_unapproved(authority) else State.REVOKED
    return replace(authority, state=ended, ended_at=now)


def withdraw(authority: Authority, by: Person, now: datetime) -> Authority:
    """Take back what one asked for oneself; an unapproved emergency is sealed.

    Raises OwnAuthorityError for another's, AuthorityStateError.
    """
    if by.id != authority.requested_by.id:
        raise OwnAuthorityError("only who asked for it takes it back")
    state = standing(authority, now)
    if state in ENDED:
        raise AuthorityStateError(f"the authority is {state.value} already", state=state.value)
    ended = State.SEALED if is_unapproved(authority) else State.WITHDRAWN
    return replace(authority, state=ended, ended_at=now)


def check_replaceable(old: Authority, now: datetime) -> None:
    """Raise AuthorityStateError unless a new authority may take this one's place."""
    state = standing(old, now)
    if state is not State.ACTIVE or is_unapproved(old):
        raise AuthorityStateError(
            "only an approved authority that is still active can be replaced", state=state.value
        )


# -- what it allows ------------------------------------------------------------------------------


def cover(
    authority: Authority, asked: Asked, places: Places, now: datetime, settings: AuthoritySettings
) -> Cover:
    """Return what of that is allowed now: what is asked, narrowed to the scope and the age tier.

    Raises AuthorityNotActiveError, NotCoveredError.
    """
    _check_use(authority, asked.use, now)
    scope = authority.scope
    plates = _covered_plates(scope, asked)
    cameras = _covered_cameras(scope, asked, places)
    since = _latest(asked.since, _reach_back(authority, now, settings))
    until = _earliest(scope.until, asked.until)
    if since is not None and until is not None and until <= since:
        raise NotCoveredError("the authority does not cover that time", field="from")
    return Cover(
        authority=authority.id,
        purpose=authority.purpose,
        case_ref=authority.case_ref,
        plates=plates,
        cameras=cameras,
        since=since,
        until=until,
        ends_at=ends_at(authority),
    )


def _check_use(authority: Authority, use: Use, now: datetime) -> None:
    state = standing(authority, now)
    if state is not State.ACTIVE:
        raise AuthorityNotActiveError(f"the authority is {state.value}", state=state.value)
    if use not in authority.scope.uses:
        raise NotCoveredError(f"the authority is not for {use.value}", field="use")


def _reach_back(
    authority: Authority, now: datetime, settings: AuthoritySettings
) -> datetime | None:
    if authority.beyond_tier_approved:
        return authority.scope.since
    return _latest(authority.scope.since, now - timedelta(days=settings.reach_back_days))


def check_read(
    authority: Authority,
    read: Sighting,
    places: Places,
    now: datetime,
    settings: AuthoritySettings,
) -> None:
    """Raise AuthorityNotActiveError or NotCoveredError unless a search might have found it."""
    _check_use(authority, Use.SEARCH, now)
    plates = PlateScope(authority.scope.plates)
    since = _reach_back(authority, now, settings)
    if (
        not any(map(plates.covers, read.plates))
        or (since is not None and read.observed_at < since)
        or not covers_sighting(authority.scope, read, places)
    ):
        raise NotCoveredError("the authority does not cover that read")


def covers_sighting(scope: Scope, read: Sighting, places: Places) -> bool:
    """Tell whether a camera and a time lie in a scope."""
    return (
        (scope.since is None or scope.since <= read.observed_at)
        and (scope.until is None or read.observed_at < scope.until)
        and covers_camera(scope, read.camera, places.get(read.camera))
    )


def entry_cover(authority: Authority, now: datetime) -> EntryCover:
    """Return what entries it allows. Raises AuthorityNotActiveError, NotCoveredError."""
    _check_use(authority, Use.ENTRY, now)
    return EntryCover(
        authority.id,
        ends_at(authority),
        authority.expires_at,
        PlateScope(authority.scope.plates).covers,
    )


def widest(
    authority: Authority, places: Places, now: datetime, settings: AuthoritySettings
) -> Cover:
    """Return all that could be searched under it, were it approved as it asks."""
    approved = replace(authority, beyond_tier_approved=authority.beyond_tier)
    return Cover(
        authority=authority.id,
        purpose=authority.purpose,
        case_ref=authority.case_ref,
        plates=authority.scope.plates,
        cameras=cameras_of(authority.scope, places),
        since=_reach_back(approved, now, settings),
        until=authority.scope.until,
        ends_at=authority.expires_at,
    )


def _covered_plates(scope: Scope, asked: Asked) -> tuple[str, ...] | None:
    if asked.use is Use.EXPORT:
        return None  # a recording shows whatever passed: its bounds are cameras and time
    if asked.plate is None:
        if scope.plates is not None:
            raise NotCoveredError("the authority names plates: search for one", field="plate")
        return None
    if not PlateScope(scope.plates).covers(asked.plate):
        raise NotCoveredError("the authority does not cover that plate", field="plate")
    return (asked.plate,)


def _covered_cameras(scope: Scope, asked: Asked, places: Places) -> tuple[str, ...] | None:
    cameras = cameras_of(scope, places)
    if asked.cameras is not None:
        wanted = set(asked.cameras)
        cameras = tuple(sorted(wanted if cameras is None else wanted.intersection(cameras)))
    if asked.bounds is not None:
        inside = {
            code
            for code, place in places.items()
            if asked.bounds.contains(Point(place.lon, place.lat))
        }
        cameras = tuple(sorted(inside if cameras is None else inside.intersection(cameras)))
    narrowed = not is_everywhere(scope)
    if cameras is not None and not cameras and narrowed:
        raise NotCoveredError("the authority covers no camera there", field="camera")
    return cameras


def _latest(a: datetime | None, b: datetime | None) -> datetime | None:
    return a if b is None else b if a is None else max(a, b)


def _earliest(a: datetime | None, b: datetime | None) -> datetime | None:
    return a if b is None else b if a is None else min(a, b)
