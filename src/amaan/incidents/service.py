"""Use cases of incidents, one transaction each. Pursuits are in ``pursuing.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from amaan.city.model import UnknownCameraError
from amaan.incidents import events, rules, store
from amaan.incidents.model import (
    Entry,
    EntryKind,
    Incident,
    IncidentInputError,
    IncidentNotFoundError,
    IncidentState,
    NewIncident,
    Step,
    What,
)
from amaan.incidents.ports import AlarmBook, CameraBook
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.events import Outbox
from amaan.kernel.geography import Point
from amaan.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """An incident with its timeline, oldest first."""

    incident: Incident
    entries: Sequence[Entry]


class IncidentsService:
    """Incidents: opened, told, brought to their end."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        cameras: CameraBook,
        alarms: AlarmBook,
        clock: Clock,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._cameras = cameras
        self._alarms = alarms
        self._clock = clock

    async def open(self, new: NewIncident, by: str) -> IncidentDetail:
        """Open an incident.

        Raises IncidentInputError, UnknownCameraError, NotFoundError for the alarm.
        """
        title = " ".join(rules.tidied(new.title, rules.TITLE_LENGTH, "title").split())
        if not title:
            raise IncidentInputError("say in a few words what happened", field="title")
        text = rules.tidied(new.text, rules.TEXT_LENGTH, "text")
        place, site = await self._where(new)
        moment = None
        if new.alarm is not None:
            moment = await self._alarms.moment(new.alarm, new.camera)
        now = self._clock.now()
        incident = Incident(
            id=new_id(now),
            number=0,
            title=title,
            kind=new.kind,
            state=IncidentState.NEW,
            sites=(site,),
            camera=new.camera,
            place=place,
            alarm=new.alarm,
            opened_at=now,
            opened_by=by,
            state_at=now,
        )
        entry = Entry(
            id=new_id(now),
            at=now,
            by=by,
            kind=EntryKind.OPENED,
            what=IncidentState.NEW,
            text=text,
            camera=new.camera,
            moment=moment,
        )
        async with self._database.transaction() as connection:
            number = await store.add(connection, incident)
            await store.add_entry(connection, incident.id, entry)
            await self._outbox.announce(connection, [events.changed(incident.id, now)])
        return IncidentDetail(replace(incident, number=number), (entry,))

    async def incidents(
        self, *, state: str, alarm: UUID | None, before: int | None, limit: int
    ) -> list[Incident]:
        """Return those that the asker may see, newest first."""
        async with self._database.transaction() as connection:
            return await store.page(
                connection, state=state, alarm=alarm, before=before, limit=limit
            )

    async def incident(self, identifier: UUID) -> IncidentDetail:
        """Return one with its timeline. Raises IncidentNotFoundError."""
        async with self._database.transaction() as connection:
            incident = found(await store.get(connection, identifier), identifier)
            return IncidentDetail(incident, await store.entries(connection, identifier))

    async def require_open(self, identifier: UUID) -> None:
        """Raise IncidentNotFoundError, NoOpenIncidentError unless the asker may act in it."""
        async with self._database.transaction() as connection:
            rules.require_open(found(await store.get(connection, identifier), identifier))

    async def note(self, identifier: UUID, text: str, by: str) -> IncidentDetail:
        """Add what a person has to say; to a closed incident too.

        Raises IncidentNotFoundError, IncidentInputError.
        """
        said = rules.tidied(text, rules.TEXT_LENGTH, "text")
        if not said:
            raise IncidentInputError("an empty note", field="text")
        now = self._clock.now()
        async with self._database.transaction() as connection:
            found(await store.get(connection, identifier, lock=True), identifier)
            entry = Entry(new_id(now), now, by, EntryKind.NOTE, "", said)
            await store.add_entry(connection, identifier, entry)
            await self._outbox.announce(connection, [events.changed(identifier, now)])
        return await self.incident(identifier)

    async def move(
        self, identifier: UUID, to: IncidentState, reason: str, by: str
    ) -> IncidentDetail:
        """Change an incident's state; its pursuit ends with it.

        Raises IncidentNotFoundError, IncidentStateError, IncidentInputError.
        """
        now = self._clock.now()
        async with self._database.transaction() as connection:
            incident = found(await store.get(connection, identifier, lock=True), identifier)
            text = rules.check_move(incident, to, reason)
            if not rules.is_open(to):
                await _end_pursuit(connection, identifier, now, by)
            await store.set_state(connection, identifier, to, now)
            entry = Entry(new_id(now), now, by, EntryKind.STATE, to, text)
            await store.add_entry(connection, identifier, entry)
            await self._outbox.announce(connection, [events.changed(identifier, now)])
        return await self.incident(identifier)

    async def _where(self, new: NewIncident) -> tuple[Point, str]:
        if new.camera is not None:
            camera = (await self._cameras.cameras()).get(new.camera)
            if camera is None:
                raise UnknownCameraError(f"there is no camera {new.camera}")
            return new.place or Point(camera.lon, camera.lat), camera.site
        if new.place is None:
            raise IncidentInputError("say where: a camera or a place", field="place")
        site = await self._cameras.site_near(new.place)
        if site is None:
            raise IncidentInputError("you work at no site: say which camera", field="place")
        return new.place, site


async def _end_pursuit(
    connection: store.Connection, incident: UUID, now: datetime, by: str
) -> None:
    row = await store.newest_pursuit(connection, incident)
    if row is None or row.ended_at is not None:
        return
    steps = await store.steps(connection, row.id)
    await store.end_pursuit(connection, row.id, now, by)
    if steps:
        camera = steps[-1].camera
        step = Step(new_id(now), What.ENDED, camera, now, now, by)
        await store.add_step(connection, row, step)
        entry = Entry(new_id(now), now, by, EntryKind.PURSUIT, What.ENDED, "", camera, now)
        await store.add_entry(connection, incident, entry)


def found(incident: Incident | None, identifier: UUID) -> Incident:
    """Return the incident. Raises IncidentNotFoundError where there is none."""
    if incident is None:
        raise IncidentNotFoundError(f"there is no incident {identifier}")
    return incident
