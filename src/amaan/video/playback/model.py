"""Grants, pieces of recording, exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from amaan.kernel.errors import InvalidError, NotFoundError, RefusedError
from amaan.video.index.model import Stream


@dataclass(frozen=True, slots=True)
class Grant:
    """What one session opened: cameras and a time. Its opening is in the audit log.

    since <= t < until. Good while ``ends_at`` lies ahead; each use moves that.
    """

    id: UUID
    account: UUID
    session: UUID
    cameras: frozenset[str]
    since: datetime
    until: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """A few seconds of fMP4 from a keyframe on, or JPEG where a camera sends single pictures.

    ``head`` is what the worker said of it: start, end, mime, next.
    """

    start: str
    end: str
    mime: str
    next: str | None
    note: str
    content: bytes


class ExportState(StrEnum):
    """``partial``: some of an export's files are ready, the others failed."""

    MAKING = "making"
    READY = "ready"
    PARTIAL = "partial"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class NewExport:
    """What somebody wants taken out, under an authority."""

    cameras: tuple[str, ...]
    stream: Stream
    since: datetime
    until: datetime
    authority: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One camera's MP4. ``sha256`` and ``size_bytes`` are set exactly when it is ready."""

    camera: str
    state: ExportState
    detail: str
    sha256: str | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Export:
    """Recordings taken out. ``made_as``: the account's name at that time."""

    id: UUID
    made_by: UUID
    made_as: str
    cameras: tuple[str, ...]
    stream: Stream
    since: datetime
    until: datetime
    authority: UUID
    case_ref: str
    reason: str
    state: ExportState
    wanted_at: datetime
    settled_at: datetime | None
    files: tuple[ExportFile, ...] = ()


class NotGrantedError(RefusedError):
    """The playback was not opened for this camera and time, or long ago."""

    code: ClassVar[str] = "playback-not-granted"


class NotRecordedError(NotFoundError):
    """Nothing was recorded then, nor after, or it is gone."""

    code: ClassVar[str] = "not-recorded"


class GrantError(InvalidError):
    """A time too long, or backwards."""

    code: ClassVar[str] = "playback-invalid"


class ExportError(InvalidError):
    """An export that cannot be; ``field`` says why."""

    code: ClassVar[str] = "export-invalid"


class ExportNotFoundError(NotFoundError):
    """No such export of this account, or its file is not there (yet, or any more)."""

    code: ClassVar[str] = "export-not-found"
