"""A month at a small centre: reads, pictures, hits, clips, and the nightly run over them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import psycopg
from tests.rooms.plates.deliveries import a_read, delivery, moment

from amaan.app.opening import Engines
from amaan.app.retaining import NoteSigner, build_night
from amaan.engines.blobs.disk import DiskBlobs
from amaan.kernel.clock import ManualClock
from amaan.kernel.ids import new_id
from amaan.plates.gate import MatchGate
from amaan.plates.hotlist import HotlistIndex
from amaan.plates.ingest import IngestService
from amaan.trust.audit.notes import ED25519, SigningKey, open_note
from amaan.trust.model import Account
from amaan.trust.retention.model import HoldDraft, HoldScope, Receipt, Removal
from amaan.trust.retention.nightly import Night
from amaan.trust.retention.receipts import receipt_of
from amaan.trust.retention.service import RetentionService
from amaan.video.clips import ClipService

TODAY = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CAMERA = "RZ-01-A"


class Authorities:
    """Which authorities are active."""

    def __init__(self) -> None:
        self.active: set[UUID] = set()

    async def is_active(self, authority_id: UUID) -> bool:
        return authority_id in self.active


class NoGate:
    """Where no hot-list is kept."""

    async def places(self) -> dict[str, object]:
        return {}

    async def admit(self, *_: object) -> list[object]:
        return []


@dataclass
class Life:
    """Ends after so many steps."""

    steps: int | None = None

    def step(self) -> None:
        if self.steps is None:
            return
        if self.steps == 0:
            raise KeyboardInterrupt
        self.steps -= 1


class MortalSigner(NoteSigner):
    """Signs as long as it lives; killed here, the transaction of the removal rolls back."""

    def __init__(self, key: SigningKey, life: Life) -> None:
        super().__init__(key)
        self._life = life

    def sign_note(self, text: str) -> str:
        self._life.step()
        return super().sign_note(text)


class MortalBlobs(DiskBlobs):
    """Removes as long as it lives; killed here, some files of a batch are gone and others not."""

    def __init__(self, directory: Path, life: Life) -> None:
        super().__init__(directory)
        self._life = life

    async def discard(self, digest: str, put_before: datetime) -> bool:
        self._life.step()
        return await super().discard(digest, put_before)


@dataclass
class Log:
    """Receipts as the audit log hears of them; ``broken`` it does not answer."""

    told: list[Receipt] = field(default_factory=list)
    broken: bool = False

    async def tell(self, receipt: Receipt) -> None:
        if self.broken:
            raise RuntimeError("the audit log does not answer")
        self.told.append(receipt)


@dataclass
class Month:
    """A centre of which retention is asked."""

    engines: Engines
    clock: ManualClock
    blobs: DiskBlobs
    folder: Path
    ingest: IngestService
    clips: ClipService
    retention: RetentionService
    night: Night
    authorities: Authorities
    log: Log
    life: Life
    owner_dsn: str
    key: SigningKey
    seq: int = 0

    async def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        async with self.engines.database.transaction() as connection:
            return await (await connection.execute(statement, values or None)).fetchall()

    async def read(
        self, at: datetime, plate: str, *, picture: bytes | None = None, camera: str = CAMERA
    ) -> UUID:
        """Let a read arrive as it was seen, with a picture; return its id."""
        before, self.clock.at = self.clock.at, at
        self.seq += 1
        name = None if picture is None else await self.picture(picture, at)
        text = moment(at)
        read = a_read(
            self.seq, plate, camera=camera, observed_at=text, decided_at=text, picture=name,
            first_seen_at=text, last_seen_at=text,
        )  # fmt: skip
        receipt = await self.ingest.receive(delivery(read, sent_at=at))
        assert receipt.accepted == 1, receipt
        self.clock.at = before
        found = await self.rows("SELECT id FROM plates.reads WHERE seq = %s", self.seq)
        assert isinstance(found[0][0], UUID)
        return found[0][0]

    async def owner(self, statement: str, *values: object) -> None:
        """Do something that needs the owner, past every trigger."""
        async with await psycopg.AsyncConnection.connect(self.owner_dsn) as connection:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute(statement, values or None)

    async def seen_by_owner(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        async with await psycopg.AsyncConnection.connect(self.owner_dsn) as connection:
            return await (await connection.execute(statement, values or None)).fetchall()

    async def entry(self, plate: str) -> UUID:
        """Write an entry of the hot-list, under no authority that anybody could ask."""
        identifier = uuid4()
        await self.owner(
            "INSERT INTO plates.entries (id, revision, plate, kind, reason, category, severity, "
            "valid_from, created_by, created_at, authority, authority_until) VALUES "
            "(%s, 1, %s, 'plate', 'stolen', 'stolen', 'high', %s, 'x', %s, %s, %s)",
            *(identifier, plate, self.clock.now(), self.clock.now(), uuid4(), self.clock.now()),
        )
        return identifier

    async def hit(self, read_id: UUID) -> None:
        """Let a read have met an entry of the hot-list."""
        entry = await self.entry("HIT333")
        await self.owner(
            "INSERT INTO plates.matches (id, read_id, observed_at, entry_id, kind, cost, verify, "
            "matched_at, authority, camera) SELECT gen_random_uuid(), r.id, r.observed_at, %s, "
            "'exact', 0, false, r.observed_at, %s, r.camera FROM plates.reads r WHERE r.id = %s",
            *(entry, uuid4(), read_id),
        )

    async def alarm(self, at: datetime, plate: str) -> None:
        """Let an alarm have been raised about a plate."""
        await self.owner(
            "WITH a AS (INSERT INTO alarms.alarms (id, kind, severity, title, raised_at, "
            "observed_at, last_observed_at, subject, place) VALUES (gen_random_uuid(), "
            "'plate_match', 'high', %s, %s, %s, %s, %s, %s) RETURNING id) "
            "INSERT INTO alarms.causes (cause_id, alarm_id) SELECT gen_random_uuid(), id FROM a",
            *(f"{plate} at a camera", at, at, at, f"{uuid4()} {plate}", CAMERA),
        )

    def files(self) -> list[bytes]:
        """Return what lies in the blob store, sorted."""
        found = [path for path in (self.folder / "blobs").rglob("*") if path.is_file()]
        return sorted(path.read_bytes() for path in found)

    def kill_after(self, steps: int | None) -> None:
        """Let the run be killed after so many steps that change anything; None: never."""
        self.life.steps = steps

    async def picture(self, content: bytes, at: datetime) -> str:
        """Put a picture, as of a moment."""
        digest = hashlib.sha256(content).hexdigest()
        await self.blobs.put(digest, content)
        path = self.folder / "blobs" / digest[:2] / digest[2:4] / digest
        os.utime(path, (at.timestamp(), at.timestamp()))
        return digest

    async def clip(self, at: datetime, content: bytes, camera: str = CAMERA) -> UUID:
        """Cut a clip of 12 s around a moment."""
        before, self.clock.at = self.clock.at, at
        async with self.engines.database.transaction() as connection:
            six = timedelta(seconds=6)
            identifier = await self.clips.want_clip(connection, camera, at - six, at + six)
        digest = hashlib.sha256(content).hexdigest()
        await self.clips.deliver(identifier, content, digest)
        path = self.folder / "blobs" / digest[:2] / digest[2:4] / digest
        os.utime(path, (at.timestamp(), at.timestamp()))
        self.clock.at = before
        return identifier

    def days_ago(self, days: float) -> datetime:
        return self.clock.now() - timedelta(days=days)

    async def account(self) -> Account:
        account = Account(new_id(self.clock.now()), f"p{uuid4().hex[:8]}", "A Person", ())
        await self.rows(
            "INSERT INTO trust.accounts (id, username, display_name, password_hash, created_at, "
            "password_changed_at) VALUES (%s, %s, 'A Person', '-', %s, %s) RETURNING id",
            account.id,
            account.username,
            self.clock.now(),
            self.clock.now(),
        )
        return account

    async def authority(self, document: str | None = None) -> UUID:
        """Write an authority as far as holds refer to it, with its paper."""
        person, identifier = await self.account(), uuid4()
        paper = hashlib.sha256(identifier.bytes).digest()
        if document is not None:
            paper = bytes.fromhex(document)
        await self.rows(
            "WITH d AS (INSERT INTO trust.documents (sha256, type, size_bytes, uploaded_by, "
            "uploaded_at) VALUES (%(paper)s, 'application/pdf', 9, %(person)s, %(at)s)) "
            "INSERT INTO trust.authorities (id, state, purpose, case_ref, grounds, "
            "document_sha256, document_name, plates, uses, expires_at, emergency, beyond_tier, "
            "requested_by, requested_at) VALUES (%(id)s, 'requested', 'stolen_vehicle', 'FIR 1', "
            "'seen', %(paper)s, 'warrant.pdf', ARRAY['BGC771'], ARRAY['search'], "
            "%(at)s + interval '90 days', false, false, %(person)s, %(at)s) RETURNING id".replace(
                "%(paper)s", "'\\x" + paper.hex() + "'"
            )
            .replace("%(person)s", f"'{person.id}'")
            .replace("%(at)s", f"'{self.clock.now().isoformat()}'::timestamptz")
            .replace("%(id)s", f"'{identifier}'")
        )
        self.authorities.active.add(identifier)
        return identifier

    async def hold(
        self, since: datetime, until: datetime, *, plates: tuple[str, ...] | None = None,
        cameras: tuple[str, ...] | None = None,
    ) -> UUID:  # fmt: skip
        """Place a hold under a fresh authority."""
        draft = HoldDraft(
            await self.authority(), "FIR 12/26", "the court asked", HoldScope(plates, cameras,
            since, until), self.clock.now() + timedelta(days=90),
        )  # fmt: skip
        return (await self.retention.place_hold(draft, await self.account())).hold.id

    async def receipts(self) -> list[Receipt]:
        """Return every receipt, oldest first, each with its signature checked."""
        notes = await self.rows("SELECT note FROM trust.receipts ORDER BY number")
        opened = []
        for (note,) in notes:
            assert isinstance(note, str)
            opened.append(receipt_of(open_note(note, self.key.verifier).text, note))
        return opened

    async def removals(self, name: str, things: str) -> list[Removal]:
        found = [receipt.removal for receipt in await self.receipts()]
        return [one for one in found if (one.name, one.things) == (name, things)]

    async def plates(self) -> list[str]:
        found = await self.rows("SELECT plate FROM plates.reads ORDER BY observed_at, plate")
        return [str(row[0]) for row in found]

    async def partitions(self) -> set[str]:
        found = await self.rows(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'plates.reads'::regclass"
        )
        return {str(row[0]) for row in found}


async def a_month(engines: Engines, tmp_path: Path, owner_dsn: str) -> AsyncIterator[Month]:
    """Build it."""
    clock = engines.clock
    assert isinstance(clock, ManualClock)
    assert isinstance(engines.blobs, DiskBlobs)
    ingest = IngestService(
        engines.database, engines.outbox, HotlistIndex(), cast(MatchGate, NoGate()), clock
    )
    authorities, log, life = Authorities(), Log(), Life()
    mortal = replace(engines, blobs=MortalBlobs(tmp_path / "blobs", life))
    retention = RetentionService(engines.database, authorities, clock)
    retention.when_changed(lambda days: setattr(ingest, "days_kept", days["reads"]))
    await retention.load()
    key = SigningKey.make("amaan", ED25519)
    yield Month(
        engines=engines,
        clock=clock,
        blobs=engines.blobs,
        folder=tmp_path,
        ingest=ingest,
        clips=ClipService(engines.database, engines.outbox, engines.blobs, clock),
        retention=retention,
        night=build_night(mortal, retention, MortalSigner(key, life), log),
        authorities=authorities,
        log=log,
        life=life,
        owner_dsn=owner_dsn,
        key=key,
    )
