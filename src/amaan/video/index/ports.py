"""What the index asks of others; ``app`` wires them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from amaan.city.model import Assignments
from amaan.trust.authority.ports import Places
from amaan.video.index.model import AlarmMark, Outage, ReadsMark


class Assigned(Protocol):
    """Who runs which camera (``video.service.VideoService``)."""

    async def assignment(self, worker: str, *, fresh: bool = True) -> Assignments:
        """Return the cameras of a worker."""
        ...


class CameraDirectory(Protocol):
    """Where cameras stand."""

    async def places(self) -> Places:
        """Return every camera's place."""
        ...


class PowerBook(Protocol):
    """When sites had no power."""

    async def outages(self, site: str, since: datetime, until: datetime) -> Sequence[Outage]:
        """Return the outages that meet a time, oldest first."""
        ...


class NoPowerBook:
    """A ``PowerBook`` where nobody measures the power."""

    async def outages(self, site: str, since: datetime, until: datetime) -> Sequence[Outage]:
        """Return none."""
        return ()


class Marks(Protocol):
    """What else happened, to be drawn on a timeline."""

    async def alarms(
        self, cameras: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[AlarmMark]:
        """Return alarms at cameras, oldest first: their times, never a plate."""
        ...

    async def reads(
        self, cameras: Sequence[str], since: datetime, until: datetime, bucket_s: int
    ) -> Sequence[ReadsMark]:
        """Return how many vehicles were read in each bucket of time: never which."""
        ...
