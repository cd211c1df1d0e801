"""Raising alarms and leading them to a person's decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from amaan.alarms import events, rules, store, trouble_store
from amaan.alarms.model import (
    Alarm,
    AlarmDetail,
    AlarmKind,
    AlarmNotFoundError,
    AlarmState,
)
from amaan.alarms.ports import ClipDesk
from amaan.alarms.wire import AlarmView
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.events import Event, JsonValue, Outbox, Subscriptions
from amaan.kernel.ids import new_id
from amaan.plates.events import CONFLICTED, MATCHED
from amaan.plates.model import CameraPlace, Match, Severity
from amaan.plates.service import PlatesService
from amaan.trust.authority.events import CHANGED as AUTHORITY_CHANGED
from amaan.trust.authority.model import State
from amaan.video.events import CLIP_CHANGED
from amaan.video.model import Clip, ClipState

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

SUBSCRIBER: Final = "alarms"
Places = Mapping[str, CameraPlace]
_log = structlog.get_logger(__name__)


class AlarmsService:
    """Alarms of every kind; ``subscribe`` once, then the events raise them."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        plates: PlatesService,
        clips: ClipDesk,
        clock: Clock,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._plates = plates
        self._clips = clips
        self._clock = clock

    def subscribe(self, subscriptions: Subscriptions) -> None:
        """Hear of matches, conflicts, clips and authorities."""
        names = [MATCHED, CONFLICTED, CLIP_CHANGED, AUTHORITY_CHANGED]
        subscriptions.subscribe(SUBSCRIBER, names, self.handle)

    async def handle(self, connection: AsyncConnection[TupleRow], event: Event) -> None:
        """Do what an event asks for, in its transaction; the same event twice does it once."""
        if event.name == MATCHED:
            await self._on_match(connection, UUID(event.key))
        elif event.name == CONFLICTED:
            await self._on_conflict(connection, event)
        elif event.name == CLIP_CHANGED:
            await self._on_clip(connection, event)
        elif event.name == AUTHORITY_CHANGED and event.payload["state"] == State.SEALED:
            await self._on_sealed(connection, UUID(event.key), event.occurred_at)

    async def marks(
        self, cameras: Sequence[str], since: datetime, until: datetime
    ) -> list[tuple[UUID, str, datetime, str, str]]:
        """Return id, camera, time, kind and severity of alarms at cameras, oldest first."""
        async with self._database.transaction() as connection:
            return await store.marks(connection, cameras, since, until, self._clock.now())

    async def page(self, *, state: str, before: UUID | None, limit: int) -> list[AlarmView]:
        """Return alarms newest first; ``state`` is ``open``, ``decided`` or ``all``."""
        places = await self._plates.places()  # before: never two connections of the pool at once
        async with self._database.transaction() as connection:
            alarms = await store.page(
                connection, self._clock.now(), state=state, before=before, limit=limit
            )
            return await self._views(connection, alarms, places)

    async def alarm(self, alarm_id: UUID) -> AlarmView:
        """Return one alarm."""
        places = await self._plates.places()
        async with self._database.transaction() as connection:
            alarm = await store.get(connection, alarm_id, self._clock.now())
            if alarm is None:
                raise AlarmNotFoundError(f"no alarm {alarm_id}")
            return (await self._views(connection, [alarm], places))[0]

    async def acknowledge(self, alarm_id: UUID, by: str) -> AlarmView:
        """Let a person take the alarm."""
        now = self._clock.now()
        return await self._step(alarm_id, lambda alarm: rules.acknowledge(alarm, by, now))

    async def confirm(self, alarm_id: UUID, by: str, reason: str) -> AlarmView:
        """Record that a person saw the vehicle that is looked for."""
        now, verdict = self._clock.now(), AlarmState.CONFIRMED
        return await self._step(
            alarm_id, lambda alarm: rules.decide(alarm, verdict, by, now, reason)
        )

    async def reject(self, alarm_id: UUID, by: str, reason: str) -> AlarmView:
        """Record that a person saw that it is another vehicle, or none."""
        now, verdict = self._clock.now(), AlarmState.REJECTED
        return await self._step(
            alarm_id, lambda alarm: rules.decide(alarm, verdict, by, now, reason)
        )

    async def clear(self, alarm_id: UUID) -> AlarmView:
        """Put a decided alarm away."""
        return await self._step(alarm_id, rules.clear)

    async def _step(self, alarm_id: UUID, step: Callable[[Alarm], Alarm]) -> AlarmView:
        places = await self._plates.places()
        async with self._database.transaction() as connection:
            alarm = await store.get(connection, alarm_id, self._clock.now(), lock=True)
            if alarm is None:
                raise AlarmNotFoundError(f"no alarm {alarm_id}")
            return await self._change(connection, step(alarm), places)

    async def change(self, connection: AsyncConnection[TupleRow], alarm: Alarm) -> None:
        """Write and announce what became of an alarm."""
        await self._change(connection, alarm, await self._plates.places())

    async def announce_raised(self, connection: AsyncConnection[TupleRow], alarm: Alarm) -> None:
        """Announce an alarm that was just written."""
        view = (await self._views(connection, [alarm], await self._plates.places()))[0]
        await self._outbox.announce(connection, [events.raised(view, alarm.raised_at)])

    async def _change(
        self, connection: AsyncConnection[TupleRow], alarm: Alarm, places: Places
    ) -> AlarmView:
        await store.update(connection, alarm)
        view = (await self._views(connection, [alarm], places))[0]
        await self._outbox.announce(connection, [events.changed(view, self._clock.now())])
        return view

    async def _on_match(self, connection: AsyncConnection[TupleRow], match_id: UUID) -> None:
        if await store.has_cause(connection, match_id):
            return
        match = await self._plates.match(connection, match_id)
        if match is None:
            _log.warning("alarms.match_without_read", match=str(match_id))
            return
        read, subject = match.read, rules.subject_of(match)
        upto = read.observed_at + rules.REPEAT_WITHIN
        for alarm in await store.latest_about(connection, subject, read.camera, upto):
            same = alarm.authority == match.authority
            if same and rules.repeats(alarm, read.observed_at):
                await store.add_cause(connection, match_id, alarm.id)
                places = await self._plates.places()
                await self._change(connection, rules.repeated(alarm, read.observed_at), places)
                return
        start, end = read.observed_at - rules.CLIP_BEFORE, read.observed_at + rules.CLIP_AFTER
        clip_id = await self._clips.want_clip(connection, read.camera, start, end, match.authority)
        clip = Clip(clip_id, read.camera, start, end, ClipState.WANTED, "")
        alarm = await self._alarm_of(match, clip_id)
        await self._raise(connection, AlarmDetail(alarm, match, clip), match_id)

    async def _alarm_of(self, match: Match, clip_id: UUID) -> Alarm:
        now, read = self._clock.now(), match.read
        place = (await self._plates.places()).get(read.camera)
        return Alarm(
            id=new_id(now),
            kind=AlarmKind.PLATE_MATCH,
            state=AlarmState.RAISED,
            severity=match.entry.severity,
            title=f"{match.entry.plate} at {place.name if place else read.camera}",
            raised_at=now,
            observed_at=read.observed_at,
            last_observed_at=read.observed_at,
            subject=rules.subject_of(match),
            place=read.camera,
            match_id=match.id,
            clip_id=clip_id,
            authority=match.authority,
        )

    async def _on_conflict(self, connection: AsyncConnection[TupleRow], event: Event) -> None:
        cause = UUID(event.key)
        if await store.has_cause(connection, cause):
            return
        now, at, source = self._clock.now(), event.occurred_at, str(event.payload["source"])
        for alarm in await store.latest_about(connection, source, "", at + rules.REPEAT_WITHIN):
            if rules.repeats(alarm, at):
                await store.add_cause(connection, cause, alarm.id)
                places = await self._plates.places()
                await self._change(connection, rules.repeated(alarm, at), places)
                return
        alarm = Alarm(
            id=new_id(now),
            kind=AlarmKind.INTEGRITY,
            state=AlarmState.RAISED,
            severity=Severity.HIGH,
            title=f"{source} sent observation {event.payload['seq']} twice, with different content",
            raised_at=now,
            observed_at=at,
            last_observed_at=at,
            subject=source,
            place="",
            match_id=None,
            clip_id=None,
        )
        await self._raise(connection, AlarmDetail(alarm, None, None), cause)

    async def _on_clip(self, connection: AsyncConnection[TupleRow], event: Event) -> None:
        alarm_id = await store.with_clip(connection, UUID(event.key))
        if alarm_id is None:
            return
        clip = {name: event.payload[name] for name in ("id", "camera", "state", "reason")}
        await self._outbox.announce(
            connection, [events.clip_changed(clip, alarm_id, event.occurred_at)]
        )

    async def _on_sealed(
        self, connection: AsyncConnection[TupleRow], authority: UUID, at: datetime
    ) -> None:
        sealed = await store.seal(connection, authority, at)
        await self._outbox.announce(
            connection, [events.sealed(alarm_id, place, at) for alarm_id, place in sealed]
        )

    async def show(self, event: Event) -> JsonValue:
        """Return what an event of an alarm tells consoles; None once the alarm is sealed."""
        if event.name == events.SEALED:
            return event.payload
        alarm_id = event.payload["alarm" if event.name == events.CLIP_CHANGED else "id"]
        async with self._database.transaction() as connection:
            found = await store.get(connection, UUID(str(alarm_id)), self._clock.now())
        return None if found is None else event.payload

    async def _raise(
        self, connection: AsyncConnection[TupleRow], detail: AlarmDetail, cause: UUID
    ) -> None:
        alarm = detail.alarm
        await store.insert(connection, alarm)
        await store.add_cause(connection, cause, alarm.id)
        view = AlarmView.of(detail, await self._plates.places(), alarm.raised_at)
        await self._outbox.announce(connection, [events.raised(view, alarm.raised_at)])

    async def _views(
        self, connection: AsyncConnection[TupleRow], alarms: Sequence[Alarm], places: Places
    ) -> list[AlarmView]:
        match_ids = [alarm.match_id for alarm in alarms if alarm.match_id is not None]
        clip_ids = [alarm.clip_id for alarm in alarms if alarm.clip_id is not None]
        matches = await self._plates.matches(connection, match_ids) if match_ids else {}
        clips = await self._clips.clips(connection, clip_ids) if clip_ids else {}
        of_sites = [alarm.id for alarm in alarms if alarm.site is not None]
        troubles = await trouble_store.of_alarms(connection, of_sites) if of_sites else {}
        now = self._clock.now()
        return [
            AlarmView.of(
                AlarmDetail(
                    alarm,
                    matches.get(alarm.match_id) if alarm.match_id else None,
                    clips.get(alarm.clip_id) if alarm.clip_id else None,
                    tuple(troubles.get(alarm.id, ())),
                ),
                places,
                now,
            )
            for alarm in alarms
        ]
