"""Openings of playbacks: each is in the audit log, the pieces that follow are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from amaan.kernel.ids import new_id
from amaan.trust.model import Session
from amaan.video.playback.model import Grant, GrantError, NotGrantedError
from amaan.video.playback.settings import PlaybackSettings

CAMERAS_MOST: Final = 16
OPEN_MOST: Final = 10_000  # the oldest go first
OF_SESSION_MOST: Final = 200


class Grants:
    """In memory: with the centre they end, and a console opens them anew."""

    def __init__(self, settings: PlaybackSettings) -> None:
        self._longest = timedelta(hours=settings.grant_hours)
        self._idle = timedelta(minutes=settings.grant_minutes)
        self._open: dict[UUID, Grant] = {}  # in order of their opening

    def open(
        self,
        session: Session,
        cameras: Iterable[str],
        since: datetime,
        until: datetime,
        now: datetime,
    ) -> Grant:
        """Open cameras' recordings of a time to a session. Raises GrantError."""
        named = frozenset(cameras)
        if not 1 <= len(named) <= CAMERAS_MOST:
            raise GrantError(f"1 to {CAMERAS_MOST} cameras", field="cameras")
        if not timedelta() < until - since <= self._longest:
            hours = self._longest.total_seconds() / 3600
            raise GrantError(f"more than nothing, at most {hours:g} hours", field="to")
        grant = Grant(
            new_id(now), session.account.id, session.id, named, since, until, now + self._idle
        )
        self._forget(session.id, now)
        self._open[grant.id] = grant
        return grant

    def use(
        self, identifier: UUID, session: Session, camera: str, at: datetime, now: datetime
    ) -> Grant:
        """Return the grant that covers this. Raises NotGrantedError."""
        grant = self._open.get(identifier)
        if grant is None or grant.session != session.id or grant.ends_at <= now:
            raise NotGrantedError("open the playback first")
        if camera not in grant.cameras or not grant.since <= at < grant.until:
            raise NotGrantedError("the playback was opened for another camera or time")
        self._open[identifier] = replace(grant, ends_at=now + self._idle)
        return grant

    def _forget(self, session: UUID, now: datetime) -> None:
        for old in [one for one in self._open.values() if one.ends_at <= now]:
            del self._open[old.id]
        mine = [one.id for one in self._open.values() if one.session == session]
        for surplus in mine[: max(0, len(mine) - OF_SESSION_MOST + 1)]:
            del self._open[surplus]
        while len(self._open) >= OPEN_MOST:
            del self._open[next(iter(self._open))]
