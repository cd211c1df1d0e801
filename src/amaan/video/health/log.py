"""Takes down how cameras stand, within the transaction that learns of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from amaan.video.health import rules, store
from amaan.video.health.model import Entry, Standing


async def take_down(
    connection: store.Connection, standings: Sequence[Standing], at: datetime
) -> None:
    """Write what changed; the same standing again writes nothing."""
    if not standings:
        return
    lasting = await store.lasting(connection, [one.camera for one in standings])
    ended: list[Entry] = []
    begun: list[Entry] = []
    for standing in standings:
        kept = lasting.get(standing.camera)
        over, fresh = rules.written(kept or [], standing, at, installed=kept is not None)
        ended += over
        begun += fresh
    await store.write(connection, ended, begun)
