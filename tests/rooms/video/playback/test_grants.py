"""A playback is opened for a session, cameras and a time, and for nothing beside them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from uuid import UUID, uuid4

import pytest

from amaan.trust.model import Session
from amaan.video.playback.exports import outcome_of
from amaan.video.playback.grants import CAMERAS_MOST, OF_SESSION_MOST, Grants
from amaan.video.playback.model import ExportState, GrantError, NotGrantedError
from amaan.video.playback.settings import PlaybackSettings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def session() -> Session:
    return cast(Session, SimpleNamespace(id=uuid4(), account=SimpleNamespace(id=uuid4())))


def opened(grants: Grants, who: Session, now: datetime = NOW) -> UUID:
    return grants.open(who, ["A"], NOW - HOUR, NOW, now).id


def test_a_grant_serves_its_session_camera_and_time() -> None:
    grants, who = Grants(PlaybackSettings()), session()
    grant = opened(grants, who)
    assert grants.use(grant, who, "A", NOW - HOUR, NOW).id == grant
    for asker, camera, at in (
        (session(), "A", NOW - HOUR),
        (who, "B", NOW - HOUR),
        (who, "A", NOW),
        (who, "A", NOW - HOUR - timedelta(seconds=1)),
    ):
        with pytest.raises(NotGrantedError):
            grants.use(grant, asker, camera, at, NOW)
    with pytest.raises(NotGrantedError):
        grants.use(uuid4(), who, "A", NOW - HOUR, NOW)


def test_a_grant_ends_unused_and_goes_on_used() -> None:
    grants, who = Grants(PlaybackSettings(grant_minutes=10)), session()
    grant = opened(grants, who)
    for minutes in (9, 18, 27):
        grants.use(grant, who, "A", NOW - HOUR, NOW + timedelta(minutes=minutes))
    with pytest.raises(NotGrantedError):
        grants.use(grant, who, "A", NOW - HOUR, NOW + timedelta(minutes=37))


def test_the_oldest_of_a_session_give_way_and_others_stay() -> None:
    grants, who, other = Grants(PlaybackSettings()), session(), session()
    theirs = opened(grants, other)
    mine = [opened(grants, who, NOW + timedelta(seconds=n)) for n in range(OF_SESSION_MOST + 1)]
    with pytest.raises(NotGrantedError):
        grants.use(mine[0], who, "A", NOW - HOUR, NOW)
    assert grants.use(mine[1], who, "A", NOW - HOUR, NOW)
    assert grants.use(theirs, other, "A", NOW - HOUR, NOW)


@pytest.mark.parametrize(
    ("cameras", "since", "until"),
    [
        ([], NOW - HOUR, NOW),
        ([str(n) for n in range(CAMERAS_MOST + 1)], NOW - HOUR, NOW),
        (["A"], NOW, NOW),
        (["A"], NOW - 7 * HOUR, NOW),
    ],
)
def test_nothing_too_wide_or_empty_is_opened(
    cameras: list[str], since: datetime, until: datetime
) -> None:
    with pytest.raises(GrantError):
        Grants(PlaybackSettings()).open(session(), cameras, since, until, NOW)


def test_an_export_stands_as_its_files_do() -> None:
    making, ready, failed = ExportState.MAKING, ExportState.READY, ExportState.FAILED
    assert outcome_of([ready, making]) is making
    assert outcome_of([ready, ready]) is ready
    assert outcome_of([ready, failed]) is ExportState.PARTIAL
    assert outcome_of([failed]) is failed
