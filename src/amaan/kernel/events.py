"""How rooms speak forward: an event is written in the transaction that made it true.

A subscriber has a name and a cursor; it sees every event at least once, in commit order, and
its handler is idempotent. Positions grow in commit order (the outbox writes them under a lock
held to the end of the transaction), so a cursor never skips.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

EventName = str
JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What a room announces. ``name`` is ``room.past_tense`` ("plates.matched")."""

    name: EventName
    key: str
    occurred_at: datetime
    payload: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Event:
    """An announced event with its place in the outbox."""

    position: int
    name: EventName
    key: str
    occurred_at: datetime
    payload: Mapping[str, JsonValue]


Handler = Callable[["AsyncConnection[TupleRow]", Event], Awaitable[None]]


class Outbox(Protocol):
    """Writes events inside the caller's transaction."""

    async def announce(
        self, connection: AsyncConnection[TupleRow], events: Sequence[NewEvent]
    ) -> None:
        """Append the events; call it last in a transaction: it holds the outbox lock to its end."""
        ...


class Subscriptions(Protocol):
    """Wires handlers to events by name; ``app`` runs the relay."""

    def subscribe(self, subscriber: str, names: Sequence[str], handler: Handler) -> None:
        """Call ``handler`` in a transaction of its own, with the cursor moved in the same one."""
        ...
