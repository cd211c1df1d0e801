"""What this room announces; payloads are what the console shows.

``alarms.raised``, ``alarms.changed``: key is the alarm's id, payload an ``AlarmView``.
``alarms.clip_changed``: the clip of an alarm is ready or will not come. Key: the clip's id.
Payload: ``id``, ``camera``, ``state``, ``reason``, ``alarm``.
``alarms.sealed``: nobody sees the alarm any more. Key: its id. Payload: ``id``, ``camera``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from amaan.alarms.wire import AlarmView
from amaan.kernel.events import JsonValue, NewEvent

RAISED: Final = "alarms.raised"
CHANGED: Final = "alarms.changed"
CLIP_CHANGED: Final = "alarms.clip_changed"
SEALED: Final = "alarms.sealed"
SHOWN: Final = {
    RAISED: "alarm.raised",
    CHANGED: "alarm.changed",
    CLIP_CHANGED: "clip.changed",
    SEALED: "alarm.sealed",
}
"""Under what name a console hears each."""


def raised(view: AlarmView, at: datetime) -> NewEvent:
    """Announce a new alarm."""
    return NewEvent(RAISED, str(view.id), at, view.model_dump(mode="json"))


def changed(view: AlarmView, at: datetime) -> NewEvent:
    """Announce that an alarm took a step, or that something joined it."""
    return NewEvent(CHANGED, str(view.id), at, view.model_dump(mode="json"))


def clip_changed(clip: dict[str, JsonValue], alarm_id: UUID, at: datetime) -> NewEvent:
    """Announce what became of an alarm's clip; ``clip``: id, camera, state, reason."""
    return NewEvent(CLIP_CHANGED, str(clip["id"]), at, {**clip, "alarm": str(alarm_id)})


def sealed(alarm_id: UUID, camera: str, at: datetime) -> NewEvent:
    """Announce that an alarm is to be forgotten: its emergency was not approved."""
    return NewEvent(SEALED, str(alarm_id), at, {"id": str(alarm_id), "camera": camera})
