"""The centre's own checkpoints: a key in a file, a signature a minute, and never against the past.

What was signed last also lies in a file beside the database. The log is signed only while it
continues that: a database put back to an earlier state, or rewritten whole, gets no signature.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
import structlog

from amaan.kernel.acting import acting_as, system
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import UnavailableError
from amaan.trust.audit import merkle, store
from amaan.trust.audit.checkpoint import (
    Checkpoint,
    Cosignature,
    cosignatures,
    open_checkpoint,
    sign_checkpoint,
)
from amaan.trust.audit.merkle import Span
from amaan.trust.audit.model import (
    AuditUnavailableError,
    LogDivergedError,
    NoteError,
    NotSignedYetError,
)
from amaan.trust.audit.notes import (
    ED25519,
    Note,
    SigningKey,
    VerifyKey,
    read_note,
    require_signed,
    with_lines,
)

SIGN_EVERY_S: Final = 60.0
SIGN_AT_LEAST: Final = timedelta(hours=1)
ORIGIN: Final = "amaan"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint with its note, and when it was signed (by the centre's clock)."""

    checkpoint: Checkpoint
    note: Note
    at: datetime


def ensure_signing_key(path: Path, prefix: str = ORIGIN, kind: int = ED25519) -> SigningKey:
    """Read a key, made here (mode 0600, on disk) when there is none. Raises NoteError."""
    if not path.exists():
        write_durably(path, SigningKey.make(prefix, kind).secret_text() + "\n", replace=False)
    try:
        return SigningKey.parse(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise NoteError(f"the key file {path} cannot be read") from error


def write_durably(path: Path, text: str, *, replace: bool = True) -> None:
    """Put a private file there, whole or not at all; without ``replace`` the first one stays."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            fresh.replace(path)
        else:
            try:
                path.hardlink_to(fresh)
            except FileExistsError:
                return
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Signer:
    """Signs the log's size and root, proves its parts, and takes witnesses' cosignatures."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        key: SigningKey,
        last: Path,
        witnesses: tuple[VerifyKey, ...] = (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._last = last
        self.witnesses = witnesses
        self.diverged: str | None = None  # why nothing is signed any more
        self._signing = asyncio.Lock()  # an older checkpoint never comes to stand after a newer

    @property
    def verifier(self) -> VerifyKey:
        """The key that checks the checkpoints."""
        return self._key.verifier

    async def run(self) -> None:
        """Sign every minute in which the log grew, and at least every hour, until cancelled."""
        while True:
            try:
                with acting_as(system("audit")):
                    await self.sign()
            except LogDivergedError as error:
                _log.critical("audit.diverged", reason=error.detail)
            except (UnavailableError, psycopg.Error) as error:
                _log.warning("audit.not_signed", reason=type(error).__name__)
            await asyncio.sleep(SIGN_EVERY_S)

    async def sign(self) -> Held | None:
        """Sign the log as it is; None when there is nothing new.

        Raises LogDivergedError when it does not continue what was signed before,
        UnavailableError.
        """
        async with self._signing:
            try:
                return await self._sign()
            except LogDivergedError as error:
                self.diverged = error.detail
                raise

    async def _sign(self) -> Held | None:
        last = self._last_signed()
        now = self._clock.now()
        async with self._database.transaction() as connection:
            grown = await store.frontier(connection)
            found = await self._newest(connection)
            if found is not None and (last is None or found.checkpoint.size > last.size):
                last = found.checkpoint
            await self._require_continued(connection, last, grown)
        self.diverged = None
        is_new = last is None or grown.size > last.size
        is_due = found is None or now - found.at >= SIGN_AT_LEAST
        if grown.size == 0 or not (is_new or is_due):
            return None
        checkpoint = Checkpoint(self.verifier.name, grown.size, grown.root())
        note = sign_checkpoint(checkpoint, self._key)
        # The file first: killed in between, the database lacks one that a later one continues.
        await asyncio.to_thread(write_durably, self._last, str(note))
        async with self._database.transaction() as connection:
            await store.insert_checkpoint(connection, now, grown.size, str(note))
        return Held(checkpoint, note, now)

    def _last_signed(self) -> Checkpoint | None:
        try:
            raw = self._last.read_text()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise LogDivergedError(f"{self._last} cannot be read: {error}") from error
        try:
            return open_checkpoint(raw, self.verifier)[0]
        except NoteError as error:
            raise LogDivergedError(f"{self._last} is damaged: {error.detail}") from error

    async def _require_continued(
        self, connection: store.Connection, last: Checkpoint | None, grown: merkle.Frontier
    ) -> None:
        if len(grown.hashes) != grown.size.bit_count():
            raise LogDivergedError("the tree row is damaged")
        if last is None:
            return
        if grown.size < last.size:
            raise LogDivergedError(
                f"{last.size} entries were signed and {grown.size} are there: the log was cut"
            )
        spans = merkle.consistency_spans(last.size, grown.size)
        try:
            proof = await store.span_hashes(connection, spans)
        except KeyError:
            raise LogDivergedError("hashes that a proof needs are missing") from None
        if not merkle.consistent(last.size, last.root, grown.size, grown.root(), proof):
            raise LogDivergedError(
                f"the log is not what was signed at {last.size} entries: it was rewritten"
            )

    async def _newest(self, connection: store.Connection, covering: int = 0) -> Held | None:
        found = await store.newest_checkpoint(connection, covering)
        if found is None:
            return None
        try:
            checkpoint, note = open_checkpoint(found[0], self.verifier)
        except NoteError as error:
            raise LogDivergedError(f"a checkpoint is not ours: {error.detail}") from error
        return Held(checkpoint, note, found[1])

    async def newest(self) -> Held:
        """Return the newest checkpoint, with the cosignatures it has. Raises NotSignedYetError."""
        async with self._database.transaction() as connection:
            held = await self._newest(connection)
            seen = await store.newest_cosignatures(connection)
        if held is None:
            raise NotSignedYetError("nothing has been signed yet")
        lines = [
            line
            for _, _, _, raw in seen
            if (note := read_note(raw)).text == held.note.text
            for line in note.signatures
            if not line.is_by(self.verifier)
        ]
        return Held(held.checkpoint, with_lines(held.note, lines), held.at)

    async def prove_entry(self, position: int) -> tuple[Held, bytes, list[bytes]]:
        """Return a checkpoint, the leaf's hash and the proof that it is in it.

        Raises NotSignedYetError when none covers the position yet (or there is no such entry).
        """
        async with self._database.transaction() as connection:
            held = await self._newest(connection, position + 1)
            if held is None or held.checkpoint.size <= position:
                raise NotSignedYetError(f"no signed checkpoint covers entry {position} yet")
            spans = merkle.inclusion_spans(position, held.checkpoint.size)
            try:
                proof = await store.span_hashes(connection, [Span(position, position + 1), *spans])
            except KeyError:
                raise AuditUnavailableError("hashes that the proof needs are missing") from None
        return held, proof[0], proof[1:]

    async def prove_consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that the log of ``new`` entries begins with that of ``old``.

        Raises NotSignedYetError when it has not grown so far.
        """
        async with self._database.transaction() as connection:
            grown = await store.frontier(connection)
            if new > grown.size:
                raise NotSignedYetError(f"the log has {grown.size} entries")
            try:
                return await store.span_hashes(connection, merkle.consistency_spans(old, new))
            except KeyError:
                raise AuditUnavailableError("hashes that the proof needs are missing") from None

    async def take_cosignature(self, raw: str) -> list[Cosignature]:
        """Keep a checkpoint of ours that known witnesses signed; return what they signed.

        Raises NoteError when it is not ours, or no known witness's signature is on it.
        """
        checkpoint, note = open_checkpoint(raw, self.verifier)
        found = cosignatures(note, self.witnesses)
        if not found:
            raise NoteError("no known witness signed this")
        require_signed(note, self.verifier)
        known = [line for key in self.witnesses for line in note.by(key)]
        async with self._database.transaction() as connection:
            newest = await store.newest_cosignatures(connection)
            seen = {name: (at, size) for name, size, at, _ in newest}
            for cosignature, line in zip(found, known, strict=True):
                before = seen.get(cosignature.witness.name)
                if before is not None and (cosignature.at, checkpoint.size) <= before:
                    continue  # said again
                own = Note(note.text, (*note.by(self.verifier), line))
                await store.insert_cosignature(
                    connection, cosignature.witness.name, checkpoint.size, cosignature.at, str(own)
                )
        return found

    async def seen_by_witnesses(self) -> list[tuple[str, int, datetime]]:
        """Return (witness, size, at) of what each signed last."""
        async with self._database.transaction() as connection:
            found = await store.newest_cosignatures(connection)
        return [(name, size, at) for name, size, at, _ in found]
