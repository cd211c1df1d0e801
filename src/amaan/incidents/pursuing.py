"""Pursuit: a person follows from camera to camera. The machine offers cameras, and looks at nobody.

Nothing here sees a picture. What was seen is what people said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from amaan.city.model import UnknownCameraError
from amaan.incidents import events, rules, store
from amaan.incidents.model import (
    Entry,
    EntryKind,
    Incident,
    NewStep,
    PursuitError,
    PursuitRow,
    PursuitView,
    Step,
    What,
)
from amaan.incidents.ports import CameraBook, Footage, Streets
from amaan.incidents.service import found
from amaan.incidents.settings import IncidentsSettings
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.events import Outbox
from amaan.kernel.geography import Point
from amaan.kernel.ids import new_id
from amaan.plates.model import CameraPlace


class PursuitService:
    """Use cases of pursuits; from an open incident, never without one."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        around: tuple[CameraBook, Streets, Footage],
        clock: Clock,
        settings: IncidentsSettings,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._cameras, self._streets, self._footage = around
        self._clock = clock
        self._settings = settings

    async def start(self, incident: UUID, camera: str, seen_at: datetime, by: str) -> PursuitView:
        """Begin at a camera where a person has seen what is followed.

        Raises IncidentNotFoundError, NoOpenIncidentError, UnknownCameraError, PursuitError,
        IncidentInputError.
        """
        now = self._clock.now()
        place = _known(await self._cameras.cameras(), camera)
        async with self._database.transaction() as connection:
            one = found(await store.get(connection, incident, lock=True), incident)
            rules.require_open(one)
            rules.check_moment(seen_at, now)
            newest = await store.newest_pursuit(connection, incident)
            if newest is not None and newest.ended_at is None:
                raise PursuitError("a pursuit goes on already: join it")
            row = PursuitRow(new_id(now), incident, now, by, None, None)
            await store.add_pursuit(connection, row)
            step = Step(new_id(now), What.STARTED, camera, seen_at, now, by)
            await self._write(connection, row, step, place)
        await self._keep_footage(incident, step)
        return await self.view(incident)

    async def step(self, incident: UUID, new: NewStep, by: str) -> PursuitView:
        """Add what a person saw, or did not, or takes back.

        Raises as ``start``.
        """
        note = rules.tidied(new.note, rules.NOTE_LENGTH, "note")
        now = self._clock.now()
        cameras = await self._cameras.cameras()
        async with self._database.transaction() as connection:
            one = found(await store.get(connection, incident, lock=True), incident)
            row = await self._going_on(connection, one)
            steps = await store.steps(connection, row.id)
            undoes = rules.check_step(new, steps, now)
            last = rules.sightings(steps)
            camera = undoes.camera if undoes else new.camera or (last[-1].camera if last else "")
            place = _known(cameras, camera)
            step = Step(
                id=new_id(now),
                what=new.what,
                camera=camera,
                at=undoes.at if undoes else new.at or now,
                made_at=now,
                by=by,
                note=note,
                undoes=undoes.id if undoes else None,
            )
            if new.what is What.ENDED:
                await store.end_pursuit(connection, row.id, now, by)
            await self._write(connection, row, step, place)
        if step.what is What.SEEN:
            await self._keep_footage(incident, step)
        return await self.view(incident)

    async def view(self, incident: UUID) -> PursuitView:
        """Return the pursuit that goes on, or went on last, as the asker may see it.

        Raises IncidentNotFoundError, PursuitError where there was none.
        """
        async with self._database.transaction() as connection:
            found(await store.get(connection, incident), incident)
            row = await store.newest_pursuit(connection, incident)
            if row is None:
                raise PursuitError("nobody is followed in this incident")
            steps = await store.steps(connection, row.id)
        places = {c.code: Point(c.lon, c.lat) for c in (await self._cameras.cameras()).values()}
        state = rules.state_of(row, steps)
        trail = rules.trail(steps, places)
        last = trail[-1].step if trail else None
        if row.ended_at is not None or last is None or last.camera not in places:
            return PursuitView(row, state, steps, trail, "roads", ())
        reach = await self._streets.next_cameras(last.camera, self._settings.look_ahead_s)
        offers = rules.offers(reach.cameras, steps, last, self._clock.now())
        return PursuitView(row, state, steps, trail, reach.basis, offers)

    async def _going_on(self, connection: store.Connection, incident: Incident) -> PursuitRow:
        rules.require_open(incident)
        row = await store.newest_pursuit(connection, incident.id)
        if row is None or row.ended_at is not None:
            raise PursuitError("no pursuit goes on: begin one")
        return row

    async def _write(
        self, connection: store.Connection, row: PursuitRow, step: Step, place: CameraPlace
    ) -> None:
        await store.add_step(connection, row, step)
        entry = Entry(
            new_id(step.made_at),
            step.made_at,
            step.by,
            EntryKind.PURSUIT,
            step.what,
            step.note,
            step.camera,
            step.at,
        )
        await store.add_entry(connection, row.incident, entry)
        if step.what is What.SEEN:
            await store.add_site(connection, row.incident, place.site)
        await self._outbox.announce(connection, [events.changed(row.incident, step.made_at)])

    async def _keep_footage(self, incident: UUID, step: Step) -> None:
        """Have what the sighting stands on brought to the centre: it outlives the roadside."""
        since = step.at - timedelta(seconds=self._settings.footage_before_s)
        until = step.at + timedelta(seconds=self._settings.footage_after_s)
        await self._footage.want(incident, step.camera, since, max(until, since + _SHORTEST))


_SHORTEST = timedelta(seconds=1)


def _known(cameras: Mapping[str, CameraPlace], code: str) -> CameraPlace:
    camera = cameras.get(code)
    if camera is None:
        raise UnknownCameraError(f"there is no camera {code}")
    return camera
