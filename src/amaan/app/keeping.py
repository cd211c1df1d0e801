"""What happens has cameras recorded: alarms of cameras, sites and devices, and incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from amaan.alarms import events as alarms_events
from amaan.alarms.model import AlarmKind
from amaan.city.service import CityService
from amaan.incidents import events as incidents_events
from amaan.incidents.service import IncidentsService
from amaan.kernel.clock import Clock
from amaan.kernel.events import Event, JsonValue, Subscriptions
from amaan.video.keeping import ON_DEMAND, RECENT, Keeping

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

SUBSCRIBER: Final = "recordings"
INCIDENT_LASTS: Final = timedelta(minutes=10)
_OF_A_SITE: Final = frozenset({AlarmKind.CAMERA, AlarmKind.SITE, AlarmKind.DEVICE})
_NOTHING_TO_SEE: Final = frozenset(
    {"gop", "clock", "link_lossy", "disk_filling", "disk_full", "disk_failing"}
)


class KeptEvents:
    """Hears of alarms and incidents. Never holds them up: what is wished is asked elsewhere.

    A hot-list alarm comes of a read, which its worker has kept the recording around already.
    """

    def __init__(
        self, keeping: Keeping, city: CityService, incidents: IncidentsService, clock: Clock
    ) -> None:
        self._keeping = keeping
        self._city = city
        self._incidents = incidents
        self._clock = clock

    def subscribe(self, subscriptions: Subscriptions) -> None:
        """Hear of them."""
        names = [alarms_events.RAISED, incidents_events.CHANGED]
        subscriptions.subscribe(SUBSCRIBER, names, self.handle)

    async def handle(self, connection: AsyncConnection[TupleRow], event: Event) -> None:
        """Wish what an event makes worth keeping; what is long past is not there any more."""
        del connection
        if self._clock.now() - event.occurred_at > RECENT:
            return
        if event.name == alarms_events.RAISED:
            await self._of_alarm(event.payload)
        else:
            await self._of_incident(UUID(str(event.payload["id"])))

    async def _of_alarm(self, alarm: Mapping[str, JsonValue]) -> None:
        """Keep what all cameras of the alarm's site see: the one it is about may be blind."""
        kinds = {*_kinds(alarm["cameras"]), *_kinds(alarm["devices"])}
        if alarm["kind"] not in _OF_A_SITE or kinds <= _NOTHING_TO_SEE:
            return
        at = datetime.fromisoformat(str(alarm["observed_at"]))
        for camera in await self._city.cameras_at(str(alarm["site"])):
            if camera.enabled and camera.record.mode in ON_DEMAND:
                after = timedelta(seconds=camera.record.after_s)
                self._keeping.wish(camera.code, at, self._clock.now() + after)

    async def _of_incident(self, identifier: UUID) -> None:
        """Keep what cameras see at which something of an incident was just said."""
        now = self._clock.now()
        for entry in (await self._incidents.incident(identifier)).entries:
            if entry.camera is not None and now - entry.at <= RECENT:
                at = max(entry.moment or entry.at, entry.at - RECENT)
                self._keeping.wish(entry.camera, at, entry.at + INCIDENT_LASTS)


def _kinds(troubles: JsonValue) -> Sequence[str]:
    assert isinstance(troubles, list)
    return [str(one["kind"]) for one in troubles if isinstance(one, dict)]
