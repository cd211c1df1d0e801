"""Retention put together: which keepers work, in which order, and how it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from fastapi import APIRouter
from prometheus_client import Gauge

from amaan.alarms.retention import AlarmsKeeper
from amaan.app.folder import DataFolder
from amaan.app.health import Check
from amaan.app.incidents import FootageLetGo
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.city.devices.retention import TelemetryKeeper
from amaan.engines.postgres.outbox import failed_before, trim_failed
from amaan.incidents.retention import IncidentsKeeper
from amaan.kernel.acting import acting_as, system
from amaan.kernel.engines import Database
from amaan.plates.retention import ReadsKeeper
from amaan.trust.audit.model import Record
from amaan.trust.audit.notes import SigningKey, signed
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import ensure_signing_key
from amaan.trust.authority.model import AuthorityNotFoundError, State
from amaan.trust.authority.service import AuthorityService
from amaan.trust.retention import routes
from amaan.trust.retention.keepers import (
    BlobKeeper,
    DocumentKeeper,
    RequestKeeper,
    SessionKeeper,
)
from amaan.trust.retention.model import Planned, Receipt, Removal, Terms
from amaan.trust.retention.nightly import DELETED, Night
from amaan.trust.retention.ports import Book, Signer, Witness
from amaan.trust.retention.service import RetentionService
from amaan.trust.retention.tasks import watch_the_clock
from amaan.video.health.retention import CameraLogKeeper
from amaan.video.playback.retention import RecordingsKeeper
from amaan.video.retention import ClipsKeeper

FAILED = "failed_deliveries"
BATCH = 1_000
OVERDUE_HOLDS = Gauge("amaan_retention_overdue_holds", "Legal holds whose review is overdue.")
LAST_RUN = Gauge("amaan_retention_last_run_seconds", "When the last run began, Unix time.")


class DeliveriesKeeper:
    """Removes events that a room gave up on and nobody looked after."""

    names = (FAILED,)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, terms: Terms) -> Sequence[Planned]:
        """Count them."""
        async with self._database.transaction() as connection:
            return [
                Planned(FAILED, "events", await failed_before(connection, terms.before(FAILED)))
            ]

    async def remove(self, terms: Terms, book: Book) -> None:
        """Delete them."""
        while True:
            async with self._database.transaction() as connection:
                gone = await trim_failed(connection, terms.before(FAILED), BATCH)
                names = sorted(f"{subscriber} {position}\n" for subscriber, position in gone)
                digest = hashlib.sha256("".join(names).encode()).hexdigest()
                await book.record(connection, Removal(FAILED, "events", len(gone), digest))
            if len(gone) < BATCH:
                return

    async def left_of(self, receipt: Receipt) -> Sequence[str]:
        """Say nothing: an event has no name outside the database."""
        return ()


class Authorities:
    """``AuthorityBook`` of the authorities."""

    def __init__(self, service: AuthorityService) -> None:
        self._service = service

    async def is_active(self, authority_id: UUID) -> bool:
        """Tell whether an authority stands approved and unexpired."""
        try:
            return (await self._service.authority(authority_id)).state is State.ACTIVE
        except AuthorityNotFoundError:
            return False


class NoteSigner:
    """``Signer`` with the audit log's key."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def sign_note(self, text: str) -> str:
        """Return the text with the key's signature under it."""
        return str(signed(text, self._key))


class LogWitness:
    """``Witness`` in the audit log."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def tell(self, receipt: Receipt) -> None:
        """Write what was deleted. Raises AuditUnavailableError."""
        removal = receipt.removal
        await self._log.write(
            Record(
                action=DELETED,
                actor="system:retention",
                details={
                    "receipt": str(receipt.id),
                    "number": receipt.number,
                    "note_sha256": hashlib.sha256(receipt.note.encode()).hexdigest(),
                    "retention": removal.name,
                    "things": removal.things,
                    "count": removal.removed,
                    "kept": removal.kept,
                    "partitions": list(removal.partitions),
                    "blobs": removal.blobs,
                },
            )
        )


def build_night(
    engines: Engines, service: RetentionService, signer: Signer, witness: Witness
) -> Night:
    """Return the nightly run with every room's keeper; the blobs' last."""
    database, clock = engines.database, engines.clock
    night = Night(database, service, signer, witness, clock)
    for keeper in (
        IncidentsKeeper(database, FootageLetGo(clock)),
        AlarmsKeeper(database),
        ClipsKeeper(database, engines.outbox, clock),
        RecordingsKeeper(database, clock),
        ReadsKeeper(database),
        DeliveriesKeeper(database),
        TelemetryKeeper(database),
        CameraLogKeeper(database),
        SessionKeeper(database),
        DocumentKeeper(database),
        RequestKeeper(database),
        BlobKeeper(database, engines.blobs, clock),
    ):
        night.register(keeper)
    return night


class Retaining:
    """Retention of a centre: its classes and holds, the nightly run, its routes and its health."""

    def __init__(
        self,
        engines: Engines,
        settings: CentreSettings,
        authorities: AuthorityService,
        log: AuditLog,
    ) -> None:
        self._engines = engines
        self._settings = settings
        key = ensure_signing_key(DataFolder(settings.data).audit_key)
        self.verifier = key.verifier
        self.service = RetentionService(engines.database, Authorities(authorities), engines.clock)
        self.night = build_night(engines, self.service, NoteSigner(key), LogWitness(log))

    @property
    def tasks(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs for as long as the centre."""
        return {"retention": lambda: watch_the_clock(self.night, self._settings.retention)}

    def router(self) -> APIRouter:
        """Return the routes."""
        return routes.router(self.service, self._engines.clock)

    async def check(self) -> Check:
        """A hold's review is overdue, or the last run met an error."""
        with acting_as(system("health")):
            standing = await self.service.standing()
        OVERDUE_HOLDS.set(standing.overdue_holds)
        last = standing.last_run
        if last is not None:
            LAST_RUN.set(last.started_at.timestamp())
        if last is not None and last.failed:
            return Check("degraded", f"the last run could not remove: {last.failed}")
        if not self.night.trusts_the_clock:
            return Check("degraded", "the clock jumped: nothing is removed for a day")
        if standing.overdue_holds:
            return Check(
                "degraded", f"{standing.overdue_holds} legal holds should have been reviewed"
            )
        return Check("ok", "what is over is removed")
