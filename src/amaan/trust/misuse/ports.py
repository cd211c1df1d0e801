"""What detectors need from elsewhere; ``app`` wires it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from amaan.kernel.events import JsonValue
from amaan.kernel.geography import Point
from amaan.trust.misuse.model import AuthorityFacts, Person


class LogEntry(Protocol):
    """An entry of the audit log, as far as detectors read it."""

    @property
    def position(self) -> int:
        """Place in the log."""
        ...

    @property
    def at(self) -> datetime:
        """When."""
        ...

    @property
    def actor(self) -> str:
        """``account:<uuid>`` or another; see ``kernel.acting``."""
        ...

    @property
    def permission(self) -> str | None:
        """What was asked for."""
        ...

    @property
    def outcome(self) -> str:
        """``allowed``, ``denied``, ``failed`` or ``begun``."""
        ...

    @property
    def authority(self) -> UUID | None:
        """Under which authority."""
        ...

    @property
    def details(self) -> Mapping[str, JsonValue]:
        """What the route noted; the keys stand in ``audit.trail``."""
        ...


class Log(Protocol):
    """The audit log, in order of position."""

    def entries(self, since: datetime, until: datetime) -> AsyncIterator[LogEntry]:
        """Yield entries with since <= at < until."""
        ...


class Staff(Protocol):
    """Who has an account."""

    async def people(self) -> Sequence[Person]:
        """Return everybody, disabled ones too: the log is about yesterday."""
        ...


class CameraPlaces(Protocol):
    """Where cameras stand."""

    async def positions(self) -> Mapping[str, Point]:
        """Return places by camera code."""
        ...


class AuthorityRegister(Protocol):
    """What authorities were granted for."""

    async def facts(self, authorities: Sequence[UUID]) -> Mapping[UUID, AuthorityFacts]:
        """Return what is known of them."""
        ...
