"""What this chamber announces.

``trust.authority_changed``: an authority took a step. Key: its id. Payload: ``id``, ``number``,
``state``, ``change``, ``at`` and ``ends_at`` (RFC 3339; None for a request), ``replaces``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from amaan.kernel.events import NewEvent
from amaan.trust.authority.model import Authority, Change, State
from amaan.trust.authority.rules import ends_at

CHANGED: Final = "trust.authority_changed"


def changed(authority: Authority, change: Change, at: datetime) -> NewEvent:
    """Announce a step."""
    waits = authority.state is State.REQUESTED
    return NewEvent(
        CHANGED,
        str(authority.id),
        at,
        {
            "id": str(authority.id),
            "number": authority.number,
            "state": authority.state.value,
            "change": change.value,
            "at": at.isoformat(),
            "ends_at": None if waits else ends_at(authority).isoformat(),
            "replaces": str(authority.replaces) if authority.replaces else None,
        },
    )
