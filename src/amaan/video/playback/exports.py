"""Taking recordings out: asked for under an authority, cut at the worker, kept at the centre."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from amaan.kernel.clock import Clock
from amaan.kernel.engines import BlobStore, Database, StoredBlob
from amaan.kernel.errors import AmaanError, UnavailableError
from amaan.kernel.ids import new_id
from amaan.trust.audit.model import Record
from amaan.trust.authority.model import (
    Asked,
    AuthorityNotActiveError,
    Cover,
    NotCoveredError,
    State,
    Use,
)
from amaan.trust.model import Account
from amaan.video.events import wire_time
from amaan.video.index.ports import CameraDirectory
from amaan.video.index.service import IndexService
from amaan.video.playback import store
from amaan.video.playback.model import (
    Export,
    ExportError,
    ExportFile,
    ExportNotFoundError,
    ExportState,
    NewExport,
    NotRecordedError,
)
from amaan.video.playback.ports import AuditBook, AuthorityBook, Workers
from amaan.video.playback.settings import PlaybackSettings

CAMERAS_MOST: Final = 16
REASON_LENGTH: Final = 500
MADE: Final = "make_export"
HEAD_WITHIN_S: Final = 60.0
LOOK_EVERY_S: Final = 2.0
_AT_ONCE: Final = 20
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Around:
    """Whom exports ask: for the law, for the log, for places, for recordings."""

    authorities: AuthorityBook
    audit: AuditBook
    directory: CameraDirectory
    index: IndexService
    workers: Workers


class ExportService:
    """What people ask for, and the task that makes it."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        around: Around,
        clock: Clock,
        settings: PlaybackSettings,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._around = around
        self._clock = clock
        self._settings = settings
        self._wake = asyncio.Event()

    # -- asking ------------------------------------------------------------------------------

    async def request(self, by: Account, new: NewExport, seen: frozenset[str]) -> Export:
        """Ask for an export; ``seen``: the cameras that whoever asks may see.

        Raises ExportError, AuthorityNeededError, AuthorityNotActiveError, NotCoveredError.
        """
        now = self._clock.now()
        cameras = tuple(sorted(set(new.cameras)))
        reason = " ".join(new.reason.split())
        if not 1 <= len(cameras) <= CAMERAS_MOST:
            raise ExportError(f"1 to {CAMERAS_MOST} cameras", field="cameras")
        unknown = [camera for camera in cameras if camera not in seen]
        if unknown:
            raise ExportError(f"no such camera: {', '.join(unknown[:5])}", field="cameras")
        if not 1 <= len(reason) <= REASON_LENGTH:
            raise ExportError(f"a reason of 1 to {REASON_LENGTH} characters", field="reason")
        if new.until <= new.since or new.since >= now:
            raise ExportError("a time that has begun, and ends after it", field="to")
        if new.until - new.since > timedelta(hours=self._settings.export_hours):
            raise ExportError(f"at most {self._settings.export_hours:g} hours", field="to")
        wanted = replace(new, cameras=cameras, until=min(new.until, now), reason=reason)
        cover = await self._covering(wanted)
        export = Export(
            id=new_id(now),
            made_by=by.id,
            made_as=by.username,
            cameras=cameras,
            stream=new.stream,
            since=wanted.since,
            until=wanted.until,
            authority=cover.authority,
            case_ref=cover.case_ref,
            reason=reason,
            state=ExportState.MAKING,
            wanted_at=now,
            settled_at=None,
        )
        async with self._database.transaction() as connection:
            await store.add(connection, export)
        self._wake.set()
        return await self.export(by, export.id)

    async def _covering(self, wanted: NewExport) -> Cover:
        """Return the cover of all of it. What an authority only covers in part is refused."""
        asked = Asked(Use.EXPORT, cameras=wanted.cameras, since=wanted.since, until=wanted.until)
        cover = await self._around.authorities.cover(
            wanted.authority, asked, await self._around.directory.places()
        )
        if cover.cameras != wanted.cameras:
            raise NotCoveredError("the authority does not cover all of the cameras", field="camera")
        if cover.since != wanted.since or cover.until != wanted.until:
            raise NotCoveredError("the authority does not cover all of the time", field="from")
        return cover

    async def _check_standing(self, export: Export) -> None:
        """Raise AuthorityNotActiveError once the export's authority has ended.

        What it covers was asked when it was named: an age tier moves on, the export does not.
        """
        found = await self._around.authorities.authority(export.authority)
        if found.state is not State.ACTIVE:
            raise AuthorityNotActiveError(
                f"the authority is {found.state.value}", state=found.state.value
            )

    async def exports(self, by: Account, before: UUID | None, limit: int) -> list[Export]:
        """Return an account's own exports, newest first."""
        async with self._database.transaction() as connection:
            return await store.page(connection, by.id, before, limit)

    async def export(self, by: Account, identifier: UUID) -> Export:
        """Return one of an account's own. Raises ExportNotFoundError."""
        async with self._database.transaction() as connection:
            found = await store.get(connection, identifier)
        if found is None or found.made_by != by.id:
            raise ExportNotFoundError("no such export")
        return found

    async def file(
        self, by: Account, identifier: UUID, camera: str | None
    ) -> tuple[Export, ExportFile]:
        """Return a file that is ready, while its authority stands.

        Raises ExportNotFoundError, AuthorityNotActiveError, NotCoveredError.
        """
        export = await self.export(by, identifier)
        found = next((one for one in export.files if camera in (None, one.camera)), None)
        if found is None or found.sha256 is None:
            raise ExportNotFoundError("no such file, or it is not ready")
        await self._check_standing(export)
        return export, found

    def pieces(self, file: ExportFile) -> AsyncIterator[bytes]:
        """Yield a file's bytes. NotFoundError where they are gone."""
        assert file.sha256 is not None
        return self._blobs.pieces(file.sha256)

    # -- making ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Make what is wanted, until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.make_due()
            except UnavailableError as error:
                _log.warning("exports.waiting", reason=error.detail)
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def make_due(self) -> None:
        """Try once to make every file that is wanted; what has to wait, waits."""
        async with self._database.transaction() as connection:
            wanted = await store.making(connection, _AT_ONCE)
        for export in wanted:
            await self._make(export)

    async def _make(self, export: Export) -> None:
        files = []
        for file in export.files:
            made = file
            if file.state is ExportState.MAKING:
                made = await self._made(export, file)
                async with self._database.transaction() as connection:
                    await store.save_file(connection, export.id, made)
            files.append(made)
        state = outcome_of([one.state for one in files])
        if state is not ExportState.MAKING:
            async with self._database.transaction() as connection:
                await store.settle(connection, export.id, state, self._clock.now())

    async def _made(self, export: Export, file: ExportFile) -> ExportFile:
        """Return the file as it is now: made, failed, or still to be made."""
        try:
            await self._check_standing(export)
            stored = await self._cut(export, file.camera)
            await self._around.audit.write(_record(export, file.camera, stored))
        except UnavailableError as error:
            waited = self._clock.now() - export.wanted_at
            if waited < timedelta(hours=self._settings.export_waits_hours):
                return replace(file, detail=error.detail)
            return replace(file, state=ExportState.FAILED, detail=error.detail)
        except AmaanError as error:
            return replace(file, state=ExportState.FAILED, detail=error.detail)
        return ExportFile(file.camera, ExportState.READY, "", stored.digest, stored.size_bytes)

    async def _cut(self, export: Export, camera: str) -> StoredBlob:
        place = await self._around.index.place(camera, export.stream, export.since)
        if place is None or place.start >= export.until:
            raise NotRecordedError("nothing is recorded of that time")
        asked = {
            "camera": camera,
            "stream": export.stream,
            "from": wire_time(export.since),
            "to": wire_time(export.until),
        }
        async with self._around.workers.open(
            place.worker, "recordings.cut", asked, HEAD_WITHIN_S
        ) as answer:
            return await self._blobs.keep(aiter(answer))


def outcome_of(states: list[ExportState]) -> ExportState:
    """Return how an export stands by its files."""
    if ExportState.MAKING in states:
        return ExportState.MAKING
    ready = states.count(ExportState.READY)
    if ready == len(states):
        return ExportState.READY
    return ExportState.PARTIAL if ready else ExportState.FAILED


def _record(export: Export, camera: str, stored: StoredBlob) -> Record:
    return Record(
        action=MADE,
        actor=f"account:{export.made_by}",
        permission="video.export",
        username=export.made_as,
        authority=export.authority,
        details={
            "export": str(export.id),
            "cameras": [camera],
            "since": export.since.isoformat(),
            "until": export.until.isoformat(),
            "sha256": stored.digest,
            "size_bytes": stored.size_bytes,
            "case": export.case_ref,
            "reason": export.reason,
        },
    )
