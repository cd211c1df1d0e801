"""What this room announces.

``incidents.changed``: something about an incident is new. Key and payload ``id``: its id, and
nothing more: who may see it asks for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from amaan.kernel.events import NewEvent

CHANGED: Final = "incidents.changed"


def changed(incident: UUID, at: datetime) -> NewEvent:
    """Announce that something about an incident is new."""
    return NewEvent(CHANGED, str(incident), at, {"id": str(incident)})
